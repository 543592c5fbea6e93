"""The main job through the screens alone: real web server, worker and beat, a fresh database, several people.

The chapters are one story and run in order; when one fails, the rest are skipped, for they would tell of nothing new.
"""

import csv
import io
import json
import re
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

from tests.journeys import shop
from tests.journeys.application import Application
from tests.journeys.browser_page import accessibility_violations, chromium, sign_in, watched_page

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

MANAGER, SECOND, ANALYST, INTEGRATOR = "manager@demo", "manager2@demo", "analyst@demo", "integrator@demo"
SUPPLIER, RIVAL = "supplier@demo", "rival@demo"
SCREEN, WORKER = 30_000, 400_000  # ms within which a page and the worker answer, also on a busy machine
FIRST, BROKEN = shop.CONSOLES[0], shop.CONSOLES[-1]  # the pair read back closely; the console that becomes too cheap
LINKS = 30  # of the file, one typed by hand, one emptied by hand
NAMES = {row[0]: row[1] for row in shop.PRODUCTS}
BUNDLE = "Играть сразу"


class Story:
    """The application, and a browser for each person of it."""

    def __init__(self, application, browser, folder):
        self.application, self.browser, self.folder = application, browser, folder
        self.pages, self.watched = {}, []
        self.grid = self.proposal = ""  # addresses found on the way

    def page(self, person):
        if person not in self.pages:
            page, watched = watched_page(self.browser, base_url=self.application.url)
            self.pages[person] = page
            self.watched.append(watched)
            sign_in(page, person)
        return self.pages[person]

    def complaints(self):
        """Console errors and Content-Security-Policy violations of every browser since the last chapter."""
        found = [complaint for watched in self.watched for complaint in watched.complaints]
        for watched in self.watched:
            watched.complaints.clear()
        return found


@pytest.fixture(scope="module")
def story(request):
    with (
        Application("loop") as application,
        chromium() as browser,
        tempfile.TemporaryDirectory(prefix="loop-files-") as folder,
    ):
        told = Story(application, browser, Path(folder))
        told.failed_before = request.session.testsfailed
        expect.set_options(timeout=SCREEN)
        yield told


@pytest.fixture(autouse=True)
def chapter(story, request):
    """Goes on only after good chapters; at its end no browser may have complained."""
    if request.session.testsfailed > story.failed_before:
        pytest.skip("an earlier chapter of this story failed")
    yield
    assert story.complaints() == []


def accessible(page):
    """No violation of the accessibility rules where the page stands now."""
    found = accessibility_violations(page)
    assert found == [], "\n".join([page.url, *found])


# -- imports ----------------------------------------------------------------------------------------------------------


def upload(page, file, kind=""):
    """Upload a file and wait until the worker has read it: the plan, the columns or a refusal is shown."""
    page.goto("/imports/new/")
    page.set_input_files("input[name=file]", file)
    page.check(f"input[name=kind][value='{kind}']")
    page.get_by_role("button", name="Загрузить и посмотреть").click()
    expect(page.locator("#plan, .mapping, .result")).to_be_visible(timeout=WORKER)


def plan(page, file, kind=""):
    """Upload a file, agree with the columns when they are asked about; counts of the plan by tab."""
    upload(page, file, kind)
    if page.locator(".mapping").is_visible():
        page.get_by_role("button", name="Сравнить с нашими данными").click()
        expect(page.locator("#plan, .result")).to_be_visible(timeout=WORKER)
    return {
        tab.get_attribute("id").removeprefix("tab-"): number(tab.locator("b").inner_text())
        for tab in page.locator("#plan .tabs a").all()
    }


def number(text):
    return int(re.sub(r"\D", "", text))


def apply(page):
    """Press the button of the plan and wait for the worker; the sentence of the result."""
    page.get_by_role("button", name=re.compile("^Применить")).click()
    expect(page.locator(".result h2")).to_be_visible(timeout=WORKER)
    return page.locator(".result h2").inner_text()


