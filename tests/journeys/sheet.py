"""The grid of an open page, as a person meets it, and the little shop it shows: 30 consoles × 20 cables."""

import os
import time

import pytest
from django.core.cache import cache
from django.utils import timezone

from crossmatrix.accounts.models import Membership, User
from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix, Pair, Slot
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import CategoryFactory, ProductFactory
from tests.journeys.browser_page import chromium, sign_in, watched_page

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

    def copied(self):
        """Text of the clipboard once there is any."""
        deadline = time.monotonic() + 10
        while not (text := self.page.evaluate("navigator.clipboard.readText()")):
            assert time.monotonic() < deadline, "nothing was copied"
            self.page.wait_for_timeout(50)
        return text

    def said(self, *parts):
        """Wait for a toast with these words."""
        deadline = time.monotonic() + 15
        while not all(part in self.toasts() for part in parts):
            assert time.monotonic() < deadline, (parts, self.toasts())
            self.page.wait_for_timeout(50)
        return self.toasts()

    def menu(self, row, column, item):
        """Choose an item of the cell's menu by its right button."""
        self.go(row, column)
        x, y = self.js("(() => { const b = g.activeEl.getBoundingClientRect(); return [b.x + 20, b.y + 10]; })()")
        self.page.mouse.click(x, y, button="right")
        self.page.locator(f"[data-m=menu] [data-act={item}]").click()

    def box(self, row, column):
        """Middle of a cell on the screen."""
        return self.js(
            f"(() => {{ const s = g.scroll.getBoundingClientRect(), o = g.o; return [s.x + o.headWidth + {column} * o.colWidth - g.scroll.scrollLeft + 40, s.y + o.headHeight + {row} * o.rowHeight - g.scroll.scrollTop + 12]; }})()"
        )

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
    assert complaints == [], complaints


def reasons(row):
    """Reasons of the pairs of a console, by cable."""
    found = Pair.objects.filter(main__sku=f"M{row:02}", current__isnull=False).select_related("current", "companion")
    return {pair.companion.sku: pair.current.reason for pair in found}


def approved(row, column):
    """The draft of a console and a cable as another person approved it."""
    pair = Pair.objects.get(main__sku=f"M{row:02}", companion__sku=f"C{column:02}")
    now, other = timezone.now(), User.objects.get(email="manager2@demo")
    services.submit(revision=pair.current, actor=pair.current.created_by, at=now)
    pair.refresh_from_db()
    services.approve(revision=pair.current, actor=other, at=now)
