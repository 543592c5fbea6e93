"""Pages of channels and releases."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.selectors import history_of
from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.lib.errors import Refusal
from crossmatrix.publishing import selectors, tables
from crossmatrix.publishing.formats.registry import FORMATS
from crossmatrix.publishing.forms import ChannelForm, CutForm
from crossmatrix.publishing.models import Channel, Release
from crossmatrix.publishing.rules import plan_release
from crossmatrix.publishing.services import channels as channel_services
from crossmatrix.publishing.services import preview
from crossmatrix.publishing.services import releases as services
from crossmatrix.ui.text import sentence

RECENT = 6  # releases beside the next one
LIST_ROWS = 50
TABS = preview.TABS
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


def _channel(code: str) -> Channel:
    return get_object_or_404(selectors.channels(), code=code)


def _release(code: str, number: int) -> Release:
    try:
        return selectors.release_by_number(_channel(code), number)
    except selectors.UnknownRelease:
        raise Http404 from None


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isdecimal() and len(text) < 7 else 1


@require_GET
@requires(Permission.RELEASE_VIEW)
def channels(request: HttpRequest) -> HttpResponse:
    rows = [{"channel": channel, "format": _(FORMATS[channel.format].label)} for channel in selectors.channels()]
    return render(request, "publishing/channels.html", {"rows": rows})


@require_GET
@requires(Permission.RELEASE_VIEW)
def channel(request: HttpRequest, code: str) -> HttpResponse:
    shown = _channel(code)
    form, job = FORMATS[shown.format], _job_of(request, shown)
    return render(
        request,
        "publishing/channel.html",
        {
            "channel": shown,
            "format": _(form.label),
            "about": _(form.about),
            "steps": [_(step) for step in form.steps],
            "settings": _settings_shown(shown),
            "places": tables.shown("placements", shown.placements),
            "recent": selectors.releases_of(shown)[:RECENT],
            "live": selectors.releases_of(shown).filter(number=shown.current.number).first() if shown.current else None,
            "job": job,
        },
    )


def _settings_shown(channel: Channel) -> list[tuple[str, str]]:
    """The format's settings in words."""
    found = []
    for setting in FORMATS[channel.format].settings:
        value = channel.settings.get(setting.name, setting.default)
        words = dict(setting.choices).get(str(value), str(value))
        found.append((_(setting.label), _(words)))
    return found


def _job_of(request: HttpRequest, channel: Channel) -> JobRun | None:
    """The order that the address names, while it is of this channel."""
    text = request.GET.get("job", "")
    if not text.isdecimal():
        return None
    return JobRun.objects.filter(
        pk=int(text), task__in=[services.CUT, services.ROLL_BACK], arguments__channel=channel.pk
    ).first()


@require_GET
@requires(Permission.RELEASE_VIEW)
def next_release(request: HttpRequest, code: str) -> HttpResponse:
    shown = _channel(code)
    taken = preview.look(shown, request.GET.get("seen", ""))
    try:
        return _next_page(request, shown, taken or preview.take_look(shown, at=timezone.now()))
    except preview.Lost:
        return _next_page(request, shown, preview.take_look(shown, at=timezone.now()))


def _next_page(request: HttpRequest, shown: Channel, taken: preview.Look) -> HttpResponse:
    counts, why = taken.counts, request.GET.get("why", "")
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ("left" if not counts["changes"] and counts["left"] else "changes")
    items = preview.Items(shown, taken, tab, why if tab == "left" else "")
    empty = not taken.links and not taken.bundles
    return render(
        request,
        "publishing/_next.html" if request.htmx else "publishing/next.html",  # type: ignore[attr-defined]  # set by django-htmx
        {
            "channel": shown,
            "plan": taken,
            "number": shown.current.number + 1 if shown.current else 1,
            "tab": tab,
            "why": why,
            "counts": counts,
            "groups": tables.groups_of(taken.reasons),
            "page": tables.page_of(items, _number(request)),
            "bar": tables.bar([("add", counts["added"]), ("chg", counts["changed"]), ("del", counts["removed"]), ("same", counts["same"])]),
            "clears": empty and bool(shown.current and shown.current.links),
            "nothing": empty and not (shown.current and shown.current.links),
            "form": CutForm(initial={"expected": taken.sha256}),
            "own": reverse("publishing:next", args=[shown.code]),
            "seen": f"&seen={taken.token}",
        },
    )  # fmt: skip


