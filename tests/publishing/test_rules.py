from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from crossmatrix.publishing.rules import (
    Candidate,
    Link,
    Live,
    LooksDifferent,
    NothingToRelease,
    Severity,
    Unchanged,
    Why,
    WouldClear,
    check_cut,
    choose,
    link_of,
    plan_release,
    problem,
    seal,
    without,
)

TODAY = date(2026, 11, 22)


def candidate(companion="C1", *, main="M1", **fields):
    return Candidate(**{"pair": 1, "revision": 1, "number": 1, "main_sku": main, "companion_sku": companion, **fields})


def link(companion="C1", *, main="M1", **fields):
    content = {
        "rank": 1, "kind": "accessory", "reason": "because", "offer_text": "", "placements": (),
        "valid_from": None, "valid_to": None, "revision": 1,
    }  # fmt: skip
    return Link(main_sku=main, companion_sku=companion, **{**content, **fields})


def names(links):
    return [one.companion_sku for one in links]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"approved": False, "revision": None}, Why.NOT_APPROVED),
        ({"not_suitable": "does not fit"}, Why.NOT_SUITABLE),
        ({"type_not_suitable": "disks need no cable"}, Why.TYPE_NOT_SUITABLE),
        ({"main_sold": False}, Why.MAIN_GONE),
        ({"companion_sold": False}, Why.COMPANION_GONE),
        ({"companion_stock": 0}, Why.OUT_OF_STOCK),
        ({"companion_stock": -2}, Why.OUT_OF_STOCK),
        ({"valid_from": date(2026, 11, 23)}, Why.NOT_YET),
        ({"valid_to": date(2026, 11, 21)}, Why.OVER),
        ({"ratio_status": "block", "ratio": Decimal("0.62"), "ratio_limit": Decimal("0.5")}, Why.RATIO_BLOCKED),
        ({"placements": ("store",)}, Why.NO_PLACEMENT),
    ],
)
def test_a_link_that_must_not_go_out_is_left_out_with_its_reason(fields, why):
    chosen = choose([candidate(**fields)], today=TODAY, cap=4, placements=("cart",))

    assert chosen.links == ()
    assert [(p.code, p.main, p.companion, p.drops) for p in chosen.left_out] == [(why, "M1", "C1", True)]


@pytest.mark.parametrize(
    "fields",
    [
        {"valid_from": TODAY},
        {"valid_to": TODAY},
        {"companion_stock": None},
        {"companion_stock": 1},
        {"ratio_status": "warn"},
        {"ratio_status": "block", "overridden": True},
        {"placements": ("cart", "store")},
    ],
)
def test_a_link_on_the_edge_of_its_limits_goes_out(fields):
    chosen = choose([candidate(**fields)], today=TODAY, cap=4, placements=("cart",))

    assert names(chosen.links) == ["C1"]
    assert chosen.left_out == ()


def test_a_verdict_speaks_before_everything_else():
    chosen = choose([candidate(not_suitable="no", approved=False, companion_stock=0)], today=TODAY, cap=4)

    assert chosen.left_out[0].code == Why.NOT_SUITABLE
    assert chosen.left_out[0].values == {"reason": "no"}


def test_the_cap_keeps_the_best_ranked_and_names_the_reserve():
    many = [candidate(f"C{rank}", rank=rank) for rank in (3, 1, 2)]

    chosen = choose(many, today=TODAY, cap=2)

    assert [(one.companion_sku, one.rank) for one in chosen.links] == [("C1", 1), ("C2", 2)]
    assert [(p.code, p.companion, p.values) for p in chosen.left_out] == [(Why.OVER_CAP, "C3", {"cap": 2})]


def test_the_reserve_steps_in_for_a_companion_out_of_stock():
    chosen = choose([candidate("C1", rank=1, companion_stock=0), candidate("C2", rank=2)], today=TODAY, cap=1)

    assert [(one.companion_sku, one.rank) for one in chosen.links] == [("C2", 1)]


def test_equal_ranks_follow_the_sku_whatever_the_order_of_reading():
    pairs = [candidate("C2"), candidate("C1"), candidate("C3")]

    one, other = (choose(order, today=TODAY, cap=2) for order in (pairs, pairs[::-1]))

    assert names(one.links) == names(other.links) == ["C1", "C2"]


def test_every_placement_has_its_own_cap():
    pairs = [
        candidate("C1", rank=1, placements=("cart",)),
        candidate("C2", rank=2, placements=("cart",)),
        candidate("C3", rank=3, placements=("product_page",)),
        candidate("C4", rank=4),
    ]

    chosen = choose(pairs, today=TODAY, cap=2, placements=("product_page", "cart"))

    assert [(one.companion_sku, one.placements) for one in chosen.links] == [
        ("C1", ("cart",)), ("C2", ("cart",)), ("C3", ("product_page",)), ("C4", ("product_page",)),
    ]  # fmt: skip


