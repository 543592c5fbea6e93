"""Sales cards: what shops said of the offers on them."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import TruncDate

from crossmatrix.accounts.models import User
from crossmatrix.matrix.models import CardAnswer
from crossmatrix.matrix.rules.cards import Floor, floor_of

DAYS = 90  # that an answer counts


def floors_of(main: int, companions: Collection[int], *, today: date) -> dict[int, Floor]:
    """Companion id → what shops said of it beside the main in the last DAYS days; those without answers are left out."""
    found = _counted(CardAnswer.objects.filter(main_id=main, companion_id__in=companions), today)
    return {companion: floor for (_main, companion), floor in found.items()}


def floors_beside(mains: Collection[int], *, today: date) -> dict[tuple[int, int], Floor]:
    """(main id, companion id) → what shops said of the pair in the last DAYS days, whatever became of it since."""
    return _counted(CardAnswer.objects.filter(main_id__in=mains), today)


def _counted(answers: QuerySet[CardAnswer], today: date) -> dict[tuple[int, int], Floor]:
    rows: Iterable[tuple[Any, ...]] = (
        answers.filter(withdrawn_at__isnull=True)
        .annotate(day=TruncDate("at"))
        .filter(day__gt=today - timedelta(days=DAYS), day__lte=today)
        .order_by()
        .values_list("main_id", "companion_id", "outcome", "why")
        .annotate(Count("pk"), Min("day"), Max("day"))
    )
    found: dict[tuple[int, int], list[tuple[str, str, int, date, date]]] = {}
    for main, companion, outcome, why, count, first, last in rows:
        found.setdefault((main, companion), []).append((outcome, why, count, first, last))
    return {key: floor for key, kept in found.items() if (floor := floor_of(kept))}


def answers_of(person: User) -> QuerySet[CardAnswer]:
    """What the person told that still counts, newest first."""
    return CardAnswer.objects.filter(person=person, withdrawn_at__isnull=True).order_by("-pk")
