"""The people of the main job at their screens: a browser for each, and what they do on the pages."""

import csv
import io
import re
import time
from pathlib import Path

from playwright.sync_api import Error, expect

from tests.journeys import shop
from tests.journeys.browser_page import accessibility_violations, sign_in, watched_page

SCREEN, WORKER = 15_000, 120_000  # ms within which a page and the worker answer, also on a busy machine
NAMES = {row[0]: row[1] for row in shop.PRODUCTS}
CHANGES = ("added", "changed", "removed")


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


def accessible(page):
    """No violation of the accessibility rules where the page stands now."""
    found = accessibility_violations(page)
    assert found == [], "\n".join([page.url, *found])


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


def make_matrix(page, name, *, mains):
    """A new matrix of these main products, open at its types."""
    page.goto("/matrix/")
    page.locator("header.top, .top").get_by_role("link", name="Новая матрица").click()
    page.fill("input[name=name]", name)
    page.select_option("select[name=mains]", label=mains)
    page.get_by_role("button", name="Создать").click()
    return Grid(page)


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


def wait_for_job(page):
    """The work shown on the page has ended well."""
    expect(page.locator(".job .job-line")).to_contain_text("Готово", timeout=WORKER)


def plain(text):
    """Text with ordinary blanks."""
    return " ".join(text.split())


def add_product(page, sku):
    page.fill("#find", sku)
    page.locator(f"#found [data-add='{sku}']").click()
    expect(page.locator(f"#items [data-item='{sku}']")).to_be_visible()


def hand_in(page):
    page.get_by_role("button", name="Отправить магазину").click()
