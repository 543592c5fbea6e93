"""Decisions of an import: values, columns, tables, wide matrices, states, guard rails."""

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.imports.reader.text import open_text
from crossmatrix.imports.resources import unit_of
from crossmatrix.imports.rules import columns, guards, table, values, wide
from crossmatrix.imports.rules.problems import PROBLEMS, BadValue
from crossmatrix.imports.rules.states import MOVES, BatchAction, BatchState, IllegalMove, Kind, next_state

NBSP, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (1299.0, "1299.00"), ("1299", "1299.00"), ("1 299,00 ₽", "1299.00"), (f"1{NBSP}299,00", "1299.00"),
        (f"1{NARROW}299,5", "1299.50"), ("1.299,00", "1299.00"), ("1,299.00", "1299.00"), ("1'299.00", "1299.00"),
        ("1299,-", "1299.00"), ("1299 руб.", "1299.00"), ("70.00 руб.", "70.00"), ("1 299 р.", "1299.00"), ("$12.50", "12.50"),
        ("12,5 €", "12.50"), ("1.234.567", "1234567.00"), ("0", "0.00"), ("1 234 567,89", "1234567.89"), (".5", "0.50"),
        (5, "5.00"), ("\u200b15", "15.00"), ("１２", "12.00"), ("1.234.567,50", "1234567.50"),
    ],
)  # fmt: skip
def test_a_price_is_read_as_it_was_meant(written, meant):
    assert str(values.parse_money(written)) == meant


@pytest.mark.parametrize("written", ["", None, "-", "—", "по запросу", "н/д", "Договорная", "  "])
def test_words_for_no_price_are_empty(written):
    assert values.parse_money(written) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("дорого", "value.not_number"), ("1 29,00", "value.not_number"), ("NaN", "value.not_number"), (float("nan"), "value.not_number"),
        (float("inf"), "value.not_number"), ("1e5", "value.not_number"), ("15 %", "value.percent"), (True, "value.not_number"),
        (datetime(2026, 1, 1), "value.not_number"), ("-5", "value.negative"), ("(5)", "value.negative"), ("−5", "value.negative"),
        ("99999999999", "value.too_big"), ("#N/A", "value.formula_error"), ("1,2,3", "value.not_number"), ("1.2,3.4", "value.not_number"),
        ("9" * 5000, "value.not_number"), ("12 шт 5", "value.not_number"),
    ],
)  # fmt: skip
def test_what_is_no_price_is_an_error(written, code):
    with pytest.raises(BadValue) as caught:
        values.parse_money(written)

    assert caught.value.code == code


def test_the_decimal_mark_of_the_column_settles_a_lone_group():
    assert values.parse_number("1.234") == Decimal("1.234")
    assert values.parse_number("1.234", decimal=",") == Decimal(1234)
    assert values.parse_number("1,234") == Decimal("1.234")
    assert values.parse_number("1,234", decimal=".") == Decimal(1234)


GROUPS = st.sampled_from([" ", NBSP, NARROW, "'"])


@given(
    st.decimals(min_value=0, max_value=9_999_999_999, places=2),
    GROUPS,
    st.sampled_from([",", "."]),
    st.sampled_from(["", " ₽", " руб.", " р."]),
)
def test_every_written_form_of_a_number_reads_back(number, group, mark, unit):
    whole, _, rest = f"{number:,.2f}".partition(".")
    written = whole.replace(",", group) + mark + rest + unit

    assert values.parse_money(written) == number


@given(st.text(max_size=40))
def test_no_text_breaks_a_parser(text):
    for name in (
        "money",
        "stock",
        "whole",
        "quantity",
        "date",
        "moment",
        "code",
        "barcode",
        "text",
        "path",
        "currency",
        "flag",
    ):
        try:
            values.PARSERS[name](text)
        except BadValue as bad:
            assert bad.code in PROBLEMS


@given(st.one_of(st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes(), st.none()))
def test_no_cell_breaks_a_parser(cell):
    for name in ("money", "stock", "whole", "quantity", "date", "moment", "code", "barcode", "text", "path"):
        try:
            values.PARSERS[name](cell)
        except BadValue as bad:
            assert bad.code in PROBLEMS


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("000123", "000123"),
        (123.0, "123"),
        ("123.0", "123"),
        (" 0002 ", "0002"),
        ("0003\u200b", "0003"),
        ("NONE", None),
        ("-", None),
        ("А-77/2", "А-77/2"),
    ],
)
def test_a_code_is_text_with_its_zeros(written, code):
    assert values.parse_code(written) == code


