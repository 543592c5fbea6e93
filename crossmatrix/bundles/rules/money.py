"""What a proposal holds, what the shopper saves by it and what the shop keeps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from crossmatrix.bundles.rules.states import ItemRole
from crossmatrix.lib.money import CENT
from crossmatrix.matrix.rules import RatioVerdict


@dataclass(frozen=True)
class Limits:
    """Shares (0..1) and days within which a proposal is plausible, and beyond which finance must look."""

    saving_least: Decimal = Decimal("0.03")  # a smaller saving is worth a warning: shoppers do not notice it
    saving_most: Decimal = Decimal("0.60")  # a larger one is a typing error
    margin_floor: Decimal = Decimal("0.05")  # of the bundle price, after the discount
    finance_margin: Decimal = Decimal("0.10")
    finance_saving: Decimal = Decimal("0.30")
    finance_funding: Decimal = Decimal("0.30")  # the supplier pays less than this share of the discount
    window_days: int = 366
    soon_days: int = 3  # a start within the review term may come before the decision


LIMITS = Limits()


@dataclass(frozen=True)
class ItemFacts:
    """One item of a proposal with what the catalog and the matrix say about it today."""

    sku: str
    name: str = ""
    quantity: int = 1
    role: ItemRole = ItemRole.COMPANION
    price: Decimal | None = None
    cost: Decimal | None = None
    stock: int | None = None  # None: not counted (services)
    currency: str = "RUB"
    own: bool = True  # supplied by the proposer
    sold: bool = True  # active in the catalog
    ratio: RatioVerdict | None = None  # of a companion to the main item
    ratio_limit: Decimal | None = None
    suitable: bool = True  # False: the shop marked the link from the main item, or its slot, "not suitable"


@dataclass(frozen=True)
class Proposal:
    """What the supplier proposes; None is "not filled in"."""

    name: str = ""
    price: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    funding_share: Decimal | None = None  # supplier's share of the discount, 0..1
    stock: int | None = None  # sets available
    exclusive: bool = False
    items: Sequence[ItemFacts] = ()


@dataclass(frozen=True)
class Line:
    """One item as written by the supplier."""

    sku: str
    quantity: int = 1
    role: ItemRole = ItemRole.COMPANION


@dataclass(frozen=True)
class Content:
    """What a supplier writes: all critical fields of a revision and the message. None is "not filled in"."""

    name: str = ""
    bundle_price: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    funding_share: Decimal | None = None
    stock: int | None = None
    exclusive: bool = False
    placements: tuple[str, ...] = ()
    message: str = ""
    items: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Other:
    """Another bundle that is in review or agreed and not over."""

    name: str
    skus: frozenset[str]
    main: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Saving:
    """The shopper's saving; amounts in the currency of the bundle, `share` 0..1 of the regular price."""

    regular: Decimal
    price: Decimal
    amount: Decimal
    share: Decimal


def bundle_saving(*, price: Decimal | None, items: Iterable[ItemFacts]) -> Saving | None:
    """Regular price of the items against the bundle price; None while a price or every item is missing."""
    lines = list(items)
    if price is None or not lines or any(item.price is None for item in lines):
        return None
    regular = sum((item.price * item.quantity for item in lines if item.price is not None), Decimal(0))
    if regular <= 0:
        return None
    return Saving(regular, price, regular - price, ((regular - price) / regular).quantize(Decimal("0.0001")))


@dataclass(frozen=True)
class Margin:
    """What the shop keeps of one set after the discount; `share` of the bundle price."""

    amount: Decimal
    share: Decimal


def bundle_margin(*, price: Decimal | None, funding_share: Decimal | None, items: Iterable[ItemFacts]) -> Margin | None:
    """bundle price + funded part of the discount - cost; None while the saving or a cost is unknown, or the price is 0."""
    lines = list(items)
    saving = bundle_saving(price=price, items=lines)
    if saving is None or saving.price <= 0 or any(item.cost is None for item in lines):
        return None
    cost = sum((item.cost * item.quantity for item in lines if item.cost is not None), Decimal(0))
    funded = (max(saving.amount, Decimal(0)) * (funding_share or Decimal(0))).quantize(CENT, rounding=ROUND_HALF_UP)
    kept = saving.price + funded - cost
    return Margin(kept, (kept / saving.price).quantize(Decimal("0.0001")))
