"""Rarely taken and returned pairs: the judgement, its list, its error rates on known truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crossmatrix.insights.rules.priors import chain, fit_beta_binomial, priors_of
from crossmatrix.insights.rules.review import at_least, at_most, review_list
from crossmatrix.insights.rules.weakness import Placement, Tail, WeakVerdict, judge


def placed(key, both, main, category="/1/", least=30):
    return Placement(key, category, main, both, least=least)


def usual_pairs(many=40, main=500, rate=0.2, start=100):
    """Pairs of a category whose shares differ a little around `rate`."""
    return [placed(start + n, round(main * rate * (0.8 + 0.4 * n / (many - 1))), main) for n in range(many)]


def test_a_pair_nobody_takes_is_rarely_taken_and_the_usual_ones_are_fine():
    judged = judge([placed(1, 5, 500), *usual_pairs()])

    assert judged[1].verdict == WeakVerdict.WEAK
    assert judged[1].probability > 0.99
    assert judged[1].threshold == pytest.approx(judged[1].usual / 2)
    assert judged[1].certain
    assert {judged[n].verdict for n in judged if n != 1} == {WeakVerdict.FINE}


@pytest.mark.parametrize(("main", "verdict"), [(29, WeakVerdict.TOO_FEW), (0, WeakVerdict.TOO_FEW)])
def test_below_the_minimum_of_orders_the_answer_is_not_enough_data(main, verdict):
    judged = judge([placed(1, 0, main), *usual_pairs()])

    assert judged[1].verdict == verdict
    assert judged[1].probability is None


def test_a_few_orders_above_the_minimum_are_still_not_enough_to_call_a_pair_weak():
    """0 of 30 where 4 % is usual: that happens to a fine pair every third time."""
    judged = judge([placed(1, 0, 30), *usual_pairs(rate=0.04, main=1000)])

    assert judged[1].verdict == WeakVerdict.FINE


def test_a_pair_alone_has_nothing_to_be_compared_with():
    assert judge([placed(1, 0, 10_000)])[1].verdict == WeakVerdict.TOO_FEW
    assert judge([]) == {}


def test_three_pairs_of_a_small_shop_are_compared_with_each_other():
    judged = judge([placed(1, 120, 400), placed(2, 110, 400), placed(3, 2, 400)])

    assert [judged[key].verdict for key in (1, 2, 3)] == [WeakVerdict.FINE, WeakVerdict.FINE, WeakVerdict.WEAK]


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
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 1e6)), max_size=60), st.floats(0.01, 0.5))
def test_the_list_keeps_its_promise_and_names_nobody_who_is_likelier_fine(rows, share):
    weak, stake = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])

    listed = review_list(weak, share, stake)

    if listed.any():
        assert (1 - weak)[listed].mean() <= share + 1e-9
        assert weak[listed].min() >= 0.5
    assert listed[(weak >= 0.5) & (1 - weak <= share)].all()


def test_certain_pairs_do_not_carry_one_along_that_is_likelier_fine():
    weak = np.array([0.999] * 30 + [0.3])

    assert not review_list(weak, 0.1)[-1]


def test_the_room_that_certain_pairs_leave_goes_to_where_most_is_at_stake():
    weak = np.array([0.99] * 4 + [0.7, 0.7, 0.7])

    listed = review_list(weak, 0.1, np.array([1.0] * 4 + [10.0, 5000.0, 20.0]))

    assert listed.tolist() == [True] * 4 + [False, True, False]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=40))
def test_judging_never_fails_and_its_numbers_are_probabilities(rows):
    placements = [placed(n, min(a, b), max(a, b), category=f"/{n % 3}/") for n, (a, b) in enumerate(rows)]

    judged = judge(placements)

    assert set(judged) == {placement.key for placement in placements}
    for answer in judged.values():
        if answer.verdict != WeakVerdict.TOO_FEW:
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
    false, listed_all, found, weak_all, gate_false, gate_all = 0, 0, 0, 0, 0, 0

    for seed in range(3):
        category, main, both, weak = simulated(seed)
        judged = judge(
            [Placement(n, f"/{category[n]}/", int(main[n]), int(both[n]), least=1) for n in range(len(main))]
        )
        listed = np.array([judged[n].verdict == WeakVerdict.WEAK for n in range(len(main))])
        certain = np.array([judged[n].certain for n in range(len(main))])
        false, listed_all = false + (listed & ~weak).sum(), listed_all + listed.sum()
        found, weak_all = found + main[listed & weak].sum(), weak_all + main[weak].sum()
        gate_false, gate_all = gate_false + (certain & ~weak).sum(), gate_all + certain.sum()

    assert false / listed_all <= 0.10
    assert found / weak_all >= 0.75
    assert gate_false / gate_all <= 0.01


@given(trials=st.integers(1, 10_000), part=st.floats(0, 1), share=st.floats(0.001, 0.999))
def test_the_binomial_tails_are_those_of_scipy(trials, part, share):
    hits = int(trials * part)
    counts = np.array([hits], dtype=float), np.array([trials], dtype=float), np.array([share])

    assert at_most(*counts)[0] == pytest.approx(stats.binom.cdf(hits, trials, share), rel=1e-9, abs=1e-12)
    assert at_least(*counts)[0] == pytest.approx(stats.binom.sf(hits - 1, trials, share), rel=1e-9, abs=1e-12)


def test_a_companion_that_comes_back_far_more_often_than_its_like_is_returned_and_the_usual_ones_are_not():
    usual = [Placement(n, "/1/", 400, 10 + n % 9, least=30, part=2.0) for n in range(40)]

    judged = judge([Placement(99, "/1/", 400, 90, least=30, part=2.0), *usual], tail=Tail.HIGH)

    assert judged[99].verdict == WeakVerdict.WEAK
    assert judged[99].certain
    assert judged[99].threshold == pytest.approx(2 * judged[99].usual)
    assert {judged[n].verdict for n in range(40)} == {WeakVerdict.FINE}
