from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crossmatrix.jobs import services
from crossmatrix.jobs.models import JobRun, JobState, Tick
from crossmatrix.lib.errors import Refusal

TASK = "crossmatrix.jobs.tasks.sweep"  # any registered name will do

pytestmark = pytest.mark.django_db


@pytest.fixture
def bells(monkeypatch):
    heard = []
    monkeypatch.setattr(services, "ring", heard.append)
    return heard


def lapse(run):
    JobRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_the_same_work_is_not_owed_twice(now):
    first = services.order(TASK, at=now, batch=1)

    second = services.order(TASK, at=now, batch=1)

    assert second.pk == first.pk


def test_other_arguments_are_other_work(now):
    first = services.order(TASK, at=now, batch=1)

    second = services.order(TASK, at=now, batch=2)

    assert second.pk != first.pk


def test_the_bell_rings_only_when_the_transaction_commits(now, bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = services.order(TASK, at=now)
        assert bells == []

    assert bells == [run]


def test_a_broker_that_is_away_does_not_stop_the_order(now, monkeypatch, django_capture_on_commit_callbacks):
    def away(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.current_app.send_task", away)

    with django_capture_on_commit_callbacks(execute=True):
        services.order(TASK, at=now)

    assert JobRun.objects.get().state == JobState.QUEUED


def test_work_done_ends_the_order_and_keeps_its_result(now):
    services.order(TASK, at=now, batch=1)

    with services.claimed(TASK, at=now, batch=1) as mine:
        mine.checkpoint(progress=3, total=3, message="three rows")
        mine.result(rows=3)

    run = JobRun.objects.get()
    assert (run.state, run.progress, run.total, run.result) == (JobState.DONE, 3, 3, {"rows": 3})
    assert run.finished_at is not None


def test_nobody_is_let_in_without_an_order(now):
    with services.claimed(TASK, at=now, batch=1) as mine:
        assert mine is None


def test_a_second_worker_is_not_let_in(now):
    services.order(TASK, at=now)

    with services.claimed(TASK, at=now) as first, services.claimed(TASK, at=now) as second:
        assert first is not None
        assert second is None


def test_done_work_is_not_done_again(now):
    services.order(TASK, at=now)
    with services.claimed(TASK, at=now):
        pass

    with services.claimed(TASK, at=now) as again:
        assert again is None


def test_an_argument_of_none_is_the_same_as_none_given(now):
    services.order(TASK, at=now)

    with services.claimed(TASK, at=now, until=None) as mine:
        assert mine is not None


def test_a_successor_goes_on_from_the_checkpoint_and_the_dead_one_is_fenced(now):
    services.order(TASK, at=now)
    with services.claimed(TASK, at=now) as frozen:
        frozen.checkpoint(progress=500, row=500)
        lapse(frozen.run)

        with services.claimed(TASK, at=now) as successor:
            assert successor.state == {"row": 500}
            with pytest.raises(services.Fenced):
                frozen.checkpoint(row=600)

    assert JobRun.objects.get().state == JobState.DONE
    assert JobRun.objects.get().checkpoint == {"row": 500}


def test_a_refusal_fails_the_order_with_its_code(now):
    services.order(TASK, at=now)

    with services.claimed(TASK, at=now):
        raise Refusal("The file is locked with a password.", code="file.encrypted")

    run = JobRun.objects.get()
    assert (run.state, run.error_code, run.error) == (
        JobState.FAILED,
        "file.encrypted",
        "The file is locked with a password.",
    )


@pytest.mark.django_db(transaction=True)
def test_a_surprise_gives_the_work_back_for_a_retry(now):
    services.order(TASK, at=now)

    with pytest.raises(ZeroDivisionError), services.claimed(TASK, at=now):
        1 / 0  # noqa: B018 - the surprise

    run = JobRun.objects.get()
    assert (run.state, run.error_code, run.attempts) == (JobState.QUEUED, "ZeroDivisionError", 1)


@pytest.mark.django_db(transaction=True)
def test_five_claims_without_progress_make_a_poison_job(now):
    services.order(TASK, at=now)
    for _ in range(5):
        JobRun.objects.update(next_at=timezone.now())
        with pytest.raises(ZeroDivisionError), services.claimed(TASK, at=now):
            1 / 0  # noqa: B018 - the surprise

    run = JobRun.objects.get()
    assert (run.state, run.error_code) == (JobState.FAILED, "poison")


def die(run):
    """A worker claims the order, tells its progress and is killed before it gets anywhere."""
    JobRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    claim = services._claim(run.digest)
    claim.checkpoint(progress=0, message="begins")
    return claim


def test_work_that_tells_progress_and_kills_its_worker_each_time_is_poison(now, bells):
    run = services.order(TASK, at=now)
    for _ in range(5):
        die(run)
    lapse(run)

    services.sweep()

    run.refresh_from_db()
    assert (run.state, run.attempts, run.error_code) == (JobState.FAILED, 5, "poison")


def test_a_checkpoint_to_go_on_from_forgets_the_dead_workers_before_it(now):
    run = services.order(TASK, at=now)
    for row in range(1, 9):
        die(run).checkpoint(row=row)

    run.refresh_from_db()
    assert (run.state, run.attempts) == (JobState.RUNNING, 0)


def test_an_order_of_one_long_transaction_outlives_ten_dead_workers(now, bells):
    run = services.order(TASK, at=now, max_attempts=25)
    for _ in range(10):
        die(run)
        services.sweep()
    lapse(run)

    with services.claimed(TASK, at=now) as mine:
        assert mine is not None

    run.refresh_from_db()
    assert (run.state, run.attempts) == (JobState.DONE, 11)


@pytest.mark.django_db(transaction=True)
def test_an_order_that_outlives_dead_workers_still_fails_after_five_exceptions(now):
    services.order(TASK, at=now, max_attempts=25)
    failures = 0
    while JobRun.objects.get().state != JobState.FAILED:
        JobRun.objects.update(next_at=timezone.now())
        with pytest.raises(ZeroDivisionError), services.claimed(TASK, at=now):
            1 / 0  # noqa: B018 - the surprise
        failures += 1

    assert (failures, JobRun.objects.get().error_code) == (5, "poison")


def test_the_sweep_rings_again_for_a_lost_bell(now, bells):
    run = services.order(TASK, at=now)
    JobRun.objects.update(rung_at=timezone.now() - timedelta(minutes=1), next_at=timezone.now() - timedelta(minutes=1))

    rung = services.sweep()

    assert rung == 1
    assert bells[-1] == run


def test_the_sweep_rings_for_a_dead_worker_and_leaves_a_live_one(now, bells):
    dead, alive = services.order(TASK, at=now, batch=1), services.order(TASK, at=now, batch=2)
    JobRun.objects.filter(pk=dead.pk).update(state="running", lease_until=timezone.now() - timedelta(seconds=1))
    JobRun.objects.filter(pk=alive.pk).update(state="running", lease_until=timezone.now() + timedelta(seconds=20))
    bells.clear()

    services.sweep()

    assert bells == [dead]


def test_the_sweep_gives_up_a_worker_that_dies_each_time(now, bells):
    run = services.order(TASK, at=now)
    JobRun.objects.update(state="running", attempts=5, lease_until=timezone.now() - timedelta(seconds=1))

    services.sweep()

    run.refresh_from_db()
    assert (run.state, run.error_code) == (JobState.FAILED, "poison")


def test_a_cancelled_order_stops_at_its_next_checkpoint(now):
    run = services.order(TASK, at=now)

    with services.claimed(TASK, at=now) as mine:
        services.cancel(run=run)
        with pytest.raises(services.Cancelled):
            mine.checkpoint(progress=1)

    assert JobRun.objects.get().state == JobState.CANCELLED


def test_a_finished_order_cannot_be_cancelled(now):
    run = services.order(TASK, at=now)
    with services.claimed(TASK, at=now):
        pass

    with pytest.raises(services.NotCancellable):
        services.cancel(run=run)


def test_three_beats_order_the_night_once(now):
    for _ in range(3):
        services.tick(task=TASK, slot=now, at=now)

    assert JobRun.objects.count() == 1
    assert Tick.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_claim_of_a_worker_whose_transaction_outlived_its_lease_rolls_its_work_back(now):
    services.order(TASK, at=now)

    with services.claimed(TASK, at=now) as slow:
        lapse(slow.run)
        with services.claimed(TASK, at=now) as successor:
            assert successor is not None
            with pytest.raises(services.Fenced):
                slow.confirm()

    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM jobs_jobrun")
        assert cursor.fetchall() == [("done",)]
