"""The closed lists of the area: causes of weakness, severities, decisions, sources of suggestions."""

from enum import StrEnum

from crossmatrix.insights.rules.scoring import Dial
from crossmatrix.insights.rules.suggesting import Reliability
from crossmatrix.lib.errors import N_


class RefreshState(StrEnum):
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class Cause(StrEnum):
    RATIO_BROKEN = "ratio_broken"
    DISCONTINUED = "discontinued"
    OUT_OF_STOCK = "out_of_stock"
    NOT_COMPATIBLE = "not_compatible"
    WINDOW_OVER = "window_over"
    LOSING_MARGIN = "losing_margin"
    RARELY_TAKEN = "rarely_taken"
    FALLING = "falling"
    RETURNED = "returned"
    SUBSTITUTE = "substitute"
    NEVER_SHOWN = "never_shown"
    PROMO_ONLY = "promo_only"


# what orders say: looked at after each counting, closed by the next one that no longer finds it
STATISTICAL = frozenset({Cause.RARELY_TAKEN, Cause.FALLING, Cause.RETURNED, Cause.SUBSTITUTE, Cause.PROMO_ONLY})


class Severity(StrEnum):
    URGENT = "urgent"
    CHECK = "check"
    NOTE = "note"


class Decision(StrEnum):
    KEEP = "keep"
    REPLACE = "replace"
    RETIRE = "retire"
    NOT_SUITABLE = "not_suitable"


class SuggestionState(StrEnum):
    ACCEPTED = "accepted"
    NOT_SUITABLE = "not_suitable"
    LATER = "later"


class SuggestionSource(StrEnum):
    MINED = "mined"  # orders show the pair
    TYPE = "type"  # orders with products of the same type show it
    SLOT = "slot"  # a slot of the main wants its type
    SIMILAR = "similar"  # a product like the main has it approved
    SHOWN = "shown"  # shops showed the pair and shoppers took it
    FEEDBACK = "feedback"  # staff offered it by a sales card and told that it was sold


CAUSE_NAMES: dict[Cause, str] = {
    Cause.RATIO_BROKEN: N_("Price ratio broken"),
    Cause.DISCONTINUED: N_("Discontinued"),
    Cause.OUT_OF_STOCK: N_("Out of stock"),
    Cause.NOT_COMPATIBLE: N_("Not compatible"),
    Cause.WINDOW_OVER: N_("Window is over"),
    Cause.LOSING_MARGIN: N_("Losing margin"),
    Cause.RARELY_TAKEN: N_("Rarely taken"),
    Cause.FALLING: N_("Falling"),
    Cause.RETURNED: N_("Often returned"),
    Cause.SUBSTITUTE: N_("Bought instead of each other"),
    Cause.NEVER_SHOWN: N_("Never shown"),
    Cause.PROMO_ONLY: N_("Only with a discount"),
}

SEVERITY_NAMES: dict[Severity, str] = {
    Severity.URGENT: N_("Urgent"),
    Severity.CHECK: N_("To check"),
    Severity.NOTE: N_("To note"),
}

DECISION_NAMES: dict[Decision, str] = {
    Decision.KEEP: N_("Kept"),
    Decision.REPLACE: N_("Replaced"),
    Decision.RETIRE: N_("Retired"),
    Decision.NOT_SUITABLE: N_("Marked not suitable"),
}

SEVERITY_OF: dict[Cause, Severity] = {
    Cause.RATIO_BROKEN: Severity.URGENT,
    Cause.DISCONTINUED: Severity.URGENT,
    Cause.OUT_OF_STOCK: Severity.URGENT,
    Cause.NOT_COMPATIBLE: Severity.URGENT,
    Cause.WINDOW_OVER: Severity.URGENT,
    Cause.LOSING_MARGIN: Severity.CHECK,
    Cause.RARELY_TAKEN: Severity.CHECK,
    Cause.FALLING: Severity.CHECK,
    Cause.RETURNED: Severity.CHECK,
    Cause.SUBSTITUTE: Severity.CHECK,
    Cause.NEVER_SHOWN: Severity.NOTE,
    Cause.PROMO_ONLY: Severity.NOTE,
}

SOURCE_NAMES: dict[SuggestionSource, str] = {
    SuggestionSource.MINED: N_("Orders"),
    SuggestionSource.TYPE: N_("Orders of its type"),
    SuggestionSource.SLOT: N_("Slot"),
    SuggestionSource.SIMILAR: N_("Similar products"),
    SuggestionSource.SHOWN: N_("Shown in shops"),
    SuggestionSource.FEEDBACK: N_("Answers of shop staff"),
}

DIAL_NAMES: dict[Dial, str] = {
    Dial.SAFE: N_("Safe"),
    Dial.BALANCED: N_("Balanced"),
    Dial.DISTINCTIVE: N_("Distinctive"),
}

RELIABILITY_NAMES: dict[Reliability, str] = {
    Reliability.HIGH: N_("Proven"),
    Reliability.MEDIUM: N_("Likely"),
    Reliability.LOW: N_("Few orders"),
}

WEAK_EVENTS: dict[str, str] = {
    "weak.raised": N_("put the pair into the queue"),
    "weak.cleared": N_("took the pair out: the cause is gone"),
    "weak.decided": N_("decided"),
    "weak.replaces": N_("put it in the place of a weak pair"),
}
