"""Ordering work, claiming it, and ringing again for what was lost.

The database's own clock decides about leases, so a worker whose clock is wrong breaks nothing.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from celery import current_app
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, connection, connections, transaction

from crossmatrix.jobs.models import JobRun, JobState, Tick
from crossmatrix.jobs.rules import HEARTBEAT_SECONDS, LEASE, MAX_ATTEMPTS, RING_AGAIN_AFTER, failure_cost, retry_delay
from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.errors import N_, Refusal

log = logging.getLogger(__name__)
SWEEP_AT_ONCE = 100  # bells rung in one sweep


class Fenced(Exception):
    """Someone else owns the order now; what this worker still holds must be rolled back."""


class Cancelled(Fenced):
    """A person cancelled the order."""


class NotCancellable(Refusal):
    code = "job.finished"
    sentence = N_("This job has already ended.")


@transaction.atomic
def order(
    task: str, *, at: datetime, actor: AbstractBaseUser | None = None, queue: str = "default",
    max_attempts: int = MAX_ATTEMPTS, **arguments: Any,
) -> JobRun:  # fmt: skip
    """Owe the work and ring for it on commit. The same work owed already is returned instead of a second order.

    `max_attempts`: workers that may die at it before it is taken for poison. Work of one long transaction, which no
    checkpoint can divide, asks for more; a failure with an exception costs it as many as leave MAX_ATTEMPTS failures.
    """
    digest = digest_of(task, arguments)
    owed = JobRun.objects.filter(digest=digest, state__in=[JobState.QUEUED, JobState.RUNNING]).first()
    if owed is None:
        try:
            with transaction.atomic():
                owed = JobRun.objects.create(
                    task=task, arguments=arguments, digest=digest, queue=queue,
                    created_at=at, next_at=_database_now(), rung_at=_database_now(), actor_id=actor.pk if actor else None,
                    max_attempts=max_attempts,
                )  # fmt: skip
        except IntegrityError:  # ordered by somebody else in this very moment
            owed = JobRun.objects.get(digest=digest, state__in=[JobState.QUEUED, JobState.RUNNING])
    run = owed
    transaction.on_commit(lambda: ring(run))
    return run


FOLLOWERS: dict[str, dict[str, str]] = defaultdict(dict)  # what happened → tasks it owes, with their queues


def follow(happening: str, task: str, *, queue: str = "default") -> None:
    """Owe the task whenever this happens: the name of a task that ends well, or a word that `happened` is called with.

    Called from AppConfig.ready by the area that wants to know: the areas below never name the ones above them.
    """
    FOLLOWERS[happening][task] = queue


def happened(happening: str, *, at: datetime, actor: AbstractBaseUser | None = None) -> None:
    """Owe every task that follows this."""
    for task, queue in FOLLOWERS.get(happening, {}).items():
        order(task, at=at, actor=actor, queue=queue)


def digest_of(task: str, arguments: dict[str, Any]) -> str:
    """Identity of a piece of work; an argument of None is the same as none given."""
    arguments = {name: value for name, value in arguments.items() if value is not None}
    return content_digest({"task": task, "arguments": arguments})


def ring(run: JobRun) -> None:
    """Ring the doorbell. A broker that is away loses nothing: the sweep rings again."""
    try:
        current_app.send_task(run.task, kwargs=run.arguments, queue=run.queue)
    except Exception as problem:
        log.warning("doorbell of job %s was not heard: %s", run.pk, problem)


class Claim:
    """The right to do one order, held while the token matches."""

    def __init__(self, run: JobRun, token: UUID) -> None:
        self.run, self.token = run, token
        self.state: dict[str, Any] = dict(run.checkpoint)
        self.results: dict[str, Any] = {}

    def checkpoint(
        self, *, progress: int | None = None, total: int | None = None, message: str | None = None, **state: Any
    ) -> None:
        """Record how far the work is; inside a transaction it commits with it. Raises Fenced, Cancelled.

        Only a state a successor can go on from forgets earlier attempts: work that begins anew each time and tells its
        progress until it kills its worker would otherwise never be taken for poison.
        """
        further = {**self.state, **state}
        changes: dict[str, Any] = {"checkpoint": further}
        if further != self.state:
            changes["attempts"] = 0
        self.state = further
        changes |= {
            name: value
            for name, value in (("progress", progress), ("total", total), ("message", message))
            if value is not None
        }
        self._update(**changes)

    def confirm(self) -> None:
        """Last statement of a long transaction: rolls back unless this worker still owns the order."""
        self._update()

    def result(self, **values: Any) -> None:
        """What the finished order tells; kept in JobRun.result."""
        self.results.update(values)

    def _update(self, **changes: Any) -> None:
        mine = JobRun.objects.filter(pk=self.run.pk, token=self.token, state=JobState.RUNNING)
        if mine.update(lease_until=_database_now() + LEASE, **changes) != 1:
            if JobRun.objects.filter(pk=self.run.pk, state=JobState.CANCELLED).exists():
                raise Cancelled(f"job {self.run.pk} was cancelled")
            raise Fenced(f"job {self.run.pk} belongs to another worker")


@contextmanager
def claimed(task: str, /, *, at: datetime, **arguments: Any) -> Iterator[Claim | None]:
    """Let one worker in: yields its Claim, or None when there is nothing to do or someone else does it.

    Leaving normally ends the order; a Refusal fails it with its code; anything else gives it back for a retry,
    until max_attempts claims without a checkpoint to go on from made it a poison job.
    """
    claim = _claim(digest_of(task, arguments))
    if claim is None:
        yield None
        return
    with _heartbeat(claim):
        try:
            yield claim
        except Fenced as fenced:
            log.warning("%s", fenced)
        except Refusal as refusal:
            claim.result(refusal=_kept(refusal))
            _finish(claim, JobState.FAILED, error_code=refusal.code, error=str(refusal))
        except BaseException as problem:
            _give_back(claim, problem)
            raise
        else:
            with transaction.atomic():
                _finish(claim, JobState.DONE)
                happened(task, at=at, actor=claim.run.actor)


def _kept(refusal: Refusal) -> dict[str, Any]:
    """The refusal as its sentence and values, so that each reader gets it in their own language."""
    values = {name: value if isinstance(value, int | float) else str(value) for name, value in refusal.values.items()}
    return {"sentence": refusal.sentence, "values": values}


def _claim(digest: str) -> Claim | None:
    token = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE jobs_jobrun SET state = 'running', token = %s, lease_until = now() + make_interval(secs => %s), attempts = attempts + 1,
                   started_at = coalesce(started_at, now())
            WHERE digest = %s AND attempts < max_attempts AND next_at <= now() + interval '1 second'
              AND (state = 'queued' OR (state = 'running' AND lease_until < now()))
            RETURNING id
            """,
            [token, LEASE.total_seconds(), digest],
        )
        row = cursor.fetchone()
    return Claim(JobRun.objects.select_related("actor").get(pk=row[0]), token) if row else None


