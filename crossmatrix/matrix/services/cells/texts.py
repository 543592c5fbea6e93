"""Typed and pasted text becomes the edit it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
