"""A week of weak pairs on one page."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.insights.selectors.digest import digest, last_week, waiting

WEEK = timedelta(days=7)


@requires(Permission.EVIDENCE_VIEW)
def week(request: HttpRequest) -> HttpResponse:
    """The last whole week, or the one whose day the address names."""
    user, today = person_of(request), timezone.localdate()
    monday = monday_of(request.GET.get("week", ""), today)
    following = monday + WEEK
    context = {
        "digest": digest(user, monday=monday, today=today), "waiting": waiting(user, today),
        "before": (monday - WEEK).isoformat(),
        "after": following.isoformat() if following <= today else "",
    }  # fmt: skip
    return render(request, "insights/weak_digest.html", context)


def monday_of(text: str, today: date) -> date:
    """Monday of the week of that day; of the last whole week when it is no day, or one to come."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return last_week(today)
    return day - timedelta(days=day.weekday()) if day <= today else last_week(today)
