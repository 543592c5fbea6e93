"""Weeks of a window of days, and months that are kept."""

from datetime import date, timedelta


def weeks_of(first: date, last: date) -> list[date]:
    """First days of the weeks of the window; whole weeks end with its last day, the first one may be shorter."""
    many = (last - first).days // 7 + 1
    return [max(first, last - timedelta(days=7 * (many - n) - 1)) for n in range(many)]


def first_of_kept(today: date, months: int) -> date:
    """First day of the whole months that are kept beside the one that runs."""
    count = today.year * 12 + today.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
