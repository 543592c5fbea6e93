"""Which companions of a main are shown, which wait in reserve, and why the others are hidden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crossmatrix.matrix.rules.ratio import RatioStatus


class Hidden(StrEnum):
    """Why a companion is not shown; the first that applies."""

    NOT_SUITABLE = "not_suitable"
    GONE = "gone"  # discontinued or hidden in the catalog
    OUT_OF_STOCK = "out_of_stock"
    NOT_YET = "not_yet"
    OVER = "over"
    PLACEMENT = "placement"
    RATIO = "ratio"


@dataclass(frozen=True)
class Candidate:
    """An approved link as `resolve_companions` needs it."""

    key: int
    rank: int
    suitable: bool
    active: bool
    stock: int | None  # None: not counted
    valid_from: date | None
    valid_to: date | None
    placements: Sequence[str]
    ratio_status: RatioStatus
    overridden: bool


@dataclass(frozen=True)
class Resolved:
    shown: list[int]
    reserve: list[int]  # fit to be shown, waiting behind the cap, best first
    hidden: dict[int, Hidden]


def why_hidden(candidate: Candidate, *, today: date, placement: str | None) -> Hidden | None:
    """The reason not to show the companion today at this placement (None: any); None when it may be shown."""
    checks: tuple[tuple[bool, Hidden], ...] = (
        (not candidate.suitable, Hidden.NOT_SUITABLE),
        (not candidate.active, Hidden.GONE),
        (candidate.stock is not None and candidate.stock <= 0, Hidden.OUT_OF_STOCK),
        (candidate.valid_from is not None and today < candidate.valid_from, Hidden.NOT_YET),
        (candidate.valid_to is not None and today > candidate.valid_to, Hidden.OVER),
        (bool(placement and candidate.placements and placement not in candidate.placements), Hidden.PLACEMENT),
        (candidate.ratio_status == RatioStatus.BLOCK and not candidate.overridden, Hidden.RATIO),
    )
    return next((why for applies, why in checks if applies), None)


def resolve_companions(
    candidates: Iterable[Candidate], *, today: date, placement: str | None = None, cap: int = 4
) -> Resolved:
    """Split the links of one main: at most `cap` shown by rank (then key), the rest of the fit ones in reserve."""
    hidden: dict[int, Hidden] = {}
    fit: list[Candidate] = []
    for candidate in candidates:
        why = why_hidden(candidate, today=today, placement=placement)
        if why is None:
            fit.append(candidate)
        else:
            hidden[candidate.key] = why
    fit.sort(key=lambda one: (one.rank, one.key))
    keys = [one.key for one in fit]
    return Resolved(shown=keys[:cap], reserve=keys[cap:], hidden=hidden)
