"""Releases: ordering one, its progress, the list, one of them with its files, going back to it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.jobs.models import JobRun
from crossmatrix.publishing import selectors, tables
from crossmatrix.publishing.formats.registry import FORMATS
from crossmatrix.publishing.forms import CutForm
from crossmatrix.publishing.rules import plan_release
from crossmatrix.publishing.services import preview
from crossmatrix.publishing.services import releases as services
from crossmatrix.publishing.views.shared import RELEASING, arrived, await_release, channel_of, page_number, release_of

LIST_ROWS = 50
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


@require_POST
@requires(Permission.RELEASE_CUT)
def cut(request: HttpRequest, code: str) -> HttpResponse:
    shown = channel_of(code)
    form = CutForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Look at the release first, then cut it."))
        return redirect("publishing:channel", code=code)
    run = services.order_cut(channel=shown, actor=person_of(request), at=timezone.now(), **form.cleaned_data)
    return await_release(request, shown, run)


@require_POST
@requires(Permission.RELEASE_CUT)
def roll_back(request: HttpRequest, code: str, number: int) -> HttpResponse:
    shown = release_of(code, number)
    run = services.order_roll_back(channel=shown.channel, number=number, actor=person_of(request), at=timezone.now())
    return await_release(request, shown.channel, run)


@require_GET
@requires(Permission.RELEASE_VIEW)
def progress(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The state of an ordered release; ends by itself when the work has ended."""
    shown = channel_of(code)
    job = get_object_or_404(JobRun, pk=pk, task__in=RELEASING, arguments__channel=shown.pk)
    answer = render(request, "publishing/_progress.html", {"channel": shown, "job": job})
    if release_there := arrived(request, shown, job):
        answer["HX-Redirect"] = release_there
    return answer


@require_GET
@requires(Permission.RELEASE_VIEW)
def releases(request: HttpRequest, code: str) -> HttpResponse:
    shown = channel_of(code)
    page = Paginator(selectors.releases_of(shown), LIST_ROWS).get_page(page_number(request))
    return render(request, "publishing/releases.html", {"channel": shown, "page": page})


@require_GET
@requires(Permission.RELEASE_VIEW)
def release(request: HttpRequest, code: str, number: int) -> HttpResponse:
    shown = release_of(code, number)
    tab = request.GET.get("tab", "")
    if tab in preview.TABS and tab != "left":
        diff = plan_release(selectors.links_of(shown.previous), selectors.links_of(shown))
        page: Any = tables.page_of(tables.diff_rows(diff, tab), page_number(request))
    else:
        tab = "links"
        page = tables.item_rows(shown, page_number(request))
    return render(
        request,
        "publishing/release.html",
        {
            "release": shown,
            "channel": shown.channel,
            "format": _(FORMATS[shown.format].label),
            "steps": [_(step) for step in FORMATS[shown.format].steps],
            "tab": tab,
            "page": page,
            "changes": shown.added + shown.changed + shown.removed,
            "files": [fact for delivery in shown.deliveries.all() for fact in delivery.files],
            "is_live": shown.channel.current_id == shown.pk,
            "left_out": tables.reasons_of(shown.left_out),
            "left_out_total": sum(shown.left_out.values()),
        },
    )


@require_GET
@requires(Permission.RELEASE_VIEW)
def download(request: HttpRequest, code: str, number: int, name: str) -> HttpResponse:
    shown = release_of(code, number)
    try:
        content = services.file_of(release=shown, name=name)
    except services.FileUnknown:
        raise Http404 from None
    kind = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "ETag": f'"{shown.sha256}"'},
    )
