"""Changes in templates."""

from collections.abc import Iterator
from typing import Any

from django import template

from crossmatrix.matrix.selectors.history import SINGLE
from crossmatrix.matrix.templatetags.pairs import lines, word

register = template.Library()


@register.filter
def changes(event: Any) -> Iterator[tuple[str, str, str]]:
    """(field, before, after) of an audit event, its state last."""
    before, after = event.before or {}, event.after or {}
    undecided = word("verdict", "field")
    for field, old, new in lines(event):
        yield field, old, "" if field == undecided and after.get("verdict") == "undecided" else new
    was, now = before.get("state"), after.get("state")
    if was != now:
        yield word("state", "field"), word(was, "state") if was else "", word(now, "state") if now else ""


@register.filter
def single(event: Any) -> str:
    """The name of a change that belongs to no batch."""
    return f"{SINGLE}{event.pk}"


@register.filter
def is_change(event: Any) -> bool:
    """Whether the event changed the cell; areas above note other things about it."""
    return str(event.kind).startswith(("pair.", "slot."))
