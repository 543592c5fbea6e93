"""Which products stand on the axes of an SKU view, and in what order: the filters and sorts of its address, as SQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet

from crossmatrix.catalog.models import Product
from crossmatrix.catalog.selectors import search
from crossmatrix.matrix.rules import PairState, Verdict
from crossmatrix.matrix.selectors import providers

STATES = ("draft", "in_review", "approved", "not_suitable", "empty")
RATIOS = ("ok", "warn", "block", "unknown")
COVERAGES = ("none", "part", "full")
MARKS = ("suggestion", "weak")
ROW_SORTS = ("price", "-price", "coverage", "-coverage")
COLUMN_SORTS = ("price", "-price", "-links")

LIVE = "r.state IN ('draft', 'in_review', 'approved')"
APPROVED = "(SELECT count(*) FROM matrix_pair x WHERE x.main_id = p.id AND x.verdict = 'suitable' AND x.approved_id IS NOT NULL)"
LINKS = "(SELECT count(*) FROM matrix_pair x WHERE x.companion_id = p.id AND x.verdict = 'suitable' AND x.current_id IS NOT NULL)"
LINKED = (
    "EXISTS (SELECT 1 FROM matrix_pair x JOIN catalog_product m ON m.id = x.main_id WHERE x.companion_id = p.id "
    "AND x.verdict = 'suitable' AND x.current_id IS NOT NULL AND m.category_id = ANY(%s))"
)
ORDERS = {
    "": "p.name, p.id",
    "price": "p.price NULLS LAST, p.name, p.id",
    "-price": "p.price DESC NULLS LAST, p.name, p.id",
    "coverage": f"{APPROVED}, p.name, p.id",
    "-coverage": f"{APPROVED} DESC, p.name, p.id",
    "-links": f"{LINKS} DESC, p.name, p.id",
}


@dataclass(frozen=True)
class RowFilter:
    """What the rows of a view must be like; empty values narrow nothing."""

    state: str = ""  # a pair in this state; "empty": no pair at all
    query: str = ""  # words of the name, or the beginning of the SKU
    owner: int | None = None  # the person who wrote a pair's newest content
    ratio: str = ""  # a live pair whose price ratio is judged so
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    coverage: str = ""  # of the slots: nothing approved, less than wanted, all of it
    mark: str = ""  # "suggestion": evidence without a pair; "weak": an open weak flag
    hidden: tuple[int, ...] = ()  # products out of sight
    sort: str = ""


@dataclass
class Sql:
    """Conditions on the product `p`, with their values, and an ORDER BY with its own."""

    where: str = ""
    values: list[Any] = field(default_factory=list)
    order: str = ORDERS[""]
    order_values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.where += f" AND {condition}"
        self.values += values


def with_pair(condition: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM matrix_pair x JOIN matrix_pairrevision r ON r.id = x.current_id "
        f"WHERE x.main_id = p.id AND x.verdict = 'suitable' AND {condition})"
    )


def named(text: str) -> tuple[str, tuple[Any, ...]]:
    """SELECT of the products a search box finds by this text, as everywhere: word forms, beginnings of words, SKUs."""
    try:
        found, words = search(Product.objects.order_by(), text).values("pk").query.sql_with_params()
    except EmptyResultSet:  # only signs: nothing
        return "SELECT NULL::bigint", ()
    return found, tuple(words)


def rows_sql(wanted: RowFilter, *, companions: Sequence[int]) -> Sql:
    """`companions`: the columns, where a suggestion would appear. Coverage is judged by `coverage`, not here."""
    sql = Sql(order=ORDERS.get(wanted.sort, ORDERS[""]))
    if wanted.query:
        found, words = named(wanted.query)
        sql.add(f"p.id IN ({found})", *words)
    add_state(sql, wanted.state)
    if wanted.ratio:
        sql.add(with_pair(f"r.ratio_status = %s AND {LIVE}"), wanted.ratio)
    if wanted.owner is not None:
        sql.add(with_pair(f"r.created_by_id = %s AND {LIVE}"), wanted.owner)
    if wanted.price_from is not None:
        sql.add("p.price >= %s", wanted.price_from)
    if wanted.price_to is not None:
        sql.add("p.price <= %s", wanted.price_to)
    if wanted.hidden:
        sql.add("p.id <> ALL(%s)", list(wanted.hidden))
    if wanted.mark:
        sql.add("p.id = ANY(%s)", sorted(providers.marked_mains(wanted.mark, companions)))
    return sql


def add_state(sql: Sql, state: str) -> None:
    if state == Verdict.NOT_SUITABLE:
        sql.add("EXISTS (SELECT 1 FROM matrix_pair x WHERE x.main_id = p.id AND x.verdict = 'not_suitable')")
    elif state == "empty":
        sql.add("NOT EXISTS (SELECT 1 FROM matrix_pair x WHERE x.main_id = p.id AND x.current_id IS NOT NULL)")
    elif state in set(PairState):
        sql.add(with_pair("r.state = %s"), state)


def columns_sql(*, hidden: Sequence[int], order: Sequence[int], sort: str) -> Sql:
    """`order`: products put by hand, first in their category."""
    sql = Sql(order=ORDERS.get(sort, ORDERS[""]))
    if hidden:
        sql.add("p.id <> ALL(%s)", list(hidden))
    if order:
        sql.order = f"array_position(%s::bigint[], p.id) NULLS LAST, {sql.order}"
        sql.order_values = [list(order)]
    return sql
