"""How long a pair may wait for its review."""

from dataclasses import dataclass
from datetime import datetime

from crossmatrix.lib.days import after_working_days

REVIEW_DAYS = 3  # working days


@dataclass(frozen=True)
class Due:
    """When a review is due, and from when on it is reminded of."""

    remind_at: datetime  # half of the time is over
    at: datetime

    def half(self, now: datetime) -> bool:
        return self.remind_at <= now < self.at

    def over(self, now: datetime) -> bool:
        return self.at <= now


def due_of(submitted_at: datetime) -> Due:
    """Due `REVIEW_DAYS` working days after it was sent; reminded of half-way."""
    end = after_working_days(submitted_at, REVIEW_DAYS)
    return Due(remind_at=submitted_at + (end - submitted_at) / 2, at=end)