@pytest.mark.parametrize("written", ["4,60123E+12", "4.6E+12", 1e20])
def test_a_code_in_scientific_form_has_lost_its_digits(written):
    with pytest.raises(BadValue, match=r"value\.digits_lost"):
        values.parse_code(written)


def test_a_rounded_barcode_is_refused_and_a_decimal_tail_repaired():
    assert values.parse_barcode("4601234567893.0") == "4601234567893"
    assert values.parse_barcode(4601234567893.0) == "4601234567893"
    with pytest.raises(BadValue, match=r"value\.digits_lost"):
        values.parse_barcode(4601230000000.0)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("31.12.2026", date(2026, 12, 31)), ("1.2.26", date(2026, 2, 1)), ("2026-12-31", date(2026, 12, 31)), (46_022.0, date(2025, 12, 31)),
        ("31 декабря 2026", date(2026, 12, 31)), (datetime(2026, 1, 2, 3, 4), date(2026, 1, 2)), ("00.00.0000", None), ("", None),
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_usual_spelling(written, day):
    assert values.parse_date(written) == day


@pytest.mark.parametrize("written", ["31.02.2026", "13/32/2026", "завтра", 60.0, 99_999.0])
def test_what_is_no_day_is_an_error(written):
    with pytest.raises(BadValue, match=r"value\.not_date"):
        values.parse_date(written)


def test_stock_words_and_units_are_numbers():
    assert [values.parse_stock(word) for word in ("нет", "есть", ">100", "3,000", "5 шт.", 2.7, "")] == [
        0,
        1,
        100,
        3,
        5,
        2,
        None,
    ]


def test_category_paths_are_written_in_many_ways():
    assert {values.parse_path(text) for text in ("A / B", "A > B", "A>B", "A|B", "A\\B", "A/B", "A → B")} == {"A / B"}
    assert values.parse_path("Аудио / ТВ/Видео") == "Аудио / ТВ/Видео"


def test_a_clear_word_is_told_from_an_empty_cell():
    assert values.parse_text("очистить") is values.CLEARED
    assert values.parse_text("") is None


def test_the_formula_guard_of_our_own_export_is_taken_off_again():
    assert values.parse_text("'=1+1") == "=1+1"
    assert values.parse_text("'90-е годы") == "'90-е годы"


def test_the_labelled_headers_are_recognised():
    """Product columns of the labelled list: what we take without asking is right."""
    labelled = list(csv.DictReader((Path(__file__).parent.parent / "golden" / "headers.csv").open(encoding="utf-8")))
    specs = unit_of(Kind.CATALOG).specs
    ours = {spec.name for spec in specs}
    right = wrong = asked = 0
    for row in labelled:
        if row["import_type"] != "catalog":
            continue
        match = columns.map_columns([(row["header"], row["sample_values"].split(";"))], specs).get(0)
        meant = row["field"] if row["field"] in ours else {"is_active": "status"}.get(row["field"], "")
        if match and match.how == "auto":
            right, wrong = right + (match.field == meant), wrong + (match.field != meant)
        elif meant:
            asked += 1

    assert right >= 85
    assert wrong <= 0.12 * right  # fields we do not keep (old price, article of the supplier) look like ours


def test_a_remembered_mapping_goes_before_everything():
    specs = unit_of(Kind.CATALOG).specs

    found = columns.map_columns([("Цена", ["10"]), ("Код", ["A1"])], specs, memory={"цена": "cost", "код": ""})

    assert {index: (m.field, m.how) for index, m in found.items()} == {0: ("cost", "memory")}


def test_a_column_full_of_known_skus_is_the_key_column():
    specs = unit_of(Kind.CATALOG).specs
    cells = [("Артикул", ["a", "b", "c"]), ("Код товара", ["1", "2", "3"])]

    assert columns.map_columns(cells, specs, hits={1: 1.0})[1].field == "sku"
    assert columns.map_columns(cells, specs, hits={0: 1.0})[0].field == "sku"


def test_the_kind_is_told_by_the_columns():
    units = [unit_of(kind) for kind in Kind]

    assert (
        columns.guess_kind([("Номер заказа", []), ("Дата", []), ("Артикул", []), ("Количество", [])], units) == "orders"
    )
    assert columns.guess_kind([("Артикул", []), ("Наименование", []), ("Цена", [])], units) == "catalog"
    assert columns.guess_kind([("Основной товар", []), ("Спутник", []), ("Причина", [])], units) == "matrix"
    assert columns.guess_kind([("Погода", []), ("Настроение", [])], units) == ""


