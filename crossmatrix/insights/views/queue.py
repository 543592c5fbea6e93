"""What the first page and the sidebar tell about weak pairs."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.accounts.guards import person_of
from crossmatrix.accounts.rules import Permission
from crossmatrix.insights.selectors import weak
from crossmatrix.insights.selectors.weak_words import short_weak, value_weak
from crossmatrix.insights.templatetags.insights import tone
from crossmatrix.ui.numbers import plain
from crossmatrix.ui.queue import Row, Section

SHOWN = 5


def open_count(request: HttpRequest) -> int:
    return weak.open_flags(person_of(request), timezone.localdate()).count()


def weak_section(request: HttpRequest) -> Section | None:
    """The most urgent weak pairs, for those who decide on them."""
    if not request.user.has_perm(Permission.FLAG_DECIDE):
        return None
    flags = weak.open_flags(person_of(request), timezone.localdate())
    count = flags.count()
    return Section(
        title=_("Weak pairs"),
        icon="weak",
        count=count,
        text=ngettext("%(n)s pair waits for a decision.", "%(n)s pairs wait for a decision.", count)
        % {"n": plain(count)}
        if count
        else "",
        rows=[
            Row(
                title=f"{flag.pair.main.name} → {flag.pair.companion.name}",
                hint=short_weak(flag.cause, flag.evidence),
                value=value_weak(flag.cause, flag.evidence),
                tone=tone(flag.severity),
                url=reverse("insights:weak_flag", args=[flag.pk]),
            )
            for flag in flags[:SHOWN]
        ],
        url=reverse("insights:weak"),
        order=30,
    )
