"""The lists of companions: expectation, shrinkage, the dial, and what one pass over the orders finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.insights.rules.listing import (
    Orders,
    Shop,
    best,
    bucket_of,
    expected_both,
    joined,
    ranked,
    size_weights,
)
from crossmatrix.insights.rules.scoring import (
    PRIOR_ORDERS,
    USUAL_KEPT,
    Dial,
    own_share,
    score,
    shrunk_excess,
    type_excess,
)
from crossmatrix.insights.rules.suggesting import Gap, Reliability, gap_of, gaps_left, reliability


def shop(baskets, *, types=None, categories=(0,), weeks=None, sizes=None):
    """Baskets of product numbers as a shop."""
    many = 1 + max((item for basket in baskets for item in basket), default=0)
    many = max(many, len(types or ()))
    lines = [(number, item) for number, basket in enumerate(baskets) for item in basket]
    return Shop(
        Orders(
            order=np.array([line[0] for line in lines], np.int64), product=np.array([line[1] for line in lines], np.int64),
            weeks_ago=np.array(weeks if weeks is not None else [0.0] * len(baskets), np.float64),
            size=np.array(sizes if sizes is not None else [len(set(basket)) for basket in baskets], np.int64),
            type_of=np.array(types if types is not None else [0] * many, np.int64),
            category_of=np.array(categories, np.int64),
        )
    )  # fmt: skip


def pairs_of(these, **options):
    found = joined([part for part, _ in these.lists(**options)])
    return {
        (int(found.main[n]), int(found.companion[n])): {
            "both": int(found.both[n]), "main": int(found.orders_main[n]), "expected": float(found.expected[n]),
            "excess": float(found.excess[n]),
        }
        for n in range(len(found.main))
    }  # fmt: skip


def test_expectation_in_baskets_of_one_size_is_that_of_drawing_without_replacement():
    size = np.full(100, 4)
    weights = size_weights(size)
    counts = np.zeros((len(weights), 1))
    counts[bucket_of(np.array([4]))[0]] = 20

    expected = expected_both(counts, counts * 1.5, weights)

    # P(a) · P(b) · N · s(s−1)/s²: of 100 baskets of 4, with 20 and 30 of the two
    assert expected[0] == pytest.approx(0.2 * 0.3 * 100 * (4 * 3) / 16)


def test_expected_pairs_of_independent_draws_are_the_pairs_found():
    chance = np.random.default_rng(7)
    weights = 1 / (np.arange(40) + 5)
    baskets = [
        np.unique(chance.choice(40, int(size), p=weights / weights.sum())).tolist()
        for size in np.clip(chance.lognormal(1.5, 0.8, 20_000), 1, 60)
    ]

    found = [pair for pair in pairs_of(shop(baskets)).items() if pair[1]["expected"] >= 50]
    bought = {main: pair["main"] for (main, _), pair in found}
    lifts = [
        pair["both"] * len(baskets) / (pair["main"] * bought[other]) for (_, other), pair in found if other in bought
    ]

    assert len(found) > 200
    assert np.median([pair["both"] / pair["expected"] for _, pair in found]) == pytest.approx(1, abs=0.05)
    assert np.median(lifts) > 1.3  # what lift would have called a pattern


@given(st.lists(st.lists(st.integers(0, 7), min_size=1, max_size=6), min_size=1, max_size=30))
def test_counts_are_those_of_counting_by_hand_and_within_each_other(baskets):
    found = pairs_of(shop(baskets))

    for (main, companion), pair in found.items():
        assert main != companion
        assert pair["main"] == sum(main in basket for basket in baskets)
        assert pair["both"] == sum(main in basket and companion in basket for basket in baskets)
        assert pair["expected"] >= 0
        assert -1 <= pair["excess"] <= 1


def test_a_product_twice_in_one_basket_counts_once():
    assert pairs_of(shop([[0, 0, 1], [0, 2]]))[0, 1] == pairs_of(shop([[0, 1], [0, 2]], sizes=[2, 2]))[0, 1]


def test_one_basket_is_enough_to_be_counted_and_far_too_little_to_be_believed():
    pair = pairs_of(shop([[0, 1]]))[0, 1]

    assert (pair["both"], pair["main"]) == (1, 1)
    assert 0 <= pair["excess"] < 0.5


def test_a_million_orders_of_a_pair_are_still_counted_exactly():
    many = 1_000_000
    lines = np.repeat(np.arange(many), 2)
    these = Shop(
        Orders(
            order=lines, product=np.tile([0, 1], many), weeks_ago=np.zeros(many), size=np.full(many, 2),
            type_of=np.zeros(2, np.int64), category_of=np.zeros(1, np.int64),
        )
    )  # fmt: skip

    assert pairs_of(these)[0, 1]["both"] == many
    assert these.recently.tolist() == [many, many]


def test_without_orders_of_any_product_there_is_no_list():
    these = shop([[0, 1]], types=[0, 0, 0])

    assert {main for main, _ in pairs_of(these)} == {0, 1} | {main for main, _ in pairs_of(these) if main == 2}
    assert pairs_of(these).get((2, 0), {"main": 0})["main"] == 0


def test_a_main_bought_seldom_takes_over_what_its_type_sells_with():
    # type 0: phones 0, 1 and the new 2; type 1: case 3 with phones, bread 4 with anything
    baskets = [[0, 3]] * 40 + [[1, 3]] * 40 + [[2, 4]] + [[4, 5]] * 60 + [[4]] * 60
    found = pairs_of(shop(baskets, types=[0, 0, 0, 1, 1, 1], categories=(0, 1)))

    assert found[2, 3]["both"] == 0
    assert found[2, 3]["excess"] > found[2, 4]["excess"]


def test_companions_of_other_categories_only_when_asked():
    baskets = [[0, 1], [0, 1], [0, 2], [3]] * 10
    these = shop(baskets, types=[0, 0, 1, 1], categories=(0, 1))

    assert (0, 1) in pairs_of(these)
    across = pairs_of(these, across=True)
    assert (0, 2) in across
    assert not {(0, 1), (1, 0), (2, 3), (3, 2)} & set(across)


def test_recent_orders_weigh_more():
    old, new = [[0, 1]] * 20, [[0, 2]] * 20
    found = pairs_of(shop(old + new, weeks=[40.0] * 20 + [0.0] * 20))

    assert found[0, 2]["excess"] > found[0, 1]["excess"]


def test_lists_are_the_same_however_the_work_is_cut(monkeypatch):
    from crossmatrix.insights.rules import listing

    chance = np.random.default_rng(3)
    baskets = [np.unique(chance.integers(0, 60, 5)).tolist() for _ in range(400)]
    types = [n % 7 for n in range(60)]
    these = shop(baskets, types=types, categories=[n % 3 for n in range(7)])
    whole = pairs_of(these, kept=60)

    monkeypatch.setattr(listing, "CELLS", 200)
    parts = pairs_of(these, kept=60)

    assert set(parts) == set(whole)
    assert all(parts[key] == pytest.approx(whole[key], rel=1e-9) for key in whole)


@given(st.integers(1, 6), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_the_best_of_every_position_are_taken_and_nothing_that_is_refused(kept, width, seed):
    chance = np.random.default_rng(seed)
    excess, usual = np.round(chance.normal(size=(5, width)), 1), np.round(chance.random((5, width)), 1)  # with equals
    refused = chance.random((5, width)) < 0.3

    taken = best(excess, usual, refused, kept=kept)

    assert not (taken & refused).any()
    for row in range(5):
        allowed = np.flatnonzero(~refused[row])
        for dial in Dial:
            value = score(excess[row], usual[row], dial)
            top = np.sort(value[allowed])[::-1][:kept]
            assert np.sort(value[taken[row]])[::-1][: len(top)].tolist() == top.tolist()
    assert (taken.sum(axis=1) <= kept * len(Dial)).all()


def test_a_thousand_equal_companions_are_no_longer_a_list_than_others():
    found = pairs_of(shop([list(range(300))]), kept=4)

    assert {sum(main == one for one, _ in found) for main in range(300)} <= set(range(3, 13))


def test_chance_is_the_same_where_pairs_are_dense_and_where_they_are_rare():
    chance = np.random.default_rng(2)
    these = shop([np.unique(chance.integers(0, 400, 4)).tolist() for _ in range(500)])
    mains, companion = np.arange(5), chance.integers(0, 400, (5, 100))

    dense, rare = these._usual(mains, companion), these._usual(mains, companion[:, :20])

    assert dense[:, :20] == pytest.approx(rare, rel=1e-5)
    assert dense[2, 3] * these.bought[2] == pytest.approx(
        (these.by_size[:, 2] * these.by_size[:, companion[2, 3]] * these.weights).sum(), rel=1e-5
    )


def test_a_category_is_the_sum_of_its_types_however_many_parts_they_are_counted_in(monkeypatch):
    from crossmatrix.insights.rules import listing

    chance = np.random.default_rng(4)
    these = shop(
        [np.unique(chance.integers(0, 30, 6)).tolist() for _ in range(200)], types=[n % 5 for n in range(30)],
        categories=[0] * 5,
    )  # fmt: skip
    whole = these._pooled(np.arange(5))
    monkeypatch.setattr(listing, "PIECE", 7)
    apart = [these._pooled(np.array([one])) for one in range(5)]

    assert [part.both[0].tolist() for part in apart] == whole.both.tolist()
    both = these.by_product.astype(np.int64) @ these.by_product.astype(np.int64).T
    both.setdiag(0)
    assert type(whole).all_of(apart).both[0].tolist() == np.asarray(both.sum(0)).ravel().tolist()


def test_equals_are_ranked_by_popularity_and_missing_places_stay_empty():
    these = shop([[0, 1], [0, 2], [2], [2]])
    listed = joined([part for part, _ in these.lists()])

    lists = ranked(listed, Dial.SAFE, mains=3, shown=3, popularity=these.bought)

    assert lists[0].tolist()[2] == -1
    assert set(lists[0].tolist()[:2]) == {1, 2}


def test_the_dial_keeps_all_a_part_or_nothing_of_the_usual():
    excess, usual = np.array([0.1]), np.array([0.5])

    assert [score(excess, usual, dial)[0] for dial in Dial] == pytest.approx(
        [0.6, 0.1 + 0.5 * USUAL_KEPT[Dial.BALANCED], 0.1]
    )
    assert 1 == USUAL_KEPT[Dial.SAFE] > USUAL_KEPT[Dial.BALANCED] > USUAL_KEPT[Dial.DISTINCTIVE] == 0


def test_a_main_is_believed_half_after_the_orders_of_the_prior():
    half = shrunk_excess(
        share=np.array([0.5]), usual=np.array([0.1]), main=np.array([float(PRIOR_ORDERS)]), prior=np.array([0.0])
    )

    assert half[0] == pytest.approx(0.2)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 10**6), st.floats(-1, 1))
def test_the_shrunk_excess_lies_between_the_own_one_and_the_types(share, usual, orders, prior):
    value = shrunk_excess(
        share=np.array([share]), usual=np.array([usual]), main=np.array([float(orders)]), prior=np.array([prior])
    )[0]

    assert min(share - usual, prior) - 1e-12 <= value <= max(share - usual, prior) + 1e-12


def test_a_share_without_main_orders_is_zero_and_a_type_speaks_with_its_category():
    nothing = np.zeros(1)

    assert own_share(both=nothing, main=nothing, recent_both=nothing, recent_main=nothing)[0] == 0
    assert type_excess(of_type=np.array([0.2]), of_category=np.array([0.1]))[0] == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("significant", "orders", "low", "answer"),
    [
        (True, 5, None, Reliability.HIGH),
        (False, 60, 0.11, Reliability.MEDIUM),
        (False, 60, 0.10, Reliability.LOW),
        (False, 59, 0.90, Reliability.LOW),
        (False, 500, None, Reliability.LOW),
    ],
)
def test_how_far_a_suggestion_can_be_relied_on(significant, orders, low, answer):
    assert reliability(significant=significant, orders=orders, low=low, usual=0.1) == answer


def test_a_companion_fills_the_nearest_slot_above_its_category():
    gaps = gaps_left([(1, "/1/", "Any accessory", 2), (2, "/1/5/", "A case", 1)], {"/1/5/": 1, "/1/7/": 1, "/9/": 4})

    assert gaps == [Gap(1, "/1/", "Any accessory", 1), Gap(2, "/1/5/", "A case", 0)]
    assert gap_of("/1/5/8/", gaps) == gaps[1]
    assert gap_of("/9/", gaps) is None
