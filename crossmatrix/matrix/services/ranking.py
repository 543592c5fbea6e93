"""Putting the companions of a main in order: one call, one batch of drafts, one undo."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import Product
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import LinkDraft, PairState
from crossmatrix.matrix.rules.ranking import Placed, new_ranks
from crossmatrix.matrix.services import shared
from crossmatrix.matrix.services.links import write_links
from crossmatrix.matrix.services.sends import send


class KeepsItsPlace(Refusal):
    """The order cannot be had without changing the rank of a revision that is being decided on."""

    code = "rank.in_review"
    sentence = N_(
        "“%(name)s” is in review, so its rank stands still. Put the others around it, or ask for its return first."
    )


class NotItsCompanion(Refusal):
    code = "rank.stranger"
    sentence = N_("The list names a pair that is not one of this product. Nothing was written; open the page again.")


def rank_companions(
    *, main: Product, order: Sequence[tuple[int, int]], actor: User, at: datetime, key: str
) -> dict[str, Any]:
    """Give the pairs of a main the ranks of this order: (pair id, the version the person saw), first shown first.

    The rank is content: each pair whose rank changes gets a draft, and shops keep the approved order until it is
    approved. All or nothing. The same key again returns the first answer; `undo(op_batch=…)` takes it back.
    Raises StalePair, KeepsItsPlace, NotItsCompanion, OutOfScope."""
    return send(key=key, actor=actor, at=at, write=lambda batch: write_ranks(main, order, actor, at, batch))


def write_ranks(
    main: Product, order: Sequence[tuple[int, int]], actor: User, at: datetime, batch: str
) -> dict[str, Any]:
    pairs = shared.lock_pairs(pk for pk, _ in order)
    check_known(main, order, pairs)
    placed = placed_of(order, pairs)
    ranks = new_ranks(placed)
    check_pinned(placed, ranks, pairs)
    outcomes = write_links(
        drafts=[LinkDraft(main.pk, pairs[pk].companion_id, rank=rank) for pk, rank in ranks.items()],
        actor=actor, at=at, source=Source.HAND.value, batch=batch,
    )  # fmt: skip
    for outcome in outcomes:
        if outcome.refusal is not None:
            raise outcome.refusal
    live = sum(pairs[pk].approved_id is not None for pk in ranks)  # of these the shops keep the approved rank
    return {"changed": len(ranks), "live": live, "ranks": {str(pk): rank for pk, rank in ranks.items()}}


def placed_of(order: Sequence[tuple[int, int]], pairs: dict[int, Pair]) -> list[Placed]:
    revisions = shared.revisions_of(pair.current_id for pair in pairs.values())
    skus = dict(Product.objects.filter(pk__in=[p.companion_id for p in pairs.values()]).values_list("pk", "sku"))
    found = ((pairs[pk], revisions.get(pairs[pk].current_id or 0)) for pk, _ in order)
    return [
        Placed(pair.pk, revision.rank, skus[pair.companion_id], pinned=revision.state == PairState.IN_REVIEW)
        for pair, revision in found
        if revision is not None
    ]


def check_known(main: Product, order: Sequence[tuple[int, int]], pairs: dict[int, Pair]) -> None:
    """Every pair is the main's, named once, and as the person saw it."""
    ids = [pk for pk, _ in order]
    if len(set(ids)) < len(ids) or any(pk not in pairs or pairs[pk].main_id != main.pk for pk in ids):
        raise NotItsCompanion
    for pk, version in order:
        pair = pairs[pk]
        if pair.version != version:
            revision = PairRevision.objects.filter(pk=pair.current_id or 0).first()
            raise shared.StalePair(current=shared.present(pair, revision), who=shared.last_writer(pair))


def check_pinned(placed: Sequence[Placed], ranks: dict[int, int], pairs: dict[int, Pair]) -> None:
    for item in placed:
        if item.pinned and item.key in ranks:
            raise KeepsItsPlace(name=Product.objects.get(pk=pairs[item.key].companion_id).name)
