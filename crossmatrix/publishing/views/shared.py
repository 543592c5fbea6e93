"""What the pages of a channel have in common."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from crossmatrix.jobs.models import JobRun
from crossmatrix.publishing import selectors
from crossmatrix.publishing.models import Channel, Release
from crossmatrix.publishing.services import releases as services

RELEASING = (services.CUT, services.ROLL_BACK)


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
