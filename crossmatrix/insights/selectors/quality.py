"""How far the orders can be trusted: what came late or twice, what is unknown, which days are unlike the others."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from crossmatrix.insights.models import OrderDay, OrderFile, OrderIntake, ProductStat
from crossmatrix.insights.rules.pulse import Unusual, unusual_days

JUDGED_DAYS = 14
PAST_DAYS = 470  # a year, the weeks before it and the season around it
SILENT_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Pulse:
    """`silent_since`: the last day with orders, when none have come for more than two days."""

    unusual: list[Unusual]
    silent_since: date | None

    def __bool__(self) -> bool:
        return bool(self.unusual or self.silent_since)


def pulse(today: date) -> Pulse:
    """What is unusual about the orders of the last days."""
    past = dict(OrderDay.objects.filter(day__gte=today - timedelta(days=PAST_DAYS)).values_list("day", "orders"))
    last = max((day for day, orders in past.items() if orders and day <= today), default=None)
    if last is None:
        return Pulse([], None)
    days = [last - timedelta(days=n) for n in range(JUDGED_DAYS)]
    return Pulse(unusual_days(past, days=days), last if today - last > SILENT_AFTER else None)


def intakes() -> QuerySet[OrderIntake]:
    return OrderIntake.objects.order_by("-created_at", "-pk")


def intake_totals() -> dict[str, int]:
    """Lines added, left alone because they were there, and added to days that had been counted."""
    found = OrderIntake.objects.aggregate(added=Sum("added"), same=Sum("same"), late=Sum("late"))
    return {name: value or 0 for name, value in found.items()}


def months() -> QuerySet[OrderFile, Any]:
    """Order files by month, newest first."""
    found: QuerySet[OrderFile, Any] = (
        OrderFile.objects.values("month")
        .annotate(rows=Sum("rows"), files=Count("pk"), first=Min("first_date"), last=Max("last_date"))
        .order_by("-month")
    )
    return found


def without_category() -> QuerySet[ProductStat]:
    """Products that were bought and stand in no category: they find no slot, no benchmark and no type to learn from."""
    bought = ProductStat.objects.filter(refresh__current=True, product__category__isnull=True)
    return bought.select_related("product").order_by("-orders", "product_id")
