"""Putting the companions of a main in order: one call, one batch of drafts, one undo."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import Product
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import LinkDraft, PairState
from crossmatrix.matrix.rules.ranking import Placed, new_ranks
from crossmatrix.matrix.services import shared
from crossmatrix.matrix.services.cells import batch_name, claim_key
from crossmatrix.matrix.services.links import write_links


class KeepsItsPlace(Refusal):
    """The order cannot be had without changing the rank of a revision that is being decided on."""

    code = "rank.in_review"
    sentence = N_(
        "“%(name)s” is in review, so its rank stands still. Put the others around it, or ask for its return first."
    )


class NotItsCompanion(Refusal):
    code = "rank.stranger"
    sentence = N_("The list names a pair that is not one of this product. Nothing was written; open the page again.")


@transaction.atomic
def rank_companions(
    *, main: Product, order: Sequence[tuple[int, int]], actor: User, at: datetime, key: str
) -> dict[str, Any]:
    """Give the pairs of a main the ranks of this order: (pair id, the version the person saw), first shown first.

    The rank is content: each pair whose rank changes gets a draft, and shops keep the approved order until it is
    approved. All or nothing. The same key again returns the first answer; `undo(op_batch=…)` takes it back.
    Raises StalePair, KeepsItsPlace, NotItsCompanion, OutOfScope."""
    send, mine = claim_key(key, None, actor, at)
    if not mine:
        return dict(send.answer)
    pairs = shared.lock_pairs(pk for pk, _ in order)
    check_known(main, order, pairs)
    revisions = shared.revisions_of(pair.current_id for pair in pairs.values())
    names = dict(Product.objects.filter(pk__in=[p.companion_id for p in pairs.values()]).values_list("pk", "sku"))
    placed = [
        Placed(
            pk, revision.rank, names[pairs[pk].companion_id], pinned=revision.state == PairState.IN_REVIEW
        )
        for pk, _ in order
        if (revision := revisions.get(pairs[pk].current_id or 0)) is not None
    ]  # fmt: skip
    ranks = new_ranks(placed)
    check_pinned(placed, ranks, pairs)
    changed = list(ranks)
    outcomes = write_links(
        drafts=[LinkDraft(main.pk, pairs[pk].companion_id, rank=ranks[pk]) for pk in changed],
        actor=actor, at=at, source=Source.HAND.value, batch=batch_name(key),
    )  # fmt: skip
    for outcome in outcomes:
        if outcome.refusal is not None:
            raise outcome.refusal
    send.answer = {
        "key": key,
        "undo": key,
        "at": at.isoformat(),
        "changed": len(changed),
        "live": sum(pairs[pk].approved_id is not None for pk in changed),  # shops keep their approved rank
        "ranks": {str(pk): ranks[pk] for pk in changed},
    }
    send.save(update_fields=["answer"])
    return dict(send.answer)


def check_known(main: Product, order: Sequence[tuple[int, int]], pairs: dict[int, Pair]) -> None:
    """Every pair is the main's, named once, and as the person saw it."""
    ids = [pk for pk, _ in order]
    if len(set(ids)) < len(ids) or any(pk not in pairs or pairs[pk].main_id != main.pk for pk in ids):
        raise NotItsCompanion
    for pk, version in order:
        pair = pairs[pk]
        if pair.version != version:
            revision = PairRevision.objects.filter(pk=pair.current_id).first()
            raise shared.StalePair(current=shared.present(pair, revision), who=shared.last_writer(pair))


def check_pinned(placed: Sequence[Placed], ranks: dict[int, int], pairs: dict[int, Pair]) -> None:
    for item in placed:
        if item.pinned and item.key in ranks:
            raise KeepsItsPlace(name=Product.objects.get(pk=pairs[item.key].companion_id).name)
