"""Reading work orders."""

from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.utils import timezone

from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.jobs.rules import LATE_SECONDS, UNANSWERED_AFTER


def runs() -> QuerySet[JobRun]:
    """Every order, newest first."""
    return JobRun.objects.select_related("actor").order_by("-created_at", "-pk")


def runs_for(user: AbstractBaseUser) -> QuerySet[JobRun]:
    """What the person may see: everything with the permission, otherwise their own orders."""
    return runs() if user.has_perm("job.view") else runs().filter(actor_id=user.pk)  # type: ignore[attr-defined]  # our User has it


def latest(task: str, **arguments: object) -> JobRun | None:
    """The newest order of this work."""
    return JobRun.objects.filter(task=task, arguments__contains=arguments).order_by("-pk").first()


def health() -> dict[str, Any]:
    """What the health endpoint tells: `ok`, and the age of the oldest due order in seconds."""
    waiting = oldest_due_seconds()
    return {"ok": waiting < LATE_SECONDS, "oldest_due_seconds": round(waiting, 1)}


def oldest_due_seconds() -> float:
    """Age of the oldest order that is due and not running: the liveness figure of the workers."""
    now = timezone.now()
    waiting = JobRun.objects.filter(state=JobState.QUEUED, next_at__lte=now).order_by("next_at").first()
    return (now - waiting.next_at).total_seconds() if waiting else 0.0


def is_unanswered(run: JobRun, *, at: datetime) -> bool:
    """Whether somebody who waits for the order should hear that no worker takes it: it waits, and nothing is being done."""
    waits = run.state == JobState.QUEUED and at - max(run.created_at, run.next_at) > UNANSWERED_AFTER
    return waits and not JobRun.objects.filter(state=JobState.RUNNING, lease_until__gte=at).exists()