def test_the_catalog_comes_in_after_its_plan_was_seen(story):
    page, file = story.page(MANAGER), shop.catalog(story.folder)
    upload(page, file)
    accessible(page)  # the columns of an unknown file are shown first
    counts = plan(page, file)
    accessible(page)
    expect(page.locator("#plan .diff tbody tr")).to_have_count(len(shop.PRODUCTS))
    expect(page.locator("#plan .diff tbody tr").filter(has_text=NAMES[FIRST])).to_contain_text("39 990")

    said = apply(page)
    accessible(page)
    page.goto("/products/")

    assert (counts["new"], counts["changed"], counts["error"]) == (len(shop.PRODUCTS), 0, 0)
    assert said == f"Применено {len(shop.PRODUCTS)} изменений"
    expect(page.locator("main tbody tr")).to_have_count(len(shop.PRODUCTS))
    accessible(page)


def test_the_same_catalog_again_changes_nothing(story):
    page = story.page(MANAGER)

    counts = plan(page, shop.catalog(story.folder))

    assert (counts["new"], counts["changed"], counts["error"]) == (0, 0, 0)
    expect(page.locator("#plan")).to_contain_text("В файле то, что уже есть: ничего не изменится.")
    expect(page.get_by_role("button", name=re.compile("^Применить"))).to_have_count(0)


def test_a_picture_named_as_a_workbook_is_refused_in_words(story):
    page = story.page(MANAGER)
    fake = story.folder / "картинка.xlsx"
    fake.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 500)

    upload(page, fake)

    expect(page.locator(".note.bad[role=alert]")).to_contain_text("Это не таблица. Загрузить можно Excel")
    expect(page.locator(".note.bad[role=alert]")).to_contain_text("Ничего не изменено.")


def test_the_matrix_comes_in_at_both_levels_and_a_bad_row_is_named(story):
    page = story.page(MANAGER)
    slots = plan(page, shop.types(story.folder))
    apply(page)
    bad_row = (FIRST, "00999", "Нет такого товара", "сопутствующий")

    links = plan(page, shop.links(story.folder, extra=(bad_row,)))
    page.locator("#tab-error").click()
    expect(page.locator("#plan .diff tbody tr")).to_have_count(1)
    expect(page.locator("#plan .diff tbody tr")).to_contain_text("00999")
    said = apply(page)

    assert slots["new"] == 3
    assert (links["new"], links["error"]) == (30, 1)
    assert said == "Применено 30 изменений"


# -- the matrix -------------------------------------------------------------------------------------------------------


class Grid:
    """The grid of an open page: cells are named by product, keys are real."""

    HERE = "const m = document.getElementById('matrix').matrix, g = m.grid;"

    def __init__(self, page):
        self.page = page
        self.wait("g && m.p.tiles.size > 0")

    def js(self, expression, argument=None):
        return self.page.evaluate(f"(a) => {{ {self.HERE} return {expression}; }}", argument)

    def wait(self, expression, argument=None):
        """Ask again until it is so; the page's policy lets no text be evaluated inside it, so it is asked from here."""
        ask = f"(a) => {{ if (!document.getElementById('matrix')?.matrix) return false; {self.HERE} return !!({expression}); }}"
        deadline = time.monotonic() + 20
        while not self.page.evaluate(ask, argument):
            assert time.monotonic() < deadline, f"did not come true: {expression}"
            self.page.wait_for_timeout(50)

    def cell(self, main, companion):
        """(row, column) of two products."""
        rows, columns = self.js("[[...m.p.rowMeta], [...m.p.colMeta]]")
        row = next(place for place, one in rows if one["name"] == NAMES.get(main, main))
        return row, next(place for place, one in columns if one["name"] == NAMES.get(companion, companion))

    def go(self, main, companion):
        """Put the cursor on a cell, as a click would."""
        place = self.cell(main, companion)
        self.js("(g.focus(), g.select(...a))", place)
        return place

    def write(self, main, companion, text):
        """Type into a cell and leave it with Enter."""
        place = self.go(main, companion)
        self.page.keyboard.press("F2")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        return place

    def saved(self):
        self.wait("m.queue.batches.length === 0 && !m.queue.busy")

    def shows(self, place):
        """(state, text) of a cell."""
        return tuple(self.js("[m.p.get(...a)?.s ?? '', m.p.get(...a)?.text ?? '']", place))