def _finish(claim: Claim, state: JobState, **changes: Any) -> None:
    JobRun.objects.filter(pk=claim.run.pk, token=claim.token, state=JobState.RUNNING).update(
        state=state,
        finished_at=_database_now(),
        lease_until=None,
        result=claim.results,
        **changes,
    )


def _give_back(claim: Claim, problem: BaseException) -> None:
    if connection.in_atomic_block and connection.needs_rollback:  # only in tests: the outer transaction is broken
        return
    run = JobRun.objects.get(pk=claim.run.pk)
    cost = failure_cost(run.max_attempts)
    attempts = run.attempts + cost - 1  # the claim itself has cost one
    exhausted = attempts >= run.max_attempts
    JobRun.objects.filter(pk=run.pk, token=claim.token, state=JobState.RUNNING).update(
        attempts=attempts,
        state=JobState.FAILED if exhausted else JobState.QUEUED,
        finished_at=_database_now() if exhausted else None,
        next_at=_database_now() + retry_delay(max(attempts // cost, 1)),
        lease_until=None,
        error_code="poison" if exhausted else type(problem).__name__[:64],
        error=str(problem)[:2000],
    )


@contextmanager
def _heartbeat(claim: Claim) -> Iterator[None]:
    """Keeps the lease alive from a thread of its own, so that one long statement is not taken for a dead worker."""
    stop = threading.Event()
    if connection.in_atomic_block:  # a test's transaction: no other connection could see the row
        yield
        return

    def beat() -> None:
        try:
            while not stop.wait(HEARTBEAT_SECONDS):
                JobRun.objects.filter(pk=claim.run.pk, token=claim.token).update(lease_until=_database_now() + LEASE)
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, daemon=True, name=f"heartbeat-{claim.run.pk}")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _database_now() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def sweep() -> int:
    """Ring again for lost bells and dead workers; give up poison orders. Returns how many bells were rung."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE jobs_jobrun SET state = 'failed', error_code = 'poison', finished_at = now(),
                   error = CASE WHEN error = '' THEN 'The worker died each time it tried.' ELSE error END
            WHERE state = 'running' AND lease_until < now() AND attempts >= max_attempts
            """
        )
        cursor.execute(
            """
            UPDATE jobs_jobrun SET rung_at = now() WHERE id IN (
                SELECT id FROM jobs_jobrun
                WHERE (state = 'queued' AND next_at <= now() AND (rung_at IS NULL OR rung_at < now() - make_interval(secs => %s)))
                   OR (state = 'running' AND lease_until < now())
                ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,
            [RING_AGAIN_AFTER.total_seconds(), SWEEP_AT_ONCE],
        )
        due = [row[0] for row in cursor.fetchall()]
    for run in JobRun.objects.filter(pk__in=due).order_by("pk"):
        ring(run)
    return len(due)


@transaction.atomic
def cancel(*, run: JobRun) -> None:
    """Stop the order at its next checkpoint. Raises NotCancellable."""
    waiting = JobRun.objects.filter(pk=run.pk, state__in=[JobState.QUEUED, JobState.RUNNING])
    if waiting.update(state=JobState.CANCELLED, finished_at=_database_now(), lease_until=None) != 1:
        raise NotCancellable


@transaction.atomic
def tick(*, task: str, slot: datetime, at: datetime, queue: str = "default", **arguments: Any) -> JobRun | None:
    """Order what a schedule owes for this slot, once whatever number of beats runs."""
    _, first = Tick.objects.get_or_create(name=task, slot=slot)
    Tick.objects.filter(slot__lt=slot - timedelta(days=7)).delete()
    return order(task, at=at, queue=queue, **arguments) if first else None
