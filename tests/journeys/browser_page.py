"""A browser page that keeps what a user would call broken: console errors, CSP violations, failed requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import FLAGS, installed

EXPECTED_STATUS = {401, 403, 404, 409, 422}  # answers that tests provoke on purpose; Chromium logs them as errors


@dataclass
class Watched:
    """Complaints of the browser so far."""

    complaints: list[str] = field(default_factory=list)

    def on_console(self, message: object) -> None:
        text, kind = message.text, message.type  # type: ignore[attr-defined]  # playwright's ConsoleMessage
        if kind == "error" and not any(f"status of {code}" in text for code in EXPECTED_STATUS):
            self.complaints.append(text)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=FLAGS)
        yield browser
        browser.close()


def watched_page(
    browser: Browser, *, base_url: str, theme: str = "light", language: str = "ru", **options: object
) -> tuple[Page, Watched]:
    """A page of a new person (own cookies), with the theme and language already chosen."""
    context = browser.new_context(
        base_url=base_url, viewport={"width": 1440, "height": 900}, color_scheme=theme, **options
    )  # type: ignore[arg-type]  # theme is one of two words
    context.add_cookies(
        [
            {"name": "django_language", "value": language, "url": base_url},
            {"name": "theme", "value": theme, "url": base_url},
        ]
    )
    page, watched = context.new_page(), Watched()
    page.on("console", watched.on_console)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.set_default_timeout(15_000)
    return page, watched


def sign_in(page: Page, email: str, password: str = "demo") -> None:
    page.goto("/account/sign-in/")
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", password)
    page.click("main form .btn.pri")
    page.wait_for_load_state()


def accessibility_violations(page: Page) -> list[str]:
    """Violations of WCAG 2.2 A and AA and best practice, one line each."""
    found = Axe().run(page)
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
