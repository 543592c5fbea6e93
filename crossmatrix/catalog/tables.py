"""Columns and pages of the product list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crossmatrix.catalog.models import Product
from crossmatrix.catalog.rules import margin_of
from crossmatrix.catalog.selectors import COUNT_CAP, RANK_CAP, capped_count, ranked
from crossmatrix.catalog.templatetags.catalog import kind_label, out_of_stock, product_thumb
from crossmatrix.ui import numbers
from crossmatrix.ui.rows import markup, opens
from crossmatrix.ui.templatetags import ui

PAGE = 50  # rows of a page: two screens, and the answer stays small


SHOWN = (
    "sku", "name", "image", "category__full_name", "category__name", "supplier__name", "brand", "kind", "price", "cost",
    "currency", "stock", "status", "barcode", "updated_at",
)  # fmt: skip


def cell(look: str, value: str) -> SafeString:
    """A cell of a row; text that is not safe is escaped."""
    return markup('<td class="{}">{}</td>', look, value)


def category_cell(row: Product) -> SafeString:
    if row.category:
        return cell("t2 sm", row.category.name)
    return cell("t2 sm", markup('<span class="pill warn">{}</span>', gettext("No category")))


def price_cell(row: Product) -> SafeString:
    if row.price is None:
        return cell("n", markup('<span class="pill warn">{}</span>', gettext("No price")))
    return cell("n", numbers.money(row.price, row.currency))


def margin_cell(row: Product) -> SafeString:
    margin = margin_of(row.price, row.cost)
    if margin is None:
        return cell("n", numbers.NONE)
    return cell("n bad-t" if margin < 0 else "n", numbers.percent(margin, 1))


def stock_cell(row: Product) -> SafeString:
    if row.stock is None:
        return cell("n", markup('<span class="t3" title="{}">—</span>', gettext("Not counted")))
    count = numbers.plain(row.stock)
    return cell("n", markup('<span class="bad-t b">{}</span>', count) if out_of_stock(row) else count)


def name_cell(row: Product) -> SafeString:
    """Picture, name and SKU; it opens the product."""
    return markup(
        '<th scope="row"><a class="row g12 product-link" href="{}">{}<span class="col"><span class="m trunc">{}</span>'
        '<span class="sm t3 num">{}</span></span></a></th>',
        opens("catalog:product", row.pk),
        product_thumb(row),
        row.name,
        row.sku,
    )


@dataclass(frozen=True)
class Column:
    key: str
    label: str | Promise
    write: Callable[[Product], SafeString]
    number: bool = False
    sort: str = ""  # field it sorts by; "" cannot be sorted
    needs_cost: bool = False  # only for people who may see purchase prices
    default: bool = True


COLUMNS = (
    Column("category", _("Category"), category_cell, sort="category__full_name"),
    Column(
        "supplier",
        _("Supplier"),
        lambda row: cell("t2 sm", row.supplier.name if row.supplier else numbers.NONE),
        sort="supplier__name",
    ),
    Column("brand", _("Brand"), lambda row: cell("t2 sm", row.brand or numbers.NONE), sort="brand", default=False),
    Column("kind", _("Kind"), lambda row: cell("t2 sm", kind_label(row.kind)), default=False),
    Column("price", _("Price"), price_cell, number=True, sort="price"),
    Column(
        "cost", _("Cost"), lambda row: cell("n t2", numbers.money(row.cost, row.currency)), number=True, sort="cost",
        needs_cost=True, default=False,
    ),
    Column("margin", _("Margin"), margin_cell, number=True, needs_cost=True),
    Column("stock", _("In stock, pcs"), stock_cell, number=True, sort="stock"),
    Column("status", _("Status"), lambda row: markup("<td>{}</td>", ui.status(row.status)), sort="status"),
    Column("barcode", _("Barcode"), lambda row: cell("num sm t2", row.barcode or numbers.NONE), default=False),
    Column(
        "updated", _("Changed"), lambda row: cell("sm t2", ui.ago(row.updated_at)), sort="updated_at", default=False
    ),
)  # fmt: skip
SORTS = {"name": "name", "sku": "sku", **{column.key: column.sort for column in COLUMNS if column.sort}}


def columns_for(*, chosen: list[str] | None, sees_cost: bool) -> tuple[list[Column], list[Column]]:
    """(columns to show, columns that may be chosen); nothing chosen means the usual ones."""
    offered = [column for column in COLUMNS if sees_cost or not column.needs_cost]
    shown = [column for column in offered if (column.key in chosen if chosen is not None else column.default)]
    return shown, offered


def body(rows: Sequence[Product], columns: Sequence[Column]) -> SafeString:
    """The <tr>s of the list. A template of eleven conditions for each row took longer than reading the page."""
    written = ["".join([name_cell(row), *(column.write(row) for column in columns)]) for row in rows]
    return SafeString("".join(f"<tr>{cells}</tr>\n" for cells in written))  # cells escape what they show


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
    products = products.only(*SHOWN)  # the search vector and the attributes of a row are longer than all the rest
    asked, stretch = ordered(products, sort=sort, text=text, found=found), slice(start, min(start + PAGE, shown))
    if sort:  # by ids first: to sort a long list with its joins, a database joins every row
        chosen = list(asked.values_list("pk", flat=True)[stretch])
        by_pk = products.order_by().in_bulk(chosen)
        rows = [by_pk[pk] for pk in chosen if pk in by_pk]
    else:
        rows = list(asked[stretch])
    return Page(rows, number, shown, capped=found > COUNT_CAP)
