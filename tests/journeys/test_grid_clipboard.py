"""Excel both ways: what is copied, what is pasted, and what is said about what was not written."""

import json
from pathlib import Path

import pytest

from crossmatrix.matrix.models import OpBatch, Pair, PairRevision, Slot
from crossmatrix.matrix.selectors import providers
from tests.journeys import sheet as grid
from tests.journeys.sheet import MAINS, approved, reasons

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

matrix, opened = grid.matrix, grid.opened

# row 0 of the grid is the group "Консоли"; console 00 stands in row 1


def test_copy_gives_what_paste_accepts(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0, to=(1, 1))

    sheet.press("Control+c")
    sheet.page.wait_for_timeout(150)
    copied = sheet.page.evaluate("navigator.clipboard.readText()")
    sheet.go(10, 4)
    sheet.press("Control+v")
    sheet.wait("m.p.get(10, 5)?.text === 'Причина 1'")
    sheet.saved()

    assert copied == "Причина 0\tПричина 1"
    assert reasons(9) == {"C04": "Причина 0", "C05": "Причина 1"}


def test_paste_from_excel_understands_quotes_and_names_what_it_left_out(opened, matrix):
    sheet = opened(matrix)
    sheet.clip('один\tдва\r\n"три\nс переводом"\t#Н/Д\r\n')
    sheet.go(5, 3)

    sheet.press("Control+v")
    sheet.wait("m.p.get(6, 3)?.text === 'три с переводом'")
    sheet.saved()
    said = sheet.toasts()
    sheet.page.get_by_role("button", name="Показать").click()

    assert "Вставлено 3 ячейки, пропущено: 1" in said
    assert reasons(4) == {"C03": "один", "C04": "два"}
    assert reasons(5) == {"C03": "три с переводом"}
    lines = sheet.page.locator("[data-m=report-rows] tr").all_inner_texts()
    assert len(lines) == 2
    assert any("Консоль 05 × Кабель 04" in line and "#Н/Д" in line for line in lines)
    assert any("записано как «три с переводом»" in line for line in lines)


def test_words_of_the_clipboard_link_clear_and_refuse(opened, matrix):
    sheet = opened(matrix)
    sheet.clip("x\t-\tне подходит: другой разъём")
    sheet.go(1, 1)

    sheet.press("Control+v")
    sheet.wait("m.p.get(1, 3)?.s === 'not_suitable'")
    sheet.saved()

    assert (sheet.text(1, 1), sheet.state(1, 1)) == ("Причина 1", "draft")
    assert sheet.state(1, 2) == ""
    assert sheet.text(1, 3) == "другой разъём"


def test_one_value_fills_the_range_and_empty_clipboard_cells_change_nothing(opened, matrix):
    sheet = opened(matrix)
    sheet.clip("Запасной")
    sheet.go(11, 5, to=(13, 6))
    sheet.press("Control+v")
    sheet.wait("m.p.get(13, 6)?.text === 'Запасной'")
    sheet.clip("\tновая\t")
    sheet.go(1, 0)
    sheet.press("Control+v")
    sheet.wait("m.p.get(1, 1)?.text === 'новая'")
    sheet.saved()

    assert [sheet.text(row, column) for row in (11, 12, 13) for column in (5, 6)] == ["Запасной"] * 6
    assert reasons(0) == {"C00": "Причина 0", "C01": "новая", "C02": "Причина 2"}


def test_what_falls_outside_the_matrix_is_counted(opened, matrix):
    sheet = opened(matrix)
    sheet.clip("\n".join(["q"] * 9))
    sheet.go(MAINS - 2, 0)

    sheet.press("Control+v")
    sheet.saved()
    sheet.page.get_by_text("пропущено: 6").first.wait_for()

    assert reasons(MAINS - 1) == {"C00": "q"}


def test_group_rows_are_not_written(opened, matrix):
    sheet = opened(matrix)
    sheet.go(0, 0)

    sheet.page.keyboard.type("x")
    sheet.clip("нельзя")
    sheet.press("Control+v")
    sheet.page.wait_for_timeout(500)

    assert sheet.state(0, 0) == "agg"
    assert PairRevision.objects.count() == 3


CLIPBOARD_FILES = Path(__file__).resolve().parent.parent.parent / "fixtures" / "clipboard"
EXPECTED = json.loads((CLIPBOARD_FILES / "expected.json").read_text(encoding="utf-8"))
READ = """async ([html, text]) => {
  const { readClipboard, parseTSV } = await import("/static/js/xgrid-clipboard.js"), data = new DataTransfer();
  data.setData("text/html", html); data.setData("text/plain", text);
  return { table: readClipboard(data), text: parseTSV(text) };
}"""


@pytest.fixture(scope="module")
def reader(browser):
    """A page that has the module and nothing else."""
    page = browser.new_context().new_page()
    module = (CLIPBOARD_FILES.parent.parent / "static" / "js" / "xgrid-clipboard.js").read_text(encoding="utf-8")
    page.route("**/xgrid-clipboard.js", lambda route: route.fulfill(body=module, content_type="text/javascript"))
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto("http://clipboard.test/blank")
    yield page
    page.context.close()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_clipboard_of_every_program_is_read_cell_by_cell(reader, name):
    html, text = ((CLIPBOARD_FILES / f"{name}.{end}").read_bytes().decode() for end in ("html", "txt"))

    assert reader.evaluate(READ, [html, text]) == EXPECTED[name]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ("a\n\nb", [["a"], [""], ["b"]]),
        ('"a\tb"\tc', [["a\tb", "c"]]),
        ('"a ""b"" c"', [['a "b" c']]),
        ('"open quote\tx\ny', [['"open quote', "x"], ["y"]]),
        ("", [[""]]),
    ],
)
def test_tabs_quotes_and_line_ends_of_plain_text(reader, text, rows):
    assert reader.evaluate(READ, ["", text])["table"] == rows


def test_a_table_of_excel_is_pasted_with_the_breaks_inside_its_cells(opened, matrix):
    sheet = opened(matrix)
    html, text = ((CLIPBOARD_FILES / f"libreoffice_lines.{end}").read_text(encoding="utf-8") for end in ("html", "txt"))
    sheet.go(5, 3)

    sheet.page.evaluate(
        """([html, text]) => { const data = new DataTransfer(); data.setData("text/html", html); data.setData("text/plain", text);
        document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }""",
        [html, text],
    )
    sheet.wait("m.p.get(6, 4)?.text === 'Он сказал \"да\" и ещё'")
    sheet.saved()
    sheet.said("Вставлено 4", "очищено: 2")

    assert reasons(4) == {"C03": "Первая строка вторая", "C04": 'Чехол 12" чёрный'}
    assert reasons(5) == {"C03": '"Orbis" к телефону', "C04": 'Он сказал "да" и ещё'}


def test_hidden_characters_are_cleaned_and_named(opened, matrix):
    sheet = opened(matrix)
    sheet.clip("Для\u00a0ТВ\u200b\tобычная")
    sheet.go(5, 3)

    sheet.press("Control+v")
    sheet.wait("m.p.get(5, 4)?.text === 'обычная'")
    sheet.saved()
    sheet.said("очищено: 1")
    sheet.page.get_by_role("button", name="Показать").click()

    assert reasons(4) == {"C03": "Для ТВ", "C04": "обычная"}
    assert "записано как «Для ТВ»" in sheet.page.locator("[data-m=report-rows] tr").inner_text()


def test_copying_with_headers_names_rows_and_columns(opened, matrix):
    sheet = opened(matrix)

    sheet.menu(1, 1, "copyHeaders")

    assert sheet.copied() == "\tКабель 01\r\nКонсоль 00\tПричина 1"


def test_cut_clears_what_it_copied_and_undo_brings_it_back(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0, to=(1, 1))

    sheet.press("Control+x")
    sheet.wait("m.p.get(1, 1)?.s === ''")
    sheet.saved()
    copied, cleared = sheet.copied(), reasons(0)
    sheet.press("Control+z")
    sheet.wait("m.p.get(1, 1)?.text === 'Причина 1'")

    assert copied == "Причина 0\tПричина 1"
    assert cleared == {"C02": "Причина 2"}
    assert reasons(0) == {"C00": "Причина 0", "C01": "Причина 1", "C02": "Причина 2"}


def test_a_block_repeats_into_a_multiple_of_its_size(opened, matrix):
    sheet = opened(matrix)
    sheet.clip("а\tб\r\nв\tг")
    sheet.go(10, 2, to=(13, 5))

    sheet.press("Control+v")
    sheet.wait("m.p.get(13, 5)?.text === 'г'")
    sheet.saved()

    assert reasons(9) == reasons(11) == {"C02": "а", "C03": "б", "C04": "а", "C05": "б"}
    assert reasons(12) == {"C02": "в", "C03": "г", "C04": "в", "C05": "г"}


def test_a_block_that_is_no_multiple_goes_to_the_upper_left(opened, matrix):
    sheet = opened(matrix)
    sheet.clip("а\tб")
    sheet.go(10, 2, to=(12, 4))

    sheet.press("Control+v")
    sheet.wait("m.p.get(12, 3)?.text === 'б'")
    sheet.saved()

    assert reasons(9) == reasons(11) == {"C02": "а", "C03": "б"}


def test_more_than_five_hundred_cells_are_shown_before_they_are_written(opened, matrix):
    sheet = opened(matrix)
    sheet.clip("\r\n".join("\t".join(f"{row}.{column} п" for column in range(20)) for row in range(26)))
    sheet.go(2, 0)

    sheet.press("Control+v")
    dialog = sheet.page.locator("[data-m=preview]")
    dialog.get_by_role("button", name="Отмена").click()
    nothing = PairRevision.objects.count()
    sheet.go(2, 0)
    sheet.press("Control+v")
    shown = dialog.inner_text()
    dialog.get_by_role("button", name="Записать").click()
    sheet.saved()
    sheet.said("Вставлено 520")

    assert nothing == 3
    assert "520" in shown
    assert "Консоль 01 × Кабель 00" in shown
    assert len(reasons(1)) == len(reasons(26)) == 20


def test_a_published_cell_is_never_written_without_being_shown(opened, matrix, monkeypatch):
    approved(0, 0)
    monkeypatch.setattr(providers, "_published", [set])
    sheet = opened(matrix)
    sheet.wait("m.p.get(1, 0)?.s === 'published'")
    sheet.clip("Другая причина")
    sheet.go(1, 0)

    sheet.press("Control+v")
    dialog = sheet.page.locator("[data-m=preview]")
    row = dialog.locator("tbody tr").inner_text()
    dialog.get_by_role("button", name="Отмена").click()

    assert "Опубликовано: Причина 0" in row
    assert "Черновик: Другая причина" in row
    assert sheet.state(1, 0) == "published"


def test_rows_out_of_sight_are_never_written(opened, matrix):
    sheet = opened(matrix, query="level=sku&q=Консоль+2")
    rows = sheet.js("[...m.p.rowMeta.values()].filter((row) => !row.group).map((row) => row.sku)")
    sheet.clip("\n".join(["видно"] * len(rows)))
    sheet.go(1, 5)

    sheet.press("Control+v")
    sheet.wait(f"m.p.get({len(rows)}, 5)?.text === 'видно'")
    sheet.saved()

    written = set(Pair.objects.filter(companion__sku="C05", current__isnull=False).values_list("main__sku", flat=True))
    assert written == set(rows)
    assert len(rows) < MAINS


def test_a_type_that_does_not_suit_is_hatched_and_takes_nothing(opened, matrix):
    Slot.objects.update(verdict="not_suitable", reason="Другой стандарт")
    sheet = opened(matrix)
    sheet.go(9, 3)
    hatched = sheet.js("g.pool.find((row) => row.r === 9).cells.find((cell) => cell.c === 3).el.className")

    sheet.page.keyboard.type("x")
    sheet.press("Enter")
    sheet.saved()
    sheet.said("Другой стандарт")

    assert "s-closed" in hatched
    assert reasons(8) == {}


def test_the_whole_of_a_large_action_is_taken_back_at_once(opened, matrix):
    sheet = opened(matrix)
    sheet.page.evaluate(
        """() => { const q = document.getElementById('matrix').matrix.queue, send = q.add.bind(q);
        const all = document.getElementById('matrix').matrix;
        const row = (r) => all.p.rowMeta.get(r).id, col = (c) => all.p.colMeta.get(c).id, ops = [];
        for (let r = 3; r < 28; r++) for (let c = 0; c < 20; c++) for (let turn = 0; turn < 3; turn++) ops.push({ op: "set", main: row(r), companion: col(c), text: `т ${turn}`, base_rev: null });
        send("paste", ops); }"""
    )
    sheet.saved()
    before = (len(reasons(2)), OpBatch.objects.count())
    sheet.go(3, 0)

    sheet.press("Control+z")
    sheet.wait("!m.p.get(3, 0)?.s && !m.p.get(27, 19)?.s")
    gone = (reasons(2), reasons(26))
    sheet.press("Control+y")
    sheet.wait("m.p.get(27, 19)?.s === 'draft'")

    assert before == (20, 2)
    assert gone == ({}, {})
    assert len(reasons(2)) == 20
