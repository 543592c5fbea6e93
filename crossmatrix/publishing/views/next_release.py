"""The next release of a channel before it is cut: what would come, change, go and stay out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.jobs.selectors import is_unanswered
from crossmatrix.publishing import tables
from crossmatrix.publishing.forms import CutForm
from crossmatrix.publishing.models import Channel
from crossmatrix.publishing.services import preview
from crossmatrix.publishing.views.shared import channel_of, job_of, page_number
from crossmatrix.ui.htmx import wants_part


@require_GET
@requires(Permission.RELEASE_VIEW)
def next_release(request: HttpRequest, code: str) -> HttpResponse:
    """The look that the address names, the newest while it is fresh, or the progress of the one that is being taken."""
    shown, at = channel_of(code), timezone.now()
    run = job_of(request, shown, preview.LOOK)
    taken = preview.look(shown, request.GET.get("seen", "") or (run.result.get("look", "") if run else ""))
    if taken is None and run is None:
        taken = preview.fresh_look(shown, at=at)
    if taken:
        try:
            return _shown(request, shown, taken)
        except preview.Lost:
            run = None
    if run is None or run.state == JobState.DONE:
        run = preview.order_look(channel=shown, actor=person_of(request), at=at)
    return _awaited(request, shown, run)


@require_POST
@requires(Permission.RELEASE_VIEW)
def look_again(request: HttpRequest, code: str) -> HttpResponse:
    """Take another look, however fresh the last one is."""
    shown = channel_of(code)
    run = preview.order_look(channel=shown, actor=person_of(request), at=timezone.now())
    if wants_part(request):
        return _awaited(request, shown, run)
    return redirect(f"{reverse('publishing:next', args=[code])}?job={run.pk}")


def _awaited(request: HttpRequest, shown: Channel, run: JobRun) -> HttpResponse:
    """How far the look is; asks again by itself until it is there."""
    part, at = "publishing/_awaited.html", timezone.now()
    return _page(request, part, shown, {"job": run, "waits": run.state in {JobState.QUEUED, JobState.RUNNING}, "unanswered": is_unanswered(run, at=at)})  # fmt: skip


def _shown(request: HttpRequest, shown: Channel, taken: preview.Look) -> HttpResponse:
    counts, why = taken.counts, request.GET.get("why", "")
    tab = request.GET.get("tab", "")
    tab = tab if tab in preview.TABS else ("left" if not counts["changes"] and counts["left"] else "changes")
    items = preview.Items(shown, taken, tab, why if tab == "left" else "")
    empty = not taken.links and not taken.bundles
    return _page(
        request,
        "publishing/_next.html",
        shown,
        {
            "plan": taken,
            "stale": not preview.is_fresh(taken, at=timezone.now()),
            "tab": tab,
            "why": why,
            "counts": counts,
            "groups": tables.groups_of(taken.reasons),
            "page": tables.page_of(items, page_number(request)),
            "bar": tables.bar([("add", counts["added"]), ("chg", counts["changed"]), ("del", counts["removed"]), ("same", counts["same"])]),
            "clears": empty and bool(shown.current and shown.current.links),
            "nothing": empty and not (shown.current and shown.current.links),
            "form": CutForm(initial={"expected": taken.sha256}),
            "seen": f"&seen={taken.token}",
        },
    )  # fmt: skip


def _page(request: HttpRequest, part: str, shown: Channel, context: dict[str, Any]) -> HttpResponse:
    """The part alone for htmx, else the page around it."""
    facts = {
        "channel": shown,
        "number": shown.current.number + 1 if shown.current else 1,
        "own": reverse("publishing:next", args=[shown.code]),
        "part": part,
    }
    return render(request, part if wants_part(request) else "publishing/next.html", {**facts, **context})
