"""Keys and pointer of the grid, what a screen reader is told, and what scrolling costs."""

import pytest

from tests.journeys import sheet as grid
from tests.journeys.sheet import COMPANIONS, GRID, MAINS, reasons

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

matrix, opened = grid.matrix, grid.opened

# row 0 of the grid is the group "Консоли"; console 00 stands in row 1


def test_control_and_arrows_jump_to_the_edge_of_a_block(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)
    seen = []

    for keys in ("Control+ArrowRight", "Control+ArrowRight", "Control+ArrowLeft", "Control+ArrowDown"):
        sheet.press(keys)
        seen.append(sheet.js("[g.f.r, g.f.c]"))

    assert seen == [[1, 2], [1, COMPANIONS - 1], [1, 2], [MAINS, 2]]


def test_shift_with_control_and_arrows_extends_to_the_edge(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("Control+Shift+ArrowRight")
    row = sheet.js("g.range")
    sheet.press("Control+Shift+End")

    assert row == {"r0": 1, "r1": 1, "c0": 0, "c1": 2}
    assert sheet.js("g.range") == {"r0": 1, "r1": MAINS, "c0": 0, "c1": COMPANIONS - 1}


def test_whole_columns_rows_and_everything_are_selected_by_key(opened, matrix):
    sheet = opened(matrix)
    found = {}

    for name, keys in (("column", "Control+Space"), ("row", "Shift+Space"), ("all", "Control+a")):
        sheet.go(3, 4)
        sheet.press(keys)
        found[name] = sheet.js("g.range")

    assert found["column"] == {"r0": 0, "r1": MAINS, "c0": 4, "c1": 4}
    assert found["row"] == {"r0": 3, "r1": 3, "c0": 0, "c1": COMPANIONS - 1}
    assert found["all"] == {"r0": 0, "r1": MAINS, "c0": 0, "c1": COMPANIONS - 1}


def test_pages_go_down_and_with_alt_to_the_side(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("PageDown")
    down = sheet.js("[g.f.r, g.f.c]")
    sheet.press("Alt+PageDown")
    aside = sheet.js("[g.f.r, g.f.c]")
    sheet.press("Alt+PageUp", "PageUp")

    assert down[0] > 10
    assert down[1] == 0
    assert aside[1] > 3
    assert aside[0] == down[0]
    assert sheet.js("[g.f.r, g.f.c]") == [1, 0]


def test_the_pointer_selects_cells_ranges_columns_rows_and_everything(opened, matrix):
    sheet = opened(matrix)
    mouse, found = sheet.page.mouse, {}

    mouse.click(*sheet.box(2, 1))
    found["cell"] = sheet.js("g.range")
    sheet.page.keyboard.down("Shift")
    mouse.click(*sheet.box(4, 3))
    sheet.page.keyboard.up("Shift")
    found["shift"] = sheet.js("g.range")
    mouse.move(*sheet.box(5, 0))
    mouse.down()
    mouse.move(*sheet.box(7, 2), steps=5)
    mouse.up()
    found["drag"] = sheet.js("g.range")
    x, y = sheet.box(0, 2)
    mouse.click(x, y - 40)
    found["column"] = sheet.js("[g.range.c0, g.range.c1, g.range.r1 - g.range.r0]")
    x, y = sheet.box(3, 0)
    mouse.click(x - 120, y)
    found["row"] = sheet.js("[g.range.r0, g.range.r1, g.range.c1 - g.range.c0]")
    sheet.page.locator(".xg-corner").click(position={"x": 30, "y": 20})
    found["all"] = sheet.js("[g.range.r1 - g.range.r0, g.range.c1 - g.range.c0]")

    assert found["cell"] == {"r0": 2, "r1": 2, "c0": 1, "c1": 1}
    assert found["shift"] == {"r0": 2, "r1": 4, "c0": 1, "c1": 3}
    assert found["drag"] == {"r0": 5, "r1": 7, "c0": 0, "c1": 2}
    assert found["column"] == [2, 2, MAINS]
    assert found["row"] == [3, 3, COMPANIONS - 1]
    assert found["all"] == [MAINS, COMPANIONS - 1]


def test_two_clicks_open_the_editor_with_the_text(opened, matrix):
    sheet = opened(matrix)

    sheet.page.mouse.dblclick(*sheet.box(1, 1))
    sheet.page.locator(".xg-input").wait_for()
    opened_with = sheet.page.locator(".xg-input").input_value()
    sheet.page.keyboard.type("Двумя щелчками")
    sheet.press("Enter")
    sheet.saved()

    assert opened_with == "Причина 1"
    assert reasons(0)["C01"] == "Двумя щелчками"


def test_a_letter_of_a_russian_layout_begins_the_text(opened, matrix):
    sheet = opened(matrix)
    sheet.go(9, 2)
    event = "new KeyboardEvent('keydown', {key: 'Н', code: 'KeyY', bubbles: true, cancelable: true})"

    sheet.js(f"g.scroll.dispatchEvent({event})")
    sheet.page.keyboard.type("овая")
    sheet.press("Enter")
    sheet.saved()

    assert reasons(8) == {"C02": "Новая"}
    assert sheet.js("g.f.r") == 10


def test_escape_takes_a_range_back_to_its_cell(opened, matrix):
    sheet = opened(matrix)
    sheet.go(4, 1, to=(6, 3))

    sheet.press("Escape")

    assert sheet.js("g.range") == {"r0": 6, "r1": 6, "c0": 3, "c1": 3}


def test_shift_with_enter_and_tab_goes_the_other_way(opened, matrix):
    sheet = opened(matrix)
    sheet.go(5, 3)

    sheet.page.keyboard.type("up")
    sheet.press("Shift+Enter")
    up = sheet.js("[g.f.r, g.f.c]")
    sheet.page.keyboard.type("left")
    sheet.press("Shift+Tab")
    sheet.saved()

    assert (up, sheet.js("[g.f.r, g.f.c]")) == ([4, 3], [4, 2])
    assert (reasons(4), reasons(3)) == ({"C03": "up"}, {"C03": "left"})


def test_filling_right_by_key_and_by_dragging(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 2, to=(1, 4))
    sheet.press("Control+r")
    sheet.wait("m.p.get(1, 4)?.text === 'Причина 2'")
    sheet.saved()
    sheet.go(1, 4)
    x, y = sheet.js("(() => { const b = g.handle.getBoundingClientRect(); return [b.x + 4, b.y + 4]; })()")

    sheet.page.mouse.move(x, y)
    sheet.page.mouse.down()
    sheet.page.mouse.move(x + 250, y, steps=6)
    sheet.page.mouse.up()
    sheet.wait("m.p.get(1, 6)?.text === 'Причина 2'")
    sheet.saved()

    assert [reasons(0)[f"C{n:02}"] for n in range(2, 7)] == ["Причина 2"] * 5


def test_an_edit_of_a_whole_range_is_one_undo(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0, to=(8, 0))
    sheet.press("Control+d")
    sheet.wait("m.p.get(8, 0)?.text === 'Причина 0'")
    sheet.saved()

    sheet.press("Control+z")
    sheet.wait("!m.p.get(8, 0)?.s")
    gone = [reasons(row) for row in range(1, 8)]
    sheet.press("Control+Shift+z")
    sheet.wait("m.p.get(8, 0)?.text === 'Причина 0'")

    assert gone == [{}] * 7
    assert reasons(7) == {"C00": "Причина 0"}


NODES = """() => { window.made = []; const seen = new WeakSet();
  const known = (node) => { seen.add(node); node.childNodes.forEach(known); };
  const fresh = (node) => { if (!seen.has(node)) window.made.push(node.parentNode?.className ?? node.nodeName); seen.add(node); node.childNodes.forEach(fresh); };
  known(document);
  new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach(fresh))).observe(document, { childList: true, subtree: true }); }"""


def test_scrolling_makes_no_nodes_and_rests_in_reading_order(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)
    sheet.page.locator("#inspector-body h2").wait_for()
    sheet.page.wait_for_load_state("networkidle")
    sheet.page.evaluate(NODES)

    for top, left in ((400, 0), (0, 300), (800, 900), (90, 0), (0, 0)):
        sheet.page.evaluate(f"(() => {{ {GRID} g.scroll.scrollTop = {top}; g.scroll.scrollLeft = {left}; }})()")
        sheet.page.wait_for_timeout(100)
    rows = "[...document.querySelectorAll('.xg-row')].map((row) => +row.getAttribute('aria-rowindex'))"
    cells = "[...document.querySelectorAll('.xg-row')[2].children].map((cell) => +cell.getAttribute('aria-colindex'))"
    for order in (rows, cells):
        sheet.wait(f"(() => {{ const all = {order}; return all.every((one, i) => !i || all[i - 1] < one); }})()")

    assert sheet.page.evaluate("window.made") == []


def test_tab_leaves_the_grid_and_shift_tab_comes_back(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("Tab")
    left = sheet.js("document.activeElement === g.scroll")
    sheet.press("Shift+Tab")

    assert not left
    assert sheet.js("document.activeElement === g.scroll")


def test_the_far_corner_is_reached_and_named(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("Control+End")
    active = "document.getElementById(g.scroll.getAttribute('aria-activedescendant'))"
    sheet.wait(f"{active}?.getAttribute('aria-colindex') === '{COMPANIONS + 1}'")

    assert sheet.js(f"{active}.getAttribute('aria-label')") == "Нет связи"
    assert sheet.js(f"{active}.parentNode.getAttribute('aria-rowindex')") == str(MAINS + 2)


def test_every_cell_has_a_name_for_screen_readers(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    names = sheet.js("[...document.querySelectorAll('.xg-c')].map((cell) => cell.getAttribute('aria-label'))")
    heads = sheet.js("[...document.querySelectorAll('.xg-ch, .xg-rh')].map((head) => head.textContent.trim())")

    assert len(names) > 200
    assert all(names)
    assert all(heads)
    assert "Черновик: Причина 0" in " ".join(names)
