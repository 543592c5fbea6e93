"""Trend, substitutes, promotions, replacements, dashboards: formulas against scipy, and their edges."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from crossmatrix.insights.rules.boards import Counts, change, total
from crossmatrix.insights.rules.deficit import Together, poisson_lower, substitutes
from crossmatrix.insights.rules.fixed import Offer, fixed_causes, margin_of
from crossmatrix.insights.rules.policy import Limits
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
from crossmatrix.insights.rules.trend import Weekly, expected_of, falling, noise, season_of, slope
from crossmatrix.insights.rules.words import Cause, Severity

LIMITS = Limits(min_orders=30)


def steady(key, both=30, main=100, weeks=12, category="/1/"):
    return Weekly(key, category, [both] * weeks, [main] * weeks)


def test_without_season_and_noise_the_slope_is_cochran_and_armitages():
    hits, trials = np.array([[30.0, 28, 25, 26, 20, 18]]), np.array([[100.0, 90, 110, 100, 95, 100]])
    flat = np.ones_like(hits)
    expected = expected_of(hits, trials, flat)
    share = expected / trials

    z = slope(hits, expected, trials, trials * share * (1 - share))[0]

    weeks = np.repeat(np.arange(6), trials[0].astype(int))
    taken = np.concatenate([[1] * int(x) + [0] * int(n - x) for x, n in zip(hits[0], trials[0], strict=True)])
    r = stats.pearsonr(weeks, taken).statistic
    assert z == pytest.approx(r * np.sqrt(len(weeks)), rel=1e-9)


def test_a_pair_that_halves_while_its_category_stands_still_is_falling_and_only_it():
    halved = Weekly(1, "/1/", [40] * 8 + [15] * 4, [100] * 12)

    found = falling([halved, *(steady(n) for n in range(2, 30))])

    assert set(found) == {1}
    assert (found[1].before, found[1].after, found[1].weeks) == (0.4, 0.15, 4)
    assert found[1].gone == pytest.approx(1 - 0.15 / 0.4, rel=0.01)
    assert found[1].z < -3


def test_of_the_pairs_called_falling_under_week_noise_nineteen_in_twenty_are():
    chance, right, called, decays, weeks = np.random.default_rng(77), 0, 0, 0, np.arange(12)
    for _world in range(6):
        fallen, main = (
            chance.random(1500) < 0.08,
            chance.poisson(np.exp(chance.normal(5, 1, 1500))[:, None], (1500, 12)) + 1,
        )
        share = (
            np.where(fallen[:, None], 1 - 0.7 * np.clip((weeks - 3) / 8, 0, 1), 1)
            * chance.normal(0.06, 0.01, 1500)[:, None]
        )
        both = chance.binomial(main, (share * chance.lognormal(0, 0.22, (1500, 12))).clip(0, 0.9))

        found = falling([Weekly(n, "/1/", both[n].tolist(), main[n].tolist()) for n in range(1500)])

        right, called, decays = right + fallen[list(found)].sum(), called + len(found), decays + fallen.sum()

    assert right / called >= 0.945
    assert right / decays >= 0.3


def test_a_season_that_takes_every_pair_down_is_nobodys_fall():
    wave = [40] * 8 + [15] * 4

    assert falling([Weekly(n, "/1/", wave, [100] * 12) for n in range(30)]) == {}


def test_a_pair_is_never_its_own_season():
    hits, trials = np.array([[10.0, 0.0], [5.0, 5.0]]), np.full((2, 2), 10.0)

    season = season_of(["/1/", "/1/"], hits, trials)

    assert season[0].tolist() == [1.0, 1.0]
    assert season[1].tolist() == [2.0, pytest.approx(1e-3)]


@pytest.mark.parametrize("pairs", [[], [Weekly(1, "", [0] * 12, [0] * 12)], [Weekly(1, "", [9, 1], [10, 10])]])
def test_no_orders_or_too_few_weeks_say_nothing_of_a_trend(pairs):
    assert falling(pairs) == {}


def test_noise_of_binomial_weeks_is_about_one_and_of_wild_weeks_far_above():
    chance = np.random.default_rng(2)
    trials = np.full((400, 12), 200.0)
    calm = chance.binomial(200, 0.1, (400, 12)).astype(float)
    wild = chance.binomial(200, np.clip(chance.normal(0.1, 0.06, (400, 12)), 0.001, 0.9)).astype(float)

    def phi(hits):
        expected = expected_of(hits, trials, np.ones_like(hits))
        share = expected / trials
        return float(np.median(noise(hits, expected, trials * share * (1 - share), np.full(400, True))))

    assert phi(calm) == pytest.approx(1, abs=0.1)
    assert phi(wild) > 3


@settings(max_examples=40)
@given(both=st.integers(0, 500), expected=st.floats(0.1, 500))
def test_the_lower_tail_of_a_count_is_scipys(both, expected):
    ours = poisson_lower(np.array([float(both)]), np.array([expected]))[0]

    assert ours == pytest.approx(stats.poisson.cdf(both, expected), rel=1e-9, abs=1e-300)


def test_only_one_type_in_significant_deficit_is_a_substitute():
    pairs = [
        Together(1, 3, 60.0, True),
        Together(2, 3, 60.0, False),
        Together(3, 55, 60.0, True),
        Together(4, 0, 5.0, True),
    ]

    assert set(substitutes(pairs)) == {1}


@pytest.mark.parametrize(
    ("known", "discounted", "stands"),
    [
        (19, 19, Footing.TOO_FEW), (60, 60, Footing.PROMO_ONLY), (60, 3, Footing.STABLE), (60, 30, Footing.MIXED),
        (20, 18, Footing.MIXED),
    ],
)  # fmt: skip
def test_a_pair_lives_on_promotions_or_stands_only_when_that_is_sure(known, discounted, stands):
    assert footing(Split(known, discounted), 0.8) == stands


def test_the_sureness_of_a_discounted_share_is_scipys_beta():
    known = next(n for n in range(20, 200) if footing(Split(n, n), 0.8) == Footing.PROMO_ONLY)

    assert stats.beta.sf(0.8, 1 + known, 1) > 0.95


def test_the_chance_of_a_better_replacement_is_that_of_the_two_posteriors():
    new, old = Worth(30, 70, 100.0), Worth(25, 75, 100.0)

    exact, _ = integrate.quad(lambda p: stats.beta.pdf(p, 30, 70) * stats.beta.cdf(p, 25, 75), 0, 1)

    assert chance_of_better(new, old, seed=1) == pytest.approx(exact, abs=0.03)
    assert chance_of_better(new, old, seed=1) == chance_of_better(new, old, seed=1)
    assert new.interval() == pytest.approx(stats.beta.ppf([0.025, 0.975], 30, 70))


def test_what_cannot_be_sold_is_worse_than_anything_that_can():
    assert chance_of_better(Worth(1, 99, 10.0), None, seed=1) == 1.0
    assert chance_of_better(Worth(1, 99, 0.0), None, seed=1) == 0.0


def test_a_guess_gives_way_to_orders():
    few = worth_of(trials=0, hits=0, prior_mean=0.2, prior_weight=10, unit=1.0)
    many = worth_of(trials=1000, hits=50, prior_mean=0.2, prior_weight=10, unit=1.0)

    assert few.attach == pytest.approx(0.2)
    assert many.attach == pytest.approx((2 + 50) / 1010)


def test_the_calibration_finds_how_attach_follows_from_the_excess():
    chance = np.random.default_rng(3)
    excess = chance.uniform(0.02, 0.4, 300)
    truth = Calibration(0.5, 0.8)
    placed = [Placed(float(x), 400, int(chance.binomial(400, truth.mean(float(x))))) for x in excess]

    found = calibrated(placed)

    assert found is not None
    assert (found.intercept, found.slope) == (pytest.approx(0.5, abs=0.1), pytest.approx(0.8, abs=0.05))
    assert calibrated(placed[:19]) is None


@pytest.mark.parametrize(
    ("stock", "sold", "part"), [(None, 3.0, 1.0), (100, 0.0, 1.0), (14, 2.0, 0.5), (1000, 2.0, 1.0)]
)
def test_stock_counts_as_far_as_it_lasts_until_the_next_delivery(stock, sold, part):
    assert cover(stock, sold) == part


def offer(**changes):
    return Offer(
        **{
            "status": "active", "stock": 5, "main_price": Decimal(1000), "price": Decimal(100), "cost": Decimal(60),
            "currency": "RUB", "ratio": Decimal("0.1"), "ratio_limit": Decimal("0.5"), "ratio_blocked": False,
            "ratio_accepted": False, "valid_to": None, "banned": None, "approved_at": None, "live": None, "shown": None,
            **changes,
        }
    )  # fmt: skip


NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({}, set()),
        ({"status": "hidden", "stock": 0}, {Cause.DISCONTINUED}),
        ({"stock": 0}, {Cause.OUT_OF_STOCK}),
        ({"stock": None}, set()),
        ({"ratio_blocked": True}, {Cause.RATIO_BROKEN}),
        ({"ratio_blocked": True, "ratio_accepted": True}, set()),
        ({"banned": ("types", "no")}, {Cause.NOT_COMPATIBLE}),
        ({"valid_to": date(2026, 11, 21)}, {Cause.WINDOW_OVER}),
        ({"valid_to": date(2026, 11, 22)}, set()),
        ({"cost": Decimal(101)}, {Cause.LOSING_MARGIN}),
        ({"cost": None}, set()),
        ({"price": Decimal(0)}, set()),
        ({"approved_at": NOW - timedelta(days=30), "live": False}, {Cause.NEVER_SHOWN}),
        ({"approved_at": NOW - timedelta(days=29), "live": False}, set()),
        ({"approved_at": NOW - timedelta(days=99), "live": False, "shown": 3}, set()),
        ({"approved_at": NOW - timedelta(days=99), "live": True, "shown": 0}, {Cause.NEVER_SHOWN}),
    ],
)
def test_causes_of_today_need_no_orders(changes, causes):
    found = fixed_causes(offer(**changes), limits=LIMITS, at=NOW, today=NOW.date())

    assert set(found) == causes


def test_a_margin_is_a_part_of_the_price():
    assert margin_of(Decimal(200), Decimal(150)) == 0.25
    assert margin_of(None, Decimal(150)) is None


def test_what_is_urgent_is_decided_sooner():
    assert [LIMITS.decide_by(one, date(2026, 11, 1)).day for one in Severity] == [4, 15, 1]


def test_figures_of_a_dashboard_come_from_whole_counts_and_small_ones_say_nothing():
    counts = Counts(orders=100, orders_with=40, amount=1_000_000, amount_with=600_000, amount_companions=150_000)

    assert (counts.attach_rate, counts.check_with, counts.companion_share) == (0.4, 150.0, 0.15)
    assert counts.check_without == pytest.approx(400_000 / 60 / 100)
    assert Counts(orders=29, orders_with=29).attach_rate is None
    assert total([counts, counts]).orders == 200
    assert (change(0.5, 0.4), change(None, 1), change(1, 0)) == (pytest.approx(0.25), None, None)