def test_a_matrix_is_made_and_opened_down_to_its_products(story):
    page = story.page(MANAGER)
    page.goto("/matrix/")
    page.locator("header.top, .top").get_by_role("link", name="Новая матрица").click()
    page.fill("input[name=name]", "Приставки и спутники")
    page.select_option("select[name=mains]", label="Игры / Приставки")
    page.get_by_role("button", name="Создать").click()
    types = Grid(page)
    slot = types.cell("Приставки", "HDMI")
    story.grid = re.sub(r"[?#].*", "", page.url)
    seen = [types.shows(slot), types.shows(types.cell("Приставки", "4K"))]
    accessible(page)

    types.js("(g.focus(), g.select(...a))", (slot[0], 0))
    page.get_by_role("button", name="Открыть товары выделения").click()
    page.wait_for_url("**level=sku**")
    products = Grid(page)

    assert seen[0] == ("slot", "Нужен для подключения к телевизору")
    assert seen[1] == ("not_suitable", "Дороже приставки")
    assert products.shows(products.cell(FIRST, shop.CABLE)) == ("draft", "Нужен для подключения")
    assert products.shows(products.cell(BROKEN, shop.DISK)) == ("draft", "Во что играть сразу")
    accessible(page)


def test_a_reason_is_typed_into_a_cell_another_cell_is_emptied_and_both_are_kept(story):
    page = story.page(MANAGER)
    grid = Grid(page)

    place = grid.write(FIRST, shop.STAND, "Чтобы стояла ровно")
    emptied = grid.go(BROKEN, shop.CABLE)
    page.keyboard.press("Delete")
    grid.saved()
    expect(page.locator("[data-m=saved]")).to_contain_text("Сохранено в")
    page.reload()
    again = Grid(page)

    assert again.shows(place) == ("draft", "Чтобы стояла ровно")
    assert again.shows(emptied)[0] in {"", "hint"}


def test_what_does_not_suit_is_refused_in_the_cell_and_nothing_is_lost(story):
    page = story.page(MANAGER)
    grid = Grid(page)

    place = grid.write(FIRST, shop.TELEVISION, "Большой экран")
    grid.saved()

    expect(page.locator("#toasts [data-toast=error]")).to_contain_text("Дороже приставки")
    assert grid.shows(place)[0] in {"", "hint"}
    page.locator("#toasts [data-toast=error] [data-toast-close]").click()


# -- approval ---------------------------------------------------------------------------------------------------------


def test_the_drafts_go_to_approval_together_and_nobody_approves_their_own(story):
    page = story.page(MANAGER)
    grid = Grid(page)
    place = grid.cell(FIRST, shop.CABLE)

    grid.js("g.focus()")
    page.keyboard.press("Control+A")
    page.get_by_role("button", name="На согласование").click()
    page.locator("#confirm [data-confirm-yes]").click()
    expect(page.locator("#toasts")).to_contain_text(str(LINKS))
    grid.wait("m.p.get(...a)?.s === 'in_review'", place)
    grid.js("(g.focus(), g.select(...a))", place)
    page.keyboard.press("3")
    grid.saved()
    expect(page.locator("#toasts [data-toast=error]")).to_be_visible()
    after_key = grid.shows(place)[0]
    page.goto("/matrix/approvals/")

    assert after_key == "in_review"
    expect(page.locator("#why-not")).to_be_visible()
    expect(page.locator("#decide [value=approve]")).to_be_disabled()
    expect(page.locator(".apr .pill").filter(has_text="ваша")).to_have_count(LINKS)
    accessible(page)


