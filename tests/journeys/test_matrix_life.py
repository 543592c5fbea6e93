"""Work that is never lost, and people beside each other, in a real browser: a network that goes away, conflicts,
discussions with mentions, history taken back by keyboard, names at the cells of others."""

import pytest

from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix.models import Comment, Mention, OpBatch, Pair
from tests.journeys import sheet as grid
from tests.journeys.browser_page import accessibility_violations
from tests.journeys.live import until
from tests.journeys.sheet import Sheet, reasons

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

matrix, opened = grid.matrix, grid.opened

SECOND = "manager2@demo"


def write(sheet, row, column, text, *, save=True):
    sheet.go(row, column)
    sheet.press("F2")
    sheet.page.keyboard.press("Control+A")
    sheet.page.keyboard.type(text)
    sheet.press("Enter")
    if save:
        sheet.saved()


def type_fifty(sheet):
    """Fifty cells of five rows, by keyboard alone: ten each, Tab between them."""
    for row in range(2, 7):
        sheet.go(row, 0)
        for column in range(10):
            sheet.page.keyboard.type(f"r{row}c{column}")
            sheet.press("Tab")


FIFTY = {(f"M{row - 1:02}", f"C{column:02}"): f"r{row}c{column}" for row in range(2, 7) for column in range(10)}


def arrived():
    """Each of the fifty links with its text, version and how often history knows it was written."""
    pairs = Pair.objects.filter(main__sku__in=[f"M{n:02}" for n in range(1, 6)]).select_related(
        "main", "companion", "current"
    )
    found = {(pair.main.sku, pair.companion.sku): pair for pair in pairs}
    texts = {key: pair.current.reason for key, pair in found.items()}
    versions = {pair.version for pair in found.values()}
    return (
        texts,
        versions,
        AuditEvent.objects.filter(subject_id__in=[p.pk for p in found.values()], kind="pair.set").count(),
    )


# -- never lose work --------------------------------------------------------------------------------------------------
def test_fifty_cells_typed_without_network_arrive_once_after_a_reload(opened, matrix):
    sheet = opened(matrix, expect_failures=True)
    page = sheet.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(True)

    type_fifty(sheet)
    page.locator("[data-m=offline]").wait_for()
    sheet.wait("m.queue.count === 50")
    bar = page.locator("[data-m=offline]").inner_text()
    until(page, lambda: sheet.js("m.queue.tries >= 2"), 20)
    assert OpBatch.objects.count() == 0

    page.route("**/ops", lambda route: route.abort())  # the page can be had again, its edits cannot be sent yet
    page.context.set_offline(False)
    page.reload()
    again = Sheet(page)
    again.wait("m.queue.count === 50")
    shown = again.text(2, 0), again.text(6, 9)
    page.unroute("**/ops")
    again.wait("m.queue.batches.length === 0 && !m.queue.busy", seconds=90)

    texts, versions, written = arrived()
    assert "Правки остались у вас" in bar
    assert shown == ("r2c0", "r6c9")
    assert texts == FIFTY
    assert (versions, written) == ({1}, 50)
    page.context.close()


def test_an_answer_that_was_lost_on_the_way_writes_nothing_twice(opened, matrix):
    sheet = opened(matrix, expect_failures=True)
    page = sheet.page
    page.on("dialog", lambda dialog: dialog.accept())

    def lose(route):
        route.fetch()  # the server has it, the browser never hears so
        route.abort()

    page.route("**/ops", lose)
    sheet.go(2, 0)
    page.keyboard.type("first")
    sheet.press("Enter")
    until(page, OpBatch.objects.exists, 20)
    sheet.go(2, 0)
    page.keyboard.type("second")
    sheet.press("Enter")
    sheet.wait("m.queue.count === 2")
    page.unroute("**/ops")
    page.reload()
    again = Sheet(page)
    again.saved()

    pair = Pair.objects.get(main__sku="M01", companion__sku="C00")
    assert (pair.current.reason, pair.version) == ("second", 2)
    assert again.js("m.conflicts.size") == 0
    page.context.close()


