"""A batch while a worker is at it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crossmatrix.accounts.guards import requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.rules.states import STATE_NAMES, BatchState
from crossmatrix.imports.views.shared import STEPS, base_context, found
from crossmatrix.jobs.models import JobRun, JobState

WORKING = frozenset({BatchState.RECEIVED, BatchState.READING, BatchState.APPLYING, BatchState.UNDOING})


def job_of(one: ImportBatch) -> JobRun | None:
    """The newest work ordered for the batch."""
    mine = JobRun.objects.filter(task__startswith="crossmatrix.imports.", arguments={"batch": one.pk})
    return mine.order_by("-pk").first()


def under_way(one: ImportBatch, job: JobRun | None) -> bool:
    """Whether a worker is at the batch, or owes it: work that waits for its turn has not moved the state yet."""
    return BatchState(one.state) in WORKING or (job is not None and job.state in (JobState.QUEUED, JobState.RUNNING))


def progress_context(one: ImportBatch) -> dict[str, Any]:
    job = job_of(one)
    doing = BatchState(one.state) if BatchState(one.state) in WORKING else BatchState.READING
    share = min(job.progress / job.total, 1) if job and job.total else None
    message = _(job.message) if job and job.message else ""
    return {
        **base_context(one),
        "step": STEPS[doing],
        "state_name": _(STATE_NAMES[doing]),
        "job": job,
        "share": share,
        "percent": round(100 * share) if share is not None else None,
        "message": message,
    }


@require_GET
@requires(Permission.IMPORT_RUN)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Polled every second; when the work has ended the page moves on."""
    one = found(request, pk)
    context = progress_context(one)
    job = context["job"]
    if not under_way(one, job) or (job and job.state == JobState.FAILED):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("imports:batch", args=[pk])
        if job and job.state == JobState.FAILED and BatchState(one.state) in WORKING:
            return render(request, "imports/_progress.html", {**context, "broken": True})
        return answer
    return render(request, "imports/_progress.html", context)