def test_a_second_person_approves_with_keys_by_ticks_and_all_the_rest_at_once(story):
    page = story.page(SECOND)
    page.goto("/matrix/approvals/")
    waiting = page.locator("#approvals .wi.apr")
    expect(waiting).to_have_count(LINKS)
    accessible(page)

    page.keyboard.press("a")
    expect(waiting).to_have_count(LINKS - 1)
    for row in range(2):
        waiting.nth(row).locator("input[type=checkbox]").check()
    page.get_by_role("button", name="Согласовать отмеченные").click()
    expect(page.locator("#toasts")).to_contain_text("Согласованы 2 пары.")
    expect(waiting).to_have_count(LINKS - 3)
    page.goto(f"{story.grid}?level=sku")
    grid = Grid(page)
    grid.js("g.focus()")
    page.keyboard.press("Control+A")
    page.keyboard.press("3")
    grid.saved()
    grid.wait("m.p.get(...a)?.s === 'approved'", grid.cell(FIRST, shop.STAND))
    page.goto("/matrix/approvals/")

    expect(waiting).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Согласовывать нечего")


# -- releases ---------------------------------------------------------------------------------------------------------


def make_channel(page, *, name, code, form, own_setting):
    page.goto("/channels/")
    page.get_by_role("link", name="Новый канал").first.click()
    page.fill("#id_name", name)
    page.fill("#id_code", code)
    page.select_option("#id_format", form)
    expect(page.locator(f"#id_set_{own_setting}")).to_be_visible()  # the settings follow the format
    page.get_by_role("button", name="Создать канал").click()
    expect(page.locator("#next h2")).to_have_text("Выпуск № 1")


def next_changes(page, code):
    """(added, changed, removed) of the release that would be cut now."""
    page.goto(f"/channels/{code}/")
    expect(page.locator("#next h2")).to_be_visible()
    return tuple(number(page.locator(f"#next a[href*='tab={tab}'] b").inner_text()) for tab in CHANGES)


CHANGES = ("added", "changed", "removed")


def cut(page, code):
    """Cut the next release and wait for the worker; (number, added, changed, removed) as its page says."""
    page.goto(f"/channels/{code}/")
    page.get_by_role("button", name=re.compile("^Выпустить № ")).click()
    page.locator("#confirm [data-confirm-yes]").click()
    try:
        page.wait_for_url(f"**/channels/{code}/r/*/", timeout=WORKER)
    except Error as late:
        raise AssertionError(f"no release came: {page.url}\n{page.inner_text('body')}") from late
    expect(page.locator("#toasts")).to_contain_text("на витрине")
    counts = [number(page.locator(f".tabs a[href='?tab={tab}'] b").inner_text()) for tab in CHANGES]
    return (number(page.locator("h1").inner_text()), *counts)


def download(page):
    """Text of the file the open release offers."""
    with page.expect_download() as caught:
        page.get_by_role("link", name="Скачать").first.click()
    return Path(caught.value.path()).read_text(encoding="utf-8-sig")


def cross_sells(text):
    """SKU → companions of a WooCommerce file, as its importer would split them."""
    return {row["SKU"]: row["Cross-sells"].split(", ") for row in csv.DictReader(io.StringIO(text))}


def test_the_integrator_makes_two_channels(story):
    page = story.page(INTEGRATOR)

    make_channel(page, name="Магазин", code="woo", form="woocommerce", own_setting="upsells")
    make_channel(page, name="Лента", code="feed", form="json", own_setting="layout")

    assert next_changes(page, "woo") == (LINKS, 0, 0)
    accessible(page)


