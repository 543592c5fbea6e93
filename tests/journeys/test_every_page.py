"""Every page of the filled demo, as its person, light and dark, Russian and English."""

import pytest

from tests.journeys.application import Application
from tests.journeys.browser_page import accessibility_violations, chromium, sign_in, watched_page

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def application():
    with Application("pages", dataset="shop") as running:
        yield running


@pytest.mark.parametrize(("theme", "language"), [("light", "ru"), ("dark", "en")])
def test_every_page_is_accessible_and_silent(application, theme, language):
    """No accessibility violation, console error, Content-Security-Policy violation or sideways scrolling."""
    found = []
    screens = application.ask("screens", "list")
    with chromium() as browser:
        for person in dict.fromkeys(screen["person"] for screen in screens):
            page, watched = watched_page(browser, base_url=application.url, theme=theme, language=language)
            sign_in(page, person)
            for screen in (screen for screen in screens if screen["person"] == person):
                answer = page.goto(screen["path"])
                page.wait_for_load_state("networkidle")
                if answer is None or answer.status != 200:
                    found.append(f"{screen['name']}: status {answer and answer.status}")
                found += [
                    f"{screen['name']}: {line}" for line in [*accessibility_violations(page), *watched.complaints]
                ]
                watched.complaints.clear()
                if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    found.append(f"{screen['name']}: scrolls sideways")
            page.context.close()

    assert found == []


def test_the_sign_in_page_is_accessible_and_silent(application):
    with chromium() as browser:
        page, watched = watched_page(browser, base_url=application.url)
        page.goto("/account/sign-in/")

        assert accessibility_violations(page) + watched.complaints == []
