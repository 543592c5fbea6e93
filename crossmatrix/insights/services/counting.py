"""What a refresh counts: the window's days brought up to date, the pairs, and a closer look at the significant ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db.models import Q, QuerySet

from crossmatrix.catalog.models import Product
from crossmatrix.insights.engine.ledger import Ledger
from crossmatrix.insights.engine.mining import Former, Mining, days_table
from crossmatrix.insights.engine.text import kept_from
from crossmatrix.insights.models import OrderDay, Refresh
from crossmatrix.insights.rules.association import Floats, benjamini_hochberg, poisson_tail
from crossmatrix.insights.rules.periods import weeks_of
from crossmatrix.insights.rules.suggesting import FALSE_SHARE
from crossmatrix.insights.services.days import inputs_of, open_ledger, read_changed_days
from crossmatrix.insights.services.lists import Lists, companion_lists
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import PairState

IN_WORK = (PairState.DRAFT.value, PairState.IN_REVIEW.value, PairState.APPROVED.value)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    first: date
    last: date


@dataclass(frozen=True)
class Details:
    """A closer look at the chosen pairs, row by row."""

    customers: Ints
    a_amount: Ints
    b_amount: Ints
    weekly: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Counted:
    """Half pairs (a, b) as arrays, the chosen ones' details beside them, and the products' own counts."""

    pairs: pa.Table
    product_of: Mapping[int, int]  # item → product
    p: Floats
    q: Floats
    row_of: Ints  # pair → its row of `details`; −1: not looked at
    details: Details
    items: Ints  # those counted, and their orders by week
    item_orders: npt.NDArray[np.int32]
    unknown: pa.Table
    days: list[OrderDay]
    lists: Lists | None


def count_window(mining: Mining, window: Window, refresh: Refresh) -> Counted:
    with open_ledger() as ledger:
        return _count_with(ledger, mining, window, refresh)


def _count_with(ledger: Ledger, mining: Mining, window: Window, refresh: Refresh) -> Counted:
    inputs = inputs_of(window.first, window.last)
    catalog = _table(
        {"sku": pa.string(), "product": pa.int64()}, Product.objects.order_by("pk").values_list("sku", "pk")
    )
    in_work = Pair.objects.filter(current__state__in=IN_WORK).order_by("pk")
    ledger.numbers.of(pa.array(_skus_of(in_work), pa.string()))
    refresh.days_read = read_changed_days(ledger, inputs, tell=mining.tell)
    days = {day.isoformat(): file.name for day, file in zip(inputs, ledger.day_files(inputs), strict=True)}
    totals = mining.prepare(
        bought=ledger.lines_of(days.items()), orders=ledger.baskets_of(days.items()),
        days=days_table(window.first, window.last), numbers=ledger.numbers.table(), catalog=catalog,
        wanted=_table({"main": pa.int64(), "companion": pa.int64()}, in_work.values_list("main_id", "companion_id")),
    )  # fmt: skip
    refresh.orders, refresh.lines, refresh.generated = totals.orders, totals.lines, totals.generated
    refresh.wholesale_orders = totals.wholesale_orders
    refresh.return_lines = sum(file.return_lines for file in ledger.day_files(inputs))
    refresh.unknown_skus, refresh.unknown_lines = totals.unknown_skus, totals.unknown_lines
    refresh.min_both = mining.min_both
    pairs = mining.pairs(_counts(ledger, mining, days, refresh))
    both, expected = column_of(pairs, "both_count"), pairs["expected"].to_numpy()
    p = poisson_tail(both, expected)
    possible = totals.tested_items * (totals.tested_items - 1) // 2
    q = benjamini_hochberg(p, tests=max(possible, len(p)))
    significant = (q <= FALSE_SHARE) & (both > expected)
    wanted = mining.wanted_pairs()
    looked_at = significant | np.isin(_key(pairs), _key(wanted))
    chosen = pairs.select(["a", "b", "a_count", "b_count"]).filter(pa.array(looked_at))
    weeks = len(weeks_of(window.first, window.last))
    items, item_orders = _item_orders(mining, weeks)
    return Counted(
        pairs=pairs, product_of=dict(zip(*(column.to_pylist() for column in mining.products().columns), strict=True)), p=p, q=q,
        row_of=np.where(looked_at, np.cumsum(looked_at) - 1, -1), details=_details(mining, chosen, weeks), items=items,
        item_orders=item_orders, unknown=mining.unknown(), lists=companion_lists(mining, last=window.last),
        days=[
            OrderDay(
                day=day, orders=file.orders, lines=file.lines, wholesale_orders=file.wholesale_orders,
                return_lines=file.return_lines,
            )
            for day, file in zip(inputs, ledger.day_files(inputs), strict=True)
        ],
    )  # fmt: skip


def _counts(ledger: Ledger, mining: Mining, held: dict[str, str], refresh: Refresh) -> pa.Table:
    """Pairs bought together: a former count and the days that changed since, or everything when that is cheaper."""
    former, tables = ledger.manifest.base, ledger.base_tables()
    if former and tables and former.min_both == mining.min_both:
        entered, left_out = held.items() - former.days.items(), former.days.items() - held.items()
        counts = mining.count_changes(
            Former(
                pairs=tables[0], items=tables[1], entered=ledger.lines_of(entered), left_out=ledger.lines_of(left_out)
            )
        )
        if counts is not None:
            refresh.days_moved = len(entered) + len(left_out)
            ledger.commit()
            return counts
    counts = mining.count()
    ledger.keep_base(
        pairs=counts, items=mining.items(), min_both=mining.min_both, kept_from=kept_from(mining.min_both), days=held,
        generated=mining.totals.generated,
    )  # fmt: skip
    ledger.commit()
    return counts


def _skus_of(pairs: QuerySet[Pair]) -> list[str]:
    """Their products need numbers even when nobody bought them."""
    mains, companions = pairs.values("main_id"), pairs.values("companion_id")
    return list(
        Product.objects.filter(Q(pk__in=mains) | Q(pk__in=companions)).order_by("pk").values_list("sku", flat=True)
    )


def _details(mining: Mining, chosen: pa.Table, weeks: int) -> Details:
    """Zero where nobody bought the two together."""
    found, by_week = mining.details(chosen)
    keys = _key(chosen)
    order = np.argsort(keys)

    def rows_of(table: pa.Table) -> Ints:
        return order[np.searchsorted(keys, _key(table), sorter=order)].astype(np.int64)

    columns = {name: np.zeros(len(keys), np.int64) for name in ("customers", "a_amount", "b_amount")}
    rows = rows_of(found)
    for name, column in columns.items():
        column[rows] = column_of(found, name)
    weekly = np.zeros((len(keys), weeks), np.int32)
    weekly[rows_of(by_week), column_of(by_week, "week")] = column_of(by_week, "both_count")
    return Details(**columns, weekly=weekly)


def _item_orders(mining: Mining, weeks: int) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Items and, for each, its orders by week."""
    table = mining.item_weeks()
    items, row = np.unique(column_of(table, "item"), return_inverse=True)
    orders = np.zeros((len(items), weeks), np.int32)
    orders[row, column_of(table, "week")] = column_of(table, "order_count")
    return items, orders


def column_of(table: pa.Table, name: str) -> Ints:
    column: Ints = table[name].cast(pa.int64(), safe=False).fill_null(0).to_numpy().astype(np.int64)
    return column


def _key(table: pa.Table) -> Ints:
    """One number for an unordered pair of items; items are numbered far below 2³¹."""
    return (column_of(table, "a") << 31) | column_of(table, "b")


def _table(kinds: dict[str, pa.DataType], rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return pa.table({name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)})
