"""The next release is looked at: worked out by a worker, shown while it is fresh, taken again when it is not."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.jobs.selectors import is_unanswered
from crossmatrix.publishing import tasks
from crossmatrix.publishing.models import Channel, Release
from crossmatrix.publishing.services import preview, releases
from crossmatrix.publishing.services.plan import plan_next
from tests.factories import member
from tests.publishing.factories import channel, links_of, look_taken, product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def integrator(client):
    user = member(Role.INTEGRATOR)
    client.force_login(user)
    return user


@pytest.fixture
def shop():
    links_of(product("M1"), product("C1", price="10"))
    return channel()


def address(name="next"):
    return reverse(f"publishing:{name}", args=["shop"])


def part(client, job=None, **data):
    """What htmx gets of the next release."""
    answer = client.get(address(), {"job": job.pk, **data} if job else data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def work():
    """A worker does the look that is owed."""
    run = JobRun.objects.get(task=preview.LOOK, state=JobState.QUEUED)
    tasks.take_look(**run.arguments)
    run.refresh_from_db()
    return run


def seal_of(html):
    found = re.search(r'name="expected" value="([0-9a-f]{64})"', html)
    return found and found[1]


def test_the_page_orders_one_look_for_everybody_and_shows_it_when_the_worker_has_taken_it(client, integrator, shop):
    first = part(client)
    client.force_login(member(Role.HEAD))
    second = part(client)
    (run,) = JobRun.objects.all()
    waiting = part(client, run)
    work()
    there = part(client, run)

    assert (run.task, run.queue, run.actor, run.arguments) == (
        preview.LOOK,
        "publish",
        integrator,
        {"channel": shop.pk},
    )
    assert all(
        f'hx-get="{address()}?job={run.pk}"' in html and "hx-trigger" in html for html in (first, second, waiting)
    )
    assert [seal_of(html) for html in (first, waiting, there)] == [
        None,
        None,
        plan_next(channel=shop, at=timezone.now()).sha256,
    ]
    assert "Product C1" in there
    assert JobRun.objects.count() == 1


def test_a_fresh_look_is_shown_to_the_next_person_without_another_order(client, integrator, shop):
    taken = look_taken(shop)

    html = part(client)

    assert seal_of(html) == taken.sha256
    assert taken.taken_at.isoformat() in html
    assert not JobRun.objects.exists()


def test_whatever_is_written_makes_the_next_visit_take_another_look(client, integrator, shop):
    look_taken(shop)
    releases.cut_release(channel=channel("other"), actor=None, at=timezone.now())  # writes an event

    html = part(client)

    assert seal_of(html) is None
    assert JobRun.objects.filter(task=preview.LOOK).count() == 1


@pytest.mark.parametrize("later", [preview.FRESH, timedelta(days=1)])
def test_a_look_is_stale_after_some_time(shop, later):
    taken = look_taken(shop)

    assert preview.fresh_look(shop, at=taken.taken_at + timedelta(seconds=1)) == taken
    assert preview.fresh_look(shop, at=taken.taken_at + later) is None


def test_the_night_makes_a_look_stale_for_windows_begin_and_end(shop):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    taken = preview.take_look(shop, at=midnight - timedelta(minutes=1))

    assert preview.is_fresh(taken, at=midnight - timedelta(seconds=1))
    assert not preview.is_fresh(taken, at=midnight)


def test_an_open_look_stays_as_it_was_and_says_that_something_was_written_since(client, integrator, shop):
    taken = look_taken(shop)
    before = part(client, tab="added", seen=taken.token)
    links_of(product("M2"), product("C2", price="10"))
    channel("other")

    after = part(client, tab="added", seen=taken.token)

    assert "Product C2" not in after
    assert seal_of(after) == taken.sha256
    assert ("pill warn" in before, "pill warn" in after) == (False, True)
    assert not JobRun.objects.exists()


def test_another_look_is_taken_on_demand_however_fresh_the_last_is(client, integrator, shop):
    look_taken(shop)
    links_of(product("M2"), product("C2", price="10"))  # rows without an event, as a write under way would be

    asked = client.post(address("look"), headers={"HX-Request": "true"})
    run = work()

    assert f"job={run.pk}" in asked.content.decode()
    assert "Product C2" in part(client, run)
    assert "Product C2" in part(client)


def test_without_scripts_the_demand_leads_back_to_the_page(client, integrator, shop):
    answer = client.post(address("look"))

    assert answer.url == f"{address()}?job={JobRun.objects.get().pk}"
    assert "<noscript>" in client.get(answer.url).content.decode()


def test_the_look_of_the_named_order_is_shown_though_something_was_written_meanwhile(client, integrator, shop):
    """A shop where somebody writes every second would otherwise never see its next release."""
    part(client)
    run = work()
    channel("other")

    html = part(client, run)

    assert seal_of(html)
    assert "pill warn" in html


def test_a_look_that_a_release_has_overtaken_is_taken_again(client, integrator, shop):
    part(client)
    run = work()
    releases.cut_release(channel=shop, actor=None, at=timezone.now())

    html = part(client, run, seen=run.result["look"])

    assert seal_of(html) is None
    assert JobRun.objects.filter(task=preview.LOOK, state=JobState.QUEUED).count() == 1


def test_a_look_that_the_cache_lost_in_part_is_taken_again(client, integrator, shop):
    taken = look_taken(shop)
    cache.delete(f"{preview._name(shop, taken.token)}:changes:0")

    assert seal_of(part(client)) is None
    assert JobRun.objects.filter(task=preview.LOOK).count() == 1


def test_a_cut_of_a_look_that_is_no_longer_true_changes_nothing(client, integrator, shop):
    seal = look_taken(shop).sha256
    links_of(product("M2"), product("C2", price="10"))
    client.post(address("cut"), {"expected": seal})
    run = JobRun.objects.get(task=releases.CUT)
    tasks.cut_release(**run.arguments)

    run.refresh_from_db()
    assert (run.state, run.error_code) == (JobState.FAILED, "release.looks_different")
    assert not Release.objects.exists()


@pytest.mark.parametrize(("state", "words"), [("failed", "5 раз подряд"), ("cancelled", "Задание остановили.")])
def test_work_that_ended_without_a_look_says_so_and_can_be_tried_again(client, integrator, shop, state, words):
    part(client)
    JobRun.objects.update(state=state, error_code="poison")
    run = JobRun.objects.get()

    html = client.get(address(), {"job": run.pk}, headers={"HX-Request": "true"}).content.decode()

    assert words in html
    assert address("look") in html
    assert "hx-trigger" not in html
    assert JobRun.objects.count() == 1


def test_without_a_worker_the_page_says_what_is_missing(client, integrator, shop):
    part(client)
    JobRun.objects.update(
        created_at=timezone.now() - timedelta(seconds=30), next_at=timezone.now() - timedelta(seconds=30)
    )
    run = JobRun.objects.get()

    html = client.get(address(), {"job": run.pk}, headers={"HX-Request": "true"}).content.decode()

    assert "исполнитель не запущен" in html
    assert "hx-trigger" in html


def test_an_order_is_unanswered_only_while_nothing_at_all_is_being_done(shop):
    now = timezone.now()
    run = jobs.order(preview.LOOK, at=now - timedelta(minutes=1), channel=shop.pk)
    JobRun.objects.update(next_at=now - timedelta(minutes=1))
    run.refresh_from_db()
    alone = is_unanswered(run, at=now)
    busy = jobs.order("another", at=now)
    JobRun.objects.filter(pk=busy.pk).update(state=JobState.RUNNING, lease_until=now + timedelta(seconds=20))
    beside_work = is_unanswered(run, at=now)
    beside_the_dead = is_unanswered(run, at=now + timedelta(minutes=1))
    just_ordered = is_unanswered(jobs.order(preview.LOOK, at=now, channel=0), at=now)

    assert (alone, beside_work, beside_the_dead, just_ordered) == (True, False, True, False)


def test_a_look_at_a_channel_that_changed_is_not_shown(client, integrator, shop):
    taken = look_taken(shop)
    Channel.objects.update(version=2)

    assert preview.look(Channel.objects.get(code="shop"), taken.token) is None