@require_POST
@requires(Permission.RELEASE_CUT)
def cut(request: HttpRequest, code: str) -> HttpResponse:
    shown = _channel(code)
    form = CutForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Look at the release first, then cut it."))
        return redirect("publishing:channel", code=code)
    run = services.order_cut(channel=shown, actor=person_of(request), at=timezone.now(), **form.cleaned_data)
    return redirect(f"{reverse('publishing:channel', args=[code])}?job={run.pk}")


@require_POST
@requires(Permission.RELEASE_CUT)
def roll_back(request: HttpRequest, code: str, number: int) -> HttpResponse:
    shown = _release(code, number)
    run = services.order_roll_back(channel=shown.channel, number=number, actor=person_of(request), at=timezone.now())
    return redirect(f"{reverse('publishing:channel', args=[code])}?job={run.pk}")


@require_GET
@requires(Permission.RELEASE_VIEW)
def progress(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The state of an ordered release; ends by itself when the work has ended."""
    shown = _channel(code)
    job = get_object_or_404(JobRun, pk=pk, task__in=[services.CUT, services.ROLL_BACK], arguments__channel=shown.pk)
    answer = render(request, "publishing/_progress.html", {"channel": shown, "job": job})
    if job.state == JobState.DONE:
        messages.success(request, _("Release %(number)s is live.") % {"number": job.result["release"]})
        answer["HX-Redirect"] = reverse("publishing:release", args=[code, job.result["release"]])
    return answer


@require_GET
@requires(Permission.RELEASE_VIEW)
def releases(request: HttpRequest, code: str) -> HttpResponse:
    shown = _channel(code)
    page = Paginator(selectors.releases_of(shown), LIST_ROWS).get_page(_number(request))
    return render(request, "publishing/releases.html", {"channel": shown, "page": page})


@require_GET
@requires(Permission.RELEASE_VIEW)
def release(request: HttpRequest, code: str, number: int) -> HttpResponse:
    shown = _release(code, number)
    tab = request.GET.get("tab", "")
    if tab in TABS and tab != "left":
        diff = plan_release(selectors.links_of(shown.previous), selectors.links_of(shown))
        page: Any = tables.page_of(tables.diff_rows(diff, tab), _number(request))
    else:
        tab = "links"
        page = tables.item_rows(shown, _number(request))
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
    shown = _release(code, number)
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


@require_http_methods(["GET", "POST"])
@requires(Permission.CHANNEL_EDIT)
def create(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        start = {"format": request.GET.get("format") or next(iter(FORMATS)), "cap": 4}
        start |= {name: request.GET[name] for name in ("name", "code") if name in request.GET}
        return render(request, "publishing/settings.html", {"form": ChannelForm(initial=start)})
    form = ChannelForm(request.POST)
    if form.is_valid():
        try:
            made = channel_services.create_channel(actor=person_of(request), at=timezone.now(), **form.values())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("The channel is ready: look at its first release."))
            return redirect("publishing:channel", code=made.code)
    return render(request, "publishing/settings.html", {"form": form}, status=422)


@require_http_methods(["GET", "POST"])
@requires(Permission.CHANNEL_EDIT)
def settings(request: HttpRequest, code: str) -> HttpResponse:
    shown = _channel(code)
    context: dict[str, Any] = {"channel": shown, "history": history_of(shown)[:RECENT]}
    if request.method == "GET":
        start = ChannelForm.start(shown)
        if request.GET.get("format") in FORMATS:
            start |= {name: request.GET[name] for name in ("format", "name", "cap") if name in request.GET}
        return render(
            request, "publishing/settings.html", {**context, "form": ChannelForm(initial=start, channel=shown)}
        )
    form = ChannelForm(request.POST, channel=shown)
    status = 422
    if form.is_valid():
        try:
            channel_services.change_channel(
                channel=shown,
                version=form.cleaned_data["version"] or 0,
                actor=person_of(request),
                at=timezone.now(),
                **form.values(),
            )
        except channel_services.StaleChannel as stale:
            form.add_error(None, sentence(stale))
            status = 409
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("Saved. The next release follows these settings."))
            return redirect("publishing:channel", code=code)
    return render(request, "publishing/settings.html", {**context, "form": form}, status=status)
