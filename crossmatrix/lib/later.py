"""A function named now and imported at its first call."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any


def later(path: str) -> Callable[..., Any]:
    """Stand-in for "package.module.function": areas tell each other who answers without loading who answers.

    Commands start in half the time, because scipy, DuckDB and the views stay away until something asks."""
    module, _, name = path.rpartition(".")

    @cache
    def target() -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(import_module(module), name)
        return found

    def stand_in(*arguments: Any, **named: Any) -> Any:
        return target()(*arguments, **named)

    stand_in.__name__ = name
    return stand_in
