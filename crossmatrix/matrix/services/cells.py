"""One send of the grid: many small edits, an answer for each, the same send repeated changes nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Matrix, OpBatch, Pair, Slot
from crossmatrix.matrix.rules import (
    CellOp,
    CellWord,
    IllegalMove,
    LinkDraft,
    OpName,
    PairAction,
    PairState,
    SlotDraft,
    Verdict,
    read_cell_text,
    read_op,
)
from crossmatrix.matrix.selectors.slots import DefaultReasons
from crossmatrix.matrix.services import moves, shared, slots, verdicts
from crossmatrix.matrix.services.links import Outcome, PairInReview, write_links
from crossmatrix.matrix.services.marks import ReasonMissing
from crossmatrix.matrix.services.reverts import undo_send
from crossmatrix.matrix.services.shared import Key, StalePair
from crossmatrix.ui.text import sentence

CHUNK = 1000  # edits per round of statements


class KeyTaken(Refusal):
    code = "key.taken"
    sentence = N_("This key belongs to another person's send.")


class OutsideMatrix(Refusal):
    code = "cell.outside"
    sentence = N_("The cell is not part of this matrix.")


class NothingThere(Refusal):
    code = "cell.empty"
    sentence = N_("There is no link in this cell yet.")


class NotUnderstood(Refusal):
    code = "text.unknown"
    sentence = N_("“%(text)s” is neither a reason nor a known sign.")


@dataclass(frozen=True)
class Result:
    """ok, conflict or invalid; `pair_id` names a slot for type-level cells."""

    status: str
    pair_id: int | None = None
    refusal: Refusal | None = None
    changed: bool = False


def as_result(outcome: Outcome) -> Result:
    if outcome.status == "conflict":
        return Result("conflict", outcome.pair_id, outcome.refusal)
    if outcome.refusal is not None:
        return Result("invalid", outcome.pair_id, outcome.refusal)
    return Result("ok", outcome.pair_id, changed=outcome.status != "same")


def refused(refusal: Refusal, pair_id: int | None = None) -> Result:
    return Result("conflict" if isinstance(refusal, StalePair) else "invalid", pair_id, refusal)


Items = Sequence[tuple[int, CellOp]]  # index of the op in the send, the op


@dataclass
class Send:
    """The circumstances of one send and the answers found so far."""

    matrix: Matrix | None
    actor: User
    at: datetime
    batch: str
    results: dict[int, Result] = field(default_factory=dict)
    types: set[int] = field(default_factory=set)  # indexes of the type-level ops
    cleaned: dict[int, str] = field(default_factory=dict)  # index → the text as it was written, where it is not as sent

    @property
    def signed(self) -> dict[str, Any]:
        return {"actor": self.actor, "at": self.at, "source": Source.HAND.value, "batch": self.batch}

    def put(self, items: Items, outcomes: Iterable[Outcome]) -> None:
        for (index, _), outcome in zip(items, outcomes, strict=True):
            self.results[index] = as_result(outcome)


@transaction.atomic
def write_cells(
    *, matrix: Matrix | None, ops: Sequence[Mapping[str, Any]], key: str, actor: User, at: datetime
) -> dict[str, Any]:
    """Write the edits of one send and answer for each, in order: ok, conflict (with the present cell) or invalid.

    The same key again returns the first answer. `undo(op_batch=…)` takes the whole send back. Raises KeyTaken."""
    batch, mine = claim_key(key, matrix, actor, at)
    if not mine:
        return dict(batch.answer)
    send = Send(matrix, actor, at, batch_name(key))
    read: list[tuple[int, CellOp]] = []
    for index, raw in enumerate(ops):
        try:
            read.append((index, read_op(raw)))
        except Refusal as refusal:
            send.results[index] = refused(refusal)
    send.types = {index for index, op in read if op.by_type}
    for start in range(0, len(read), CHUNK):
        for part in rounds(inside(send, read[start : start + CHUNK])):
            write_round(send, part)
    batch.answer = answer_of(send, key, len(ops))
    batch.save(update_fields=["answer"])
    return dict(batch.answer)


def batch_name(key: str) -> str:
    """The name under which history groups the send."""
    return f"ops:{key}"[:64]


def claim_key(key: str, matrix: Matrix | None, actor: User, at: datetime) -> tuple[OpBatch, bool]:
    """The send's row, and whether this transaction made it; waits for a twin that is being written."""
    made = OpBatch(key=key, matrix=matrix, actor=actor, at=at, answer={})
    OpBatch.objects.bulk_create([made], ignore_conflicts=True)
    batch = OpBatch.objects.select_for_update(of=("self",)).get(key=key)
    if batch.actor_id != actor.pk:
        raise KeyTaken
    return batch, not batch.answer


