"""What waits for a person, as sections of the first page. Areas above register theirs from AppConfig.ready:

    register_section(lambda request: Section(title=_("Weak pairs"), icon="weak", count=…, rows=[Row(…)], url=reverse("insights:weak")))

A section function answers None when the person has nothing to do with the matter.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest


@dataclass(frozen=True)
class Row:
    """One thing to do: what, where it opens, and at the side a value with its tone ("", ok, warn, bad, info)."""

    title: str
    url: str
    hint: str = ""
    value: str = ""
    tone: str = ""
    state: str = ""  # a state of ui.status, shown as its shape
    due_at: datetime | None = None
    overdue: bool = False


@dataclass(frozen=True)
class Section:
    """A heap of work: `count` is all of it, `rows` the first few, `url` the page with the rest."""

    title: str
    icon: str
    count: int
    rows: list[Row] = field(default_factory=list)
    url: str = ""
    text: str = ""  # a sentence below the title
    order: int = 50  # small numbers stand first
    waits: bool = True  # False: good to know, but not counted as work
    counted_at: datetime | None = None  # when the figures were counted, if that was not just now


Ask = Callable[[HttpRequest], Section | None]
SECTIONS: list[Ask] = []


def register_section(ask: Ask) -> None:
    """Ask this function for its section whenever a first page is shown."""
    SECTIONS.append(ask)


def sections_for(request: HttpRequest) -> list[Section]:
    """The person's sections in their order; empty ones too, so that "nothing to do" can be said."""
    found = [section for ask in SECTIONS if (section := ask(request)) is not None]
    return sorted(found, key=lambda section: section.order)
