"""What came of an offer on the shop floor: sold, or declined and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text

NOTE_MAX = 200  # characters of another reason
FEWEST = 5  # answers that make a share worth telling


class Outcome(StrEnum):
    SOLD = "sold"
    DECLINED = "declined"


class Declined(StrEnum):
    """Why the shopper did not take it."""

    PRICE = "price"
    HAS_ONE = "has_one"
    NOT_NEEDED = "not_needed"
    DOES_NOT_FIT = "does_not_fit"
    OTHER = "other"


DECLINED_NAMES: Mapping[str, str] = {
    Declined.PRICE: N_("Too dear"),
    Declined.HAS_ONE: N_("Has one already"),
    Declined.NOT_NEEDED: N_("Does not need it"),
    Declined.DOES_NOT_FIT: N_("Does not fit"),
    Declined.OTHER: N_("Another reason"),
}


class OutcomeUnknown(Refusal):
    code = "card.outcome"
    sentence = N_("Say whether it was sold or declined.")


class WhyMissing(Refusal):
    code = "card.why"
    sentence = N_("Say why it was declined.")


class NoteMissing(Refusal):
    code = "card.note"
    sentence = N_("Write the other reason in a few words.")


@dataclass(frozen=True)
class Answer:
    """One outcome as it is kept; `why` and `note` are empty for what was sold."""

    outcome: Outcome
    why: str = ""
    note: str = ""


def read_answer(*, outcome: str, why: str = "", note: str = "") -> Answer:
    """What a tap on the card says; a reason means declined. Raises OutcomeUnknown, WhyMissing, NoteMissing."""
    if not why and outcome == Outcome.SOLD:
        return Answer(Outcome.SOLD)
    if not why and outcome != Outcome.DECLINED:
        raise OutcomeUnknown
    if why not in set(Declined):
        raise WhyMissing
    kept = clean_text(note)[:NOTE_MAX] if why == Declined.OTHER else ""
    if why == Declined.OTHER and not kept:
        raise NoteMissing
    return Answer(Outcome.DECLINED, why, kept)


@dataclass(frozen=True)
class Floor:
    """What shops said of a pair: counts of answers, days of the first and the last one, both inside."""

    sold: int
    declined: int
    first: date
    last: date
    reasons: tuple[tuple[str, int], ...] = ()  # most frequent first

    @property
    def offered(self) -> int:
        return self.sold + self.declined

    @property
    def share(self) -> float | None:
        """Sold of offered, 0..1; None while there are too few answers to speak of a share."""
        return self.sold / self.offered if self.offered >= FEWEST else None


def floor_of(rows: Iterable[tuple[str, str, int, date, date]]) -> Floor | None:
    """Adds up rows of (outcome, why, count, first day, last day); None of none."""
    found = list(rows)
    if not found:
        return None
    reasons = sorted(((why, n) for _, why, n, *_ in found if why), key=lambda one: (-one[1], one[0]))
    return Floor(
        sold=sum(n for outcome, _, n, *_ in found if outcome == Outcome.SOLD),
        declined=sum(n for outcome, _, n, *_ in found if outcome == Outcome.DECLINED),
        first=min(row[3] for row in found),
        last=max(row[4] for row in found),
        reasons=tuple(reasons),
    )
