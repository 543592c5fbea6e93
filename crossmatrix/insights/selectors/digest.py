"""A week of weak pairs: what came, what was decided, what went by itself, what is overdue."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import Cause, Decision
from crossmatrix.insights.selectors import weak

SHOWN = 10


@dataclass(frozen=True)
class Digest:
    """Monday to Sunday; what is open and overdue is of today."""

    first: date
    last: date
    raised: list[tuple[Cause, int]]
    decided: list[tuple[Decision, int]]
    cleared: int
    open: int
    overdue: int
    waiting: list[WeakFlag]  # the most urgent open ones, the longest overdue first

    @property
    def raised_count(self) -> int:
        return sum(count for _, count in self.raised)

    @property
    def decided_count(self) -> int:
        return sum(count for _, count in self.decided)


def last_week(today: date) -> date:
    """Monday of the last whole week."""
    return today - timedelta(days=today.weekday() + 7)


def digest(user: User, *, monday: date, today: date) -> Digest:
    """The week as it concerns the person's categories."""
    flags = weak.flags_for(user)
    begin, end = moment(monday), moment(monday + timedelta(days=7))
    raised = Counter(flags.filter(raised_at__gte=begin, raised_at__lt=end).values_list("cause", flat=True))
    decided = Counter(
        flags.filter(decided_at__gte=begin, decided_at__lt=end).exclude(decision="").values_list("decision", flat=True)
    )
    opened = weak.in_tab(flags, weak.OPEN, today)
    return Digest(
        first=monday, last=monday + timedelta(days=6),
        raised=[(cause, raised[cause.value]) for cause in Cause if raised[cause.value]],
        decided=[(decision, decided[decision.value]) for decision in Decision if decided[decision.value]],
        cleared=flags.filter(closed_at__gte=begin, closed_at__lt=end, decision="").count(),
        open=opened.count(), overdue=overdue(opened, today).count(),
        waiting=list(opened.order_by("decide_by", weak.URGENCY, "-pk")[:SHOWN]),
    )  # fmt: skip


def overdue(opened: QuerySet[WeakFlag], today: date) -> QuerySet[WeakFlag]:
    return opened.filter(decide_by__lt=today)


def moment(day: date) -> datetime:
    """Midnight of the day on the shop's clock."""
    return timezone.make_aware(datetime.combine(day, time()))
