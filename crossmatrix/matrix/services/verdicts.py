"""The verdict "not suitable" on a pair: it blocks suggestions, imports, submission, approval and releases.

The revisions stay as they are (one in review goes back to draft), so that withdrawing the verdict restores the pair."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.models import Source
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft, Verdict
from crossmatrix.matrix.services import links, marks, shared


class NotMarked(Refusal):
    code = "pair.not_marked"
    sentence = N_("The pair is not marked as not suitable.")


@transaction.atomic
def mark_unsuitable(
    *,
    main_id: int,
    companion_id: int,
    reason: str,
    actor: User | None,
    at: datetime,
    source: str = Source.HAND.value,
    batch: str = "",
    base_version: int | None = None,
) -> Pair:
    """Say that the companion does not suit the main, and why. Raises ReasonMissing, OutOfScope, StalePair."""
    draft = LinkDraft(main_id, companion_id, verdict=Verdict.NOT_SUITABLE.value, verdict_reason=reason)
    (outcome,) = links.write_links(
        drafts=[draft], actor=actor, at=at, source=source, batch=batch, bases={0: base_version}
    )
    if outcome.refusal is not None:
        raise outcome.refusal
    return Pair.objects.select_related("main", "companion", "current", "approved").get(pk=outcome.pair_id or 0)


@transaction.atomic
def withdraw_unsuitable(
    *,
    pair: Pair,
    actor: User | None,
    at: datetime,
    reason: str = "",
    source: str = Source.HAND.value,
    batch: str = "",
    base_version: int | None = None,
) -> Pair:
    """Lift the verdict: the pair's revisions count again. Raises NotMarked, OutOfScope, StalePair."""
    (refusal,) = withdraw_many(
        pair_ids=[pair.pk], actor=actor, at=at, reason=reason, source=source, batch=batch, bases={pair.pk: base_version}
    ).values()
    if refusal is not None:
        raise refusal
    return Pair.objects.select_related("main", "companion", "current", "approved").get(pk=pair.pk)


def withdraw_many(
    *,
    pair_ids: Sequence[int],
    actor: User | None,
    at: datetime,
    reason: str = "",
    source: str = Source.HAND.value,
    batch: str = "",
    bases: Mapping[int, int | None] | None = None,
) -> dict[int, Refusal | None]:
    """Lift the verdicts that may be lifted; pair id → what stood against it. Call in a transaction."""
    pairs = shared.lock_pairs(pair_ids)
    revisions = shared.revisions_of(pair.current_id for pair in pairs.values())
    products = shared.facts_of({pk for pair in pairs.values() for pk in (pair.main_id, pair.companion_id)})
    scope = shared.Scope(actor, Permission.PAIR_EDIT, source)
    answer: dict[int, Refusal | None] = {}
    rows = []
    for pk, pair in pairs.items():
        revision = revisions.get(pair.current_id or 0)
        base = (bases or {}).get(pk)
        main = products[pair.main_id]
        if not scope.allows(main.path):
            answer[pk] = shared.OutOfScope(main=main.sku)
        elif base is not None and base != pair.version:
            answer[pk] = shared.StalePair(current=shared.present(pair, revision), who=shared.last_writer(pair))
        elif pair.verdict != Verdict.NOT_SUITABLE:
            answer[pk] = NotMarked()
        else:
            answer[pk] = None
            rows.append((pair, revision))
    labels = {pair.pk: f"{products[pair.main_id].sku} → {products[pair.companion_id].sku}" for pair, _ in rows}
    marks.withdraw_locked(rows=rows, labels=labels, actor=actor, at=at, reason=reason, source=source, batch=batch)
    return answer