def test_a_companion_shown_everywhere_counts_in_each_place_of_a_channel_without_places():
    pairs = [
        candidate("C1", rank=1),
        candidate("C2", rank=2, placements=("cart",)),
        candidate("C3", rank=3, placements=("cart",)),
    ]

    chosen = choose(pairs, today=TODAY, cap=2)

    assert names(chosen.links) == ["C1", "C2"]


def test_a_link_for_anywhere_finds_no_room_where_one_place_is_full():
    pairs = [candidate(f"C{n}", rank=n, placements=("cart",)) for n in (1, 2)] + [candidate("C3", rank=3)]

    chosen = choose(pairs, today=TODAY, cap=2)

    assert names(chosen.links) == ["C1", "C2"]
    assert [(p.code, p.companion) for p in chosen.left_out] == [(Why.OVER_CAP, "C3")]


def test_the_cap_counts_for_each_main_product():
    pairs = [candidate("C1", main="M1"), candidate("C2", main="M1", rank=200), candidate("C1", main="M2")]

    chosen = choose(pairs, today=TODAY, cap=1)

    assert [(one.main_sku, one.companion_sku) for one in chosen.links] == [("M1", "C1"), ("M2", "C1")]


def test_an_unknown_ratio_warns_and_goes_out():
    chosen = choose([candidate(ratio_status="unknown")], today=TODAY, cap=4)

    assert names(chosen.links) == ["C1"]
    assert [(p.code, p.severity, p.drops) for p in chosen.warnings] == [("ratio_unknown", Severity.WARNING, False)]


def test_no_candidate_is_lost():
    pairs = [candidate(f"C{n}", rank=n, companion_stock=n % 3, approved=n % 4 > 0) for n in range(1, 30)]

    chosen = choose(pairs, today=TODAY, cap=3)

    assert sorted(names(chosen.links) + [p.companion for p in chosen.left_out]) == sorted(names(pairs))


def test_a_link_the_format_cannot_carry_leaves_no_gap_in_the_ranks():
    chosen = choose([candidate("C1", rank=1), candidate("C2", rank=2), candidate("C3", rank=3)], today=TODAY, cap=3)

    kept = without(chosen, [problem(Why.OUT_OF_STOCK, "M1", "C2")])

    assert [(one.companion_sku, one.rank) for one in kept.links] == [("C1", 1), ("C3", 2)]
    assert [p.companion for p in kept.left_out] == ["C2"]


def test_the_difference_names_what_came_changed_went_and_stayed():
    before = [link("stays"), link("changes", rank=2), link("goes", rank=3)]
    after = [link("stays"), link("changes", rank=3, reason="better"), link("comes", rank=2)]

    diff = plan_release(before, after)

    assert (names(diff.added), names(diff.removed), names(diff.same)) == (["comes"], ["goes"], ["stays"])
    assert [(change.after.companion_sku, change.fields) for change in diff.changed] == [("changes", ["rank", "reason"])]
    assert not diff.empty


def test_the_same_content_has_the_same_seal_in_any_order_and_whatever_people_see_beside_it():
    one, two = link("C1"), link("C2", rank=2)

    assert seal([one, two], []) == seal([two, replace(one, context={"main_name": "Renamed"})], [])
    assert seal([one, two], []) != seal([one, replace(two, rank=3)], [])
    assert seal([one], [{"id": "b"}]) != seal([one], [])


def test_a_link_survives_being_frozen():
    dated = link(placements=("cart",), valid_from=TODAY, valid_to=date(2026, 12, 31), offer_text="«Не забудьте» кабель")

    assert link_of(dated.payload()) == dated


SHAPE = {"format": "json", "settings": {}}
LIVE = Live(number=3, sha256="s", shape=SHAPE, links=5)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"live": LIVE}, Unchanged),
        ({"live": None, "links": 0}, NothingToRelease),
        ({"live": LIVE, "sha256": "other", "links": 0}, WouldClear),
        ({"live": LIVE, "sha256": "other", "expected": "seen"}, LooksDifferent),
        ({"live": LIVE, "sha256": "other", "expected": "seen", "force": True}, LooksDifferent),
    ],
)
def test_a_cut_that_nobody_wants_is_refused(fields, refusal):
    with pytest.raises(refusal):
        check_cut(**{"sha256": "s", "links": 5, "bundles": 0, "shape": SHAPE, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {"live": None},
        {"live": LIVE, "sha256": "other"},
        {"live": LIVE, "sha256": "other", "expected": "other"},
        {"live": LIVE, "shape": {"format": "excel", "settings": {}}},
        {"live": LIVE, "force": True},
        {"live": LIVE, "sha256": "other", "links": 0, "force": True},
        {"live": LIVE, "sha256": "other", "links": 0, "bundles": 1},
    ],
)
def test_a_cut_that_changes_something_passes(fields):
    check_cut(**{"sha256": "s", "links": 5, "bundles": 0, "shape": SHAPE, **fields})
