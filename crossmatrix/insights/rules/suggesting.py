"""Which pairs may be suggested, how far they can be relied on, and in which order slots ask for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from crossmatrix.insights.rules.scoring import PRIOR_ORDERS

FALSE_SHARE = 0.05  # of the pairs called significant, at most this share is chance
MIN_CUSTOMERS = 3  # fewer households are a habit, not a pattern
SUBSTITUTES = 1e-3  # bought together this unlikely seldom: instead of each other, whatever else is said


class Reliability(StrEnum):
    """How sure it is that the pair is more than chance."""

    HIGH = "high"  # significant among all pairs looked at, bought by several customers
    MEDIUM = "medium"  # more often than chance in enough orders, or in those of its type
    LOW = "low"  # too few orders to tell


@dataclass(frozen=True)
class Candidate:
    """What decides whether a pair may be suggested."""

    q_value: float
    orders_both: int
    expected: float
    customers_both: int | None


def worth_suggesting(candidate: Candidate) -> bool:
    """Bought together more often than chance, significantly, by enough different customers."""
    return (
        candidate.q_value <= FALSE_SHARE
        and candidate.orders_both > candidate.expected
        and (candidate.customers_both or 0) >= MIN_CUSTOMERS
    )


def reliability(*, significant: bool, orders: int, low: float | None, usual: float) -> Reliability:
    """`orders`: with the main, or with its type where that speaks; `low`: lower end of the share's interval."""
    if significant:
        return Reliability.HIGH
    return Reliability.MEDIUM if orders >= PRIOR_ORDERS and low is not None and low > usual else Reliability.LOW


@dataclass(frozen=True)
class Gap:
    """A slot of a main: how many companions its type still lacks; 0 when it has enough."""

    slot: int
    path: str  # of the companion category
    reason: str
    missing: int


def gap_of(path: str, gaps: Iterable[Gap]) -> Gap | None:
    """The slot that a companion of this category would go into: the nearest one above it."""
    return max((gap for gap in gaps if path.startswith(gap.path)), key=lambda gap: len(gap.path), default=None)


def gaps_left(wanted: Iterable[tuple[int, str, str, int]], have: Mapping[str, int]) -> list[Gap]:
    """Slots as (slot, path, reason, wanted) less what the main has by category path; each companion fills the nearest."""
    slots = [Gap(slot, path, reason, many) for slot, path, reason, many in wanted]
    filled = dict.fromkeys((gap.slot for gap in slots), 0)
    for path, many in have.items():
        if (gap := gap_of(path, slots)) is not None:
            filled[gap.slot] += many
    return [Gap(gap.slot, gap.path, gap.reason, max(0, gap.missing - filled[gap.slot])) for gap in slots]
