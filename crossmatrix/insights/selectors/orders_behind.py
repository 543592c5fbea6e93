"""The orders behind a number: those of the current refresh that hold both products of a pair."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import OrderFile, Refresh
from crossmatrix.insights.rules.baskets import WHOLESALE_ABOVE
from crossmatrix.insights.selectors.storage import local_files

SHOWN = 50


@dataclass(frozen=True)
class OrderBehind:
    """One order with both products; money in minor units, None where the lines do not say."""

    order_id: str
    ordered_at: datetime  # the shop's wall clock
    customer: str | None
    store: str | None
    channel: str | None
    segment: str | None
    products: int  # different ones in the order
    main_quantity: float
    main_amount: int | None
    companion_quantity: float
    companion_amount: int | None
    companion_discount: int | None  # None: the order does not say; 0: none


@dataclass(frozen=True)
class OrdersBehind:
    """Newest first; `total` counts all of them, however many are given."""

    first: date
    last: date
    total: int
    orders: list[OrderBehind]


def orders_behind(main: Product, companion: Product, limit: int | None = SHOWN) -> OrdersBehind | None:
    """The orders counted as "with both" of a pair, the newest `limit` (None: all); None before the first refresh."""
    refresh = Refresh.objects.filter(current=True).first()
    if refresh is None:
        return None
    files = OrderFile.objects.filter(first_date__lte=refresh.to_date, last_date__gte=refresh.from_date).order_by("path")
    paths = [str(path) for path in local_files(files)]
    if not paths:
        return OrdersBehind(refresh.from_date, refresh.to_date, 0, [])
    with duckdb.connect(config={"threads": 2, "memory_limit": "500MB"}) as base:
        base.read_parquet(paths).create_view("stored")
        rows = base.execute(
            BEHIND + (f" limit {int(limit)}" if limit is not None else ""),
            {
                "main": main.sku, "companion": companion.sku, "first": refresh.from_date, "last": refresh.to_date,
                "wholesale": WHOLESALE_ABOVE,
            },
        ).fetchall()  # fmt: skip
    return OrdersBehind(
        first=refresh.from_date, last=refresh.to_date, total=rows[0][-1] if rows else 0,
        orders=[OrderBehind(*row[:-1]) for row in rows],
    )  # fmt: skip


BEHIND = """
with lines as (
  select * from stored where not is_return and quantity > 0
),
with_main as (select distinct order_id from lines where sku = $main),
with_both as (select distinct l.order_id from lines l semi join with_main m on m.order_id = l.order_id where l.sku = $companion),
whole as (
  select l.order_id, min(l.ordered_at) as ordered_at, max(l.customer) as customer, max(l.store) as store,
    max(l.channel) as channel, max(l.segment) as segment, count(distinct l.sku) as products,
    cast(sum(case when l.sku = $main then l.quantity end) as double) as main_quantity,
    cast(sum(case when l.sku = $main then l.amount end) as bigint) as main_amount,
    cast(sum(case when l.sku = $companion then l.quantity end) as double) as companion_quantity,
    cast(sum(case when l.sku = $companion then l.amount end) as bigint) as companion_amount,
    cast(sum(case when l.sku = $companion then round(l.discount * 100) end) as bigint) as companion_discount
  from lines l semi join with_both b on b.order_id = l.order_id
  group by l.order_id
)
select *, count(*) over () as total
from whole
where cast(ordered_at as date) between $first and $last and products <= $wholesale
order by ordered_at desc, order_id
"""
