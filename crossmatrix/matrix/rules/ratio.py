"""Companion price ÷ main price, judged by limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from crossmatrix.matrix.rules.states import ReasonKind


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
    ratio = (companion_price / main_price).quantize(RATIO_DIGITS, rounding=ROUND_HALF_UP)  # as PostgreSQL rounds
    if ratio > limits.block:
        return RatioVerdict(RatioStatus.BLOCK, ratio)
    return RatioVerdict(RatioStatus.WARN if ratio > limits.warn else RatioStatus.OK, ratio)


@dataclass(frozen=True)
class PolicyRow:
    """A ratio policy as data: a path "" means every category, `kind` None every kind of reason."""

    category_path: str
    kind: ReasonKind | None
    limits: RatioLimits
    companion_path: str = ""


def limits_for(
    *,
    category_path: str,
    kind: ReasonKind,
    policies: Sequence[PolicyRow],
    default: RatioLimits,
    companion_path: str = "",
) -> RatioLimits:
    """The limits of the most specific policy: nearest category of the main first, then of the companion, then one
    that names the kind."""
    fitting = [
        p
        for p in policies
        if category_path.startswith(p.category_path)
        and companion_path.startswith(p.companion_path)
        and p.kind in (None, kind)
    ]
    best = max(fitting, key=lambda p: (len(p.category_path), len(p.companion_path), p.kind is not None), default=None)
    return best.limits if best else default