def test_the_page_asks_before_it_leaves_only_while_edits_wait(opened, matrix):
    sheet = opened(matrix, expect_failures=True)
    asked = []
    sheet.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    write(sheet, 2, 0, "sent")

    sheet.page.reload()
    sheet = Sheet(sheet.page)
    before = list(asked)
    sheet.page.route("**/ops", lambda route: route.abort())
    write(sheet, 2, 1, "kept", save=False)
    sheet.page.locator("[data-m=offline]").wait_for()
    sheet.page.reload()

    assert (before, asked) == ([], ["beforeunload"])
    sheet.page.context.close()


# -- conflicts ----------------------------------------------------------------------------------------------------------
def conflict(mine, theirs, row, column, text="Mine"):
    """I open the cell, another person writes it, I write it."""
    mine.go(row, column)
    mine.press("F2")
    mine.page.keyboard.press("Control+A")
    mine.page.keyboard.type(text)
    write(theirs, row, column, "Theirs")
    mine.press("Enter")
    mine.saved()
    mine.wait("m.conflicts.size > 0")


@pytest.mark.parametrize(("key", "kept"), [("Alt+1", "Mine"), ("Alt+2", "Theirs"), ("Alt+3", "Причина 0")])
def test_a_conflict_shows_all_three_and_a_key_chooses(opened, matrix, key, kept):
    mine, theirs = opened(matrix), opened(matrix, email=SECOND)
    conflict(mine, theirs, 1, 0)
    mine.go(1, 0)
    box = mine.page.locator("[data-m=conflict]")
    box.wait_for()
    words = [box.locator(f"[data-m=conflict-{name}]").inner_text() for name in ("was", "theirs", "mine")]

    mine.press(key)
    mine.saved()

    assert words == ["Черновик: Причина 0", "Черновик: Theirs", "Черновик: Mine"]
    assert reasons(0)["C00"] == kept
    assert mine.js("m.conflicts.size") == 0
    assert mine.js("document.activeElement === g.scroll")


def test_many_conflicts_are_walked_through_or_decided_at_once(opened, matrix):
    mine, theirs = opened(matrix, expect_failures=True), opened(matrix, email=SECOND)
    mine.page.route("**/presence", lambda route: route.abort())  # my window stays as old as it is
    for column in range(4):
        write(theirs, 1, column, f"Theirs {column}")
    for column in range(4):
        write(mine, 1, column, f"Mine {column}", save=False)
    mine.saved()
    mine.wait("m.conflicts.size === 4")
    bar = mine.page.locator("[data-m=conflicts]")
    bar.wait_for()

    mine.go(1, 1)
    bar.get_by_role("button", name="Следующий конфликт").click()
    walked = mine.js("[g.f.r, g.f.c]")
    bar.get_by_role("button", name="Записать все мои").click()
    mine.saved()

    assert walked == [1, 2]
    assert reasons(0) == {f"C{column:02}": f"Mine {column}" for column in range(4)}
    mine.page.context.close()


# -- discussions ----------------------------------------------------------------------------------------------------------
def test_a_colleague_is_named_by_keyboard_and_finds_it_on_their_first_page(opened, matrix):
    sheet, page = (one := opened(matrix)), one.page
    sheet.go(1, 0)
    sheet.press("Shift+F2")
    page.locator("#say-text:focus").wait_for()
    page.keyboard.type("Кабель короткий? @Ти")
    page.get_by_role("option", name="Тимур Ахметов").wait_for()
    sheet.press("Enter")
    page.keyboard.type("посмотри")
    sheet.press("Control+Enter")
    page.locator(".talk .said .at", has_text="@Тимур Ахметов").wait_for()
    sheet.wait("g.pool[1].cells[0].el.classList.contains('f-comment')")
    sheet.press("Escape")
    back = sheet.js("document.activeElement === g.scroll")

    other = opened(matrix, email=SECOND, query="level=type")  # not at the cell: looking at it would be reading it
    other.page.goto("/")
    other.page.get_by_role("link", name="Елена Ковалёва: Кабель короткий? @Тимур Ахметов посмотри").click()
    other.page.locator(".talk .said", has_text="Кабель короткий?").wait_for()
    until(other.page, lambda: Mention.objects.filter(read_at__isnull=False).exists(), 20)
    address = other.page.url
    other.page.goto(f"/matrix/{matrix.pk}/?level=sku")
    Sheet(other.page).wait("g.pool[1].cells[0].el.classList.contains('f-comment')")
    other.page.goto(address)
    other.page.get_by_role("button", name="Решено").click()
    other.page.locator(".talk .settled").wait_for()
    other.page.goto("/")

    assert back
    assert Comment.objects.get().resolved_by.email == SECOND
    assert other.page.get_by_role("link", name="Кабель короткий").count() == 0


