"""Around the grid: levels, filters, views, menus, panels, small screens, paper."""

import pytest

from crossmatrix.catalog.models import Product
from crossmatrix.matrix.models import PairRevision, RatioPolicy, Slot
from crossmatrix.matrix.selectors import providers
from tests.journeys import sheet as grid
from tests.journeys.browser_page import accessibility_violations
from tests.journeys.sheet import GRID, MAINS, Sheet, reasons

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

matrix, opened = grid.matrix, grid.opened

# row 0 of the grid is the group "Консоли"; console 00 stands in row 1


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


def test_filters_are_set_in_one_place_and_taken_off_one_by_one(opened, matrix):
    sheet = opened(matrix)

    sheet.page.get_by_role("button", name="Состояние").click()
    focused = sheet.page.evaluate("document.activeElement.id")
    sheet.page.locator("#f-state").select_option("draft")
    sheet.page.locator("#f-price").fill("40 000")
    sheet.page.locator("#filters").get_by_role("button", name="Показать").click()
    sheet.page.wait_for_url("**state=draft**")
    narrowed = Sheet(sheet.page)
    rows, chips = narrowed.js("m.p.rows"), sheet.page.locator(".chipline a.chip.on").all_inner_texts()
    sheet.page.locator(".chipline a.chip.on").first.click()
    sheet.page.wait_for_url(lambda url: "state=" not in url)
    wider = Sheet(sheet.page)

    assert focused == "f-state"
    assert rows == 2
    assert len(chips) == 2
    assert wider.js("m.p.rows") == MAINS + 1
    assert "from=40" in sheet.page.url


def test_a_view_is_kept_by_name_and_its_link_is_opened_by_a_colleague(opened, matrix):
    sheet = opened(matrix, query="level=sku&state=draft")

    sheet.page.locator("#saved-views > summary").click()
    sheet.page.locator("#saved-name").fill("Мои черновики")
    sheet.page.locator("#saved-views input[name=shared]").check()
    sheet.page.locator("#saved-views .keep button").click()
    sheet.page.locator("#saved-views a", has_text="Мои черновики").wait_for()
    link = sheet.page.locator("#saved-views a", has_text="Мои черновики").get_attribute("href")
    other = opened(matrix, email="manager2@demo")
    other.page.goto(link)
    theirs = Sheet(other.page)

    assert theirs.js("m.p.rows") == 2
    assert "state=draft" in other.page.url
    assert other.page.locator("#saved-views > summary").inner_text().strip() == "Мои черновики"


def test_columns_are_hidden_and_moved_from_their_menu(opened, matrix):
    sheet = opened(matrix)
    x, y = sheet.box(0, 1)
    names = "Array.from({ length: 3 }, (_, c) => m.p.colMeta.get(c).name)"

    sheet.page.mouse.click(x, y - 40, button="right")
    sheet.page.locator("[data-m=menu] [data-act=hideColumns]").click()
    sheet.page.wait_for_url("**nocols=**")
    hidden = Sheet(sheet.page)
    after_hiding = hidden.js(names)
    sheet.page.mouse.click(x, y - 40, button="right")
    sheet.page.locator("[data-m=menu] [data-act=moveLeft]").click()
    sheet.page.wait_for_url("**order=**")
    moved = Sheet(sheet.page)

    assert after_hiding == ["Кабель 00", "Кабель 02", "Кабель 03"]
    assert moved.js(names) == ["Кабель 02", "Кабель 00", "Кабель 03"]


def test_rows_are_hidden_from_their_menu(opened, matrix):
    sheet = opened(matrix)
    x, y = sheet.box(2, 0)

    sheet.page.mouse.click(x - 120, y, button="right")
    sheet.page.locator("[data-m=menu] [data-act=hideRows]").click()
    sheet.page.wait_for_url("**norows=**")
    after = Sheet(sheet.page)

    assert after.js("m.p.rows") == MAINS
    assert after.js("m.p.rowMeta.get(2).name") == "Консоль 02"


