"""Many pairs at once, chosen in a list: an answer for each, and the same answers beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft, PairAction, Verdict
from crossmatrix.matrix.services import moves, shared, verdicts
from crossmatrix.matrix.services.cells import NothingThere
from crossmatrix.matrix.services.links import write_links


class BulkAction(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    RETIRE = "retire"
    DISCARD = "discard"
    UNSUITABLE = "unsuitable"
    WITHDRAW = "withdraw"
    EDIT = "edit"


@dataclass(frozen=True)
class PairResult:
    """What became of one pair; `changed` False without a refusal: it was so already."""

    pair_id: int
    changed: bool
    refusal: Refusal | None = None


@transaction.atomic
def change_pairs(
    *,
    action: str,
    pair_ids: Sequence[int],
    actor: User,
    at: datetime,
    comment: str = "",
    content: Mapping[str, Any] | None = None,
    batch: str = "",
) -> list[PairResult]:
    """Do one thing to many pairs. `comment`: of a return, or why not suitable; `content`: fields of an edit.

    Answers in the order asked; pairs that are no more are left out."""
    pairs = Pair.objects.in_bulk(pair_ids)
    ids = [pk for pk in dict.fromkeys(pair_ids) if pk in pairs]
    signed = {"actor": actor, "at": at, "source": Source.HAND.value, "batch": batch}
    if action == BulkAction.WITHDRAW:
        refusals = verdicts.withdraw_many(pair_ids=ids, actor=actor, at=at, reason=comment, batch=batch)
        return [PairResult(pk, refusals[pk] is None, refusals[pk]) for pk in ids]
    if action in (BulkAction.EDIT, BulkAction.UNSUITABLE):
        drafts = [draft_of(action, pairs[pk], comment, content or {}) for pk in ids]
        outcomes = write_links(drafts=drafts, **signed)  # type: ignore[arg-type]  # the signature of every writer
        return [
            PairResult(pk, outcome.refusal is None and outcome.status != "same", outcome.refusal)
            for pk, outcome in zip(ids, outcomes, strict=True)
        ]
    return move_pairs(PairAction(action), [pairs[pk] for pk in ids], comment, signed)


def draft_of(action: str, pair: Pair, comment: str, content: Mapping[str, Any]) -> LinkDraft:
    if action == BulkAction.UNSUITABLE:
        return LinkDraft(pair.main_id, pair.companion_id, verdict=Verdict.NOT_SUITABLE.value, verdict_reason=comment)
    return LinkDraft(pair.main_id, pair.companion_id, **content)


def move_pairs(action: PairAction, pairs: Sequence[Pair], comment: str, signed: Mapping[str, Any]) -> list[PairResult]:
    """Move the revision the action is about: the approved one retires, everything else befalls the newest."""
    revisions: dict[int, int] = {}
    for pair in pairs:
        pk = (pair.approved_id if action == PairAction.RETIRE else None) or pair.current_id
        if pk is not None:
            revisions[pair.pk] = pk
    results = moves.move(action=action, revision_ids=list(revisions.values()), comment=comment, **signed)
    by_pair = {result.pair_id: result for result in results}
    answers = []
    for pair in pairs:
        result = by_pair.get(pair.pk)
        if result is not None:
            refusal = result.refusal
        else:
            marked = pair.verdict == Verdict.NOT_SUITABLE
            refusal = shared.not_suitable(pair.verdict_reason) if marked else NothingThere()
        answers.append(PairResult(pair.pk, refusal is None, refusal))
    return answers


def preview_pairs(*, action: str, pair_ids: Sequence[int], actor: User, at: datetime) -> list[PairResult]:
    """What `change_pairs` would answer now: it is done and rolled back. Comment and content count as given."""
    with transaction.atomic():
        results = change_pairs(
            action=action, pair_ids=pair_ids, actor=actor, at=at, comment="…", content={"reason": "…"}
        )
        transaction.set_rollback(True)
    return results
