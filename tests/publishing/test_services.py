import threading
from datetime import date, timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.utils import Error as DatabaseError

from crossmatrix.audit.models import AuditEvent
from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from crossmatrix.matrix.selectors.providers import published_among
from crossmatrix.publishing import selectors, tasks
from crossmatrix.publishing.models import Channel, Delivery, Release, ReleaseItem
from crossmatrix.publishing.rules import LooksDifferent, NothingToRelease, Unchanged, WouldClear
from crossmatrix.publishing.services import channels, releases
from crossmatrix.publishing.services import files as disk
from crossmatrix.publishing.services.channels import BadChannel, StaleChannel
from crossmatrix.publishing.services.files import DiskFailed
from crossmatrix.publishing.services.plan import plan_next
from crossmatrix.publishing.services.releases import ChannelAsleep, FileUnknown
from tests.factories import CategoryFactory, UserFactory
from tests.publishing.factories import NOW, channel, links_of, pair, product, revise
from tests.publishing.readers import read_excel, read_json, read_woocommerce

pytestmark = pytest.mark.django_db


def cut(shop, **fields):
    return releases.cut_release(**{"channel": shop, "actor": None, "at": NOW, **fields})


def skus(release):
    return list(selectors.items_of(release).values_list("main_sku", "companion_sku", "rank"))


# -- channels -----------------------------------------------------------------------------------------------------
def test_a_channel_is_made_with_complete_settings_and_remembered():
    integrator = UserFactory()

    shop = channels.create_channel(
        code="Shop",
        name="  My   shop ",
        format="woocommerce",
        at=NOW,
        actor=integrator,
        placements=["cart", "product_page"],
    )

    assert (shop.code, shop.name, shop.placements) == ("shop", "My shop", ["product_page", "cart"])
    assert shop.settings == {"upsells": "untouched", "delimiter": "comma"}
    event = AuditEvent.objects.get(kind="channel.created")
    assert (event.actor, event.after["format"]) == (integrator, "woocommerce")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"code": "магазин"}, "channel.code"),
        ({"code": "new"}, "channel.code"),
        ({"code": "../etc"}, "channel.code"),
        ({"name": "  "}, "channel.name"),
        ({"cap": 0}, "channel.cap"),
        ({"placements": ["roof"]}, "placement.unknown"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(fields, code):
    with pytest.raises(BadChannel) as refusal:
        channel(**fields)

    assert refusal.value.code == code
    assert not Channel.objects.exists()


def test_a_code_is_taken_once():
    channel()

    with pytest.raises(BadChannel) as refusal:
        channel()

    assert refusal.value.code == "channel.exists"


def test_an_edit_of_an_older_channel_changes_nothing():
    shop = channel()
    edit = {
        "category": None,
        "settings": {},
        "placements": [],
        "active": True,
        "at": NOW,
        "actor": None,
        "format": "json",
    }
    channels.change_channel(channel=shop, version=1, name="First", cap=3, **edit)

    with pytest.raises(StaleChannel):
        channels.change_channel(channel=shop, version=1, name="Second", cap=5, **edit)

    shop.refresh_from_db()
    assert (shop.name, shop.cap, shop.format, shop.version) == ("First", 3, "json", 2)


# -- cutting ------------------------------------------------------------------------------------------------------
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


# -- live, rolled back, read again --------------------------------------------------------------------------------
def test_a_pair_is_published_while_a_live_release_holds_it():
    shop = channel()
    gone, stays = links_of(product("M1"), product("C1", price="10"), product("C2", price="10"))
    waiting = pair(product("M2"), product("C3", price="10"), state="draft")
    cut(shop)
    both = selectors.published_pair_ids([gone.pk, stays.pk, waiting.pk])
    Pair.objects.filter(pk=gone.pk).update(verdict="not_suitable")
    cut(shop)

    assert both == {gone.pk, stays.pk}
    assert published_among([gone.pk, stays.pk, waiting.pk]) == {stays.pk}


def test_a_roll_back_is_a_new_release_with_the_old_content():
    shop = channel()
    link = pair(product("M1"), product("C1", price="10"))
    first = cut(shop)
    revise(link, reason="worse")
    cut(shop)

    third = releases.roll_back(channel=shop, number=1, actor=None, at=NOW)

    assert (third.number, third.sha256, third.rolled_back_from, third.changed) == (3, first.sha256, first, 1)
    assert selectors.links_of(third)[0].reason == "because"
    assert selectors.published_revision_ids([link.pk]) == {selectors.links_of(first)[0].revision_id}
    assert AuditEvent.objects.filter(kind="release.rolled_back", subject_id=third.pk).exists()


def test_a_roll_back_brings_back_nothing_that_was_marked_not_suitable_since():
    shop = channel()
    vetoed, kept = links_of(product("M1"), product("C1", price="10"), product("C2", price="10"))
    cut(shop)
    revise(kept, reason="worse")
    Pair.objects.filter(pk=vetoed.pk).update(verdict="not_suitable", verdict_reason="melts")
    cut(shop)

    third = releases.roll_back(channel=shop, number=1, actor=None, at=NOW)

    assert skus(third) == [("M1", "C2", 1)]
    assert third.left_out == {"not_suitable": 1}


def test_rolling_back_to_what_is_live_is_refused():
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))
    cut(shop)

    with pytest.raises(Unchanged):
        releases.roll_back(channel=shop, number=1, actor=None, at=NOW)
    with pytest.raises(selectors.UnknownRelease):
        releases.roll_back(channel=shop, number=9, actor=None, at=NOW)


