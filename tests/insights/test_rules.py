"""Formulas against independent libraries, and their bounds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
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
from crossmatrix.insights.rules.weakness import (
    Placement,
    Thresholds,
    WeakVerdict,
    chain,
    fit_beta_binomial,
    judge_weakness,
    priors_of,
    review_list,
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


# -- weakness ---------------------------------------------------------------------------------------------------

HALF = Thresholds(min_orders=30)


def placed(key, both, main, category="/1/", thresholds=HALF):
    return Placement(key, category, main, both, thresholds)


def usual_pairs(many=40, main=500, rate=0.2, start=100):
    """Pairs of a category whose shares differ a little around `rate`."""
    return [placed(start + n, round(main * rate * (0.8 + 0.4 * n / (many - 1))), main) for n in range(many)]


def test_a_pair_nobody_takes_is_rarely_taken_and_the_usual_ones_are_fine():
    judged = judge_weakness([placed(1, 5, 500), *usual_pairs()])

    assert judged[1].verdict == WeakVerdict.RARELY_TAKEN
    assert judged[1].probability > 0.99
    assert judged[1].threshold == pytest.approx(judged[1].usual / 2)
    assert judged[1].certain
    assert {judged[n].verdict for n in judged if n != 1} == {WeakVerdict.FINE}


@pytest.mark.parametrize(("main", "verdict"), [(29, WeakVerdict.TOO_FEW_ORDERS), (0, WeakVerdict.TOO_FEW_ORDERS)])
def test_below_the_minimum_of_orders_the_answer_is_not_enough_data(main, verdict):
    judged = judge_weakness([placed(1, 0, main), *usual_pairs()])

    assert judged[1].verdict == verdict
    assert judged[1].probability is None


def test_a_few_orders_above_the_minimum_are_still_not_enough_to_call_a_pair_weak():
    """0 of 30 where 4 % is usual: that happens to a fine pair every third time."""
    judged = judge_weakness([placed(1, 0, 30), *usual_pairs(rate=0.04, main=1000)])

    assert judged[1].verdict == WeakVerdict.FINE


def test_a_pair_alone_has_nothing_to_be_compared_with():
    assert judge_weakness([placed(1, 0, 10_000)])[1].verdict == WeakVerdict.TOO_FEW_ORDERS
    assert judge_weakness([]) == {}


def test_three_pairs_of_a_small_shop_are_compared_with_each_other():
    judged = judge_weakness([placed(1, 120, 400), placed(2, 110, 400), placed(3, 2, 400)])

    assert [judged[key].verdict for key in (1, 2, 3)] == [WeakVerdict.FINE, WeakVerdict.FINE, WeakVerdict.RARELY_TAKEN]


def test_a_small_category_is_compared_with_the_one_above_it():
    small = [placed(n, 90, 500, category="/1/2/") for n in range(3)]

    priors = priors_of([*small, *usual_pairs()])

    assert priors["/1/2/"].category == "/1/"
    assert priors["/1/2/"].pairs == 43
    assert list(chain("/1/2/")) == ["/1/2/", "/1/", ""]


def test_the_fit_finds_the_truth_it_was_drawn_from():
    chance = np.random.default_rng(1)
    trials = np.full(4000, 300.0)
    hits = stats.betabinom.rvs(300, 6.0, 54.0, size=4000, random_state=chance).astype(float)

    alpha, beta = fit_beta_binomial(hits, trials)

    assert alpha / (alpha + beta) == pytest.approx(0.1, rel=0.03)
    assert alpha + beta == pytest.approx(60, rel=0.1)


def test_the_fit_is_at_least_as_likely_as_its_neighbours_by_scipys_own_likelihood():
    hits, trials = np.array([3.0, 9.0, 14.0, 2.0, 30.0]), np.array([50.0, 60.0, 80.0, 40.0, 90.0])

    alpha, beta = fit_beta_binomial(hits, trials)

    def likelihood(a, b):
        return stats.betabinom.logpmf(hits, trials, a, b).sum()

    best = likelihood(alpha, beta)
    assert all(best >= likelihood(alpha * x, beta * y) - 1e-4 for x in (0.9, 1, 1.1) for y in (0.9, 1, 1.1))


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), max_size=60), st.floats(0.01, 0.5))
def test_the_list_keeps_its_promise_and_is_the_longest_that_does(weak, share):
    listed = review_list(weak, share)

    fine = 1 - np.array(weak)
    if listed.any():
        assert fine[listed].mean() <= share + 1e-12
    if not listed.all():
        next_best = np.sort(np.append(fine[listed], fine[~listed].min()))
        assert next_best.mean() > share - 1e-12


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=40))
def test_judging_never_fails_and_its_numbers_are_probabilities(rows):
    placements = [placed(n, min(a, b), max(a, b), category=f"/{n % 3}/") for n, (a, b) in enumerate(rows)]

    judged = judge_weakness(placements)

    assert set(judged) == {placement.key for placement in placements}
    for answer in judged.values():
        if answer.verdict != WeakVerdict.TOO_FEW_ORDERS:
            assert 0 <= answer.low <= answer.share <= answer.high <= 1
            assert 0 <= answer.probability <= 1


def simulated(seed, pairs=5000, categories=40):
    """Placements with known truth, its spread deliberately not the beta one the rule assumes (EVIDENCE 5.2)."""
    chance = np.random.default_rng(seed)
    usual = np.exp(chance.normal(np.log(0.03), 0.7, categories)).clip(0.004, 0.15)
    category = chance.integers(0, categories, pairs)
    true = np.minimum(0.6, usual[category] * np.exp(chance.normal(0, 0.35, pairs) - 0.35**2 / 2))
    true = np.where(chance.random(pairs) < 0.08, true * chance.uniform(0.05, 0.5, pairs), true)
    main = np.maximum(5, np.exp(chance.normal(np.log(400), 1.5, pairs))).astype(int)
    both = chance.binomial(main, true)
    mean = np.array([true[category == c].mean() for c in range(categories)])
    return category, main, both, true < mean[category] / 2


def test_on_simulated_truth_the_list_is_right_nine_times_of_ten_and_finds_most_of_the_loss():
    any_number = Thresholds(min_orders=1)
    false, listed_all, found, weak_all, gate_false, gate_all = 0, 0, 0, 0, 0, 0

    for seed in range(3):
        category, main, both, weak = simulated(seed)
        judged = judge_weakness(
            [Placement(n, f"/{category[n]}/", int(main[n]), int(both[n]), any_number) for n in range(len(main))]
        )
        listed = np.array([judged[n].verdict == WeakVerdict.RARELY_TAKEN for n in range(len(main))])
        certain = np.array([judged[n].certain for n in range(len(main))])
        false, listed_all = false + (listed & ~weak).sum(), listed_all + listed.sum()
        found, weak_all = found + main[listed & weak].sum(), weak_all + main[weak].sum()
        gate_false, gate_all = gate_false + (certain & ~weak).sum(), gate_all + certain.sum()

    assert false / listed_all <= 0.11
    assert found / weak_all >= 0.70
    assert gate_false / gate_all <= 0.01
