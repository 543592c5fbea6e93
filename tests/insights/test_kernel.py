"""Counting by sorting whole numbers gives what the statement gives."""

from collections import Counter
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossmatrix.insights.engine import kernel
from crossmatrix.insights.engine.duck import DuckEngine
from crossmatrix.insights.engine.mining import Mining
from crossmatrix.insights.engine.text import kept_from, statement

BASKETS = st.lists(st.sets(st.integers(0, 14), min_size=1, max_size=8), max_size=60)


def table_of(baskets, numbers=None):
    """Lines of the baskets, basket by basket."""
    rows = [(numbers[n] if numbers else n, item) for n, basket in enumerate(baskets) for item in basket]
    return pa.table(
        {name: pa.array([row[place] for row in rows], pa.int32()) for place, name in enumerate(("basket", "item"))}
    )


def by_hand(baskets, least):
    both = Counter(pair for basket in baskets for pair in combinations(sorted(basket), 2))
    return {pair: many for pair, many in both.items() if many >= least}


def counted(table, least):
    found = kernel.count_pairs(table, least=least)
    assert found.schema == kernel.COUNTS
    return {(row["a"], row["b"]): row["both_count"] for row in found.to_pylist()}


@pytest.fixture(params=["as in use", "cut small", "one table each"])
def cut(request, monkeypatch):
    """However the work is cut, and whichever way a block is counted."""
    if request.param != "as in use":
        monkeypatch.setattr(kernel, "BLOCK", 40 if request.param == "cut small" else 1)
        monkeypatch.setattr(kernel, "SHARE", 200)
        monkeypatch.setattr(kernel, "READ", 16)


@settings(max_examples=40)
@given(baskets=BASKETS, least=st.integers(1, 6))
def test_every_pair_of_enough_baskets_is_counted_and_no_other(baskets, least):
    assert counted(table_of(baskets), least) == by_hand(baskets, least)


def test_a_shop_is_counted_alike_however_the_work_is_cut(cut):
    chance = np.random.default_rng(5)
    weights = 1 / (np.arange(300) + 3)
    baskets = [
        set(chance.choice(300, int(size), p=weights / weights.sum()).tolist())
        for size in np.clip(chance.lognormal(1.5, 1.0, 500), 1, 80)
    ]

    for least in (1, 2, 5):
        assert counted(table_of(baskets), least) == by_hand(baskets, least)


def test_items_far_apart_and_keys_too_wide_for_one_block_are_counted(monkeypatch):
    monkeypatch.setattr(kernel, "KEYS", 1 << 7)
    baskets = [{n % 40, (n * 7) % 40, (n * n) % 40} for n in range(200)]

    assert counted(table_of(baskets), 2) == by_hand(baskets, 2)


def test_lines_of_a_basket_that_stand_apart_are_brought_together():
    baskets = [{1, 2, 3}, {1, 2}, {2, 3}, {1, 2}] * 3
    mixed = table_of(baskets, numbers=[90 - n for n in range(12)])
    mixed = mixed.take(pa.array(np.random.default_rng(1).permutation(mixed.num_rows)))

    assert counted(mixed, 4) == by_hand(baskets, 4)


def test_no_lines_are_no_pairs():
    assert counted(table_of([]), 1) == {}
    assert counted(table_of([{3}, {3}]), 1) == {}


def test_the_number_is_that_of_the_statement():
    chance = np.random.default_rng(8)
    table = table_of([set(chance.integers(0, 50, chance.integers(1, 12)).tolist()) for _ in range(800)])
    with DuckEngine() as engine:
        engine.register("baskets", table)
        shares = [engine.query(statement("counted", min_both=10, parts=3, part=part)) for part in range(3)]
        rows = pa.concat_tables(shares).to_pylist()

    assert counted(table, kept_from(10)) == {(row["a"], row["b"]): row["both_count"] for row in rows}
    assert len(rows) > 1000


def test_a_count_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(kernel, "SHARE", 100)
    told = []

    with DuckEngine() as engine:
        mining = Mining(engine, min_both=2, tell=lambda *step: told.append(step))
        engine.register("baskets", table_of([set(range(8))] * 10))
        mining.count()

    assert [step for step, _done, _total in told] == ["count"] * len(told)
    assert [done for _step, done, _total in told] == list(range(told[0][2]))
    assert told[0][2] > 1
