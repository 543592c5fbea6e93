"""Findings and terms as sentences in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext

from crossmatrix.bundles.rules import Finding, Severity
from crossmatrix.ui import numbers


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
    values = {name: SHOWN.get(name, lambda same: same)(value) for name, value in finding.values.items()}
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