def test_the_menu_key_opens_the_menu_at_the_cell_and_escape_gives_the_focus_back(opened, matrix):
    sheet = opened(matrix)
    sheet.go(1, 0)

    sheet.press("Shift+F10")
    sheet.page.locator("[data-m=menu] button").first.wait_for()
    sheet.press("ArrowDown")
    second = sheet.page.evaluate("document.activeElement.dataset.act")
    sheet.press("Escape")
    sheet.wait("document.activeElement === g.scroll")

    assert second == "copyHeaders"


def test_a_suggestion_is_a_ghost_and_is_accepted_from_the_menu(opened, matrix, monkeypatch):
    main, companion = Product.objects.get(sku="M01"), Product.objects.get(sku="C03")
    monkeypatch.setattr(providers, "_evidence", [lambda mains, companions: {(main.pk, companion.pk): (0.36, 2.4)}])
    sheet = opened(matrix)
    sheet.wait("m.p.get(2, 3)?.s === 'hint'")
    ghost = sheet.js("g.pool.find((row) => row.r === 2).cells.find((cell) => cell.c === 3).el")

    words = sheet.js("g.pool.find((row) => row.r === 2).cells.find((cell) => cell.c === 3).el.innerText")
    sheet.menu(2, 3, "link")
    sheet.wait("m.p.get(2, 3)?.s === 'draft'")
    sheet.saved()

    assert ghost is not None
    assert "36" in words
    assert reasons(1) == {"C03": "К телевизору"}


def test_the_status_bar_adds_up_the_selection(opened, matrix, monkeypatch):
    keys = {
        (main.pk, companion.pk): (share, 2.0)
        for (main, companion), share in zip(
            [(Product.objects.get(sku="M00"), Product.objects.get(sku=f"C0{n}")) for n in range(3)],
            (0.1, 0.2, 0.6), strict=True,
        )
    }  # fmt: skip
    monkeypatch.setattr(providers, "_evidence", [lambda mains, companions: keys])
    sheet = opened(matrix)

    sheet.go(1, 0, to=(2, 2))
    sheet.wait("document.querySelector('[data-m=links]').textContent === '3'")

    assert sheet.page.locator("[data-m=selected]").inner_text() == "2 × 3"
    assert sheet.page.locator("[data-m=rate]").inner_text().replace("\xa0", " ") == "30,0 %"


def test_the_limits_of_the_cell_bar_are_those_of_its_own_kind(opened, matrix):
    RatioPolicy.objects.create(category=None, kind="required", warn_above="0.7", block_above="0.9")
    sheet = opened(matrix)
    sheet.go(1, 0)
    sheet.wait("document.querySelector('[data-m=limit]').textContent !== ''")
    before = sheet.page.locator("[data-m=limit]").inner_text()

    sheet.page.locator("[data-m=kind]").select_option("required")
    sheet.saved()
    sheet.wait("document.querySelector('[data-m=limit]').textContent.includes('0,90')")

    assert "0,70" not in before


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (720, 450)])  # 720 × 450 is 1440 × 900 at 200 %
def test_a_small_screen_and_two_hundred_per_cent_lose_nothing(opened, matrix, width, height):
    sheet = opened(matrix)
    sheet.page.set_viewport_size({"width": width, "height": height})
    sheet.go(1, 0)
    sheet.wait(f"g.scroll.clientWidth < {width}")

    sheet.press("ArrowRight", "ArrowDown")
    overflow = sheet.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    cell = sheet.js("(() => { const b = g.activeEl.getBoundingClientRect(); return [b.right, b.bottom]; })()")

    assert overflow <= 0
    assert cell[0] <= width
    assert cell[1] <= height
    assert sheet.js("g.scroll.clientHeight") > 120


def test_the_printed_view_has_every_row_with_its_texts(opened, matrix):
    sheet = opened(matrix)
    sheet.page.goto(f"/matrix/{matrix.pk}/print?level=sku")

    rows = sheet.page.locator(".mprint tbody tr")

    assert rows.count() == MAINS + 1
    assert rows.nth(1).locator("td").first.inner_text().split("\n") == ["Черновик", "Причина 0"]
    assert sheet.page.locator(".mprint thead th").all_inner_texts()[1:] == ["Кабель 00", "Кабель 01", "Кабель 02"]
