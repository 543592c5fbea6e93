"""What the pages of a channel have in common."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.publishing import selectors
from crossmatrix.publishing.models import Channel, Release
from crossmatrix.publishing.services import releases as services

RELEASING = (services.CUT, services.ROLL_BACK)
AWAITED = "release_awaited"  # in the session: the order whose end this person has not been told of


def channel_of(code: str) -> Channel:
    return get_object_or_404(selectors.channels(), code=code)


def release_of(code: str, number: int) -> Release:
    try:
        return selectors.release_by_number(channel_of(code), number)
    except selectors.UnknownRelease:
        raise Http404 from None


def page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isdecimal() and len(text) < 7 else 1


def job_of(request: HttpRequest, channel: Channel, *tasks: str) -> JobRun | None:
    """The order of one of the tasks that the address names, while it is of this channel."""
    text = request.GET.get("job", "")
    if not text.isdecimal():
        return None
    return JobRun.objects.filter(pk=int(text), task__in=tasks, arguments__channel=channel.pk).first()


def await_release(request: HttpRequest, channel: Channel, run: JobRun) -> HttpResponse:
    """To the channel's page, where whoever ordered the release sees it made."""
    request.session[AWAITED] = run.pk
    return redirect(f"{reverse('publishing:channel', args=[channel.code])}?job={run.pk}")


def arrived(request: HttpRequest, channel: Channel, job: JobRun | None) -> str:
    """Address of the release that this person awaits, said and told once: who goes back from it to the channel's page stays there."""
    if job is None or job.state != JobState.DONE or request.session.get(AWAITED) != job.pk:
        return ""
    del request.session[AWAITED]
    messages.success(request, _("Release %(number)s is live.") % {"number": job.result["release"]})
    return reverse("publishing:release", args=[channel.code, job.result["release"]])
