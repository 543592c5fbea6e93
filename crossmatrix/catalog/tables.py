"""Columns and pages of the product list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crossmatrix.catalog.models import Product
from crossmatrix.catalog.selectors import COUNT_CAP, RANK_CAP, capped_count, ranked

PAGE = 50  # rows of a page: two screens, and the answer stays small


@dataclass(frozen=True)
class Column:
    key: str
    label: str | Promise
    number: bool = False
    sort: str = ""  # field it sorts by; "" cannot be sorted
    needs_cost: bool = False  # only for people who may see purchase prices
    default: bool = True


COLUMNS = (
    Column("category", _("Category"), sort="category__full_name"),
    Column("supplier", _("Supplier"), sort="supplier__name"),
    Column("brand", _("Brand"), sort="brand", default=False),
    Column("kind", _("Kind"), default=False),
    Column("price", _("Price"), number=True, sort="price"),
    Column("cost", _("Cost"), number=True, sort="cost", needs_cost=True, default=False),
    Column("margin", _("Margin"), number=True, needs_cost=True),
    Column("stock", _("In stock, pcs"), number=True, sort="stock"),
    Column("status", _("Status"), sort="status"),
    Column("barcode", _("Barcode"), default=False),
    Column("updated", _("Changed"), sort="updated_at", default=False),
)
SORTS = {"name": "name", "sku": "sku", **{column.key: column.sort for column in COLUMNS if column.sort}}


def columns_for(*, chosen: list[str] | None, sees_cost: bool) -> tuple[list[Column], list[Column]]:
    """(columns to show, columns that may be chosen); nothing chosen means the usual ones."""
    offered = [column for column in COLUMNS if sees_cost or not column.needs_cost]
    shown = [column for column in offered if (column.key in chosen if chosen is not None else column.default)]
    return shown, offered


@dataclass(frozen=True)
class Page:
    """One page of a list whose length is counted only up to the cap."""

    rows: list[Product]
    number: int
    found: int
    capped: bool

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.last < self.found else None


def ordered(products: QuerySet[Product], *, sort: str, text: str, found: int) -> QuerySet[Product]:
    """The list in the asked order; a search without one is ranked while it is short enough to rank."""
    field = SORTS.get(sort.removeprefix("-"))
    if field:
        order: Any = F(field).desc(nulls_last=True) if sort.startswith("-") else F(field).asc(nulls_last=True)
        if field in {"name", "sku"}:  # never null: the plain order is the index's own
            order = f"-{field}" if sort.startswith("-") else field
        return products.order_by(order, "pk")
    if text.strip() and found <= RANK_CAP:
        return ranked(products, text)
    return products.order_by("sku")


def page_of(products: QuerySet[Product], *, number: int, sort: str, text: str) -> Page:
    """A page of at most PAGE rows; pages behind the cap are not offered: narrow the list instead."""
    found = capped_count(products)
    shown = min(found, COUNT_CAP)
    number = max(1, min(number, -(-shown // PAGE) or 1))
    start = (number - 1) * PAGE
    rows = list(ordered(products, sort=sort, text=text, found=found)[start : min(start + PAGE, shown)])
    return Page(rows, number, shown, capped=found > COUNT_CAP)
