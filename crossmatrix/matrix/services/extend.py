"""A pair that works, extended to similar products: drafts with its content, one batch, one undo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft
from crossmatrix.matrix.selectors.companions import content_of, is_open
from crossmatrix.matrix.services import shared
from crossmatrix.matrix.services.links import write_links
from crossmatrix.matrix.services.sends import send


class NothingToExtend(Refusal):
    code = "extend.closed"
    sentence = N_("The pair is retired or not suitable: there is nothing to extend.")


class HasThePair(Refusal):
    code = "pair.exists"
    sentence = N_("The product has this companion already.")


@dataclass(frozen=True)
class Extended:
    """What became of one main: `written`, or why not."""

    main_id: int
    written: bool
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Extension:
    rows: list[Extended]
    key: str  # of the send, for its undo

    @property
    def written(self) -> int:
        return sum(row.written for row in self.rows)


def extend_pair(
    *, pair: Pair, main_ids: Sequence[int], actor: User, at: datetime, key: str, reason: str | None = None
) -> Extension:
    """Write the pair's companion as a draft to each main with the pair's content; refused ones are left out, each says why.

    The drafts keep in their evidence which pair they come from; the override of a blocked price ratio is not taken
    along. `undo(op_batch=…)` of the key takes all of them back. Raises NothingToExtend."""
    rows: list[Extended] = []

    def write(batch: str) -> dict[str, Any]:
        rows.extend(write_to(pair, main_ids, actor, at, batch, reason))
        return {"changed": sum(row.written for row in rows)}

    send(key=key, actor=actor, at=at, write=write)
    return Extension(rows, key)


def preview_extension(*, pair: Pair, main_ids: Sequence[int], actor: User, at: datetime) -> dict[int, Refusal]:
    """Main → why `extend_pair` would leave it out now; it is done and rolled back."""
    with transaction.atomic():
        rows = write_to(pair, main_ids, actor, at, "", None)
        transaction.set_rollback(True)
    return {row.main_id: row.refusal for row in rows if row.refusal is not None}


def write_to(
    pair: Pair, main_ids: Sequence[int], actor: User, at: datetime, batch: str, reason: str | None
) -> list[Extended]:
    if pair.verdict == "not_suitable" or not is_open(pair):
        raise NothingToExtend
    content = shared.content_of(content_of(pair))
    wanted = list(dict.fromkeys(main_ids))
    taken = {
        one.main_id
        for one in Pair.objects.filter(companion=pair.companion_id, main__in=wanted).select_related("current")
        if is_open(one)
    }
    draft = LinkDraft(
        pair.main_id, pair.companion_id, reason=content.reason if reason is None else reason, kind=content.kind,
        rank=content.rank, offer_text=content.offer_text, placements=content.placements,
        valid_from=content.valid_from, valid_to=content.valid_to,
    )  # fmt: skip
    fresh = [main for main in wanted if main not in taken]
    outcomes = write_links(
        drafts=[replace(draft, main_id=main) for main in fresh], actor=actor, at=at, source=Source.HAND.value,
        batch=batch, evidence={"extended_from": pair.pk, "main": pair.main.sku, "companion": pair.companion.sku},
    )  # fmt: skip
    written = dict(zip(fresh, outcomes, strict=True))
    return [
        Extended(main, written=False, refusal=HasThePair())
        if main in taken
        else Extended(main, written[main].refusal is None, written[main].refusal)
        for main in wanted
    ]
