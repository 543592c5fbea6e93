"""What the first page and the sidebar tell about weak pairs."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.accounts.guards import person_of
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.selectors import capped_count
from crossmatrix.insights.selectors import weak
from crossmatrix.insights.selectors.digest import digest, last_week, moment
from crossmatrix.insights.selectors.weak_words import short_weak, value_weak
from crossmatrix.insights.templatetags.insights import tone
from crossmatrix.ui.numbers import plain
from crossmatrix.ui.queue import Row, Section

SHOWN = 5
COUNTED = 1000  # the sidebar says "1 000+": it is asked for every page, and an exact number reads every open flag
NEWS_UNTIL = 2  # Wednesday


def open_count(request: HttpRequest) -> int:
    return capped_count(weak.open_flags(person_of(request), timezone.localdate()), COUNTED)


def weak_section(request: HttpRequest) -> Section | None:
    """The most urgent weak pairs, for those who decide on them."""
    if not request.user.has_perm(Permission.FLAG_DECIDE):
        return None
    today = timezone.localdate()
    user = person_of(request)
    flags, counts = weak.open_flags(user, today), weak.standing(user, today=today, since=timezone.now())
    count, late = counts["open_count"], counts["late_count"]
    return Section(
        title=_("Weak pairs"),
        icon="weak",
        count=count,
        text=ngettext("%(n)s pair waits for a decision.", "%(n)s pairs wait for a decision.", count)
        % {"n": plain(count)}
        + (" " + ngettext("%(n)s is overdue.", "%(n)s are overdue.", late) % {"n": plain(late)} if late else "")
        if count
        else "",
        rows=[
            Row(
                title=f"{flag.pair.main.name} → {flag.pair.companion.name}",
                hint=short_weak(flag.cause, flag.evidence),
                value=value_weak(flag.cause, flag.evidence),
                tone=tone(flag.severity),
                due_at=moment(flag.decide_by) if flag.decide_by else None,
                overdue=bool(flag.decide_by and flag.decide_by < today),
                url=reverse("insights:weak_flag", args=[flag.pk]),
            )
            for flag in weak.first(flags, SHOWN)
        ],
        url=reverse("insights:weak"),
        order=30,
    )


def digest_section(request: HttpRequest) -> Section | None:
    """Last week's digest, for those who decide; on Mondays to Wednesdays, while it is news."""
    if not request.user.has_perm(Permission.FLAG_DECIDE) or timezone.localdate().weekday() > NEWS_UNTIL:
        return None
    today = timezone.localdate()
    week = digest(person_of(request), monday=last_week(today), today=today)
    if not (week.raised_count or week.decided_count or week.cleared):
        return None
    counts = {
        "raised": plain(week.raised_count), "decided": plain(week.decided_count), "cleared": plain(week.cleared),
        "overdue": plain(week.overdue),
    }  # fmt: skip
    return Section(
        title=_("The week of weak pairs"),
        icon="calendar",
        count=week.overdue,
        text=_("Came: %(raised)s, decided: %(decided)s, went by themselves: %(cleared)s, overdue today: %(overdue)s.")
        % counts,
        url=reverse("insights:weak_digest"),
        order=35,
    )
