"""Causes that need no statistics: today's prices, stock, dates and bans. Evidence comes out ready to freeze."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crossmatrix.insights.rules.policy import Limits
from crossmatrix.insights.rules.words import Cause

ACTIVE = "active"


@dataclass(frozen=True)
class Offer:
    """A pair on offer as it stands today."""

    status: str  # of the companion
    stock: int | None  # None: not counted
    main_price: Decimal | None
    price: Decimal | None
    cost: Decimal | None
    currency: str
    ratio: Decimal | None
    ratio_limit: Decimal
    ratio_blocked: bool
    ratio_accepted: bool  # an approved override stands
    valid_to: date | None
    banned: tuple[str, str] | None  # who says that they do not go together (types, attributes), and why
    approved_at: datetime | None
    live: bool | None  # whether a live release holds it; None: nothing is published anywhere
    shown: int | None  # sessions that saw it of late; None: shops report none of the main's companions


def fixed_causes(offer: Offer, *, limits: Limits, at: datetime, today: date) -> dict[Cause, dict[str, Any]]:
    """Every cause that holds today."""
    found: dict[Cause, dict[str, Any]] = {}
    if offer.status != ACTIVE:
        found[Cause.DISCONTINUED] = {"status": offer.status, "stock": offer.stock}
    elif offer.stock is not None and offer.stock <= 0:
        found[Cause.OUT_OF_STOCK] = {"stock": offer.stock}
    if offer.ratio_blocked and not offer.ratio_accepted:
        found[Cause.RATIO_BROKEN] = {
            "ratio": float(offer.ratio or 0), "limit": float(offer.ratio_limit), "main_price": str(offer.main_price),
            "companion_price": str(offer.price), "currency": offer.currency,
        }  # fmt: skip
    if offer.banned is not None:
        found[Cause.NOT_COMPATIBLE] = {"by": offer.banned[0], "why": offer.banned[1]}
    if offer.valid_to is not None and offer.valid_to < today:
        found[Cause.WINDOW_OVER] = {"valid_to": offer.valid_to.isoformat()}
    margin = margin_of(offer.price, offer.cost)
    if margin is not None and margin < limits.least_margin:
        found[Cause.LOSING_MARGIN] = {
            "margin": margin, "limit": limits.least_margin, "price": str(offer.price), "cost": str(offer.cost),
            "currency": offer.currency,
        }  # fmt: skip
    unseen = unseen_days(offer, limits=limits, at=at)
    if unseen is not None and Cause.WINDOW_OVER not in found:
        found[Cause.NEVER_SHOWN] = {"days": unseen, "unit": "orders" if offer.shown is None else "shown"}
    return found


def margin_of(price: Decimal | None, cost: Decimal | None) -> float | None:
    """(price − cost) ÷ price; None when one of them is not known."""
    return float((price - cost) / price) if price and cost is not None else None


def unit_margin(price: Decimal | None, cost: Decimal | None) -> float | None:
    """price − cost of one piece; None when one of them is not known."""
    return float(price - cost) if price is not None and cost is not None else None


def unseen_days(offer: Offer, *, limits: Limits, at: datetime) -> int | None:
    """Days since the approval of a pair that nobody has seen; None when it was seen, or is still young.

    Shops that report what they show decide it; without them, whether a live release holds the pair.
    """
    if offer.approved_at is None:
        return None
    days = (at - offer.approved_at).days
    seen = offer.shown > 0 if offer.shown is not None else offer.live is not False
    return days if days >= limits.unseen_days and not seen else None
