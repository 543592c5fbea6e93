"""One send of the grid: many small edits, an answer for each, the same send repeated changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Matrix, OpBatch
from crossmatrix.matrix.rules import (
    CellOp,
    read_op,
)
from crossmatrix.matrix.services import shared
from crossmatrix.matrix.services.cells.answers import answer_of
from crossmatrix.matrix.services.cells.send import Items, KeyTaken, OutsideMatrix, Send, batch_name, refused
from crossmatrix.matrix.services.cells.texts import translate
from crossmatrix.matrix.services.cells.writers import WRITERS, write_types
from crossmatrix.matrix.services.reverts import undo_send
from crossmatrix.matrix.services.shared import Key

CHUNK = 1000  # edits per round of statements


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


@transaction.atomic
def undo(*, op_batch: OpBatch, actor: User, at: datetime) -> dict[str, Any]:
    """Take one send back; cells edited since are kept and listed. The answer's `key` undoes the undo (redo).

    Raises AlreadyUndone, UndoExpired."""
    made, _ = undo_send(send=op_batch, actor=actor, at=at)
    return dict(made.answer)
