"""The circumstances of one send of the grid, and how an edit of it can end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Matrix
from crossmatrix.matrix.rules import (
    CellOp,
)
from crossmatrix.matrix.services.links import Outcome
from crossmatrix.matrix.services.shared import StalePair


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


def bases_of(items: Items) -> dict[int, int | None]:
    return {place: op.base_rev for place, (_, op) in enumerate(items)}


def batch_name(key: str) -> str:
    """The name under which history groups the send."""
    return f"ops:{key}"[:64]
