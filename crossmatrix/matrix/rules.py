"""Decisions on pairs: the price ratio, the allowed moves, what a grid cell's text means."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crossmatrix.lib.errors import N_, Refusal


class ReasonKind(StrEnum):
    REQUIRED = "required"
    ACCESSORY = "accessory"
    THEME = "theme"
    SEASONAL = "seasonal"
    POPULAR = "popular"
    IMPULSE = "impulse"


class Verdict(StrEnum):
    UNDECIDED = "undecided"
    SUITABLE = "suitable"
    NOT_SUITABLE = "not_suitable"


class PairState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    RETIRED = "retired"
    DISCARDED = "discarded"


class PairAction(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    DISCARD = "discard"
    SUPERSEDE = "supersede"
    RETIRE = "retire"


class Placement(StrEnum):
    PRODUCT_PAGE = "product_page"
    CART = "cart"
    CHECKOUT = "checkout"
    AFTER_PURCHASE = "after_purchase"
    STORE = "store"


class IllegalMove(Refusal):
    """The state does not allow the action."""

    code = "move.illegal"
    sentence = N_("A pair that is “%(state)s” cannot be moved by “%(action)s”.")


MOVES: dict[tuple[PairState, PairAction], PairState] = {
    (PairState.DRAFT, PairAction.SUBMIT): PairState.IN_REVIEW,
    (PairState.DRAFT, PairAction.DISCARD): PairState.DISCARDED,
    (PairState.IN_REVIEW, PairAction.APPROVE): PairState.APPROVED,
    (PairState.IN_REVIEW, PairAction.RETURN): PairState.DRAFT,
    (PairState.APPROVED, PairAction.SUPERSEDE): PairState.SUPERSEDED,
    (PairState.APPROVED, PairAction.RETIRE): PairState.RETIRED,
}


def next_state(state: PairState, action: PairAction) -> PairState:
    """The state after the action. Raises IllegalMove."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise IllegalMove(state=state.value, action=action.value) from None


class RatioStatus(StrEnum):
    OK = "ok"
    WARN = "warn"
    BLOCK = "block"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RatioLimits:
    """Companion price ÷ main price: above `warn` a warning, above `block` no release without an override."""

    warn: Decimal
    block: Decimal


@dataclass(frozen=True)
class RatioVerdict:
    status: RatioStatus
    ratio: Decimal | None  # four digits after the point; None when a price is missing or the main's is zero


RATIO_DIGITS = Decimal("0.0001")


def judge_ratio(*, main_price: Decimal | None, companion_price: Decimal | None, limits: RatioLimits) -> RatioVerdict:
    """Judge companion price ÷ main price by the limits; a limit itself is still fine."""
    if main_price is None or companion_price is None or main_price <= 0:
        return RatioVerdict(RatioStatus.UNKNOWN, None)
    ratio = (companion_price / main_price).quantize(RATIO_DIGITS)
    if ratio > limits.block:
        return RatioVerdict(RatioStatus.BLOCK, ratio)
    return RatioVerdict(RatioStatus.WARN if ratio > limits.warn else RatioStatus.OK, ratio)


@dataclass(frozen=True)
class PolicyRow:
    """A ratio policy as data: `category_path` "" means every category, `kind` None every kind of reason."""

    category_path: str
    kind: ReasonKind | None
    limits: RatioLimits


def limits_for(*, category_path: str, kind: ReasonKind, policies: Sequence[PolicyRow], default: RatioLimits) -> RatioLimits:
    """The limits of the most specific policy: nearest category of the main first, then one that names the kind."""
    fitting = [p for p in policies if category_path.startswith(p.category_path) and p.kind in (None, kind)]
    best = max(fitting, key=lambda p: (len(p.category_path), p.kind is not None), default=None)
    return best.limits if best else default
