"""A week of weak pairs: what came, what was decided, what went by itself, what is overdue."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, QuerySet
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
    raised = counted(flags.filter(raised_at__gte=begin, raised_at__lt=end), "cause")
    decided = counted(flags.filter(decided_at__gte=begin, decided_at__lt=end).exclude(decision=""), "decision")
    opened = weak.in_tab(flags, weak.OPEN, today)
    return Digest(
        first=monday, last=monday + timedelta(days=6),
        raised=[(cause, raised[cause.value]) for cause in Cause if cause.value in raised],
        decided=[(decision, decided[decision.value]) for decision in Decision if decision.value in decided],
        cleared=flags.filter(closed_at__gte=begin, closed_at__lt=end, decision="").count(),
        open=opened.count(), overdue=overdue(opened, today).count(),
    )  # fmt: skip


def waiting(user: User, today: date) -> list[WeakFlag]:
    """The open flags of the person's categories that wait the longest, the most urgent first among those of a day."""
    return weak.first(weak.open_flags(user, today).order_by("decide_by", weak.URGENCY, "-pk"), SHOWN)


def counted(found: QuerySet[WeakFlag], name: str) -> dict[str, int]:
    """How many flags have each value of the column, without reading them."""
    return dict(found.order_by().values_list(name).annotate(Count("pk")))


def overdue(opened: QuerySet[WeakFlag], today: date) -> QuerySet[WeakFlag]:
    return opened.filter(decide_by__lt=today)


def moment(day: date) -> datetime:
    """Midnight of the day on the shop's clock."""
    return timezone.make_aware(datetime.combine(day, time()))
