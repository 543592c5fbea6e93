"""Which ranks change when a person puts companions in order."""

from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.matrix.rules.ranking import RANK_MAX, Placed, new_ranks


def placed(*ranks, pinned=()):
    """Companions 1, 2, 3… in the wanted order with the ranks they have."""
    return [Placed(key, rank, f"SKU{key}", key in pinned) for key, rank in enumerate(ranks, start=1)]


def after(order, ranks):
    """Keys as the storefront would sort them with the new ranks."""
    return [item.key for item in sorted(order, key=lambda item: (ranks.get(item.key, item.rank), item.tie))]


def test_an_order_that_stands_already_changes_nothing():
    assert new_ranks(placed(1, 2, 3)) == {}


def test_one_moved_companion_is_the_only_one_that_changes():
    order = placed(10, 40, 20, 30)

    assert new_ranks(order) == {2: 15}


def test_a_companion_moved_to_the_end_of_equal_ranks_changes_alone():
    first, second, third = (Placed(key, 100, f"SKU{key}") for key in (1, 2, 3))

    assert new_ranks([second, third, first]) == {1: 110}


def test_a_companion_moved_to_the_top_of_equal_ranks_goes_half_way_up():
    first, second, third = (Placed(key, 100, f"SKU{key}") for key in (1, 2, 3))

    assert new_ranks([third, first, second]) == {3: 50}


def test_without_room_between_neighbours_the_fewest_others_give_way():
    order = placed(1, 9, 2, 3)

    ranks = new_ranks(order)

    assert after(order, ranks) == [1, 2, 3, 4]
    assert len(ranks) == 2


def test_a_companion_in_review_keeps_its_rank_though_others_pay_for_it():
    order = placed(50, 10, 20, 30, pinned={1})

    ranks = new_ranks(order)

    assert 1 not in ranks
    assert after(order, ranks) == [1, 2, 3, 4]


def test_an_order_against_two_companions_in_review_has_to_change_one_of_them():
    assert set(new_ranks(placed(20, 10, pinned={1, 2}))) & {1, 2}


def test_ranks_at_the_upper_limit_leave_room_for_what_follows():
    order = placed(RANK_MAX, 5, 6)

    ranks = new_ranks(order)

    assert after(order, ranks) == [1, 2, 3]
    assert all(1 <= rank <= RANK_MAX for rank in ranks.values())


@given(st.lists(st.integers(1, 60) | st.integers(RANK_MAX - 5, RANK_MAX), max_size=25), st.randoms())
def test_any_order_is_reached_with_ranks_inside_the_limits(ranks, random):
    order = placed(*ranks)
    random.shuffle(order)

    changed = new_ranks(order)

    assert after(order, changed) == [item.key for item in order]
    assert all(1 <= rank <= RANK_MAX for rank in changed.values())
    assert all(changed[item.key] != item.rank for item in order if item.key in changed)
