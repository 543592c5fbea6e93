"""The closed lists of the area: causes of weakness, severities, decisions, sources of suggestions."""

from enum import StrEnum

from crossmatrix.lib.errors import N_


class RefreshState(StrEnum):
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class Cause(StrEnum):
    RATIO_BROKEN = "ratio_broken"
    DISCONTINUED = "discontinued"
    OUT_OF_STOCK = "out_of_stock"
    RARELY_TAKEN = "rarely_taken"


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
    MINED = "mined"


CAUSE_NAMES: dict[Cause, str] = {
    Cause.RATIO_BROKEN: N_("Price ratio broken"),
    Cause.DISCONTINUED: N_("Discontinued"),
    Cause.OUT_OF_STOCK: N_("Out of stock"),
    Cause.RARELY_TAKEN: N_("Rarely taken"),
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
    Cause.RARELY_TAKEN: Severity.CHECK,
}