def inside(send: Send, items: Items) -> list[tuple[int, CellOp]]:
    """The ops whose cells belong to the matrix; the others are answered."""
    if send.matrix is None:
        return list(items)
    mains = send.matrix.mains.path
    below = send.matrix.companions.path if send.matrix.companions else ""
    products = shared.facts_of({pk for _, op in items if not op.by_type for pk in op.key})
    categories = dict(
        Category.objects.filter(pk__in={pk for _, op in items if op.by_type for pk in op.key}).values_list("pk", "path")
    )
    shelves = {pk: facts.path for pk, facts in products.items()}
    good = []
    for index, op in items:
        paths = categories if op.by_type else shelves
        if paths.get(op.main, "").startswith(mains) and op.companion in paths and paths[op.companion].startswith(below):
            good.append((index, op))
        else:
            send.results[index] = refused(OutsideMatrix())
    return good


def rounds(items: Items) -> Iterable[list[tuple[int, CellOp]]]:
    """Cut where a cell comes again: its later edit stands on the earlier one, so it names no version of its own."""
    turns: dict[int, list[tuple[int, CellOp]]] = {}
    seen: dict[tuple[bool, Key], int] = {}
    for index, op in items:
        cell = op.by_type, op.key
        seen[cell] = nth = seen.get(cell, -1) + 1
        turns.setdefault(nth, []).append((index, op if nth == 0 else replace(op, base_rev=None)))
    return [turns[nth] for nth in sorted(turns)]


def write_round(send: Send, items: Items) -> None:
    """Write distinct cells, one set of statements per kind of edit."""
    plain = translate(send, items)
    by_type = [item for item in plain if item[1].by_type]
    if by_type:
        write_types(send, by_type)
    pairs = [item for item in plain if not item[1].by_type]
    for name, write in WRITERS:
        group = [item for item in pairs if item[1].op == name]
        if group:
            write(send, group)


def translate(send: Send, items: Items) -> list[tuple[int, CellOp]]:
    """Turn typed and pasted text into the edit it asks for; answers what it cannot understand."""
    texts = [(index, op) for index, op in items if op.op == OpName.SET and op.text is not None]
    columns = Columns([op.key for _, op in texts if not op.by_type]) if texts else None
    good: list[tuple[int, CellOp]] = []
    for index, op in items:
        if columns is None or op.op != OpName.SET or op.text is None:
            good.append((index, op))
            continue
        meant = columns.meaning(op)
        if (written := cleaned(op.text)) is not None:
            send.cleaned[index] = written
        if isinstance(meant, CellOp):
            good.append((index, meant))
        else:
            send.results[index] = meant
    return good


def cleaned(text: str) -> str | None:
    """The text without no-break spaces, hidden characters and line breaks; None when there were none but blanks around it."""
    said = read_cell_text(text)
    return said.text if said.text and said.text not in text else None


