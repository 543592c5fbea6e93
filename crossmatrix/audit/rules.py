"""Which fields of a thing a change touched."""

from collections.abc import Mapping
from typing import Any


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two sides reduced to the fields whose values differ; a field on one side only counts as None on the other."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
