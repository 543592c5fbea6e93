"""What cannot be, kills on the way, jobs, many at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.utils import Error as DatabaseError

from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.publishing import selectors, tasks
from crossmatrix.publishing.models import Channel, Delivery, Release, ReleaseItem
from crossmatrix.publishing.services import files as disk
from crossmatrix.publishing.services import releases
from crossmatrix.publishing.services.files import DiskFailed
from crossmatrix.publishing.services.plan import plan_next
from tests.factories import UserFactory
from tests.publishing.factories import NOW, channel, cut, links_of, pair, product, revise, skus

pytestmark = pytest.mark.django_db


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
