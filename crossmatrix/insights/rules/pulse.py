"""Which days of orders are unlike the days before them.

A day is compared with the same weekday of the weeks before, raised or lowered by what the season did a year ago when that
is known. The band is wide on purpose: a notice that comes every week is read by nobody.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

WEEKS_BACK, MIN_WEEKS = 8, 4
WIDTH = 4.0  # in spreads; a normal day outside is one in 16,000
MAD_TO_SPREAD = 1.4826  # of a normal distribution
SEASON = (0.5, 2.0)  # a year ago is a hint, not a law
YEAR = timedelta(days=364)  # the same weekday


@dataclass(frozen=True)
class Unusual:
    """A day whose orders lie outside the expected band."""

    day: date
    orders: int
    low: int
    high: int

    @property
    def missing(self) -> bool:
        return self.orders == 0


def unusual_days(orders: Mapping[date, int], *, days: Iterable[date]) -> list[Unusual]:
    """Those of the days outside their band, newest first; a day without a past of four weeks is not judged."""
    found = []
    for day in days:
        band = expected_band(orders, day)
        seen = orders.get(day, 0)
        if band and not band[0] <= seen <= band[1]:
            found.append(Unusual(day=day, orders=seen, low=band[0], high=band[1]))
    return sorted(found, key=lambda one: one.day, reverse=True)


def expected_band(orders: Mapping[date, int], day: date) -> tuple[int, int] | None:
    """Lowest and highest number of orders that surprises nobody; None with fewer than four such weekdays before.

    Median and median deviation of the weekday: one holiday or one lost file among eight moves neither.
    """
    past = _past(orders, day)
    if len(past) < MIN_WEEKS:
        return None
    middle = median(past)
    spread = max(MAD_TO_SPREAD * median(abs(one - middle) for one in past), math.sqrt(middle))
    season = _season(orders, day)
    return max(0, math.floor(season * middle - WIDTH * season * spread)), math.ceil(season * (middle + WIDTH * spread))


def _past(orders: Mapping[date, int], day: date) -> list[int]:
    """The weekday's orders of the weeks before; days before the first order were no days of a shop."""
    first = min(orders, default=day)
    before = [day - timedelta(days=7 * n) for n in range(1, WEEKS_BACK + 1)]
    return [orders.get(one, 0) for one in before if one >= first]


def _season(orders: Mapping[date, int], day: date) -> float:
    """How the week around the day stood to the eight weeks before it a year ago; 1 when that is not known."""
    then = day - YEAR
    around = [orders[one] for n in range(-3, 4) if (one := then + timedelta(days=n)) in orders]
    before = [orders[one] for n in range(4, 4 + 7 * WEEKS_BACK) if (one := then - timedelta(days=n)) in orders]
    if len(around) < 7 or len(before) < 7 * MIN_WEEKS or not sum(before):
        return 1.0
    ratio = (sum(around) / len(around)) / (sum(before) / len(before))
    return min(SEASON[1], max(SEASON[0], ratio))
