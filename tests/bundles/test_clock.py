"""What the dates do to an agreed bundle."""

from datetime import UTC, datetime, timedelta

import pytest

from crossmatrix.audit.models import AuditEvent
from crossmatrix.bundles import selectors, services
from crossmatrix.bundles.rules import BundleState
from crossmatrix.bundles.tasks import advance_due
from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.matrix.models import Pair
from tests.bundles.factories import state_of

pytestmark = pytest.mark.django_db


def noon(day):
    return datetime(*day, 9, tzinfo=UTC)


def test_an_approved_bundle_is_scheduled_goes_live_and_ends_by_date(world, now):
    bundle = world.approved(now)
    seen = [state_of(bundle)]

    for day in ((2026, 11, 22), (2026, 11, 30), (2026, 12, 1), (2026, 12, 31), (2027, 1, 1)):
        services.advance_due(at=noon(day))
        seen.append(state_of(bundle))

    assert seen == ["approved", "scheduled", "scheduled", "live", "live", "ended"]


def test_the_clock_run_twice_does_nothing_the_second_time(world, now):
    world.approved(now)

    first, second = services.advance_due(at=noon((2026, 12, 1))), services.advance_due(at=noon((2026, 12, 1)))

    assert first == {"schedule": 1, "start": 1}
    assert second == {}


def test_a_bundle_out_of_stock_on_its_first_day_does_not_run(world, now):
    bundle = world.approved(now)
    type(world.cable).objects.filter(pk=world.cable.pk).update(stock=0)

    services.advance_due(at=noon((2026, 12, 1)))

    assert state_of(bundle) == BundleState.DID_NOT_RUN
    assert Pair.objects.get().approved is None
    assert "CAB-1" in AuditEvent.objects.get(kind="bundle.not_run").reason


def test_a_live_bundle_is_suspended_and_comes_back(world, now):
    bundle = world.approved(now)
    services.advance_due(at=noon((2026, 12, 1)))

    type(world.cable).objects.filter(pk=world.cable.pk).update(stock=0)
    services.advance_due(at=noon((2026, 12, 2)))
    suspended = state_of(bundle)
    held = selectors.released_bundles(noon((2026, 12, 2)))
    type(world.cable).objects.filter(pk=world.cable.pk).update(stock=9)
    services.advance_due(at=noon((2026, 12, 3)))

    assert suspended == BundleState.SUSPENDED
    assert held == []
    assert state_of(bundle) == BundleState.LIVE


def test_changes_that_do_not_come_in_five_days_expire(world, now):
    bundle = world.submitted(now)
    services.return_(bundle=bundle, actor=world.manager, at=now, comment="Cheaper")

    services.advance_due(at=now + timedelta(days=5, seconds=-1))
    before = state_of(bundle)
    services.advance_due(at=now + timedelta(days=5))

    assert before == BundleState.NEEDS_CHANGES
    assert state_of(bundle) == BundleState.EXPIRED
    assert AuditEvent.objects.get(kind="bundle.expire").actor is None


def test_the_task_does_what_was_ordered_once(world, now, monkeypatch):
    bundle = world.approved(now)

    advance_due()
    advance_due()

    run = JobRun.objects.get(task=advance_due.name)
    assert run.state == JobState.DONE
    assert run.result.get("schedule") == 1
    assert AuditEvent.objects.filter(kind="bundle.schedule").count() == 1
    assert bundle.pk