def test_a_release_is_cut_and_its_file_says_exactly_what_was_approved(story):
    page = story.page(MANAGER)

    said = cut(page, "woo")
    links = cross_sells(download(page))

    assert said == (1, LINKS, 0, 0)
    assert set(links) == set(shop.CONSOLES)
    assert set(links[FIRST]) == {shop.CABLE, shop.DISK, shop.LAMP, shop.STAND}
    assert set(links[BROKEN]) == {shop.DISK, shop.LAMP}
    page.goto(f"{story.grid}?level=sku")
    grid = Grid(page)
    assert grid.shows(grid.cell(FIRST, shop.CABLE))[0] == "published"


# -- evidence ---------------------------------------------------------------------------------------------------------


def wait_for_job(page):
    """The work shown on the page has ended well."""
    expect(page.locator(".job .job-line")).to_contain_text("Готово", timeout=WORKER)


def test_orders_come_in_and_the_evidence_is_counted_on_demand(story):
    page, file = story.page(ANALYST), shop.orders(story.folder, today=date.today())
    lines = list(csv.DictReader(file.open(encoding="utf-8"), delimiter=";"))
    counts = plan(page, file)
    apply(page)

    page.goto("/evidence/")
    page.get_by_role("button", name="Пересчитать").click()
    expect(page.locator(".evc").first).to_be_visible(timeout=WORKER)  # the page shows by itself what was counted
    shown = page.locator(".evc").first.inner_text()
    accessible(page)

    baskets = {}
    for line in lines:
        baskets.setdefault(line["Номер заказа"], set()).add(line["Артикул"])
    with_main = [basket for basket in baskets.values() if FIRST in basket]
    with_both = [basket for basket in with_main if shop.CABLE in basket]
    page.goto("/matrix/pairs/")
    page.fill("input[name=q]", FIRST)
    page.locator("#list tr").filter(has_text=NAMES[FIRST]).filter(has_text=NAMES[shop.CABLE]).get_by_role(
        "link"
    ).first.click()
    facts = page.locator(".facts").first.inner_text()
    assert counts["new"] == len(lines)
    assert f"{shop.ORDERS:,}".replace(",", " ") in plain(shown)
    assert f"{len(with_both)} из {len(with_main)}" in plain(facts)


def plain(text):
    """Text with ordinary blanks."""
    return " ".join(text.split())


# -- weak pairs -------------------------------------------------------------------------------------------------------


def test_a_new_price_breaks_a_pair_and_it_comes_into_the_inbox_with_its_evidence(story):
    page = story.page(MANAGER)
    cheaper = shop.catalog(story.folder, prices={BROKEN: "6 790,00 ₽"}, name="новые цены.xlsx")
    counts = plan(page, cheaper)
    row = page.locator("#plan .diff tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator("del")).to_contain_text("39 990")
    expect(row.locator("ins")).to_contain_text("6 790")
    apply(page)

    page.goto("/evidence/weak/")
    page.get_by_role("button", name="Проверить сейчас").click()
    wait_for_job(page)
    page.goto("/evidence/weak/")
    flag = page.locator(".wi").filter(has_text=NAMES[shop.DISK]).filter(has_text=NAMES[BROKEN])
    expect(flag).to_have_count(1)
    flag.locator("a").click()
    detail = page.locator("#weak-detail")
    expect(detail.locator("#pairh")).to_contain_text(NAMES[BROKEN])

    assert (counts["new"], counts["changed"]) == (0, 1)
    expect(detail).to_contain_text("Нарушено соотношение цен")
    expect(detail).to_contain_text("0,51")
    expect(detail.locator(".alts .best")).to_contain_text(NAMES[shop.CABLE])  # most often taken, not offered yet
    accessible(page)


def test_the_pair_is_replaced_with_a_key_and_a_second_person_approves_the_new_one(story):
    page, second = story.page(MANAGER), story.page(SECOND)

    page.keyboard.press("e")
    expect(page.locator("#toasts")).to_contain_text("новая пара ушла на согласование")
    expect(page.locator(".wi").filter(has_text=NAMES[shop.DISK]).filter(has_text=NAMES[BROKEN])).to_have_count(0)
    second.goto("/matrix/approvals/")
    expect(second.locator("#pairh")).to_contain_text(NAMES[BROKEN])
    expect(second.locator("#pairh")).to_contain_text(NAMES[shop.CABLE])
    second.keyboard.press("a")
    expect(second.locator("main")).to_contain_text("Согласовывать нечего")


def test_the_next_release_shows_and_carries_the_difference(story):
    page = story.page(MANAGER)
    coming = next_changes(page, "woo")
    page.locator("#next a[href*='tab=removed']").click()
    expect(page.locator("#next .rel tbody tr")).to_have_count(1)
    expect(page.locator("#next .rel tbody tr")).to_contain_text(NAMES[shop.DISK])
    accessible(page)

    said = cut(page, "woo")
    links = cross_sells(download(page))

    assert (coming[0], coming[2]) == (1, 1)  # whether the rest moves up a rank is the channel's matter
    assert said == (2, *coming)
    assert set(links[BROKEN]) == {shop.CABLE, shop.LAMP}
    assert set(links[FIRST]) == {shop.CABLE, shop.DISK, shop.LAMP, shop.STAND}


# -- a supplier's bundle ----------------------------------------------------------------------------------------------


def add_product(page, sku):
    page.fill("#find", sku)
    page.locator(f"#found [data-add='{sku}']").click()
    expect(page.locator(f"#items [data-item='{sku}']")).to_be_visible()


def hand_in(page):
    page.get_by_role("button", name="Отправить магазину").click()


def test_a_supplier_sees_every_error_of_a_proposal_at_once(story):
    story.application.manage(
        "demo", "--load-only", "--dataset", "none"
    )  # ties the suppliers' people to their companies
    page = story.page(SUPPLIER)
    page.goto("/portal/")
    page.get_by_role("link", name="Предложить комплект").first.click()
    page.fill("#find", shop.LAMP)
    expect(page.locator("#found")).to_contain_text("Среди ваших товаров ничего не нашлось.")  # it is the rival's
    add_product(page, shop.CONSOLES[1])

    hand_in(page)

    expect(page.locator(".note.bad[role=alert]")).to_contain_text("Исправить: 7 мест.")
    expect(page.locator(".bd-err")).to_have_text(["В комплекте должно быть не меньше двух разных товаров."])
    for field, words in {
        "name": "Назовите комплект",
        "bundle_price": "Укажите цену комплекта больше нуля.",
        "funding": "Укажите свою долю в скидке",
        "valid_from": "Укажите первый день.",
        "valid_to": "Укажите последний день.",
        "stock": "Укажите, сколько комплектов вы поставите",
    }.items():
        expect(page.locator(f"#id_{field}_error")).to_contain_text(words)
        expect(page.locator(f"#id_{field}")).to_have_attribute("aria-invalid", "true")
    accessible(page)


def test_the_corrected_proposal_goes_to_the_shop_and_is_nobody_elses(story):
    page, rival = story.page(SUPPLIER), story.page(RIVAL)
    start = date.today() + timedelta(days=3)

    add_product(page, shop.STAND)
    page.fill("#id_name", BUNDLE)
    page.fill("#id_bundle_price", "40 490")
    page.fill("#id_funding", "100")
    page.fill("#id_valid_from", start.isoformat())
    page.fill("#id_valid_to", (start + timedelta(days=27)).isoformat())
    page.fill("#id_stock", "10")
    expect(page.locator("[data-out=saving]")).to_contain_text("1 490")
    hand_in(page)
    expect(page.locator("#toasts")).to_contain_text("Отправлено. Магазин ответит за 3 рабочих дня.")
    story.proposal = page.url
    foreign = [rival.goto(address).status for address in (story.proposal, f"{story.proposal}edit/")]

    assert foreign == [404, 404]
    assert BUNDLE not in rival.content()
    assert page.goto("/bundles/").status == 404  # the shop's own pages are not the supplier's
    page.goto(story.proposal)
    accessible(page)


def test_the_manager_returns_it_with_a_comment_and_the_supplier_submits_it_again(story):
    manager, supplier = story.page(MANAGER), story.page(SUPPLIER)
    manager.goto("/bundles/")
    manager.get_by_role("link", name=BUNDLE).click()
    accessible(manager)

    manager.keyboard.press("r")
    manager.fill("#return-dialog textarea[name=comment]", "Снизьте цену до 39 490 ₽")
    manager.locator("#return-dialog .btn.pri").click()
    expect(manager.locator("#toasts")).to_contain_text(BUNDLE)
    supplier.goto(story.proposal)
    expect(supplier.locator("blockquote")).to_contain_text("Снизьте цену до 39 490 ₽")
    supplier.get_by_role("link", name="Изменить").click()
    supplier.fill("#id_bundle_price", "39 490")
    hand_in(supplier)
    expect(supplier.locator("#toasts")).to_contain_text("Отправлено.")

    manager.reload()
    expect(manager.locator(".bd-diff")).to_contain_text("40 490")
    expect(manager.locator(".bd-diff ins")).to_contain_text("39 490")


def test_the_manager_approves_the_bundle_and_its_pair_stands_in_the_matrix(story):
    page = story.page(MANAGER)

    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text("Согласован")
    page.goto(f"{story.grid}?level=sku")
    grid = Grid(page)
    state, _reason = grid.shows(grid.cell(shop.CONSOLES[1], shop.STAND))
    page.goto("/matrix/pairs/")
    page.fill("input[name=q]", shop.CONSOLES[1])
    page.locator("#list tr").filter(has_text=NAMES[shop.CONSOLES[1]]).filter(has_text=NAMES[shop.STAND]).get_by_role(
        "link"
    ).first.click()

    assert state == "approved"
    expect(page.get_by_role("complementary", name="О паре")).to_contain_text("комплект")
    accessible(page)


def test_the_json_release_carries_the_bundle_while_its_pair_waits_for_the_first_day(story):
    page = story.page(MANAGER)

    said = cut(page, "feed")
    feed = json.loads(download(page))

    links = {(link["main_sku"], link["companion_sku"]) for link in feed["links"]}
    assert said == (1, LINKS, 0, 0)
    assert [bundle["name"] for bundle in feed["bundles"]] == [BUNDLE]
    assert (shop.CONSOLES[1], shop.STAND) not in links
    assert (BROKEN, shop.DISK) not in links
    assert feed["release"]["links"] == len(feed["links"]) == LINKS


# -- two people in one cell -------------------------------------------------------------------------------------------


def test_a_stale_edit_from_a_second_browser_is_shown_and_nothing_is_lost(story):
    page, other = story.page(MANAGER), story.page(SECOND)
    main, companion = shop.CONSOLES[4], shop.STAND
    for one in (page, other):
        one.goto(f"{story.grid}?level=sku")
    mine, theirs = Grid(page), Grid(other)

    theirs.write(main, companion, "Её текст")
    theirs.saved()
    place = mine.write(main, companion, "Мой текст")
    mine.saved()
    mine.go(main, companion)
    box = page.locator("[data-m=conflict]")
    expect(box).to_contain_text("Эту ячейку раньше изменил другой человек")
    expect(box).to_contain_text("Мой текст")
    expect(box).to_contain_text("Её текст")
    accessible(page)
    other.reload()
    kept = Grid(other).shows(place)
    box.get_by_role("button", name="Записать моё").click()
    mine.saved()
    other.reload()

    assert kept == ("draft", "Её текст")
    assert Grid(other).shows(place) == ("draft", "Мой текст")
