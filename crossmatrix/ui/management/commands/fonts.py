"""Cut the Inter font down to the letters and signs we use."""

import hashlib
import logging
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import fontpkg_inter  # type: ignore[import-untyped]  # ships no types
from django.conf import settings
from django.core.management.base import BaseCommand

SOURCE = "Inter[opsz,wght].ttf"
# Latin, Cyrillic, punctuation, currency (₽ € ₸), №, arrows, minus and comparison signs, keys (⌘ ⏎), ●▲■ ✓
LETTERS = (
    "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+0301,U+0400-045F,U+0490-0491,U+04B0-04B1,U+2010-2015,U+2018-201E,"
    "U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+2044,U+202F,U+2009,U+200A,U+20AC,U+20B8,U+20BD,U+2116,U+2122,"
    "U+2190-2193,U+21B5,U+2212,U+2215,U+2248,U+2260,U+2264-2265,U+221E,U+03A3,U+2211,U+25B2,U+25BC,U+25CF,U+25A0,U+2713"
)
FEATURES = ("kern", "mark", "mkmk", "liga", "calt", "ccmp", "locl", "tnum", "case", "cv05", "cv08", "ss03")
OPTICAL_SIZE = 14  # the screens are 11 to 26 px


def codepoints(ranges: str) -> set[int]:
    """Numbers of "U+0020-007E,U+00A0"."""
    found: set[int] = set()
    for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", ranges):
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


def recipe() -> str:
    """Changes when the font package or what we cut out of it changes."""
    parts = (
        metadata.version("fontpkg-inter"),
        metadata.version("fonttools"),
        LETTERS,
        " ".join(FEATURES),
        str(OPTICAL_SIZE),
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def build(target: Path) -> int:
    """Write the subset; returns its size in bytes. The file appears whole or not at all."""
    from fontTools.subset import Options, Subsetter  # noqa: PLC0415 - a second of loading for what is done once
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - as above
    from fontTools.varLib.instancer import instantiateVariableFont  # noqa: PLC0415 - as above

    font = TTFont(Path(fontpkg_inter.ROOT) / "files" / SOURCE)
    options = Options(
        layout_features=list(FEATURES), flavor="woff2", notdef_outline=True, name_IDs=[1, 2], hinting=False
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codepoints(LETTERS))
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"opsz": OPTICAL_SIZE})
    font.flavor = "woff2"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    font.save(part)
    part.replace(target)
    return target.stat().st_size


class Command(BaseCommand):
    help = "Build the font subset into the home folder; skipped when it is up to date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--force", action="store_true", help="build even when up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.HOME / "built" / "fonts" / "inter.woff2"
        stamp = target.with_suffix(".recipe")
        wanted = recipe()
        if not options["force"] and target.exists() and stamp.exists() and stamp.read_text() == wanted:
            self.stderr.write("font: up to date")
            return
        logging.getLogger("fontTools").setLevel(logging.WARNING)  # hundreds of lines of glyph names otherwise
        size = build(target)
        stamp.write_text(wanted)
        self.stderr.write(f"font: {size // 1024} KB")
