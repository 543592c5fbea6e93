"""The grid of an open page, as a person meets it, and the little shop it shows: 30 consoles × 20 cables."""

import time

import pytest
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix, Pair, Slot
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import CategoryFactory, ProductFactory
from tests.journeys.live import POLL, Screen

MAINS, COMPANIONS = 30, 20
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
GRID = "const m = document.getElementById('matrix').matrix, g = m.grid;"


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


class Sheet(Screen):
    """The grid of an open page."""

    def __init__(self, page):
        super().__init__(page)
        self.wait("g && m.p.tiles.size > 0")

    def js(self, expression):
        return self.page.evaluate(f"(() => {{ {GRID} return {expression}; }})()")

    def wait(self, expression, seconds=10):
        deadline = time.monotonic() + seconds
        ask = f"(() => {{ if (!document.getElementById('matrix')?.matrix) return false; {GRID} return !!({expression}); }})()"
        while not self.page.evaluate(ask):
            assert time.monotonic() < deadline, f"did not come true: {expression}"
            self.page.wait_for_timeout(POLL)

    def saved(self):
        self.wait("m.queue.batches.length === 0 && !m.queue.busy")

    def go(self, row, column, to=None):
        extend = f"g.select({to[0]}, {to[1]}, true);" if to else ""
        self.page.evaluate(f"(() => {{ {GRID} g.focus(); g.select({row}, {column}); {extend} }})()")

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
            self.page.wait_for_timeout(POLL)
        return text

    def said(self, *parts):
        """Wait for a toast with these words."""
        deadline = time.monotonic() + 15
        while not all(part in self.toasts() for part in parts):
            assert time.monotonic() < deadline, (parts, self.toasts())
            self.page.wait_for_timeout(POLL)
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


@pytest.fixture
def opened(enter, people):
    """Opens the grid for a person."""

    def open_grid(matrix, email="manager@demo", query="level=sku", expect_failures=False, **options):
        return Sheet(enter(f"/matrix/{matrix.pk}/?{query}", email, complaining=expect_failures, **CLIPBOARD, **options))

    return open_grid


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
