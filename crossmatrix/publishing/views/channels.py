"""Channels: the list, one of them, making and changing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.selectors import history_of
from crossmatrix.lib.errors import Refusal
from crossmatrix.publishing import selectors, tables
from crossmatrix.publishing.formats.registry import FORMATS
from crossmatrix.publishing.forms import ChannelForm
from crossmatrix.publishing.models import Channel
from crossmatrix.publishing.services import channels as services
from crossmatrix.publishing.views.shared import RELEASING, arrived, channel_of, job_of
from crossmatrix.ui.text import sentence

RECENT = 6  # releases beside the next one, changes of the settings below them


@require_GET
@requires(Permission.RELEASE_VIEW)
def channels(request: HttpRequest) -> HttpResponse:
    rows = [{"channel": channel, "format": _(FORMATS[channel.format].label)} for channel in selectors.channels()]
    return render(request, "publishing/channels.html", {"rows": rows})


@require_GET
@requires(Permission.RELEASE_VIEW)
def channel(request: HttpRequest, code: str) -> HttpResponse:
    shown = channel_of(code)
    form, job = FORMATS[shown.format], job_of(request, shown, *RELEASING)
    if release_there := arrived(request, shown, job):  # the worker was faster than this page
        return redirect(release_there)
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
            made = services.create_channel(actor=person_of(request), at=timezone.now(), **form.values())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("The channel is ready: look at its first release."))
            return redirect("publishing:channel", code=made.code)
    return render(request, "publishing/settings.html", {"form": form}, status=422)


@require_http_methods(["GET", "POST"])
@requires(Permission.CHANNEL_EDIT)
def settings(request: HttpRequest, code: str) -> HttpResponse:
    shown = channel_of(code)
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
            services.change_channel(
                channel=shown,
                version=form.cleaned_data["version"] or 0,
                actor=person_of(request),
                at=timezone.now(),
                **form.values(),
            )
        except services.StaleChannel as stale:
            form.add_error(None, sentence(stale))
            status = 409
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("Saved. The next release follows these settings."))
            return redirect("publishing:channel", code=code)
    return render(request, "publishing/settings.html", {**context, "form": form}, status=status)
