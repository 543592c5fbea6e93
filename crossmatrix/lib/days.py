"""Working days."""

from datetime import datetime, timedelta

SATURDAY = 5


def after_working_days(start: datetime, days: int) -> datetime:
    """The same time of day so many working days later; Saturdays and Sundays do not count."""
    moment = start
    while days > 0:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment
