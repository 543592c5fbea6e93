"""`manage.py import …`: what it prints, how it ends, what it writes."""

import io
import json
import sys

import openpyxl
import pytest
from django.core.management import call_command

from crossmatrix.catalog.models import Product
from crossmatrix.imports.models import ImportBatch
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import ProductFactory
from tests.imports.workbooks import workbook

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = [["Артикул", "Наименование", "Цена"], ["000123", "Кабель HDMI", "1 299,00 ₽"], ["000124", "Консоль", 49990]]
BAD = [*GOOD, ["000125", "Диск", "дорого"]]
KEYS = {
    "batch", "kind", "sha256", "sheet", "header_row", "mapping", "rows", "new", "changed", "same", "error", "warning",
    "applied", "problems", "problems_total",
}  # fmt: skip
PROBLEM_KEYS = {"sheet", "row", "column", "value", "code", "message"}


@pytest.fixture
def book(tmp_path):
    def book(rows, name="прайс.xlsx"):
        path = tmp_path / name
        path.write_bytes(rows if isinstance(rows, bytes) else workbook(rows))
        return path

    return book


@pytest.fixture
def command(monkeypatch):
    """Run a verb; gives (exit code, JSON or None, standard error)."""

    def command(*words):
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stderr", err)
        code = 0
        try:
            call_command("import", *[str(word) for word in words], "--json", stdout=out)
        except SystemExit as end:
            code = end.code
        said = out.getvalue()
        return code, json.loads(said) if said else None, err.getvalue()

    return command


def test_a_plan_is_told_and_nothing_is_written(command, book):
    code, told, err = command("catalog", book(GOOD))

    assert (code, err) == (0, "")
    assert set(told) >= KEYS
    assert told["mapping"] == {"Артикул": "sku", "Наименование": "name", "Цена": "price"}
    assert (told["kind"], told["header_row"], told["rows"], told["new"], told["applied"]) == ("catalog", 1, 2, 2, False)
    assert Product.objects.count() == 0


def test_apply_writes_the_plan_and_undo_takes_it_back(command, book, manager):
    _code, told, _err = command("catalog", book(GOOD), "--apply", "--actor", manager.email)
    assert told["applied"] is True
    assert Product.objects.count() == 2
    assert ImportBatch.objects.get().applied_by == manager

    code, undone, _err = command("undo", told["batch"])

    assert code == 0
    assert undone == {"batch": told["batch"], "reversed": 2, "kept": 0, "failed": 0, "details": []}
    assert Product.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("ru", "Не число. Напишите цифрами, например 1299,50."),
        ("en", "Not a number. Write it in figures, for example 1299.50."),
    ],
)
def test_problems_end_with_three_and_write_nothing(command, book, language, message):
    code, told, _err = command("catalog", book(BAD), "--apply", "--language", language)

    assert (code, told["error"], told["applied"], told["problems_total"]) == (3, 1, False, 1)
    (problem,) = told["problems"]
    assert set(problem) >= PROBLEM_KEYS
    assert (problem["row"], problem["column"], problem["value"], problem["code"]) == (
        4,
        "Цена",
        "дорого",
        "value.not_number",
    )
    assert problem["message"] == message
    assert Product.objects.count() == 0


def test_partial_applies_the_good_rows(command, book):
    code, told, _err = command("catalog", book(BAD), "--apply", "--partial")

    assert (code, told["applied"], told["outcome"]["created"]) == (0, True, 2)
    assert set(Product.objects.values_list("sku", flat=True)) == {"000123", "000124"}


@pytest.mark.parametrize(("language", "sentence"), [("ru", "Это не таблица."), ("en", "This is not a spreadsheet.")])
def test_a_wrong_file_is_refused_with_its_code_and_sentence(command, book, language, sentence):
    code, told, err = command("catalog", book(b"%PDF-1.7 no table", "счёт.pdf"), "--language", language)

    assert (code, told) == (2, None)
    assert err.startswith(f"file.type: {sentence}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["catalog", "нет такого.xlsx"], "file.missing"), (["undo", "999"], "batch.unknown"),
        (["events", "clicks.csv"], "file.missing"), (["report", "999", "--out", "x.xlsx"], "batch.unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(command, words, refusal):
    code, told, err = command(*words)

    assert (code, told, err.split(":")[0]) == (2, None, refusal)


def test_options_that_name_nothing_are_refused(command, book):
    path = book(GOOD)

    assert command("catalog", path, "--map", "Цена")[2].startswith("map.syntax:")
    assert command("catalog", path, "--map", "Скидка=price")[2].startswith("header.unknown:")
    assert command("catalog", path, "--profile", "вторник")[2].startswith("profile.unknown:")
    assert command("catalog", path, "--actor", "nobody@shop.test")[2].startswith("actor.unknown:")
    assert command("catalog", path, "--sheet", "Лист9")[2].startswith("sheet.unknown:")
    assert Product.objects.count() == 0


def test_a_missing_key_column_is_named(command, book):
    code, _told, err = command("catalog", book([["Наименование", "Цена"], ["Кабель", 10], ["Диск", 20]]))

    assert code == 2
    assert err.startswith("columns.missing:")
    assert "Артикул" in err


def test_a_column_is_mapped_by_hand(command, book):
    _code, told, _err = command("catalog", book(GOOD), "--map", "Цена=cost", "--apply")

    assert told["mapping"]["Цена"] == "cost"
    assert [(p.price, p.cost) for p in Product.objects.filter(sku="000124")] == [(None, 49990)]


def test_an_undone_batch_is_not_undone_again(command, book):
    _code, told, _err = command("catalog", book(GOOD), "--apply")
    command("undo", told["batch"])

    code, _told, err = command("undo", told["batch"])

    assert (code, err.split(":")[0]) == (2, "move.illegal")


def test_the_report_is_the_persons_workbook_with_a_problem_column(command, book, tmp_path):
    _code, told, _err = command("catalog", book(BAD))

    code, said, _err = command("report", told["batch"], "--out", tmp_path / "к исправлению.xlsx")

    assert (code, said["problems"]) == (0, 1)
    sheet = openpyxl.load_workbook(tmp_path / "к исправлению.xlsx").worksheets[0]
    texts = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert "дорого" in texts
    assert any("Не число." in text for text in texts)


def test_links_absent_from_the_file_retire_when_asked(command, book, manager, now):
    _console, cable, _disk, lamp = (
        ProductFactory(sku=sku, price=price) for sku, price in (("CON", 500), ("CAB", 10), ("DSK", 20), ("LMP", 50))
    )
    head, *links = ["Основной товар", "Спутник", "Причина"], ["CON", "CAB", "Подключить"], ["CON", "DSK", "Играть"]
    command("matrix", book([head, *links]), "--apply", "--actor", manager.email)
    matrix.set_pair(
        draft=LinkDraft(main_id=lamp.pk, companion_id=cable.pk, reason="Удлинить провод"), actor=manager, at=now
    )

    code, told, _err = command(
        "matrix", book([head, links[0]]), "--absent", "retire", "--apply", "--actor", manager.email
    )

    assert (code, told["absent"], told["outcome"]["retired"]) == (0, 1, 1)
    live = Pair.objects.filter(current__state="draft").order_by("pk")
    assert [(pair.main.sku, pair.companion.sku) for pair in live] == [("CON", "CAB"), ("LMP", "CAB")]
