"""What a release takes, leaves out and refuses."""

from datetime import date

import pytest

from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from crossmatrix.publishing import selectors
from crossmatrix.publishing.models import Channel, Release
from crossmatrix.publishing.rules import LooksDifferent, NothingToRelease, Unchanged, WouldClear
from crossmatrix.publishing.services import channels, releases
from crossmatrix.publishing.services.plan import plan_next
from crossmatrix.publishing.services.releases import ChannelAsleep
from tests.factories import CategoryFactory, UserFactory
from tests.publishing.factories import NOW, channel, cut, links_of, pair, product, revise, skus
from tests.publishing.readers import read_excel, read_woocommerce

pytestmark = pytest.mark.django_db


def test_a_release_holds_the_approved_links_and_its_file_brings_them_to_the_shop(files):
    shop, boss = channel(), UserFactory(name="Мария Орлова")
    links_of(product("M1"), product("C2", price="20"), product("C1", price="10"))
    pair(product("M2"), product("C3", price="10"), state="draft")

    release = cut(shop, actor=boss, note="first")

    assert (release.number, release.state, release.links, release.added, release.cut_by) == (1, "sealed", 2, 2, boss)
    assert release.left_out == {"not_approved": 1}
    assert skus(release) == [("M1", "C2", 1), ("M1", "C1", 2)]
    stored, _ = read_woocommerce((files / "shop" / "1" / "shop-1.csv").read_bytes())
    assert stored == {("M1", "cross-sells"): ["C2", "C1"]}
    shop.refresh_from_db()
    assert shop.current == release
    event = AuditEvent.objects.get(kind="release.cut")
    assert (event.actor, event.reason, event.after["sha256"]) == (boss, "first", release.sha256)


def test_every_reason_to_leave_a_link_out_is_found_in_the_data():
    shop, main = channel(cap=1, placements=["cart"]), product("M1")
    games = CategoryFactory(name="Games")
    Slot.objects.create(
        main_category=main.category, companion_category=games, verdict="not_suitable", reason="no", updated_at=NOW
    )
    by = UserFactory()

    def link(sku, content=None, **fields):
        return pair(main, product(sku, **{"price": "10", **fields}), by=by, **(content or {}))

    link("shown", {"rank": 1})
    link("reserve", {"rank": 2})
    link("empty", stock=0)
    link("gone", status="discontinued")
    link("dear", price="90")
    link("type", category=games)
    link("later", {"valid_from": date(2026, 12, 1)})
    link("over", {"valid_to": date(2026, 11, 1)})
    link("store", {"placements": ["store"]})
    Pair.objects.filter(pk=link("vetoed").pk).update(verdict="not_suitable", verdict_reason="melts")
    pair(main, product("draft", price="10"), state="in_review")
    pair(product("old", status="hidden"), product("X", price="10"), by=by)

    plan = plan_next(channel=shop, at=NOW)

    assert [link.companion_sku for link in plan.links] == ["shown"]
    assert {(p.companion, p.code) for p in plan.selection.left_out} == {
        ("reserve", "over_cap"), ("empty", "out_of_stock"), ("gone", "companion_gone"), ("dear", "ratio_blocked"),
        ("type", "type_not_suitable"), ("later", "not_yet"), ("over", "over"), ("store", "no_placement"),
        ("vetoed", "not_suitable"), ("draft", "not_approved"), ("X", "main_gone"),
    }  # fmt: skip
    assert "melts" in next(selectors.message(p) for p in plan.problems if p.code == "not_suitable")


def test_an_approved_exception_lets_a_dear_companion_out():
    shop = channel()
    pair(product("M1"), product("C1", price="90"), override_reason="a gift set")

    release = cut(shop)

    assert skus(release) == [("M1", "C1", 1)]


def test_the_ratio_is_judged_on_the_prices_of_the_moment():
    shop = channel()
    link = pair(product("M1"), product("C1", price="10"), ratio_status="ok")
    link.companion.price = "95"
    link.companion.save()

    plan = plan_next(channel=shop, at=NOW)

    assert [p.code for p in plan.selection.left_out] == ["ratio_blocked"]


def test_prices_in_two_currencies_make_no_ratio():
    shop = channel()
    pair(product("M1"), product("C1", price="10", currency="USD"))

    plan = plan_next(channel=shop, at=NOW)

    assert [p.code for p in plan.selection.warnings] == ["ratio_unknown"]


