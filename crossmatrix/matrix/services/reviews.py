"""Reviews that wait too long: reminded of half-way, told to the head of category when due."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from crossmatrix.audit.models import Source
from crossmatrix.audit.services import Entry, record_many
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import PairState, due_of
from crossmatrix.matrix.services import shared

SOONEST = timedelta(days=1)  # no review is half over before; younger ones are not even read


@transaction.atomic
def chase_reviews(*, at: datetime) -> dict[str, int]:
    """Mark what became half due and what became due since the last look, each once; how many of both."""
    waiting = list(
        PairRevision.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state=PairState.IN_REVIEW, submitted_at__lte=at - SOONEST, escalated_at=None)
        .select_related("pair__main", "pair__companion")
        .order_by("pk")
    )
    due = {revision.pk: due_of(revision.submitted_at) for revision in waiting if revision.submitted_at}
    half = [one for one in waiting if one.reminded_at is None and due[one.pk].half(at)]
    over = [one for one in waiting if due[one.pk].over(at)]
    _mark(half, "reminded_at", "pair.review_reminded", at)
    _mark(over, "escalated_at", "pair.review_escalated", at)
    return {"reminded": len(half), "escalated": len(over)}


def _mark(revisions: Sequence[PairRevision], field: str, kind: str, at: datetime) -> None:
    PairRevision.objects.filter(pk__in=[one.pk for one in revisions]).update(**{field: at})
    entries = [
        Entry(kind, shared.SUBJECT, one.pair_id, f"{one.pair.main.sku} → {one.pair.companion.sku}", {}, {}, "")
        for one in revisions
    ]
    record_many(entries=entries, at=at, actor=None, source=Source.SYSTEM.value, batch="")
