"""The grid in a real browser: real keys, real clipboard, real pointer, two people at once, a network that goes away."""

import os
import time

import pytest
from django.core.cache import cache
from django.utils import timezone

from crossmatrix.accounts.models import Membership, User
from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix, Pair, PairRevision, Slot
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import CategoryFactory, ProductFactory
from tests.journeys.browser_page import accessibility_violations, chromium, sign_in, watched_page

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

MAINS, COMPANIONS = 30, 20
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
GRID = "const m = document.getElementById('matrix').matrix, g = m.grid;"


@pytest.fixture(scope="module", autouse=True)
def sync_playwright_beside_the_orm():
    """Playwright's sync API keeps an event loop in this thread; Django would refuse the database there."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def people():
    cache.clear()
    made = {}
    for email, name in (("manager@demo", "Елена Ковалёва"), ("manager2@demo", "Тимур Ахметов")):
        made[email] = User.objects.create_user(email, "demo", name=name)
        Membership.objects.create(user=made[email], role=Role.CATEGORY_MANAGER)
    return made


@pytest.fixture
def matrix(people):
    """30 consoles × 20 cables; the first console has three drafts."""
    consoles, cables = CategoryFactory(name="Консоли"), CategoryFactory(name="Кабели")
    mains = [
        ProductFactory(sku=f"M{n:02}", name=f"Консоль {n:02}", category=consoles, price="50000") for n in range(MAINS)
    ]
    companions = [
        ProductFactory(sku=f"C{n:02}", name=f"Кабель {n:02}", category=cables, price="900") for n in range(COMPANIONS)
    ]
    now = timezone.now()
    Slot.objects.create(
        main_category=consoles, companion_category=cables, reason="К телевизору", wanted=2, updated_at=now
    )
    links = [LinkDraft(mains[0].pk, companion.pk, reason=f"Причина {n}") for n, companion in enumerate(companions[:3])]
    services.apply_links(links=links, actor=people["manager@demo"], at=now, source="hand", batch="seed")
    return Matrix.objects.create(name="Консоли и кабели", mains=consoles, companions=cables)


class Sheet:
    """The grid of an open page, as a person meets it."""

    def __init__(self, page):
        self.page = page
        self.wait("g && m.p.tiles.size > 0")

    def js(self, expression):
        return self.page.evaluate(f"(() => {{ {GRID} return {expression}; }})()")

    def wait(self, expression, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ready = self.page.evaluate(
                f"(() => {{ if (!document.getElementById('matrix')?.matrix) return false; {GRID} return !!({expression}); }})()"
            )
            if ready:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"did not come true: {expression}")

    def saved(self):
        self.wait("m.queue.batches.length === 0 && !m.queue.busy")

    def go(self, row, column, to=None):
        extend = f"g.select({to[0]}, {to[1]}, true);" if to else ""
        self.page.evaluate(f"(() => {{ {GRID} g.focus(); g.select({row}, {column}); {extend} }})()")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def text(self, row, column):
        return self.js(f"m.p.get({row}, {column})?.text ?? ''")

    def state(self, row, column):
        return self.js(f"m.p.get({row}, {column})?.s ?? ''")

    def clip(self, text):
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)

    def toasts(self):
        return " ".join(self.page.locator("#toasts .toast").all_inner_texts())


@pytest.fixture
def opened(browser, live_server, people):
    """Opens the grid for a person; at the end nothing may have been complained about."""
    pages = []

    def open_grid(matrix, email="manager@demo", query="level=sku", expect_failures=False, **options):
        page, watched = watched_page(browser, base_url=live_server.url, **CLIPBOARD, **options)
        if not expect_failures:
            pages.append((page, watched))
        sign_in(page, email)
        page.goto(f"/matrix/{matrix.pk}/?{query}")
        return Sheet(page)

    yield open_grid
    complaints = [complaint for _page, watched in pages for complaint in watched.complaints]
    for page, _watched in pages:
        page.context.close()
    assert complaints == []


def reasons(row):
    """Reasons of the pairs of a console, by cable."""
    found = Pair.objects.filter(main__sku=f"M{row:02}", current__isnull=False).select_related("current", "companion")
    return {pair.companion.sku: pair.current.reason for pair in found}


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
    report = sheet.page.locator("[data-m=report-rows] tr")
    assert report.count() == 1
    assert "Консоль 05 × Кабель 04" in report.inner_text()
    assert "#Н/Д" in report.inner_text()


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


def test_group_rows_are_not_written(opened, matrix):
    sheet = opened(matrix)
    sheet.go(0, 0)

    sheet.page.keyboard.type("x")
    sheet.clip("нельзя")
    sheet.press("Control+v")
    sheet.page.wait_for_timeout(500)

    assert sheet.state(0, 0) == "agg"
    assert PairRevision.objects.count() == 3


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


def test_enter_on_a_category_opens_its_products_and_the_address_can_be_shared(opened, matrix):
    sheet = opened(matrix, query="")
    sheet.go(1, 0)
    text = sheet.text(1, 0)

    sheet.page.get_by_role("button", name="Открыть товары выделения").click()
    sheet.page.wait_for_url("**level=sku**")
    drilled = Sheet(sheet.page)

    assert text == "К телевизору"
    assert f"rows={matrix.mains_id}" in sheet.page.url
    assert drilled.js("m.p.rows") == MAINS + 1
    sheet.page.get_by_role("link", name="Категории").click()
    sheet.page.wait_for_url("**level=type**")


def test_a_slot_is_edited_at_type_level(opened, matrix):
    sheet = opened(matrix, query="")
    sheet.go(1, 0)

    sheet.press("F2")
    sheet.page.keyboard.type("Новый слот")
    sheet.press("Enter")
    sheet.saved()

    assert Slot.objects.get().reason == "Новый слот"


def test_a_closed_group_hides_its_rows_and_opens_again(opened, matrix):
    sheet = opened(matrix)
    sheet.go(0, 0)

    sheet.press("Enter")
    sheet.wait("m.p.rows === 1 && m.p.tiles.size > 0")
    sheet.go(0, 0)
    sheet.press("Enter")

    sheet.wait(f"m.p.rows === {MAINS + 1}")


def test_find_goes_to_rows_and_columns(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("Control+f")
    sheet.page.keyboard.type("Консоль 25")
    sheet.press("Enter")
    sheet.wait("g.f.r === 26")
    sheet.page.locator("[data-m=find] input").fill("Кабель 17")
    sheet.press("Enter")
    sheet.wait("g.f.c === 17")
    sheet.press("Escape")

    assert sheet.js("document.activeElement === g.scroll")


def test_space_opens_the_panel_of_the_cell(opened, matrix):
    sheet = opened(matrix)
    sheet.page.evaluate("localStorage.setItem('matrix-inspector', 'closed')")
    sheet.page.reload()
    again = Sheet(sheet.page)
    again.go(1, 0)

    again.press("Space")
    again.page.locator("#inspector-body h2").wait_for()

    assert "Кабель 00" in again.page.locator("#inspector-body").inner_text()
    again.press("Space")
    assert again.page.locator("[data-m=inspector]").is_hidden()


def test_the_selection_is_sent_for_approval(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0, to=(1, 1))

    sheet.page.get_by_role("button", name="На согласование").click()
    sheet.page.locator("#confirm [data-confirm-yes]").click()
    sheet.wait("m.p.get(1, 1)?.s === 'in_review'")

    assert PairRevision.objects.filter(state="in_review").count() == 2
    assert PairRevision.objects.filter(state="draft").count() == 1


def test_the_cell_bar_edits_reason_and_kind(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)
    sheet.wait("document.querySelector('[data-m=reason]').value === 'Причина 0'")

    sheet.page.locator("[data-m=reason]").fill("Из строки")
    sheet.press("Enter")
    sheet.saved()
    sheet.page.locator("[data-m=kind]").select_option("required")
    sheet.saved()
    sheet.wait("m.p.get(1, 0)?.kind === 'required'")

    assert PairRevision.objects.get(state="draft", reason="Из строки").kind == "required"


def test_tab_leaves_the_grid_and_scrolling_makes_no_elements(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)
    before = sheet.js("document.querySelectorAll('*').length")

    for top in (400, 0, 800, 0):
        sheet.page.evaluate(f"(() => {{ {GRID} g.scroll.scrollTop = {top}; }})()")
        sheet.page.wait_for_timeout(120)
    sheet.page.wait_for_timeout(400)
    after = sheet.js("document.querySelectorAll('*').length")
    order = sheet.js("[...document.querySelectorAll('.xg-row')].map((row) => +row.getAttribute('aria-rowindex'))")
    sheet.press("Tab")

    assert abs(after - before) < 150
    assert order == sorted(order)
    assert not sheet.js("document.activeElement === g.scroll")


def test_density_keeps_the_focused_cell_in_its_place(opened, matrix):
    sheet = opened(matrix)
    sheet.go(12, 6)
    place = "(() => { const b = g.activeEl.getBoundingClientRect(); return [Math.round(b.x), Math.round(b.y)]; })()"
    sheet.page.evaluate(f"(() => {{ {GRID} g.scroll.scrollTop = 200; g.scroll.scrollLeft = 300; }})()")
    before = sheet.js(place)

    sheet.page.get_by_role("button", name="Плотная").click()

    assert sheet.js(place) == before


@pytest.mark.parametrize(("theme", "language"), [("light", "ru"), ("dark", "ru"), ("light", "en"), ("dark", "en")])
def test_the_pages_of_the_grid_have_no_accessibility_violation(opened, matrix, theme, language):
    sheet = opened(matrix, theme=theme, language=language)
    sheet.go(1, 0, to=(2, 1))
    sheet.page.locator("#inspector-body h2").wait_for()
    found = {"products": accessibility_violations(sheet.page)}
    sheet.press("Shift+Slash")
    found["keys"] = accessibility_violations(sheet.page)
    sheet.press("Escape")

    for name, address in (("types", f"/matrix/{matrix.pk}/"), ("list", "/matrix/"), ("new", "/matrix/new/"),
                          ("print", f"/matrix/{matrix.pk}/print?level=sku")):  # fmt: skip
        sheet.page.goto(address)
        sheet.page.wait_for_timeout(300)
        found[name] = accessibility_violations(sheet.page)

    assert {name: problems for name, problems in found.items() if problems} == {}
