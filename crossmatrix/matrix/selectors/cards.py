"""Sales cards: what shops said of the offers on them."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import TruncDate

from crossmatrix.accounts.models import User
from crossmatrix.matrix.models import CardAnswer
from crossmatrix.matrix.rules.cards import Floor, floor_of

DAYS = 90  # that an answer counts


def floors_of(main: int, companions: Collection[int], *, today: date) -> dict[int, Floor]:
    """Companion id → what shops said of it beside the main in the last DAYS days; those without answers are left out."""
    rows = (
        CardAnswer.objects.filter(main_id=main, companion_id__in=companions, withdrawn_at__isnull=True)
        .annotate(day=TruncDate("at"))
        .filter(day__gt=today - timedelta(days=DAYS), day__lte=today)
        .order_by()
        .values_list("companion_id", "outcome", "why")
        .annotate(Count("pk"), Min("day"), Max("day"))
    )
    found: dict[int, list[tuple[str, str, int, date, date]]] = {}
    for companion, *row in rows:
        found.setdefault(companion, []).append(tuple(row))
    return {companion: floor for companion, kept in found.items() if (floor := floor_of(kept))}


def answers_of(person: User) -> QuerySet[CardAnswer]:
    """What the person told that still counts, newest first."""
    return CardAnswer.objects.filter(person=person, withdrawn_at__isnull=True).order_by("-pk")
