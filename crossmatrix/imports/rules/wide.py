"""Matrices as people draw them: mains down, companions across, cells with the reason; or lists of companions in cells."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crossmatrix.imports.rules.table import Row, shown
from crossmatrix.imports.rules.values import text_of

NOT_SUITABLE = re.compile(
    r"^\s*(?:не\s+подход\w*|несовместим\w*|нельзя|запрещено|not\s+suitable|unsuitable|incompatible)\b[\s:,.;—–-]*(.*)$",
    re.IGNORECASE | re.DOTALL,
)
UNDECIDED = frozenset({"", "-", "—", "–", "?", "нет", "no", "0"})
PLAIN_YES = frozenset({"+", "x", "х", "✓", "✔", "v", "да", "yes", "1", "true"})


@dataclass(frozen=True)
class CellMeaning:
    verdict: str
    reason: str = ""


def meaning_of(value: Any) -> CellMeaning | None:
    """What a cell of a wide matrix says; None = undecided. A bare mark is a link whose reason is left open."""
    text = text_of(value)
    if text.lower() in UNDECIDED:
        return None
    if text.lower() in PLAIN_YES or value is True:
        return CellMeaning("suitable")
    found = NOT_SUITABLE.match(text)
    if found:
        reason = found[1].strip(" ().")
        return CellMeaning("not_suitable", reason[:1].upper() + reason[1:] if reason else text)
    return CellMeaning("suitable", text)


def unpivot(
    rows: Iterator[tuple[int, Row]], titles: Sequence[str], main_at: int = 0
) -> Iterator[tuple[int, str, str, CellMeaning]]:
    """(row number, main, companion, meaning) of every decided cell; a cell left of the first title is the main."""
    companions = [(index, text_of(title)) for index, title in enumerate(titles) if index != main_at and text_of(title)]
    for number, row in rows:
        main = text_of(row[main_at]) if main_at < len(row) else ""
        if not main:
            continue
        for index, companion in companions:
            meaning = meaning_of(row[index]) if index < len(row) else None
            if meaning:
                yield number, main, companion, meaning


LIST = re.compile(r"\s*[;|\n]\s*|\s*,\s+|,(?=\S)")


def parts_of(value: Any) -> list[str]:
    """The companions named in one cell: "A; B; C", one per line, or "A, B"."""
    text = "" if value is None else value if isinstance(value, str) else text_of(value)
    if not any(mark in text for mark in ";|\n,"):
        one = text_of(text)
        return [] if one.lower() in UNDECIDED else [one]
    return [text_of(part) for part in LIST.split(text) if text_of(part).lower() not in UNDECIDED]


def looks_wide(titles: Sequence[str], first_column: Sequence[Any], known: set[str]) -> bool:
    """Whether at least half of the titles and half of the first column are known products or categories."""
    across = [text_of(title).lower() for title in titles[1:] if shown(title)]
    down = [text_of(value).lower() for value in first_column if shown(value)]
    if not across or not down:
        return False
    return share(across, known) >= 0.5 and share(down, known) >= 0.5


def share(values: Sequence[str], known: set[str]) -> float:
    return sum(1 for value in values if value in known) / len(values)
