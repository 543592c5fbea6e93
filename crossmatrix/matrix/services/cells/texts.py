"""Typed and pasted text becomes the edit it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import (
    CellOp,
    CellWord,
    OpName,
    PairState,
    read_cell_text,
)
from crossmatrix.matrix.selectors.slots import DefaultReasons
from crossmatrix.matrix.services import shared
from crossmatrix.matrix.services.cells.send import Items, NotUnderstood, Result, Send, refused
from crossmatrix.matrix.services.shared import Key


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
    """What a bare "x" needs: which cells hold a link already, and the default reasons of the columns. Most sends have none."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = keys

    @cached_property
    def linked(self) -> set[Key]:
        return cells_with_links(self.keys)

    @cached_property
    def reasons(self) -> DefaultReasons:
        return DefaultReasons()

    @cached_property
    def products(self) -> dict[int, shared.Facts]:
        return shared.facts_of({pk for key in self.keys for pk in key})

    def meaning(self, op: CellOp) -> CellOp | Result:
        """The edit that the text stands for, or the answer when it asks for nothing or for nothing known."""
        said = read_cell_text(op.text or "")
        if said.word == CellWord.EMPTY:
            return Result("ok")
        if said.word == CellWord.UNKNOWN:
            return refused(NotUnderstood(text=said.text[:60]))
        if said.word == CellWord.LINK:
            return self.with_default(replace(op, text=None))
        changes: Mapping[CellWord, dict[str, Any]] = {
            CellWord.REASON: {"reason": said.text},
            CellWord.CLEAR: {"op": OpName.CLEAR},
            CellWord.UNSUITABLE: {"op": OpName.UNSUITABLE, "reason": said.text},
            CellWord.STATE: {"op": OpName.STATE, "state": said.state.value if said.state else None},
        }
        return replace(op, text=None, **changes[said.word])

    def with_default(self, op: CellOp) -> CellOp:
        """A bare "x": the column's default reason, unless the cell has a link or the column no default."""
        if op.by_type or op.key in self.linked:
            return op
        main, companion = self.products.get(op.main), self.products.get(op.companion)
        default = self.reasons.of(main.path, companion.path) if main and companion else None
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