def test_a_channel_of_one_category_releases_its_mains_only():
    games = CategoryFactory(name="Games")
    consoles = CategoryFactory(name="Consoles", parent=games)
    shop = channel(category=games)
    links_of(product("in", category=consoles), product("C1", price="10"))
    links_of(product("out"), product("C2", price="10"))

    release = cut(shop)

    assert skus(release) == [("in", "C1", 1)]


def test_a_later_edit_stays_out_until_it_is_approved():
    shop = channel()
    link = pair(product("M1"), product("C1", price="10"))
    cut(shop)
    draft = PairRevision.objects.create(pair=link, number=2, state="draft", reason="new", created_at=NOW, digest="n")
    Pair.objects.filter(pk=link.pk).update(current=draft)

    with pytest.raises(Unchanged):
        cut(shop)


def test_the_next_release_tells_what_came_changed_and_went(files):
    shop = channel()
    first, second = links_of(product("M1"), product("C1", price="10"), product("C2", price="10"))
    goes = pair(product("M2"), product("C3", price="10"))
    cut(shop)
    revise(first, reason="better")
    PairRevision.objects.filter(pk=goes.approved_id).update(state="retired")
    Pair.objects.filter(pk=goes.pk).update(approved=None)
    pair(product("M3"), product("C4", price="10"))

    release = cut(shop)

    assert (release.number, release.links, release.added, release.changed, release.removed) == (2, 3, 1, 1, 1)
    assert release.cleared == ["M2"]
    stored, _ = read_woocommerce((files / "shop" / "2" / "shop-2.csv").read_bytes())
    assert stored["M2", "cross-sells"] == []
    assert second.approved_id in selectors.published_revision_ids([second.pk])


def test_a_shop_that_missed_a_release_is_still_told_to_forget():
    shop = channel()
    gone = pair(product("M1"), product("C1", price="10"))
    links_of(product("M2"), product("C2", price="10"))
    cut(shop)
    Pair.objects.filter(pk=gone.pk).update(verdict="not_suitable")
    cut(shop)
    links_of(product("M3"), product("C3", price="10"))

    third = cut(shop)

    assert third.cleared == ["M1"]


def test_nothing_new_is_not_released_again():
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))
    cut(shop)

    with pytest.raises(Unchanged) as refusal:
        cut(shop)

    assert (refusal.value.code, refusal.value.values) == ("release.unchanged", {"number": 1})
    assert cut(shop, force=True).number == 2


def test_another_format_of_the_same_links_is_a_new_release(files):
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))
    first = cut(shop)
    channels.change_channel(
        channel=shop, version=1, name="Shop", format="excel", category=None, settings={}, cap=4, placements=[], active=True,
        at=NOW, actor=None,
    )  # fmt: skip

    second = cut(shop)

    assert second.sha256 == first.sha256
    assert read_excel((files / "shop" / "2" / "shop-2.xlsx").read_bytes())[1] == []


def test_an_empty_release_is_refused():
    shop = channel()

    with pytest.raises(NothingToRelease):
        cut(shop)

    assert not Release.objects.exists()


def test_a_release_that_would_take_every_link_away_needs_force():
    shop = channel()
    link = pair(product("M1"), product("C1", price="10"))
    cut(shop)
    Pair.objects.filter(pk=link.pk).update(verdict="not_suitable")

    with pytest.raises(WouldClear):
        cut(shop)

    assert cut(shop, force=True).links == 0


def test_a_cut_of_something_else_than_was_shown_is_refused():
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))
    shown = plan_next(channel=shop, at=NOW).sha256
    links_of(product("M2"), product("C2", price="10"))

    with pytest.raises(LooksDifferent):
        cut(shop, expected=shown)


def test_a_channel_that_is_switched_off_releases_nothing():
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))
    Channel.objects.update(active=False)

    with pytest.raises(ChannelAsleep):
        cut(shop)


def test_a_link_the_format_cannot_carry_stays_out_with_its_reason():
    shop = channel()
    links_of(product("M1"), product("id:5", price="10"), product("C2", price="10"))

    release = cut(shop)

    assert skus(release) == [("M1", "C2", 1)]
    assert release.left_out == {"sku_like_id": 1}


def test_a_file_that_cannot_be_written_whole_is_not_released(monkeypatch):
    monkeypatch.setattr("crossmatrix.publishing.formats.excel.ROWS_OF_A_SHEET", 1)
    shop = channel(format="excel")
    links_of(product("M1"), product("C1", price="10"))

    with pytest.raises(releases.Refusal) as refusal:
        cut(shop)

    assert refusal.value.code == "format.sheet_full"