class Columns:
    """What the texts of a round need: which cells hold a link already, and the default reasons of the columns."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.linked = cells_with_links(keys)
        self.reasons = DefaultReasons()
        self.products = shared.facts_of({pk for key in keys for pk in key})

    def meaning(self, op: CellOp) -> CellOp | Result:
        """The edit that the text stands for, or the answer when it asks for nothing or for nothing known."""
        said = read_cell_text(op.text or "")
        plain = replace(op, text=None)
        state = said.state.value if said.state else None
        meanings: Mapping[CellWord, CellOp | Result] = {
            CellWord.EMPTY: Result("ok"),
            CellWord.UNKNOWN: refused(NotUnderstood(text=said.text[:60])),
            CellWord.REASON: replace(plain, reason=said.text),
            CellWord.CLEAR: replace(plain, op=OpName.CLEAR),
            CellWord.UNSUITABLE: replace(plain, op=OpName.UNSUITABLE, reason=said.text),
            CellWord.STATE: replace(plain, op=OpName.STATE, state=state),
            CellWord.LINK: self.with_default(plain),
        }
        return meanings[said.word]

    def with_default(self, op: CellOp) -> CellOp:
        """A bare "x": the column's default reason, unless the cell has a link or the column no default."""
        main, companion = self.products.get(op.main), self.products.get(op.companion)
        if op.by_type or op.key in self.linked or main is None or companion is None:
            return op
        default = self.reasons.of(main.path, companion.path)
        if default is None:
            return op
        reason, kind, offer = default
        return replace(op, reason=reason, kind=op.kind or kind, offer_text=op.offer_text or offer)


def cells_with_links(keys: Sequence[Key]) -> set[Key]:
    """The cells that hold a link already: a bare "x" leaves its reason alone."""
    ids = shared.pair_ids(keys)
    live = set(
        Pair.objects.filter(pk__in=ids.values(), current__isnull=False)
        .exclude(current__state=PairState.RETIRED)
        .values_list("pk", flat=True)
    )
    return {key for key, pk in ids.items() if pk in live}


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


def bases_of(items: Items) -> dict[int, int | None]:
    return {place: op.base_rev for place, (_, op) in enumerate(items)}


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


def answer_of(send: Send, key: str, count: int) -> dict[str, Any]:
    """The answer as JSON: one entry per op, and the sums that the toast tells."""
    versions = versions_of(send)
    results = [entry(index, send.results[index], versions.get(index, 0)) for index in range(count)]
    for index, text in send.cleaned.items():
        results[index]["cleaned"] = text
    return {
        "key": key,
        "undo": key,
        "at": send.at.isoformat(),
        "results": results,
        "changed": sum(one.changed for one in send.results.values()),
    } | {status: sum(one["result"] == status for one in results) for status in ("ok", "conflict", "invalid")}


def versions_of(send: Send) -> dict[int, int]:
    """Index of an op that was done → the version its cell has now."""
    ids = {index: one.pair_id for index, one in send.results.items() if one.pair_id and one.status == "ok"}
    pairs = [pk for index, pk in ids.items() if index not in send.types]
    types = [pk for index, pk in ids.items() if index in send.types]
    of_pairs = dict(Pair.objects.filter(pk__in=pairs).values_list("pk", "version")) if pairs else {}
    of_types = dict(Slot.objects.filter(pk__in=types).values_list("pk", "version")) if types else {}
    return {index: (of_types if index in send.types else of_pairs)[pk] for index, pk in ids.items()}


def entry(index: int, result: Result, version: int) -> dict[str, Any]:
    """An answer: a cell that was written names its version, a conflict the whole cell as it is."""
    answer: dict[str, Any] = {"i": index, "result": result.status}
    if result.status == "ok":
        return answer | {"rev": version, "changed": result.changed}
    if result.refusal is None:
        return answer
    answer |= {"code": result.refusal.code, "text": sentence(result.refusal)}
    if isinstance(result.refusal, StalePair):
        current = result.refusal.current
        answer |= {
            "rev": current["rev"],
            "value": current,
            "who": result.refusal.values.get("who", ""),
            "when": current["updated_at"],
        }
    return answer


@transaction.atomic
def undo(*, op_batch: OpBatch, actor: User, at: datetime) -> dict[str, Any]:
    """Take one send back; cells edited since are kept and listed. The answer's `key` undoes the undo (redo).

    Raises AlreadyUndone, UndoExpired."""
    made, _ = undo_send(send=op_batch, actor=actor, at=at)
    return dict(made.answer)
