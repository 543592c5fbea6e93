"""Work orders on the screen. People without the permission see their own."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.jobs import selectors, services
from crossmatrix.jobs.models import JobRun
from crossmatrix.jobs.tables import JobFilter, JobTable
from crossmatrix.jobs.templatetags.jobs import finished
from crossmatrix.ui import htmx
from crossmatrix.ui.lists import list_page
from crossmatrix.ui.text import sentence


def run_of(request: HttpRequest, pk: int) -> JobRun:
    """The order, when this person may see it; else 404, as if it were not there."""
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - for the type checker: every page asks for a sign-in
    run: JobRun = get_object_or_404(selectors.runs_for(request.user), pk=pk)
    return run


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - as above
    filters = JobFilter(request.GET, queryset=selectors.runs_for(request.user), request=request)
    return list_page(request, "jobs/list.html", table=JobTable(filters.qs), filters=filters, health=selectors.health())


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment that asks for itself every second until the order has ended; then the page hears `jobFinished`."""
    run = run_of(request, pk)
    response = render(request, "jobs/_progress.html", {"job": run})
    return htmx.trigger(response, "jobFinished", {"job": run.pk, "state": run.state}) if finished(run) else response


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop at the next checkpoint; what was written in whole steps stays."""
    run = run_of(request, pk)
    try:
        services.cancel(run=run)
    except services.NotCancellable as refusal:
        if not request.htmx:  # type: ignore[attr-defined]  # of django-htmx
            return redirect("jobs:list")
        return htmx.toast(progress_fragment(request, pk, status=409), sentence(refusal), kind="warning")
    if not request.htmx:  # type: ignore[attr-defined]  # of django-htmx
        return redirect("jobs:list")
    return htmx.toast(progress_fragment(request, pk), gettext("Cancelled."))


def progress_fragment(request: HttpRequest, pk: int, *, status: int = 200) -> HttpResponse:
    return render(request, "jobs/_progress.html", {"job": run_of(request, pk)}, status=status)
