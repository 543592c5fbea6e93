"""Counting by sorting whole numbers gives what the statement gives."""

from collections import Counter
from datetime import date
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossmatrix.insights.engine import kernel
from crossmatrix.insights.engine.duck import DuckEngine
from crossmatrix.insights.engine.mining import Mining, days_table
from crossmatrix.insights.engine.ranked import Apart, ranked
from crossmatrix.insights.engine.text import statement

ITEMS = pa.table({"item": pa.array([1, 2], pa.int32()), "order_count": pa.array([1, 1], pa.int64())})
BASKETS = st.lists(st.sets(st.integers(0, 14), min_size=1, max_size=8), max_size=60)


def table_of(baskets):
    """Lines of the baskets, basket by basket."""
    rows = [(n, item) for n, basket in enumerate(baskets) for item in basket]
    return pa.table(
        {name: pa.array([row[place] for row in rows], pa.int32()) for place, name in enumerate(("basket", "item"))}
    )


def by_hand(baskets, least):
    both = Counter(pair for basket in baskets for pair in combinations(sorted(basket), 2))
    return {pair: many for pair, many in both.items() if many >= least}


def lines_of(baskets, *, counted=range(10**6), largest=200, at_once=7):
    """Ranked lines of the baskets, of the products that are counted."""
    table = table_of(baskets)
    size = pa.array([len(basket) for basket in baskets for _item in basket], pa.int32())
    bought = Counter(item for basket in baskets if len(basket) <= largest for item in basket if item in counted)
    items = pa.table(
        {"item": pa.array(bought.keys(), pa.int32()), "order_count": pa.array(bought.values(), pa.int64())}
    )
    pieces = table.append_column("size", size).to_batches(max_chunksize=at_once)
    return ranked(pieces, items, lines=bought.total(), largest=largest)


def counted(baskets, least, **how):
    found = kernel.count_pairs(lines_of(baskets, **how), least=least)
    assert found.schema == kernel.COUNTS
    return {(row["a"], row["b"]): row["both_count"] for row in found.to_pylist()}


@pytest.fixture(params=["as in use", "cut small", "one table each"])
def cut(request, monkeypatch):
    """However the work is cut, and whichever way a block is counted."""
    if request.param != "as in use":
        monkeypatch.setattr(kernel, "BLOCK", 40 if request.param == "cut small" else 1)
        monkeypatch.setattr(kernel, "SHARE", 90)
        monkeypatch.setattr(kernel, "READ", 16)


@settings(max_examples=40)
@given(baskets=BASKETS, least=st.integers(1, 6))
def test_every_pair_of_enough_baskets_is_counted_and_no_other(baskets, least):
    assert counted(baskets, least) == by_hand(baskets, least)


def test_a_shop_is_counted_alike_however_the_work_is_cut(cut):
    chance = np.random.default_rng(5)
    weights = 1 / (np.arange(300) + 3)
    baskets = [
        set(chance.choice(300, int(size), p=weights / weights.sum()).tolist())
        for size in np.clip(chance.lognormal(1.5, 1.0, 500), 1, 80)
    ]

    for least in (1, 2, 5):
        assert counted(baskets, least) == by_hand(baskets, least)


def test_items_far_apart_and_keys_too_wide_for_one_block_are_counted(monkeypatch):
    monkeypatch.setattr(kernel, "KEYS", 1 << 7)
    baskets = [{n % 40, (n * 7) % 40, (n * n) % 40} for n in range(200)]

    assert counted(baskets, 2) == by_hand(baskets, 2)


@given(baskets=BASKETS, counted_items=st.sets(st.integers(0, 14)), at_once=st.integers(1, 40))
def test_products_that_are_not_counted_and_wholesale_baskets_are_left_out_however_they_are_read(
    baskets, counted_items, at_once
):
    small = [basket & counted_items for basket in baskets if len(basket) <= 5]

    found = lines_of(baskets, counted=counted_items, largest=5, at_once=at_once)

    assert found.generated == sum(len(basket) * (len(basket) - 1) // 2 for basket in small)
    assert counted(baskets, 1, counted=counted_items, largest=5, at_once=at_once) == by_hand(small, 1)


def test_lines_are_five_bytes_each():
    found = lines_of([set(range(n % 9)) for n in range(50)])

    assert found.rank.itemsize + found.after.itemsize == 5


DAY = date(2026, 11, 20)


def counting_of(engine, baskets, *, mixed=False, **how):
    """A counting that has read these baskets."""
    table, sizes = table_of(baskets), {n: len(basket) for n, basket in enumerate(baskets)}
    for name, kind, values in (
        ("size", pa.int32(), [sizes[n] for n in table["basket"].to_pylist()]),
        ("day", pa.date32(), [DAY] * len(table)),
        ("amount", pa.int64(), [100] * len(table)),
    ):
        table = table.append_column(name, pa.array(values, kind))
    skus = [f"s{n}" for n in range(100)]
    counting = Mining(engine, min_both=2, **how)
    counting.prepare(
        bought=table.take(pa.array(np.random.default_rng(1).permutation(len(table)))) if mixed else table,
        orders=pa.table(
            {
                "basket": pa.array(sizes.keys(), pa.int32()), "size": pa.array(sizes.values(), pa.int32()),
                "day": pa.array([DAY] * len(sizes), pa.date32()), "customer": [str(n) for n in sizes],
            }
        ),
        days=days_table(DAY, DAY), numbers=pa.table({"item": pa.array(range(100), pa.int32()), "sku": skus}),
        catalog=pa.table({"sku": skus, "product": pa.array(range(100), pa.int64())}),
        wanted=pa.table({"main": pa.array([], pa.int64()), "companion": pa.array([], pa.int64())}),
    )  # fmt: skip
    return counting


def rows_of(found):
    return {(row["a"], row["b"]): row["both_count"] for row in found.to_pylist()}


def test_lines_of_a_basket_that_stand_apart_are_noticed_and_brought_together():
    baskets = [{1, 2, 3}, {1, 2}, {2, 3}, {1, 2}] * 3
    apart = table_of([{1, 2}]).to_batches()[0].append_column("size", pa.array([3, 3], pa.int32()))

    with DuckEngine() as engine:
        found = rows_of(counting_of(engine, baskets, mixed=True).count())

    assert found == by_hand(baskets, 1)
    with pytest.raises(Apart):
        ranked([apart], ITEMS, lines=2, largest=9)


def test_no_lines_are_no_pairs():
    assert counted([], 1) == {}
    assert counted([{3}, {3}], 1) == {}


def test_the_number_is_that_of_the_statement():
    chance = np.random.default_rng(8)
    baskets = [set(chance.integers(0, 50, chance.integers(1, 12)).tolist()) for _ in range(800)]
    with DuckEngine() as engine:
        counting = counting_of(engine, baskets)
        (generated,) = engine.query(statement("generated", min_both=2))["generated"].to_pylist()
        shares = [engine.query(statement("counted", min_both=2, parts=3, part=part)) for part in range(3)]
        found = rows_of(counting.count())

    assert found == rows_of(pa.concat_tables(shares))
    assert counting.totals.generated == generated
    assert len(found) > 1000


def test_a_count_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(kernel, "SHARE", 20)
    told = []

    with DuckEngine() as engine:
        counting_of(engine, [set(range(8))] * 10, tell=lambda *step: told.append(step)).count()

    counted_steps = [step for step in told if step[0] == "count"]
    assert [done for _step, done, _total in counted_steps] == list(range(counted_steps[0][2]))
    assert counted_steps[0][2] > 1
