"""Words of the area's screens."""

from typing import Any

from django import template
from django.utils.translation import gettext

from crossmatrix.audit.models import AuditEvent
from crossmatrix.insights.rules.suggesting import Reliability
from crossmatrix.insights.rules.words import (
    CAUSE_NAMES,
    DECISION_NAMES,
    RELIABILITY_NAMES,
    SEVERITY_NAMES,
    SOURCE_NAMES,
    WEAK_EVENTS,
    Cause,
    Decision,
    Severity,
    SuggestionSource,
)
from crossmatrix.insights.selectors import weak_words
from crossmatrix.matrix.rules.names import EVENT_NAMES
from crossmatrix.ui.numbers import NONE, money, percent, share_range

register = template.Library()
TONES = {Severity.URGENT.value: "bad", Severity.CHECK.value: "warn", Severity.NOTE.value: "info"}
EVENTS = {
    **EVENT_NAMES,
    **WEAK_EVENTS,
}


@register.filter
def tone(severity: str) -> str:
    """Class of a severity: bad, warn, info."""
    return TONES[severity]


@register.filter
def cause_name(cause: str) -> str:
    return gettext(CAUSE_NAMES[Cause(cause)])


@register.filter
def severity_name(severity: str) -> str:
    return gettext(SEVERITY_NAMES[Severity(severity)])


@register.filter
def decision_name(decision: str) -> str:
    """Word of a decision; a flag that closed itself has none."""
    return gettext(DECISION_NAMES[Decision(decision)]) if decision else gettext("The cause is gone")


@register.filter
def source_name(source: str) -> str:
    """Where a suggestion comes from."""
    return gettext(SOURCE_NAMES[SuggestionSource(source)])


@register.filter
def reliability_name(value: str) -> str:
    return gettext(RELIABILITY_NAMES[Reliability(value)])


@register.filter
def event_words(event: AuditEvent) -> str:
    """What happened to the pair, after the name of who did it."""
    words = gettext(EVENTS[event.kind]) if event.kind in EVENTS else event.kind
    after: dict[str, Any] = event.after or {}
    details = []
    if event.kind == "weak.decided" and after.get("decision"):
        details.append(decision_name(after["decision"]).lower())
    if event.kind.startswith("weak.") and after.get("cause"):
        details.append(gettext("“%(cause)s”") % {"cause": cause_name(after["cause"])})
    return f"{words}: {', '.join(details)}" if details else words


@register.filter
def why_weak(flag: Any) -> str:
    return weak_words.why_weak(flag.cause, flag.evidence)


@register.filter
def short_weak(flag: Any) -> str:
    return weak_words.short_weak(flag.cause, flag.evidence)


@register.filter
def value_weak(flag: Any) -> str:
    return weak_words.value_weak(flag.cause, flag.evidence)


@register.filter
def expected_share(row: dict[str, Any]) -> str:
    """Expected attach rate of a replacement; rows frozen before there was one show the orders' own."""
    return percent(row.get("expected", row["attach_rate"]))


@register.filter
def expected_range(row: dict[str, Any]) -> str:
    return share_range(row.get("expected_low", row["low"]), row.get("expected_high", row["high"]))


@register.filter
def rounded(value: float | None) -> str:
    """Money without kopecks."""
    return NONE if value is None else money(round(value))


@register.filter
def signed(part: float) -> str:
    """A change as +4 % or −12 %."""
    return f"+{percent(part)}" if part >= 0 else percent(part)


@register.filter
def kopecks(minor: int | None, currency: str = "RUB") -> str:
    """An amount of minor units as money."""
    return NONE if minor is None else money(minor / 100, currency)
