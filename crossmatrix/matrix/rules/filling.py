"""Which companions to propose for a slot, and in which order.

Pairs written by hand stay and count first. The rest is filled from the slot: companions that its condition accepts, the
more often taken ones first; after them those that only the orders speak for, because an attribute is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crossmatrix.matrix.rules.ratio import RatioStatus


class FillSource(StrEnum):
    SLOT = "slot"  # the condition accepts it
    MINED = "mined"  # the orders speak for it


@dataclass(frozen=True)
class Option:
    """A companion that could fill a gap."""

    companion: int
    sku: str
    fits: bool | None  # what the condition says; None: an attribute is missing, or the slot has no condition
    attach_rate: float | None
    ratio_status: RatioStatus
    price: Decimal | None


def source_of(option: Option) -> FillSource | None:
    """Why it may be proposed; None: nothing speaks for it, or something against it."""
    if option.fits is False or option.ratio_status == RatioStatus.BLOCK:
        return None
    if option.fits:
        return FillSource.SLOT
    return FillSource.MINED if option.attach_rate is not None else None


def choose(options: Sequence[Option], gap: int) -> list[tuple[Option, FillSource]]:
    """The best `gap` of them: slot before mined, then the higher attach rate, a fine price ratio, the cheaper, SKU."""
    found = [(option, source) for option in options if (source := source_of(option))]
    found.sort(
        key=lambda one: (
            one[1] != FillSource.SLOT,
            -(one[0].attach_rate or 0.0),
            one[0].ratio_status != RatioStatus.OK,
            one[0].price is None,
            one[0].price or 0,
            one[0].sku,
        )
    )
    return found[: max(0, gap)]