@pytest.mark.parametrize("form", ["woocommerce", "json", "excel"])
def test_a_lost_or_damaged_file_is_written_anew_with_the_same_bytes(files, form):
    shop = channel(format=form)
    goes, _ = links_of(product("M1"), product("C1", price="10"), product("C2", price="10"))
    cut(shop)
    Pair.objects.filter(pk=goes.pk).update(verdict="not_suitable")
    release = cut(shop)
    path = next((files / "shop" / "2").iterdir())
    original = path.read_bytes()

    path.write_bytes(b"damaged")
    repaired = releases.file_of(release=release, name=path.name)
    path.unlink()

    assert repaired == original == releases.file_of(release=release, name=path.name)
    with pytest.raises(FileUnknown):
        releases.file_of(release=release, name="../../settings.py")


def test_approved_bundles_travel_with_the_json_release_only(monkeypatch, files):
    bundle = {"id": "b1", "name": "Set", "price": "90.00", "items": [{"sku": "C1", "quantity": 1}]}
    monkeypatch.setattr(selectors.bundles, "released_bundles", lambda at: [bundle])
    links_of(product("M1"), product("C1", price="10"))

    feed, shop = cut(channel("feed", "json")), cut(channel())

    assert read_json((files / "feed" / "1" / "feed-1.json").read_bytes())["bundles"] == [bundle]
    assert (feed.bundles, shop.bundles) == ([bundle], [])


# -- what cannot be ------------------------------------------------------------------------------------------------
STATEMENTS = [
    "UPDATE publishing_release SET note = 'x'",
    "UPDATE publishing_release SET state = 'building'",
    "DELETE FROM publishing_release",
    "UPDATE publishing_releaseitem SET rank = rank + 1",
    "DELETE FROM publishing_releaseitem",
    (
        "INSERT INTO publishing_releaseitem (release_id, pair_id, revision_id, main_sku, companion_sku, rank, payload, context) "
        "SELECT release_id, pair_id, revision_id, 'x', 'y', 9, payload, context FROM publishing_releaseitem"
    ),
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_refuses_to_change_a_sealed_release(statement):
    links_of(product("M1"), product("C1", price="10"))
    release = cut(channel())

    with pytest.raises(DatabaseError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert selectors.release_by_number(release.channel, 1).note == ""
    assert skus(release) == [("M1", "C1", 1)]


def test_the_database_refuses_to_empty_the_tables_of_releases():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'publishing%no_truncate' ORDER BY 1"
        )
        guarded = [row[0] for row in cursor.fetchall()]

    assert guarded == ["publishing_release", "publishing_releaseitem"]


BREAKS = {
    "before the files": "crossmatrix.publishing.services.releases.write_folder",
    "while sealing": "crossmatrix.publishing.services.releases._cleared",
    "after the files": "crossmatrix.publishing.services.releases.audit.record",
}


@pytest.mark.parametrize("where", BREAKS.values(), ids=BREAKS)
def test_a_publisher_killed_on_its_way_leaves_no_half_release(monkeypatch, files, where):
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))
    with monkeypatch.context() as broken:
        broken.setattr(where, lambda *args, **kwargs: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            cut(shop)

    shop.refresh_from_db()
    assert (shop.current, Release.objects.count(), ReleaseItem.objects.count(), Delivery.objects.count()) == (
        None,
        0,
        0,
        0,
    )
    release = cut(shop)
    assert (release.number, [path.name for path in (files / "shop").iterdir()]) == (1, ["1"])
    assert releases.read_file(channel="shop", number=1, fact=release.deliveries.get().files[0]) is not None


def test_a_full_disk_releases_nothing_and_says_so(monkeypatch, files):
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))

    def full(path, content):
        path.write_bytes(content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "_write", full)
    with pytest.raises(DiskFailed, match="No space left"):
        cut(shop)

    assert not Release.objects.exists()
    assert list((files / "shop").iterdir()) == []


