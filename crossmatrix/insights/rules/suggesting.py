"""Which pairs may be suggested."""

from dataclasses import dataclass

FALSE_SHARE = 0.05  # of the pairs called significant, at most this share is chance
MIN_CUSTOMERS = 3  # fewer households are a habit, not a pattern


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
