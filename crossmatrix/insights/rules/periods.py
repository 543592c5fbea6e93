"""Weeks of a window of days."""

from datetime import date, timedelta


def weeks_of(first: date, last: date) -> list[date]:
    """First days of the weeks of the window; whole weeks end with its last day, the first one may be shorter."""
    many = (last - first).days // 7 + 1
    return [max(first, last - timedelta(days=7 * (many - n) - 1)) for n in range(many)]