REPORT = [
    ["Прайс-лист на 22.11.2026", "", ""], ["", "", ""], ["Артикул", "Наименование", "Цена"], ["Кабели", "", ""],
    ["0001", "Кабель", 10.0], ["Артикул", "Наименование", "Цена"], ["0002", "Провод", 20.0], ["Итого", "", 30.0], ["", "", ""],
]  # fmt: skip


def test_the_header_is_found_below_a_title():
    words = {"артикул", "наименование", "цена"}

    header = table.find_header(REPORT, [], lambda title: columns.normalise_header(title) in words)

    assert (header.first, header.last, header.titles) == (2, 2, ("Артикул", "Наименование", "Цена"))


def test_groups_totals_blanks_and_repeated_headers_are_no_data():
    counts = table.Counts()

    found = list(table.data_rows(enumerate(REPORT[3:], start=4), ("Артикул", "Наименование", "Цена"), counts, mapped=3))

    assert [(number, row[0], group) for number, row, group in found] == [(5, "0001", "Кабели"), (7, "0002", "Кабели")]
    assert (counts.data, counts.group, counts.total, counts.blank, counts.repeat) == (2, 1, 1, 1, 1)


def test_a_header_of_three_merged_rows_is_flattened():
    rows = [["Артикул", "Цены", ""], ["", "Закупочная", "Розничная"], ["", "Цена", "Цена"], ["1", 2, 3]]

    header = table.header_at(rows, [((0, 0), (2, 0)), ((0, 1), (0, 2))], 0)

    assert header.titles[0] == "Артикул"
    assert header.titles[1].startswith("Цены")


@pytest.mark.parametrize(
    ("cell", "verdict", "reason"),
    [
        ("Нужен для подключения", "suitable", "Нужен для подключения"), ("x", "suitable", ""), ("✓", "suitable", ""), (True, "suitable", ""),
        ("Не подходит: другой разъём", "not_suitable", "Другой разъём"), ("not suitable - old plug", "not_suitable", "Old plug"),
        ("Не подходит", "not_suitable", "Не подходит"),
    ],
)  # fmt: skip
def test_a_cell_of_a_wide_matrix_says_a_verdict_and_a_reason(cell, verdict, reason):
    assert wide.meaning_of(cell) == wide.CellMeaning(verdict, reason)


@pytest.mark.parametrize("cell", ["", None, "-", "—", "?"])
def test_an_empty_cell_of_a_wide_matrix_is_undecided(cell):
    assert wide.meaning_of(cell) is None


def test_every_state_and_action_either_moves_or_refuses():
    for state in BatchState:
        for action in BatchAction:
            if (state, action) in MOVES:
                assert next_state(state, action) == MOVES[state, action]
            else:
                with pytest.raises(IllegalMove):
                    next_state(state, action)


def test_a_batch_that_is_over_cannot_be_written_again():
    for over in (BatchState.UNDONE, BatchState.DISCARDED):
        assert not [action for state, action in MOVES if state == over]


def test_guard_rails_speak_only_when_there_is_reason():
    fine = guards.Figures(rows=100, known=90, catalog=1000)
    odd = guards.Figures(rows=100, known=5, catalog=1000, price_down=37, currency=2)

    assert guards.remarks(fine) == []
    assert [remark.code for remark in guards.remarks(odd)] == ["guard.wrong_file", "guard.price_down", "guard.currency"]


def test_lists_of_companions_are_divided_and_single_names_are_not():
    assert wide.parts_of("A; B\nC, D") == ["A", "B", "C", "D"]
    assert wide.parts_of("-") == []
    assert wide.parts_of("СТ-2011") == ["СТ-2011"]


CLEAN = "Номер;Дата;Артикул;Количество;Цена\nСП-1;01.11.2026;КБ-С;1;10\nСРС-2;02.11.2026;Р-7°;2;«5»\nЁлка — Сыр\u00a0Рё;РС;С…;1;1\n"


def test_clean_russian_is_not_taken_for_text_encoded_twice():
    _text, dialect, warnings = open_text((CLEAN * 5).encode())

    assert (dialect["encoding"], warnings) == ("utf-8", [])


@pytest.mark.parametrize("codepage", ["cp1251", "latin-1"])
def test_text_encoded_twice_is_told(codepage):
    doubled = "Номер;Дата;Количество;Цена".encode().decode(codepage, errors="ignore")

    _text, _dialect, warnings = open_text(doubled.encode())

    assert [code for code, _params in warnings] == ["guard.double_encoded"]
