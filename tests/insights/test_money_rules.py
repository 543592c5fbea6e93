"""What a pair brings in money, beside values computed by hand and by statsmodels' or scipy's own functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crossmatrix.insights.rules.money import (
    Sales,
    added_per_main,
    brought,
    margin_of_sales,
    missed_a_month,
    return_rate,
)

CABLE = Sales(orders=40, pieces=50, revenue=60_000.0, returned=4)  # sold at 1,200 on average, cost 700 each

counts = st.integers(0, 1_000_000)
money = st.floats(0, 1e9)


@st.composite
def sold(draw):
    orders = draw(counts)
    return Sales(orders, draw(st.floats(0, 1e6)), draw(money), draw(st.none() | st.integers(0, orders)))


def test_a_pair_worked_out_by_hand():
    """Of 100 main orders 40 had the cable, 10 by chance: inc_attach .30; 25,000 of margin in 40 orders; 10 % come back."""
    found = brought(CABLE, cost=700, incremental=0.30, orders_main=100)

    assert found.revenue == 60_000
    assert found.margin == 25_000
    assert found.margin_share == pytest.approx(25 / 60)
    assert found.margin_of_order == 625
    assert found.return_rate == 0.1
    assert found.per_main == pytest.approx(0.30 * 625 * 0.9)
    assert found.added == pytest.approx(16_875)


def test_the_interval_of_the_return_rate_is_wilsons_as_scipy_computes_it():
    found = brought(CABLE, cost=700, incremental=0.3, orders_main=100)

    theirs = stats.binomtest(4, 40).proportion_ci(method="wilson")
    assert (found.returns.low, found.returns.high) == pytest.approx((theirs.low, theirs.high))


def test_without_a_cost_there_is_no_margin_and_nothing_is_made_up():
    found = brought(CABLE, cost=None, incremental=0.3, orders_main=100)

    assert (found.revenue, found.return_rate) == (60_000, 0.1)
    assert (found.margin, found.margin_share, found.margin_of_order, found.per_main, found.added) == (None,) * 5


def test_returns_that_nobody_tells_of_are_not_none_of_them():
    silent = Sales(orders=40, pieces=50, revenue=60_000.0)

    found = brought(silent, cost=700, incremental=0.3, orders_main=100)

    assert (found.return_rate, found.returns) == (None, None)
    assert found.per_main == pytest.approx(0.3 * 625)


def test_a_pair_never_bought_brings_nothing_and_has_no_rate():
    found = brought(Sales(0, 0, 0.0, 0), cost=700, incremental=None, orders_main=0)

    assert (found.revenue, found.margin) == (0, 0)
    assert (found.return_rate, found.returns, found.margin_of_order, found.per_main, found.margin_share) == (None,) * 5


def test_substitutes_take_margin_away():
    assert brought(CABLE, cost=700, incremental=-0.1, orders_main=100).added == pytest.approx(-0.1 * 625 * 0.9 * 100)


@pytest.mark.parametrize("impossible", [(-1, 1, 1.0, 0), (3, -1, 1.0, 0), (3, 3, 1.0, 4), (3, 3, 1.0, -1)])
def test_sales_that_cannot_be_are_refused(impossible):
    with pytest.raises(ValueError, match="impossible"):
        Sales(*impossible)


@given(sold(), st.none() | money, st.none() | st.floats(-1, 1), counts)
def test_bounds_hold_whatever_was_sold(sales, cost, incremental, mains):
    found = brought(sales, cost=cost, incremental=incremental, orders_main=mains)

    if found.return_rate is not None:
        assert 0 <= found.returns.low <= found.return_rate <= found.returns.high <= 1
    if found.margin is not None:
        assert found.margin <= found.revenue
        assert found.margin == margin_of_sales(sales, cost)
    if found.per_main is not None:
        assert abs(found.per_main) <= abs(found.margin_of_order)
        assert (found.per_main >= 0) == (incremental * found.margin_of_order >= 0) or found.return_rate == 1
        assert abs(found.added) <= abs(found.per_main) * mains + 1e-6
    assert (found.return_rate is None) == (return_rate(sales) is None)


@given(st.floats(-1, 1), st.floats(-1e6, 1e6), st.floats(0, 1), st.floats(0, 1))
def test_more_returns_never_add_margin(incremental, margin, less, more):
    fewer, many = sorted((less, more))

    kept, lost = added_per_main(incremental, margin, fewer), added_per_main(incremental, margin, many)

    assert abs(lost) <= abs(kept) + 1e-9
    assert added_per_main(incremental, margin, 1.0) == 0


def test_missed_money_is_the_gap_to_the_usual_times_a_months_orders():
    """600 main orders in 60 days are 300 a month; 4 % short of the usual share; 625 of margin each."""
    assert missed_a_month(trials=600, days=60, usual=0.10, share=0.06, worth=625) == pytest.approx(300 * 0.04 * 625)


@given(counts, st.integers(0, 4000), st.floats(0, 1), st.floats(0, 1), money)
def test_nothing_is_missed_by_a_pair_better_than_usual(trials, days, usual, share, worth):
    missed = missed_a_month(trials=trials, days=days, usual=usual, share=share, worth=worth)

    assert missed >= 0
    assert missed == 0 or share < usual
