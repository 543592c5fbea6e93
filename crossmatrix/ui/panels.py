"""Places of a page that areas above the page's own fill: the page collects panels and knows none of their areas.

An area registers in its AppConfig.ready():  register_panel("product", companions, order=10)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.http import HttpRequest


class Column(StrEnum):
    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


@dataclass(frozen=True)
class Panel:
    """A part of a page: its template finds it as `panel`, and what it shows as `panel.context`."""

    key: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    column: Column = Column.MIDDLE
    css: tuple[str, ...] = ()  # static paths the page has to link for this panel
    js: tuple[str, ...] = ()  # static paths of its ES modules
    actions: str = ""  # template of the buttons it adds to the page's header


Maker = Callable[[HttpRequest, Any], Panel | None]
_makers: dict[str, dict[Maker, int]] = {}


def register_panel(place: str, maker: Maker, *, order: int = 100) -> None:
    """Add a maker to a place; a maker that answers None for a request or thing leaves its panel out."""
    _makers.setdefault(place, {})[maker] = order


def panels(place: str, request: HttpRequest, thing: Any) -> list[Panel]:
    """The panels of a place for this request, in their order."""
    makers = sorted(_makers.get(place, {}).items(), key=lambda item: item[1])
    return [panel for maker, _ in makers if (panel := maker(request, thing))]
