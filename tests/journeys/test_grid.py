"""The grid in a real browser: editing, undo, states, two people at once, a network that goes away."""

import pytest

from crossmatrix.matrix.models import Pair, PairRevision
from tests.journeys import sheet as grid
from tests.journeys.sheet import COMPANIONS, MAINS, Sheet, reasons

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

matrix, opened = grid.matrix, grid.opened

# row 0 of the grid is the group "Консоли"; console 00 stands in row 1


def test_arrows_move_and_extend_and_the_active_cell_is_announced(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("ArrowRight", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight")

    assert sheet.js("g.range") == {"r0": 2, "r1": 3, "c0": 1, "c1": 2}
    assert sheet.page.locator(".xg-c[aria-selected=true]").count() == 4
    active = "document.getElementById(g.scroll.getAttribute('aria-activedescendant')).getAttribute('aria-colindex')"
    assert sheet.js(active) == "4"


def test_home_end_and_pages_reach_every_corner(opened, matrix):
    sheet = opened(matrix)
    sheet.go(5, 5)
    seen = []

    for keys in ("Home", "End", "Control+Home", "Control+End", "PageUp", "Control+ArrowUp"):
        sheet.press(keys)
        seen.append(sheet.js("[g.f.r, g.f.c]"))

    assert seen[:4] == [[5, 0], [5, COMPANIONS - 1], [0, 0], [MAINS, COMPANIONS - 1]]
    assert seen[4][0] < MAINS
    assert seen[5] == [0, COMPANIONS - 1]


def test_typing_edits_enter_goes_down_and_the_server_keeps_it(opened, matrix):
    sheet = opened(matrix)
    sheet.go(2, 1)

    sheet.page.keyboard.type("HDMI 2.1 for 4K")
    sheet.press("Enter")

    assert sheet.js("[g.f.r, g.f.c]") == [3, 1]
    assert sheet.page.locator(".xg-c.f-edited").count() == 1
    sheet.saved()
    assert (sheet.text(2, 1), sheet.state(2, 1)) == ("HDMI 2.1 for 4K", "draft")
    assert reasons(1) == {"C01": "HDMI 2.1 for 4K"}
    assert sheet.page.locator(".xg-c.f-edited").count() == 0


def test_escape_gives_an_edit_up_and_tab_goes_right(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("F2")
    sheet.page.keyboard.type("zzz")
    sheet.press("Escape")
    kept = sheet.text(1, 0)
    sheet.press("F2")
    sheet.page.keyboard.type("new")
    sheet.press("Tab")

    assert kept == "Причина 0"
    assert sheet.js("[g.f.r, g.f.c]") == [1, 1]
    assert sheet.js("document.activeElement === g.scroll")
    sheet.saved()
    assert reasons(0)["C00"] == "new"


def test_shortcuts_work_by_the_place_of_the_key_under_a_russian_layout(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0, to=(3, 0))
    event = "new KeyboardEvent('keydown', {key: 'в', code: 'KeyD', ctrlKey: true, bubbles: true, cancelable: true})"

    sheet.js(f"g.scroll.dispatchEvent({event})")
    sheet.wait("m.p.get(3, 0)?.text === 'Причина 0'")
    sheet.saved()

    assert reasons(1) == reasons(2) == {"C00": "Причина 0"}


def test_delete_clears_and_undo_and_redo_walk_back_and_forth(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0, to=(1, 2))

    sheet.press("Delete")
    sheet.saved()
    cleared = reasons(0)
    sheet.press("Control+z")
    sheet.wait("m.p.get(1, 2)?.text === 'Причина 2'")
    undone = reasons(0)
    sheet.press("Control+y")
    sheet.wait("m.p.get(1, 2)?.s === ''")

    assert cleared == reasons(0) == {}
    assert undone == {"C00": "Причина 0", "C01": "Причина 1", "C02": "Причина 2"}


def test_undo_works_after_a_reload(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)
    sheet.press("Delete")
    sheet.saved()

    sheet.page.reload()
    again = Sheet(sheet.page)
    again.go(1, 0)
    again.press("Control+z")
    again.wait("m.p.get(1, 0)?.text === 'Причина 0'")

    assert reasons(0)["C00"] == "Причина 0"


def test_the_handle_fills_by_dragging(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)
    x, y = sheet.js("(() => { const b = g.handle.getBoundingClientRect(); return [b.x + 4, b.y + 4]; })()")

    sheet.page.mouse.move(x, y)
    sheet.page.mouse.down()
    sheet.page.mouse.move(x, y + 90, steps=6)
    sheet.page.mouse.up()
    sheet.wait("m.p.get(3, 0)?.text === 'Причина 0'")
    sheet.saved()

    assert reasons(2) == {"C00": "Причина 0"}


def test_keys_set_states_and_not_suitable_asks_why(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("2")
    sheet.wait("m.p.get(1, 0)?.s === 'in_review'")
    sheet.saved()
    sheet.go(1, 1)
    sheet.press("5")
    sheet.page.locator("dialog[open] input").fill("Другой разъём")
    sheet.press("Enter")
    sheet.wait("m.p.get(1, 1)?.s === 'not_suitable'")
    sheet.saved()

    assert PairRevision.objects.get(reason="Причина 0", state="in_review")
    assert Pair.objects.get(verdict="not_suitable").verdict_reason == "Другой разъём"


def test_nobody_approves_their_own_draft_from_the_keyboard(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)
    sheet.press("2")
    sheet.saved()

    sheet.press("3")
    sheet.saved()
    sheet.page.locator("#toasts [data-toast=error]").wait_for()

    assert sheet.state(1, 0) == "in_review"
    assert not PairRevision.objects.filter(state="approved").exists()


def test_a_stale_edit_shows_both_texts_and_writes_the_chosen_one(opened, matrix):
    mine, theirs = opened(matrix), opened(matrix, email="manager2@demo")
    mine.go(1, 0)
    mine.press("F2")
    mine.page.keyboard.type("Мой текст")
    theirs.go(1, 0)
    theirs.press("F2")
    theirs.page.keyboard.type("Её текст")
    theirs.press("Enter")
    theirs.saved()

    mine.press("Enter")
    mine.saved()
    mine.wait("m.conflicts.size === 1")
    mine.go(1, 0)
    box = mine.page.locator("[data-m=conflict]")
    box.wait_for()
    words, kept = box.inner_text(), reasons(0)["C00"]
    box.get_by_role("button", name="Записать моё").click()
    mine.saved()

    assert "Мой текст" in words
    assert "Её текст" in words
    assert "Тимур Ахметов" in words
    assert kept == "Её текст"
    assert reasons(0)["C00"] == "Мой текст"


def test_edits_wait_for_the_network_and_survive_a_reload(opened, matrix):
    sheet = opened(matrix, expect_failures=True)
    sheet.page.route("**/ops", lambda route: route.abort())
    sheet.go(2, 0)
    sheet.page.keyboard.type("offline edit")
    sheet.press("Enter")
    sheet.page.locator("[data-m=offline]").wait_for()
    bar = sheet.page.locator("[data-m=offline]").inner_text()

    sheet.page.on("dialog", lambda dialog: dialog.accept())
    sheet.page.reload()
    again = Sheet(sheet.page)
    again.wait("m.queue.batches.length === 1")
    waiting, before = again.text(2, 0), reasons(1)
    sheet.page.unroute("**/ops")
    again.page.locator("[data-m=offline] [data-panel=retry]").click()
    again.saved()

    assert "Правки остались у вас" in bar
    assert (waiting, before) == ("offline edit", {})
    assert reasons(1) == {"C00": "offline edit"}
    sheet.page.context.close()
