"""Pictures of the README and of every screen, taken from a demo that this script starts and stops.

`python -m docs.shots` writes docs/pictures; `python -m docs.shots FOLDER` writes every screen, light and dark,
Russian and English, at two widths, for a person to look at.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("CROSSMATRIX_DEMO", "1")

from crossmatrix import embedded
from tests.journeys.application import Application
from tests.journeys.browser_page import chromium, sign_in, watched_page

PICTURES = Path(__file__).resolve().parent / "pictures"
PERSON = "manager@demo"


def main(folder: Path, *, every: bool) -> None:
    embedded.provide()
    folder.mkdir(parents=True, exist_ok=True)
    with Application("shots", dataset="shop") as application, chromium() as browser:
        screens = application.ask("screens", "list")
        wanted = (
            screens
            if every
            else [screen for screen in screens if screen["name"] in {"matrix_sku", "product_view", "import", "weak"}]
        )
        for theme in ("light", "dark") if every else ("light",):
            for language in ("ru", "en") if every else ("ru",):
                for person in dict.fromkeys(screen["person"] for screen in wanted):
                    page, _watched = watched_page(browser, base_url=application.url, theme=theme, language=language)
                    sign_in(page, person)
                    for screen in (screen for screen in wanted if screen["person"] == person):
                        page.goto(screen["path"])
                        page.wait_for_load_state("networkidle")
                        suffix = f"_{theme}_{language}" if every else ""
                        page.screenshot(path=folder / f"{screen['name']}{suffix}.png")
                    page.context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES, every=len(sys.argv) > 1)
