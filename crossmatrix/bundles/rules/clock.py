"""Due dates, and what the calendar does to an agreed bundle."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crossmatrix.bundles.rules.states import (
    IN_HANDS,
    A,
    BundleAction,
    BundleState,
    S,
)
from crossmatrix.lib.days import after_working_days

REVIEW_DAYS = 3  # working days
FINANCE_DAYS = 2  # working days
CHANGES_DAYS = 5  # calendar days of the supplier


def due_after(state: BundleState, at: datetime) -> datetime | None:
    """When the step that begins at `at` is due; None for states nobody has to leave by a date."""
    if state in (S.SUBMITTED, S.IN_REVIEW):
        return after_working_days(at, REVIEW_DAYS)
    if state is S.IN_FINANCE:
        return after_working_days(at, FINANCE_DAYS)
    if state is S.NEEDS_CHANGES:
        return at + timedelta(days=CHANGES_DAYS)
    return None


@dataclass(frozen=True)
class Clock:
    """What the clock looks at: the step's deadline, the window, and whether the bundle has breaches today."""

    due_at: datetime | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    broken: bool = False


def due_move(state: BundleState, clock: Clock, *, at: datetime, today: date) -> BundleAction | None:
    """What the clock does to a bundle now, one step at a time; None: nothing."""
    over = clock.valid_to is not None and clock.valid_to < today
    late = state is S.NEEDS_CHANGES and clock.due_at is not None and clock.due_at <= at
    begun = clock.valid_from is not None and clock.valid_from <= today
    due: dict[BundleState, BundleAction | None] = {
        S.NEEDS_CHANGES: A.EXPIRE if over or late else None,
        **dict.fromkeys(IN_HANDS, A.EXPIRE if over else None),
        S.APPROVED: A.SCHEDULE,
        S.SCHEDULED: (A.NOT_RUN if clock.broken or over else A.START) if begun else None,
        S.LIVE: A.END if over else A.SUSPEND if clock.broken else None,
        S.SUSPENDED: A.END if over else None if clock.broken else A.RESUME,
    }
    return due.get(state)
