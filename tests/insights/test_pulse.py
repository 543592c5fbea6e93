"""Days of orders unlike the days before them."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.insights.rules.pulse import Unusual, expected_band, unusual_days

TODAY = date(2026, 11, 20)


def steady(weeks=12, each=100, until=TODAY):
    return {until - timedelta(days=n): each for n in range(7 * weeks)}


def test_a_steady_shop_is_never_unusual():
    chance = Random(1)
    orders = {day: sum(chance.random() < 0.5 for _ in range(400)) for day in steady(52)}

    assert unusual_days(orders, days=sorted(orders)[60:]) == []


def test_a_day_without_a_file_is_missing():
    orders = steady()
    del orders[TODAY]

    assert unusual_days(orders, days=[TODAY]) == [Unusual(day=TODAY, orders=0, low=60, high=140)]
    assert unusual_days(orders, days=[TODAY])[0].missing


@pytest.mark.parametrize(("seen", "told"), [(59, True), (60, False), (140, False), (141, True)])
def test_the_band_is_four_spreads_wide_and_its_edges_belong_to_it(seen, told):
    orders = {**steady(), TODAY: seen}

    assert bool(unusual_days(orders, days=[TODAY])) is told


def test_weekends_are_compared_with_weekends():
    orders = {day: 300 if day.weekday() >= 5 else 100 for day in steady()}

    assert unusual_days(orders, days=sorted(orders)[40:]) == []


def test_one_lost_file_does_not_move_the_band():
    orders = {**steady(), TODAY - timedelta(days=7): 0}

    assert expected_band(orders, TODAY) == (60, 140)


def test_a_young_shop_is_not_judged():
    assert expected_band(steady(weeks=4, until=TODAY), TODAY) is None
    assert expected_band({}, TODAY) is None


def test_the_season_of_a_year_ago_raises_the_band():
    year_ago = {
        day: (200 if day > TODAY - timedelta(days=364 + 4) else 100)
        for day in steady(14, until=TODAY - timedelta(days=350))
    }
    orders = {**year_ago, **steady(10, until=TODAY - timedelta(days=1)), TODAY: 200}

    assert expected_band(orders, TODAY) == (120, 280)
    assert unusual_days(orders, days=[TODAY]) == []


@given(st.dictionaries(st.dates(date(2026, 1, 1), TODAY), st.integers(0, 10**6)), st.dates(date(2026, 1, 1), TODAY))
def test_a_band_is_a_band(orders, day):
    band = expected_band(orders, day)

    assert band is None or 0 <= band[0] <= band[1]
