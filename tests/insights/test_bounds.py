"""Whatever the counts, shares stay shares and answers stay answers: none, one, and a million of everything."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from crossmatrix.insights.rules.association import PairCounts, describe, poisson_tail, size_aware_g2
from crossmatrix.insights.rules.boards import Counts, change, total
from crossmatrix.insights.rules.deficit import Together, substitutes
from crossmatrix.insights.rules.fixed import margin_of
from crossmatrix.insights.rules.periods import weeks_of
from crossmatrix.insights.rules.policy import BOUNDS, Limits
from crossmatrix.insights.rules.promotions import Footing, Split, footing
from crossmatrix.insights.rules.replacing import (
    Calibration,
    Placed,
    Worth,
    calibrated,
    chance_of_better,
    cover,
    worth_of,
)
from crossmatrix.insights.rules.review import strict_list
from crossmatrix.insights.rules.scoring import PRIOR_ORDERS, own_share
from crossmatrix.insights.rules.suggesting import (
    MIN_CUSTOMERS,
    Candidate,
    Reliability,
    gaps_left,
    reliability,
    worth_suggesting,
)
from crossmatrix.insights.rules.trend import Weekly, falling
from crossmatrix.insights.rules.weakness import Placement, Tail, WeakVerdict, judge

many = st.integers(0, 1_000_000)
share = st.floats(0, 1)


@st.composite
def taken(draw, most=1_000_000):
    """(hits, trials) that can be."""
    trials = draw(st.integers(0, most))
    return draw(st.integers(0, trials)), trials


# -- pairs --------------------------------------------------------------------------------------------------------------


def test_one_basket_with_both_says_everything_and_proves_nothing():
    found = describe(PairCounts(main=1, companion=1, both=1, all=1, expected=1.0))

    assert (found.attach_rate, found.lift, found.llr, found.incremental) == (1.0, 1.0, 0.0, 0.0)
    assert found.low < 0.25


def test_a_million_baskets_leave_no_doubt():
    found = describe(PairCounts(main=500_000, companion=500_000, both=300_000, all=1_000_000, expected=250_000.0))

    assert found.attach_rate == 0.6
    assert found.high - found.low < 0.003
    assert (found.lift, found.incremental) == (1.2, pytest.approx(0.1))


@given(st.lists(st.tuples(many, st.floats(0, 1e6)), min_size=1, max_size=50))
def test_a_tail_is_a_probability_and_falls_with_the_count(rows):
    both, expected = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])

    tail, next_tail = poisson_tail(both, expected), poisson_tail(both + 1, expected)

    assert ((tail >= 0) & (tail <= 1)).all()
    assert (next_tail <= tail + 1e-12).all()
    assert (tail[both == 0] == 1).all()


@given(st.integers(0, 10**6), st.floats(0, 1e6))
def test_surprise_is_never_negative(both, expected):
    assert size_aware_g2(both, expected) >= -1e-6
    assert (size_aware_g2(both, expected) > 0) <= (both > expected)


@given(st.lists(share, min_size=1, max_size=60))
def test_the_strict_list_is_the_procedure_of_scipy(p_values):
    assert strict_list(p_values).tolist() == (stats.false_discovery_control(p_values) <= 0.1 + 1e-15).tolist()


@given(st.lists(st.tuples(many, st.floats(0, 1e6), st.booleans()), max_size=30))
def test_a_substitute_is_of_one_type_below_chance_and_expected_often_enough(rows):
    pairs = [Together(n, *row) for n, row in enumerate(rows)]

    for key, q_value in substitutes(pairs).items():
        assert pairs[key].same_type
        assert pairs[key].both < pairs[key].expected
        assert pairs[key].expected >= 10
        assert 0 <= q_value <= 0.05


# -- weak pairs ---------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.lists(taken(2000), max_size=40), st.sampled_from(list(Tail)), st.floats(0.1, 5))
def test_judging_either_tail_gives_probabilities_or_says_too_few(rows, tail, part):
    placements = [Placement(n, "/1/", trials, hits, least=30, part=part) for n, (hits, trials) in enumerate(rows)]

    judged = judge(placements, tail=tail)

    for placement in placements:
        answer = judged[placement.key]
        if placement.trials < 30:
            assert answer.verdict == WeakVerdict.TOO_FEW
        if answer.verdict != WeakVerdict.TOO_FEW:
            assert 0 <= answer.probability <= 1
            assert 0 <= answer.low <= answer.share <= answer.high <= 1
            assert 0 <= answer.threshold <= 1
        assert not answer.certain or answer.verdict == WeakVerdict.WEAK


def test_pairs_that_nobody_was_shown_are_never_weak():
    unseen = [Placement(n, "/1/", 0, 0, least=1) for n in range(50)]

    assert {answer.verdict for answer in judge(unseen).values()} == {WeakVerdict.TOO_FEW}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(taken(500), min_size=12, max_size=12), max_size=12), st.floats(0.05, 0.95))
def test_a_fall_is_at_least_as_large_as_asked_and_its_shares_are_shares(weeks, decline):
    pairs = [
        Weekly(n, "/1/", [hits for hits, _ in row], [trials for _, trials in row], decline)
        for n, row in enumerate(weeks)
    ]

    for key, fall in falling(pairs).items():
        assert sum(pairs[key].both) >= 20
        assert 0 <= fall.after <= 1
        assert 0 <= fall.before <= 1
        assert decline <= fall.gone <= 1
        assert 0 <= fall.q_value <= 0.1


@given(taken(), st.floats(0.01, 0.99))
def test_a_footing_needs_twenty_orders_and_agrees_with_scipys_beta(counts, limit):
    discounted, known = counts

    stands = footing(Split(known, discounted), limit)

    posterior = stats.beta(1 + discounted, 1 + known - discounted)
    assert (stands == Footing.TOO_FEW) == (known < 20)
    if stands == Footing.PROMO_ONLY:
        assert posterior.sf(limit) > 0.95 - 1e-9
    if stands == Footing.STABLE:
        assert posterior.cdf(0.5) > 0.95 - 1e-9
    assert 0 <= (Split(known, discounted).share or 0) <= 1


# -- replacements -------------------------------------------------------------------------------------------------------


@given(taken(), share, st.floats(0, 1e4), st.floats(0, 1e6))
def test_an_expected_share_lies_between_the_guess_and_the_orders(counts, guess, weight, unit):
    hits, trials = counts

    worth = worth_of(trials=trials, hits=hits, prior_mean=guess, prior_weight=weight, unit=unit)

    low, high = worth.interval()
    assert 0 <= low <= high <= 1
    assert 0 < worth.attach < 1
    seen = hits / trials if trials else guess
    assert min(guess, seen) - 2e-4 <= worth.attach <= max(guess, seen) + 2e-4
    assert worth.value == pytest.approx(worth.attach * unit)


@settings(max_examples=30)
@given(st.floats(0.1, 500), st.floats(0.1, 500), st.floats(0.1, 500), st.floats(0.1, 500), st.floats(1, 1e4))
def test_a_chance_is_a_probability_and_its_opposite_the_rest(a, b, c, d, unit):
    better = chance_of_better(Worth(a, b, unit), Worth(c, d, unit), seed=3)

    assert 0 <= better <= 1
    assert chance_of_better(Worth(a, b, unit), Worth(a, b, unit), seed=3) == pytest.approx(0.5, abs=0.06)


@given(st.none() | many, st.floats(0, 1e4))
def test_stock_covers_a_part_of_the_time_until_the_next_delivery(stock, sold):
    assert 0 <= cover(stock, sold) <= 1


def test_the_calibration_is_the_one_that_scipys_optimiser_finds():
    chance = np.random.default_rng(5)
    excess = chance.uniform(0.01, 0.5, 60)
    placed = [
        Placed(float(x), int(n), int(chance.binomial(n, min(0.9, 1.3 * x))))
        for x, n in zip(excess, chance.integers(20, 900, 60), strict=True)
    ]
    x = special.logit(np.array([one.incremental for one in placed]))
    weight = np.minimum([one.trials for one in placed], 200.0)
    seen = np.array([(one.hits + 0.5) / (one.trials + 1) for one in placed])

    def loss(point):
        mean = special.expit(point[0] + point[1] * x)
        return -(weight * (seen * np.log(mean) + (1 - seen) * np.log1p(-mean))).sum()

    best = optimize.minimize(loss, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-8}).x

    ours = calibrated(placed)
    assert (ours.intercept, ours.slope) == (pytest.approx(best[0], abs=1e-3), pytest.approx(best[1], abs=1e-3))


@given(st.floats(-5, 5), st.floats(0.01, 5), st.floats(-1, 2), st.floats(-1, 2))
def test_more_excess_never_promises_less(intercept, slope, one, other):
    less, more = sorted((one, other))

    assert 0 <= Calibration(intercept, slope).mean(less) <= Calibration(intercept, slope).mean(more) <= 1


# -- suggestions --------------------------------------------------------------------------------------------------------


@given(share, many, st.floats(0, 1e6), st.none() | many)
def test_what_is_suggested_is_significant_more_than_chance_and_of_several_customers(q_value, both, expected, customers):
    if worth_suggesting(Candidate(q_value, both, expected, customers)):
        assert q_value <= 0.05
        assert both > expected
        assert customers >= MIN_CUSTOMERS


@given(st.booleans(), many, st.none() | share, share)
def test_few_orders_are_never_more_than_few(significant, orders, low, usual):
    answer = reliability(significant=significant, orders=orders, low=low, usual=usual)

    if not significant and orders < PRIOR_ORDERS:
        assert answer == Reliability.LOW
    assert (answer == Reliability.HIGH) == significant


@given(taken(), taken())
def test_a_share_that_mixes_recent_and_all_orders_stays_between_them(whole, recent):
    numbers = {"both": whole[0], "main": whole[1], "recent_both": recent[0], "recent_main": recent[1]}

    found = own_share(**{name: np.array([float(value)]) for name, value in numbers.items()})[0]

    shares = [hits / trials if trials else 0.0 for hits, trials in (whole, recent)]
    assert min(shares) - 1e-12 <= found <= max(shares) + 1e-12


@given(st.lists(st.tuples(st.sampled_from(["/1/", "/1/2/", "/3/"]), st.integers(0, 9)), max_size=3), st.integers(0, 20))
def test_a_slot_never_lacks_more_than_it_wants(wanted, have):
    slots = [(n, path, "why", many) for n, (path, many) in enumerate(wanted)]

    for gap, (_slot, _path, _why, many) in zip(gaps_left(slots, {"/1/2/": have}), slots, strict=True):
        assert 0 <= gap.missing <= many


# -- money, weeks, dashboards, policies ---------------------------------------------------------------------------------


@given(st.decimals(1, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_a_margin_is_at_most_the_whole_price(price, cost):
    assert margin_of(price, cost) <= 1
    assert (margin_of(price, cost) < 0) == (cost > price)


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 800))
def test_weeks_cover_the_window_without_gaps_and_end_with_its_last_day(first, length):
    last = first + timedelta(days=length)

    weeks = weeks_of(first, last)

    assert weeks[0] == first
    assert (last - weeks[-1]).days <= 7
    assert all(0 < (after - before).days <= 7 for before, after in pairwise(weeks))


@given(taken(), many, many, many)
def test_figures_of_a_dashboard_are_shares_or_nothing(counts, without, beside, companions):
    hits, orders = counts
    found = Counts(
        orders, hits, without + beside + companions, beside + companions if hits else 0, companions if hits else 0
    )

    assert (found.attach_rate is None) == (orders < 30)
    for part in (found.attach_rate, found.companion_share):
        assert part is None or 0 <= part <= 1
    if found.interval:
        assert found.interval.low <= found.attach_rate <= found.interval.high
    assert total([found, Counts()]) == found
    assert change(found.attach_rate, found.attach_rate) in (None, 0.0)


def test_limits_at_their_bounds_are_allowed_and_beyond_them_named():
    lowest, highest = (Limits(**{name: ends[end] for name, ends in BOUNDS.items()}) for end in (0, 1))

    assert lowest.out_of_bounds() == highest.out_of_bounds() == []
    assert Limits(min_orders=0, promo_share=1.0).out_of_bounds() == ["min_orders", "promo_share"]
