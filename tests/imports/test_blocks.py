"""Columns taken as a whole and cells taken one by one lead to the same bytes."""

import itertools
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossmatrix.imports.reader.cells import NULL, ClearWord, Column, Remarked, encoder, params_of
from crossmatrix.imports.resources import unit_of
from crossmatrix.imports.rules import blocks, table
from crossmatrix.imports.rules.problems import BadValue
from crossmatrix.imports.rules.states import Kind

SPECS = {(kind.value, spec.name): spec for kind in Kind for spec in unit_of(kind).specs}
DIALECTS = [{}, {"decimal": ","}, {"decimal": ".", "order": "mdy"}]
ODD = [
    "", None, " ", "clear", "Очистить", "#clear", "(clear)", "'=1+1", "'x", "#N/A", "#5", "a  b", " a", "a ", "a\nb", "a\\b", "a\tb",
    "й", "и\u0306", "x\u00a0y", "\u200bx", "123.0", "4,6E+12", "1e+5", "-", "—", "NONE", "none", "ооo1", "ABC", "Ж-1", "0", "007", "-5", "12,50",
    "12.5", "0.50", "00.50", "1.234", "1 234", "9999999999", "есть", "5 шт", 0.0, -0.0, 1.0, 1, True, False, 2.675, 0.005, 1e15, 1e16,
    123456789012345.0, 4601234567893.0, 460123400000.0, float("nan"), float("inf"), -1.5, 12.3456, 2**31, 2.5, "a" * 65, "a" * 501, "9" * 33,
    date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5), datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02", "02.01.2026", "да",
]  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(ODD), st.text(max_size=12), st.floats(), st.integers(-(2**33), 2**33), st.dates(), st.datetimes(),
    st.decimals(-10, 10**10, places=2).map(float), st.integers(0, 10**13).map(float), st.from_regex(r"\A[0-9]{1,9}[.,][0-9]{2}\Z"),
)  # fmt: skip
PURE = st.one_of(
    *(st.lists(one, min_size=1, max_size=12) for one in (
        st.floats(), st.integers(-(10**6), 10**12).map(float), st.decimals(0, 10**9, places=2).map(float), st.datetimes(), st.dates(),
        st.text("АБВABC123-./ '#\n", min_size=1, max_size=12), st.integers(0, 10**14).map(str), st.from_regex(r"\A[0-9]{1,9}[.,][0-9]{2}\Z"),
    ))
)  # fmt: skip


def one_by_one(spec, dialect, cells):
    """What the parsers say, cell by cell: texts, and by place what has to be told."""
    encode, texts, told = encoder(spec, params_of(spec, dialect)), [], []
    for place, cell in enumerate(cells):
        try:
            texts.append(encode(cell))
        except (BadValue, ClearWord, Remarked) as special:
            texts.append(NULL)
            told.append((place, type(special), getattr(special, "code", ""), getattr(special, "value", "")))
    return texts, told


def together(column, cells):
    texts, odd = column.take(cells)
    told = [(at, type(what), getattr(what, "code", ""), getattr(what, "value", "")) for at, what in odd]
    return texts, told


@pytest.mark.parametrize("name", SPECS, ids="-".join)
@settings(max_examples=60)
@given(cells=st.one_of(st.lists(CELLS, min_size=1, max_size=12), PURE), dialect=st.sampled_from(DIALECTS))
@example(cells=[1.0, 2.0, 3.0], dialect={})
@example(cells=["a1", "", "b2"], dialect={})
def test_a_column_taken_together_is_the_same_as_cell_by_cell(name, cells, dialect):
    spec = SPECS[name]

    taken = together(Column(spec, dialect), cells)

    assert taken == one_by_one(spec, dialect, cells)


@pytest.mark.parametrize("name", SPECS, ids="-".join)
@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_every_odd_cell_among_ordinary_ones_gets_its_own_look(name, dialect):
    spec = SPECS[name]
    ordinary = [
        ["А-1", "А-2", "А-3"],
        [1.0, 2.0, 3.0],
        [1.25, 2.5, 3.75],
        ["12,50", "13.00", "5,99"],
        ["10", "11", "12"],
    ]

    for cells, odd in itertools.product(ordinary, ODD):
        among = [*cells, odd]

        assert together(Column(spec, dialect), among) == one_by_one(spec, dialect, among), among


@pytest.mark.parametrize(
    ("kind", "name", "cells"),
    [
        ("catalog", "sku", ["000001", "000002"]), ("catalog", "name", ["Кабель 1 м", "Cable «1»"]), ("catalog", "price", [100.5, 99.99]),
        ("catalog", "price", ["100,50", "99,99"]), ("catalog", "stock", [5.0, 6.0]), ("catalog", "barcode", ["4601234567893", "4601234567894"]),
        ("orders", "quantity", [1.0, 1.5]), ("orders", "ordered_at", [datetime(2026, 1, 2), datetime(2026, 1, 3)]),
    ],
)  # fmt: skip
def test_ordinary_columns_really_are_taken_together(kind, name, cells):
    spec = SPECS[kind, name]

    texts = blocks.block(spec.parser, params_of(spec, {}))(cells)

    assert texts == one_by_one(spec, {}, cells)[0]


def test_true_is_not_mistaken_for_the_number_one_seen_before():
    column = Column(SPECS["orders", "is_return"], {})

    column.take(["1", 1.0])

    assert together(column, [True, False]) == (["t", "f"], [])


@given(
    st.lists(
        st.lists(st.sampled_from(["", None, "Артикул", "Название", "Цена", "Итого", "A1", "B2", "Всего 5", 1.0, "x", "Группа"]), max_size=5),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_rows_looked_at_together_play_the_same_role_as_one_by_one(sheet):
    heads = ["артикул", "название", "цена"]

    if table.nothing_but_data(sheet, heads):
        assert {table.role_of(row, heads, 3) for row in sheet} == {"data"}
