"""The grid in Firefox where it is installed: keys, ranges, the clipboard, what the server keeps."""

import pytest
from django.conf import settings

from tests.journeys import sheet as grid
from tests.journeys.firefox import firefox, installed
from tests.journeys.live import session_of
from tests.journeys.sheet import reasons

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not installed(), reason="no Firefox on this machine: install one, or name it with FIREFOX=/path"
    ),
]

matrix = grid.matrix
M = "document.getElementById('matrix').matrix"


@pytest.fixture(scope="module")
def window(sync_playwright_beside_the_orm):
    with firefox() as started:
        yield started


@pytest.fixture
def opened(window, live_server, people, matrix):
    host = live_server.url.removeprefix("http://").split(":")[0]
    window.cookie(settings.SESSION_COOKIE_NAME, session_of("manager@demo"), host)
    window.goto(f"{live_server.url}/matrix/{matrix.pk}/?level=sku")
    window.until("!!document.getElementById('matrix')?.matrix?.p.tiles.size")
    yield window
    window.goto("about:blank")  # the page would go on asking while the tables are emptied


def go(window, row, column):
    window.evaluate(f"({M}.grid.focus(), {M}.grid.select({row}, {column}), 1)")


def saved(window):
    window.until(f"!{M}.queue.batches.length && !{M}.queue.busy")


def test_keys_move_and_extend_and_every_cell_is_named(opened):
    go(opened, 1, 0)

    opened.press("ArrowRight", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight")

    assert opened.evaluate(f"{M}.grid.range") == {"r0": 2, "r1": 3, "c0": 1, "c1": 2}
    assert opened.evaluate("[...document.querySelectorAll('.xg-c')].every((cell) => cell.getAttribute('aria-label'))")


def test_typing_is_kept_and_undone(opened):
    go(opened, 2, 1)

    opened.press(*"HDMI", "Enter")
    opened.until(f"{M}.p.get(2, 1)?.s === 'draft'")
    saved(opened)
    written = reasons(1)
    opened.press("Control+z")
    opened.until(f"!{M}.p.get(2, 1)?.s")

    assert written == {"C01": "HDMI"}
    assert reasons(1) == {}


def test_what_is_copied_can_be_pasted_and_cut(opened):
    go(opened, 1, 0)
    opened.press("Shift+ArrowRight", "Control+c")
    go(opened, 10, 4)

    opened.press("Control+v")
    opened.until(f"{M}.p.get(10, 5)?.text === 'Причина 1'")
    saved(opened)
    pasted = reasons(9)
    opened.press("Control+x")
    opened.until(f"!{M}.p.get(10, 5)?.s")
    saved(opened)

    assert pasted == {"C04": "Причина 0", "C05": "Причина 1"}
    assert reasons(9) == {}


def test_fill_and_delete(opened):
    go(opened, 1, 0)

    opened.press("Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    opened.until(f"{M}.p.get(3, 0)?.text === 'Причина 0'")
    saved(opened)
    filled = [reasons(1), reasons(2)]
    opened.press("Delete")
    opened.until(f"!{M}.p.get(3, 0)?.s")
    saved(opened)

    assert filled == [{"C00": "Причина 0"}] * 2
    assert reasons(2) == {}