def test_what_a_killed_writer_left_is_swept_after_an_hour(files):
    import os

    links_of(product("M1"), product("C1", price="10"))
    old, young = files / "shop" / ".unfinished-old", files / "shop" / ".unfinished-young"
    for left in (old, young):
        left.mkdir(parents=True)
    os.utime(old, (1, 1))

    cut(channel())

    assert sorted(path.name for path in (files / "shop").iterdir()) == [".unfinished-young", "1"]


# -- jobs ---------------------------------------------------------------------------------------------------------
def test_an_ordered_cut_is_done_once_by_the_worker():
    shop, boss = channel(), UserFactory()
    links_of(product("M1"), product("C1", price="10"))
    seen = plan_next(channel=shop, at=NOW).sha256

    run = releases.order_cut(channel=shop, actor=boss, at=NOW, note="n", expected=seen)
    tasks.cut_release(**run.arguments)
    tasks.cut_release(**run.arguments)

    run.refresh_from_db()
    assert (run.state, run.queue, run.result) == (JobState.DONE, "publish", {"release": 1})
    assert Release.objects.get().cut_by == boss


def test_a_worker_that_died_after_the_commit_does_not_release_twice():
    shop, boss = channel(), UserFactory()
    links_of(product("M1"), product("C1", price="10"))
    run = releases.order_cut(channel=shop, actor=boss, at=NOW)
    tasks.cut_release(**run.arguments)
    JobRun.objects.update(state=JobState.RUNNING, token=None, lease_until=NOW - timedelta(days=1), finished_at=None)

    tasks.cut_release(**run.arguments)

    run.refresh_from_db()
    assert (run.state, Release.objects.count()) == (JobState.DONE, 1)


def test_a_refused_cut_ends_its_job_with_the_code():
    run = releases.order_cut(channel=channel(), actor=UserFactory(), at=NOW)

    tasks.cut_release(**run.arguments)

    run.refresh_from_db()
    assert (run.state, run.error_code) == (JobState.FAILED, "release.empty")


def test_an_ordered_roll_back_is_done_by_the_worker():
    shop, boss = channel(), UserFactory()
    link = pair(product("M1"), product("C1", price="10"))
    cut(shop)
    revise(link, reason="worse")
    cut(shop)

    run = releases.order_roll_back(channel=shop, number=1, actor=boss, at=NOW)
    tasks.roll_back(**run.arguments)

    run.refresh_from_db()
    assert (run.state, run.result, Release.objects.last().cut_by) == (JobState.DONE, {"release": 3}, boss)


# -- many at once ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_cuts_at_the_same_time_are_numbered_without_gap_or_double(files):
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))
    together, failures = 8, []

    def publish():
        try:
            for _ in range(3):
                cut(shop, force=True)
        except BaseException as problem:
            failures.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish) for _ in range(together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert list(Release.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 25))
    assert Channel.objects.get().current.number == 24
    assert len(list((files / "shop").iterdir())) == 24
