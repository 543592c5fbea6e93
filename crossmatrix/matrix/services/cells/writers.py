"""The edits of a round by their kind: links, marks, states, emptied cells, cells between categories."""

from collections.abc import Callable, Mapping, Sequence

from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import (
    CellOp,
    IllegalMove,
    LinkDraft,
    OpName,
    PairAction,
    PairState,
    SlotDraft,
    Verdict,
)
from crossmatrix.matrix.services import moves, shared, slots, verdicts
from crossmatrix.matrix.services.cells.send import Items, NothingThere, Result, Send, bases_of, refused
from crossmatrix.matrix.services.links import PairInReview, write_links
from crossmatrix.matrix.services.marks import ReasonMissing
from crossmatrix.matrix.services.shared import Key


def write_set(send: Send, items: Items) -> None:
    drafts = [
        LinkDraft(
            op.main, op.companion, reason=op.reason, kind=op.kind, rank=op.rank, offer_text=op.offer_text,
            override_reason=op.override_reason,
        )
        for _, op in items
    ]  # fmt: skip
    send.put(items, write_links(drafts=drafts, bases=bases_of(items), **send.signed))


def write_unsuitable(send: Send, items: Items) -> None:
    drafts = [
        LinkDraft(op.main, op.companion, verdict=Verdict.NOT_SUITABLE.value, verdict_reason=op.reason or "")
        for _, op in items
    ]
    send.put(items, write_links(drafts=drafts, bases=bases_of(items), **send.signed))


def found(items: Items) -> dict[Key, Pair]:
    """The pairs of the cells as they are now; the moves check the versions again under lock."""
    ids = shared.pair_ids([op.key for _, op in items])
    pairs = Pair.objects.select_related("current").in_bulk(ids.values())
    return {key: pairs[pk] for key, pk in ids.items()}


STATE_ACTIONS: Mapping[PairState, PairAction] = {
    PairState.IN_REVIEW: PairAction.SUBMIT,
    PairState.APPROVED: PairAction.APPROVE,
    PairState.DRAFT: PairAction.RETURN,
    PairState.RETIRED: PairAction.RETIRE,
    PairState.DISCARDED: PairAction.DISCARD,
}


def write_states(send: Send, items: Items) -> None:
    pairs = found(items)
    wanted: dict[PairAction, list[tuple[int, CellOp, Pair, int]]] = {}
    for index, op in items:
        pair = pairs.get(op.key)
        target = PairState(op.state or "")
        revision = pair.current if pair else None
        if pair is None or revision is None:
            send.results[index] = refused(NothingThere())
        elif revision.state == target:
            send.results[index] = Result("ok", pair.pk)
        elif target not in STATE_ACTIONS:
            send.results[index] = refused(IllegalMove(state=revision.state, action=target.value), pair.pk)
        else:
            action = STATE_ACTIONS[target]
            pk = pair.approved_id if action == PairAction.RETIRE and pair.approved_id else revision.pk
            wanted.setdefault(action, []).append((index, op, pair, pk))
    for action, rows in wanted.items():
        move(send, action, rows)


def move(send: Send, action: PairAction, rows: Sequence[tuple[int, CellOp, Pair, int]]) -> None:
    """Move (index, op, pair, revision id), one call per comment."""
    for comment in dict.fromkeys(op.comment for _, op, _, _ in rows):
        same = [row for row in rows if row[1].comment == comment]
        results = moves.move(
            action=action, revision_ids=[row[3] for row in same], comment=comment,
            bases={row[3]: row[1].base_rev for row in same}, **send.signed,
        )  # fmt: skip
        for (index, _, _, _), result in zip(same, results, strict=True):
            if result.refusal is None:
                send.results[index] = Result("ok", result.pair_id, changed=True)
            else:
                send.results[index] = refused(result.refusal, result.pair_id)


def write_clear(send: Send, items: Items) -> None:
    """Empty the cell: a draft is discarded, an approved link retired, a "not suitable" withdrawn."""
    pairs = found(items)
    marked: dict[int, int] = {}
    bases: dict[int, int | None] = {}
    wanted: dict[PairAction, list[tuple[int, CellOp, Pair, int]]] = {}
    for index, op in items:
        pair = pairs.get(op.key)
        revision = pair.current if pair else None
        if pair is not None and pair.verdict == Verdict.NOT_SUITABLE:
            marked[pair.pk], bases[pair.pk] = index, op.base_rev
        elif pair is None or revision is None or revision.state == PairState.RETIRED:
            send.results[index] = Result("ok", pair.pk if pair else None)
        elif revision.state == PairState.IN_REVIEW:
            send.results[index] = refused(PairInReview(), pair.pk)
        else:
            action = PairAction.DISCARD if revision.state == PairState.DRAFT else PairAction.RETIRE
            wanted.setdefault(action, []).append((index, op, pair, revision.pk))
    if marked:
        for pk, refusal in verdicts.withdraw_many(pair_ids=list(marked), bases=bases, **send.signed).items():
            send.results[marked[pk]] = refused(refusal, pk) if refusal else Result("ok", pk, changed=True)
    for action, rows in wanted.items():
        move(send, action, rows)


WRITERS: Sequence[tuple[OpName, Callable[[Send, Items], None]]] = (
    (OpName.SET, write_set),
    (OpName.UNSUITABLE, write_unsuitable),
    (OpName.STATE, write_states),
    (OpName.CLEAR, write_clear),
)


def write_types(send: Send, items: Items) -> None:
    """Type-level cells: a slot has no states of its own."""
    good: list[tuple[int, CellOp]] = []
    drafts: list[SlotDraft] = []
    for index, op in items:
        if op.op == OpName.STATE:
            send.results[index] = refused(IllegalMove(state="slot", action=op.state or ""))
        elif op.op == OpName.UNSUITABLE and not (op.reason or "").strip():
            send.results[index] = refused(ReasonMissing())
        else:
            good.append((index, op))
            drafts.append(slot_draft(op))
    outcomes = slots.write_slots(drafts=drafts, bases=bases_of(good), **send.signed)
    send.put(good, outcomes)


def slot_draft(op: CellOp) -> SlotDraft:
    verdicts_of = {
        OpName.CLEAR: Verdict.UNDECIDED,
        OpName.UNSUITABLE: Verdict.NOT_SUITABLE,
        OpName.SET: Verdict.SUITABLE,
    }
    return SlotDraft(
        op.main, op.companion, verdict=verdicts_of[op.op].value, reason=op.reason, kind=op.kind,
        offer_text=op.offer_text, wanted=op.wanted,
    )  # fmt: skip
