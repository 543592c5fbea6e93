"""Formulas against independent libraries, and their bounds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crossmatrix.insights.rules.association import (
    PairCounts,
    benjamini_hochberg,
    describe,
    lift,
    log_likelihood_ratio,
    poisson_tail,
    shrunk_excess,
    size_aware_g2,
    wilson,
)


@st.composite
def counts(draw):
    """Counts that can be: four cells of a 2×2 table."""
    both, only_main, only_companion, neither = (draw(st.integers(0, 10**6)) for _ in range(4))
    return PairCounts(both + only_main, both + only_companion, both, both + only_main + only_companion + neither)


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (1, 1), (46, 100), (112, 803), (999_999, 1_000_000)])
def test_the_attach_interval_is_wilsons_as_scipy_computes_it(hits, trials):
    expected = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")

    band = wilson(hits, trials)

    assert (band.low, band.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_without_main_orders_there_is_no_share_and_no_interval():
    numbers = describe(PairCounts(0, 5, 0, 10))

    assert (numbers.attach_rate, numbers.low, numbers.high, numbers.lift, numbers.incremental) == (None,) * 5
    assert numbers.llr == 0


@given(counts())
def test_a_share_lies_within_its_interval_and_the_interval_within_zero_and_one(these):
    numbers = describe(these)

    if these.main:
        assert 0 <= numbers.low <= numbers.attach_rate + 1e-12
        assert numbers.attach_rate - 1e-12 <= numbers.high <= 1


@given(counts())
def test_lift_and_surprise_do_not_depend_on_the_direction_but_the_share_does(these):
    turned = PairCounts(these.companion, these.main, these.both, these.all)

    assert lift(these) == lift(turned)
    assert log_likelihood_ratio(these) == pytest.approx(log_likelihood_ratio(turned), abs=1e-6)
    if these.main != these.companion and these.both:
        assert describe(these).attach_rate != describe(turned).attach_rate


@pytest.mark.parametrize("cells", [(30, 70, 20, 880), (1, 99, 9, 891), (10, 40, 40, 160), (500, 1, 1, 500)])
def test_the_log_likelihood_ratio_is_the_g_test_of_the_table(cells):
    both, only_main, only_companion, neither = cells
    expected = stats.chi2_contingency(
        [[both, only_main], [only_companion, neither]], correction=False, lambda_="log-likelihood"
    )

    answer = log_likelihood_ratio(PairCounts(both + only_main, both + only_companion, both, sum(cells)))

    assert answer == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)


def test_independent_products_have_lift_one_and_no_surprise():
    independent = PairCounts(100, 200, 20, 1000)

    assert lift(independent) == 1
    assert log_likelihood_ratio(independent) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    "impossible", [(1, 5, 2, 10), (5, 1, 2, 10), (11, 1, 1, 10), (3, 3, -1, 10), (6, 6, 1, 10)], ids=str
)
def test_counts_that_cannot_be_are_refused(impossible):
    with pytest.raises(ValueError, match=r"orders|counts"):
        PairCounts(*impossible)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(1e-6, 10_000)), min_size=1, max_size=50))
def test_the_poisson_tail_is_scipys_survival_function(pairs):
    seen, mean = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])

    tail = poisson_tail(seen, mean)

    assert tail == pytest.approx(stats.poisson.sf(seen - 1, mean), rel=1e-9, abs=1e-300)
    assert ((tail >= 0) & (tail <= 1)).all()


def test_the_size_aware_surprise_is_zero_at_and_below_chance():
    assert size_aware_g2(10, 10) == size_aware_g2(9, 10) == 0
    assert size_aware_g2(20, 10) == pytest.approx(2 * (20 * math.log(2) - 10))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_adjusted_p_values_are_benjamini_and_hochbergs_as_scipy_computes_them(p):
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p), abs=1e-12)


def test_tests_that_were_not_listed_still_count():
    padded = benjamini_hochberg([0.001, 0.002, *[1.0] * 98])[:2]

    assert benjamini_hochberg([0.001, 0.002], tests=100) == pytest.approx(padded)


def test_more_p_values_than_tests_is_a_mistake():
    with pytest.raises(ValueError, match="fewer tests"):
        benjamini_hochberg([0.1, 0.2], tests=1)


def test_a_pair_with_few_orders_is_drawn_to_its_group_and_one_with_many_keeps_its_own():
    group = np.array([0, 0, 1])

    score = shrunk_excess(
        both=np.array([3.0, 3000.0, 50.0]),
        expected=np.zeros(3),
        orders_main=np.array([10.0, 30_000.0, 100.0]),
        group=group,
    )

    usual = 3003 / 30_010
    assert score == pytest.approx([(3 + 30 * usual) / 40, (3000 + 30 * usual) / 30_030, (50 + 30 * 0.5) / 130])