# -- history --------------------------------------------------------------------------------------------------------------
def test_the_menu_of_a_cell_leads_to_its_discussion_and_its_history(opened, matrix):
    sheet = opened(matrix)

    for item, goal in (("discuss", "#say-text"), ("cellHistory", "[data-part=history] h3")):
        sheet.menu(1, 1, item)
        until(sheet.page, lambda goal=goal: sheet.page.evaluate("at => document.activeElement.matches(at)", goal), 20)

    sheet.press("Escape")
    sheet.menu(0, 1, "copy")
    sheet.page.mouse.click(*sheet.box(0, 1), button="right")
    sheet.page.locator("[data-m=menu] [data-act=copy]").wait_for()
    assert sheet.page.locator("[data-m=menu] [data-act=clear]").count() == 0  # a row of a group holds nothing to write


def test_anothers_edits_are_found_looked_at_and_taken_back_by_keyboard(opened, matrix):
    theirs = opened(matrix, email=SECOND)
    write(theirs, 2, 0, "One")
    sheet = opened(matrix)
    assert sheet.text(2, 0) == "One"
    sheet.go(1, 0)

    sheet.press("Alt+h")
    page = sheet.page
    page.locator("#history [data-row]:focus").wait_for()
    listed = page.locator("#history .batches li").first.inner_text()
    sheet.press("Enter")
    page.locator("#history a:focus", has_text="Отменить").wait_for()
    sheet.press("Enter")
    page.locator("#history button:focus", has_text="Отменить").wait_for()
    preview = page.locator("#history .changes tbody").inner_text()
    sheet.press("Enter")
    page.locator("#history .note.ok").wait_for()
    sheet.press("Escape")
    sheet.wait("(m.p.get(2, 0)?.s ?? '') === ''")

    assert "Тимур Ахметов" in listed
    assert "One" in preview
    assert reasons(1) == {}
    assert sheet.js("document.activeElement === g.scroll")
    sheet.press("Control+y")
    sheet.wait("m.p.get(2, 0)?.text === 'One'")


# -- people beside each other -----------------------------------------------------------------------------------------------
def test_others_are_seen_in_the_header_and_at_their_cell_until_they_leave(opened, matrix):
    sheet, other = opened(matrix), opened(matrix, email=SECOND)
    other.go(3, 2)
    tag = sheet.page.locator(".peertag", has_text="Тимур")
    tag.wait_for()
    sheet.wait(
        "document.querySelector('.peer').style.transform === `translate(${g.o.headWidth + 2 * g.o.colWidth}px, ${g.o.headHeight + 3 * g.o.rowHeight}px)`"
    )
    faces = sheet.page.locator("[data-m=here]").inner_text()

    write(other, 4, 1, "Seen by all")
    sheet.wait("m.p.get(4, 1)?.text === 'Seen by all'")
    other.page.goto("about:blank")
    tag.wait_for(state="detached")

    assert "Тимур Ахметов" in faces


@pytest.mark.parametrize(("theme", "language"), [("light", "ru"), ("dark", "en")])
def test_discussion_history_and_mentions_have_no_accessibility_violation(opened, matrix, theme, language):
    sheet = opened(matrix, theme=theme, language=language)
    page = sheet.page
    sheet.go(1, 0)
    sheet.press("Shift+F2")
    page.locator("#say-text:focus").wait_for()
    page.keyboard.type("@Ти")
    page.locator(".people [role=option]").first.wait_for()
    found = accessibility_violations(page)
    sheet.press("Enter", "Control+Enter")
    page.locator(".talk .said").wait_for()
    sheet.press("Escape", "Alt+h")
    page.locator("#history [data-row]:focus").wait_for()
    found += accessibility_violations(page)
    for address in (f"/matrix/{matrix.pk}/history/", "/matrix/mentions/"):
        page.goto(address)
        found += accessibility_violations(page)
    page.goto(f"/matrix/{matrix.pk}/history/")
    page.locator(".batches a[data-row]").first.click()
    page.locator(".changes").wait_for()
    found += accessibility_violations(page)

    assert found == []
