"""Pictures of the README and of every screen, taken from a demo that this script starts and stops.

`python -m docs.shots` writes docs/pictures; `python -m docs.shots FOLDER` writes every screen, light and dark,
Russian and English, at two widths, for a person to look at.
"""

import os
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

os.environ.setdefault("CROSSMATRIX_DEMO", "1")

from crossmatrix import embedded
from tests.journeys.application import Application
from tests.journeys.browser_page import chromium, sign_in, watched_page

PICTURES = Path(__file__).resolve().parent / "pictures"
PERSON = "manager@demo"
SHOWN = {"matrix_sku", "product_view", "import", "weak"}
THEMES, LANGUAGES, WIDTHS, HEIGHT = ("light", "dark"), ("ru", "en"), (1440, 1024), 900


def readme(application: Application, browser: Browser, folder: Path) -> None:
    """The README's pictures."""
    page, _watched = watched_page(browser, base_url=application.url)
    sign_in(page, PERSON)
    for screen in application.ask("screens", "list"):
        if screen["name"] in SHOWN:
            take(page, screen["path"], folder / f"{screen['name']}.png")


def everything(application: Application, browser: Browser, folder: Path) -> None:
    """Every screen by its person in every dress and width; what the browser complains of is printed."""
    screens = application.ask("screens", "list")
    people = dict.fromkeys(screen["person"] for screen in screens)
    for theme, language, person in product(THEMES, LANGUAGES, people):
        page, watched = watched_page(browser, base_url=application.url, theme=theme, language=language)
        sign_in(page, person)
        for screen, width in product(screens, WIDTHS):
            if screen["person"] == person:
                page.set_viewport_size({"width": width, "height": HEIGHT})
                take(page, screen["path"], folder / f"{screen['name']}_{theme}_{language}_{width}.png")
                for complaint in watched.complaints:
                    sys.stderr.write(f"{screen['name']}, {theme}, {language}, {width}: {complaint}\n")
                watched.complaints.clear()
        page.context.close()


def take(page: Page, path: str, picture: Path) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture)


def main(folder: Path | None) -> None:
    embedded.provide()
    (folder or PICTURES).mkdir(parents=True, exist_ok=True)
    with Application("shots", dataset="shop") as application, chromium() as browser:
        if folder:
            everything(application, browser, folder)
        else:
            readme(application, browser, PICTURES)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
