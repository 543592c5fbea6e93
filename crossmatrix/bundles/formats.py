"""Findings and terms as sentences in the reader's language."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext

from crossmatrix.bundles.rules import (
    FIELD_WORDS,
    PLACEMENT_WORDS,
    Content,
    Finding,
    IllegalMove,
    ItemRole,
    Line,
    Severity,
)
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.rules import Placement
from crossmatrix.ui import numbers
from crossmatrix.ui.status import label
from crossmatrix.ui.text import sentence


def day(value: date | str | None) -> str:
    """5 December 2026; a date or its ISO text."""
    if not value:
        return numbers.NONE
    return formats.date_format(date.fromisoformat(value) if isinstance(value, str) else value, "j E Y")


SHOWN: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("share", "margin", "floor", "most"), numbers.percent),
    **dict.fromkeys(("ratio", "limit"), numbers.ratio),
    **dict.fromkeys(("regular", "price"), numbers.money),
    **dict.fromkeys(("start", "end"), day),
}


def said(finding: Finding) -> str:
    """The finding's sentence, translated, with its numbers as people write them."""
    values = {name: SHOWN[name](value) if name in SHOWN else value for name, value in finding.values.items()}
    text = gettext(finding.sentence)
    return text % values if values else text


def to_json(finding: Finding) -> dict[str, Any]:
    """A finding to be kept; dates and decimals as text."""
    kept = {
        name: str(value) if isinstance(value, Decimal | date | datetime) else value
        for name, value in finding.values.items()
    }
    return {
        "field": finding.field, "code": finding.code, "sentence": finding.sentence, "severity": finding.severity.value,
        "values": kept, "internal": finding.internal,
    }  # fmt: skip


def from_json(kept: Mapping[str, Any]) -> Finding:
    return Finding(
        kept["field"],
        kept["code"],
        kept["sentence"],
        Severity(kept["severity"]),
        dict(kept["values"]),
        kept["internal"],
    )


@dataclass(frozen=True)
class Change:
    """A field that differs between two contents, in words."""

    label: str
    before: str
    after: str


def changes(before: Content, after: Content, currency: str) -> list[Change]:
    """What a content says otherwise than the one before it."""
    return [
        Change(gettext(label), worded(before, name, currency), worded(after, name, currency))
        for name, label in FIELD_WORDS.items()
        if getattr(before, name) != getattr(after, name)
    ]


def worded(content: Content, name: str, currency: str) -> str:
    """One field of a content as people read it."""
    value = getattr(content, name)
    if value is None or value == "" or (name == "items" and not value):
        return numbers.NONE
    words: dict[str, Callable[[Any], str]] = {
        "bundle_price": lambda price: numbers.money(price, currency),
        "funding_share": numbers.percent,
        "valid_from": day,
        "valid_to": day,
        "placements": placements,
        "exclusive": lambda is_exclusive: gettext("yes") if is_exclusive else gettext("no"),
        "items": listed,
    }
    return words.get(name, str)(value)


def listed(items: Iterable[Line]) -> str:
    """Items as SKU × quantity, the main one with a star."""
    return ", ".join(f"{line.sku} × {line.quantity}{' ★' if line.role is ItemRole.MAIN else ''}" for line in items)


def placements(codes: Iterable[str]) -> str:
    """Places by name; none named means every place."""
    words = [gettext(PLACEMENT_WORDS[Placement(code)]) for code in codes if code in set(Placement)]
    return ", ".join(words) or gettext("everywhere")


def refused(refusal: Refusal) -> str:
    """The refusal for the screen: a state in it by its name."""
    if isinstance(refusal, IllegalMove):
        return gettext(refusal.sentence) % (refusal.values | {"state": label(str(refusal.values["state"]))})
    return sentence(refusal)
