"""Gettext catalogues in pure Python: extract, update, compile, compare. One Russian catalogue for each area.

English is the language of the source, so only Russian needs a catalogue.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent.parent
PACKAGE = PROJECT / "crossmatrix"
LANGUAGE = "ru"
KEYWORDS: dict[str, Any] = {
    "_": None, "N_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
STRING = r"""u?((?:'(?:[^'\\]|\\.)*')|(?:"(?:[^"\\]|\\.)*"))"""
IN_TEMPLATE = re.compile(rf"(?<![\w.])(_|gettext|ngettext|pgettext)\(\s*{STRING}(?:\s*,\s*{STRING})?")
Key = tuple[str | None, str | tuple[str, str]]  # context, message or (singular, plural)


def areas() -> list[str]:
    """Areas with a catalogue of their own; what lib says is translated in ui, because lib is no Django application."""
    return sorted(folder.name for folder in PACKAGE.iterdir() if (folder / "apps.py").exists())


def catalogue_path(area: str) -> Path:
    return PACKAGE / area / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def messages_of(area: str) -> dict[Key, list[tuple[str, int]]]:
    """Every message an area's code and templates ask for, with where."""
    found: dict[Key, list[tuple[str, int]]] = {}
    for path, line, key in _messages(area):
        found.setdefault(key, []).append((path.relative_to(PROJECT).as_posix(), line))
    return found


def _messages(area: str) -> Iterator[tuple[Path, int, Key]]:
    sources = [*(PACKAGE / area).rglob("*.py"), *((PACKAGE / "lib").rglob("*.py") if area == "ui" else ())]
    for path in sorted(sources):
        if "migrations" not in path.parts:
            yield from ((path, line, key) for line, key in _python_messages(path))
    for folder in template_folders(area):
        for path in sorted(folder.rglob("*.html")) + sorted(folder.rglob("*.txt")):
            yield from ((path, line, key) for line, key in _template_messages(path))


def template_folders(area: str) -> list[Path]:
    """An area's templates; the portal's belong to bundles and the error pages to ui."""
    names = {"bundles": ["bundles", "portal"]}.get(area, [area])
    return [folder for name in names if (folder := PROJECT / "templates" / name).is_dir()]


def _python_messages(path: Path) -> Iterator[tuple[int, Key]]:
    for line, function, message, _comments in extract_python(
        io.BytesIO(path.read_bytes()), KEYWORDS, [], {"encoding": "utf-8"}
    ):
        spec = KEYWORDS[str(function)]
        parts = [message] if isinstance(message, str) else list(message or [])
        if not parts or not all(isinstance(part, str) or part is None for part in parts):
            continue
        context = parts.pop(0) if spec and isinstance(spec[0], tuple) else None
        texts = [part for part in parts if isinstance(part, str)]
        if not texts:
            continue
        plural = spec is not None and len([s for s in spec if isinstance(s, int)]) == 2
        yield line, (context, (texts[0], texts[1]) if plural and len(texts) > 1 else texts[0])


def _template_messages(path: Path) -> Iterator[tuple[int, Key]]:
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for match in IN_TEMPLATE.finditer(source):
        function, first, second = match.groups()
        line = source.count("\n", 0, match.start()) + 1
        one = _unquote(first)
        two = _unquote(second) if second else None
        if function == "ngettext" and two is not None:
            yield line, (None, (one, two))
        elif function == "pgettext" and two is not None:
            yield line, (one, two)
        elif one:
            yield line, (None, one)


def _unquote(literal: str) -> str:
    return literal[1:-1].replace("\\'", "'").replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def read_catalogue(area: str) -> Catalog:
    path = catalogue_path(area)
    if not path.exists():
        return Catalog(locale=LANGUAGE, project="CrossMatrix", charset="utf-8", fuzzy=False)
    with path.open("rb") as handle:
        return read_po(handle, locale=LANGUAGE)


def update(area: str) -> int:
    """Rewrite the area's catalogue: new messages added empty, unused ones dropped. Returns how many lack Russian."""
    wanted, old = messages_of(area), read_catalogue(area)
    if not wanted:
        return 0
    fresh = Catalog(locale=LANGUAGE, project="CrossMatrix", charset="utf-8", fuzzy=False)
    for (context, text), places in sorted(wanted.items(), key=lambda item: item[1][0]):
        known = old.get(text[0] if isinstance(text, tuple) else text, context)
        fresh.add(
            text, known.string if known else None, locations=sorted({(place, 0) for place, _line in places}),
            context=context, flags=[flag for flag in (known.flags if known else ()) if flag != "fuzzy"],
        )  # fmt: skip
    path = catalogue_path(area)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as handle:
        write_po(
            handle, fresh, width=120, omit_header=False, ignore_obsolete=True, sort_output=True, include_lineno=False
        )
    return len(missing(area))


def missing(area: str) -> list[str]:
    """Messages of the area without a complete Russian text."""
    catalogue = read_catalogue(area)
    absent = []
    for context, text in messages_of(area):
        known = catalogue.get(text[0] if isinstance(text, tuple) else text, context)
        strings = () if known is None else known.string if isinstance(known.string, tuple) else (known.string,)
        if known is None or known.fuzzy or not strings or not all(strings):
            absent.append(text[0] if isinstance(text, tuple) else text)
    return absent


def compile_all() -> int:
    """Write the .mo file of every catalogue that is newer than it; returns how many were written."""
    written = 0
    for area in areas():
        path = catalogue_path(area)
        target = path.with_suffix(".mo")
        if path.exists() and not (target.exists() and target.stat().st_mtime >= path.stat().st_mtime):
            fresh = target.with_suffix(".mo.new")
            with fresh.open("wb") as handle:
                write_mo(handle, read_catalogue(area))
            fresh.replace(target)
            written += 1
    return written
