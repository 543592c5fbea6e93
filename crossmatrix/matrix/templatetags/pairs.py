"""Words and values of pairs in templates."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext, gettext_lazy

from crossmatrix.matrix.rules import Due, due_of
from crossmatrix.matrix.rules.names import FIELD_NAMES, KIND_NAMES, NAMES, PLACEMENT_NAMES, RATIO_NAMES, VERDICT_NAMES
from crossmatrix.ui.templatetags.ui import num

register = template.Library()
QUIET = frozenset({"version", "revision", "state", "ratio", "category"})  # kept for undo, no news for a person
WORDS: Mapping[str, Mapping[str, str]] = {"kind": KIND_NAMES, "verdict": VERDICT_NAMES, "ratio_status": RATIO_NAMES}


def labelled(names: Mapping[str, str]) -> list[tuple[str, Any]]:
    """Choices of a form or filter from marked words."""
    return [(str(value), gettext_lazy(name)) for value, name in names.items()]


@register.filter
def word(value: str, family: str) -> str:
    """The word of a value: {{ revision.kind|word:"kind" }}."""
    name = NAMES[family].get(str(value))
    return gettext(name) if name else str(value)


@register.filter
def due(submitted_at: datetime | None) -> Due | None:
    """When a review sent then is due."""
    return due_of(submitted_at) if submitted_at else None


@register.filter
def overdue(term: Due | None) -> bool:
    return term is not None and term.over(timezone.now())


@register.filter
def capped(count: int) -> str:
    """A count that stopped at 1,001: "1 000+"."""
    return f"{num(1000)}+" if count > 1000 else num(count)


@register.simple_tag
def value_of(field: str, value: Any) -> str:
    """A field's value as text: words for codes, dates as dates, "" for nothing."""
    if value in (None, "", [], ()):
        return ""
    if field == "placements":
        return ", ".join(word(one, "placement") for one in value)
    if field in WORDS:
        name = WORDS[field].get(str(value))
        return gettext(name) if name else str(value)
    if field.startswith("valid_"):
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return formats.date_format(day, "j E Y")
    return str(value)


@register.filter
def lines(event: Any) -> Iterator[tuple[str, str, str]]:
    """(field, before, after) of an audit event, the technical fields left out."""
    before, after = event.before or {}, event.after or {}
    for field in FIELD_NAMES:
        if field == "verdict" and before.get(field) == "undecided":
            continue  # a first word is no change of mind
        if field not in QUIET and (field in before or field in after) and before.get(field) != after.get(field):
            was, now = value_of(field, before.get(field)), value_of(field, after.get(field))
            if was or now:
                yield word(field, "field"), was, now


@register.filter
def placements(values: Any) -> str:
    """Placements as words; none means everywhere."""
    return ", ".join(gettext(PLACEMENT_NAMES.get(one, one)) for one in values) if values else gettext("Everywhere")
