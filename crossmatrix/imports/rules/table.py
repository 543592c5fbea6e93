"""Where the table is: header rows, merged headers flattened, group rows, totals and repeated headers told from data."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crossmatrix.imports.rules.columns import normalise_header

Row = Sequence[Any]
Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]  # ((top, left), (bottom, right)), from 0
LOOK = 40  # rows among which the header is looked for

TOTAL = re.compile(r"^\s*(итого|всего|total|grand total|промежуточн)\b", re.IGNORECASE)
NUMERIC = re.compile(r"^[-\d.,\s\u00a0%₽]+\s*(₽|руб\.?)?$")


def shown(value: Any) -> str:
    return "" if value is None else str(value).strip()


@dataclass(frozen=True)
class Header:
    """First and last header row (from 0, inside the rows given) and one flat title per column."""

    first: int
    last: int
    titles: tuple[str, ...]


def unmerge(rows: Sequence[Row], merged: Merged) -> list[list[Any]]:
    """Rows with the value of a merged range in each of its cells."""
    filled = [list(row) for row in rows]
    for (top, left), (bottom, right) in merged:
        if top >= len(filled) or left >= len(filled[top]):
            continue
        value = filled[top][left]
        for row in filled[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                if not shown(row[column]):
                    row[column] = value
    return filled


def find_header(rows: Sequence[Row], merged: Merged, knows: Callable[[str], bool]) -> Header | None:
    """The best header among the first rows; None when nothing looks like one. `knows`: a title is a known word."""
    filled = unmerge(rows[: LOOK + 10], merged)
    best, score = -1, 0.0
    for index, row in enumerate(filled[:LOOK]):
        cells = [shown(value) for value in row if shown(value)]
        if not cells:
            continue
        distinct = set(cells)
        if len(distinct) == 1 and not (len(cells) == 1 and knows(cells[0])):
            continue  # a title merged over the sheet
        short = [c for c in distinct if len(c) <= 60]
        words = sum(1 for c in cells if not NUMERIC.match(c) and len(c) <= 60) / len(cells)
        hits = sum(1 for c in short if not NUMERIC.match(c) and knows(c))
        below = max(
            (sum(1 for v in filled[j] if shown(v)) for j in range(index + 1, min(index + 6, len(filled)))), default=0
        )
        worth = hits * 3 + len(distinct) * 0.4 + words * 2 + len(distinct) / len(cells) - index * 0.03
        worth += 0.5 if below >= 0.5 * len(cells) else -2
        if words > 0.3 and worth > score:
            best, score = index, worth
    return header_at(rows, merged, best) if best >= 0 else None


def header_at(rows: Sequence[Row], merged: Merged, index: int) -> Header:
    """The header that contains this row, widened over the rows its merged cells span."""
    filled = unmerge(rows[: max(LOOK, index) + 10], merged)
    first = last = index
    while first > 0 and is_title_row(filled[first - 1]) and spans(merged, first - 1, len(filled[first - 1])):
        first -= 1
    while (
        last + 1 < len(filled)
        and is_title_row(filled[last + 1])
        and any(top <= last + 1 <= bottom and top <= last for (top, _l), (bottom, _r) in merged)
    ):
        last += 1
    return Header(first, last, flatten(filled[first : last + 1]))


def is_title_row(row: Row) -> bool:
    cells = [shown(value) for value in row if shown(value)]
    return len(cells) >= 2 and max(map(len, cells)) <= 60 and not any(NUMERIC.match(cell) for cell in cells)


def spans(merged: Merged, row: int, width: int) -> bool:
    """Whether a merged cell that is no title over the whole sheet starts in this row."""
    return any(
        top <= row <= bottom and (bottom > top or right > left) and right - left < max(width - 2, 3)
        for (top, left), (bottom, right) in merged
    )


def flatten(rows: Sequence[Row]) -> tuple[str, ...]:
    """«Цены» over «Розничная» over «Цена» → «Цены / Розничная / Цена»."""
    titles = []
    for column in range(max(len(row) for row in rows)):
        parts: list[str] = []
        for row in rows:
            text = re.sub(r"\s+", " ", shown(row[column])) if column < len(row) else ""
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        titles.append(" / ".join(parts))
    return tuple(titles)


@dataclass
class Counts:
    data: int = 0
    blank: int = 0
    group: int = 0
    total: int = 0
    repeat: int = 0


CHUNK = 2000  # rows looked at together
TOTAL_LETTERS = frozenset("ИиВвTtGgПп")  # a total begins with one of these


def data_rows(
    rows: Iterator[tuple[int, Row]], titles: Sequence[str], counts: Counts, *, mapped: int
) -> Iterator[tuple[int, Row, str]]:
    """(row number, row, group title above it) of the data; blanks, totals, groups and repeated headers are left out."""
    heads = [normalise_header(title) for title in titles]
    group = ""
    while chunk := list(itertools.islice(rows, CHUNK)):
        if nothing_but_data([row for _number, row in chunk], heads):
            counts.data += len(chunk)
            yield from [(number, row, group) for number, row in chunk]
            continue
        for number, row in chunk:
            what = role_of(row, heads, mapped)
            setattr(counts, what, getattr(counts, what) + 1)
            if what == "data":
                yield number, row, group
            elif what == "group":
                group = next(shown(value) for value in row if value is not None and shown(value))


def role_of(row: Row, heads: Sequence[str], mapped: int) -> str:
    """What a row is, named as in Counts."""
    filled = [value for value in row[:8] if value not in ("", None)]
    if len(filled) < 3:  # only such rows can be anything but data; the check below reads the whole row
        filled = [value for value in row if value is not None and shown(value)]
        if not filled:
            return "blank"
        first = shown(filled[0])
        if TOTAL.match(first):
            return "total"
        return "group" if len(filled) == 1 and mapped > 2 and not NUMERIC.match(first) else "data"
    if isinstance(filled[0], str):
        if filled[0][:1] in TOTAL_LETTERS and TOTAL.match(filled[0]):
            return "total"
        if repeats(row, heads):
            return "repeat"
    return "data"


def nothing_but_data(rows: Sequence[Row], heads: Sequence[str]) -> bool:
    """Whether every row starts with a code under a header without digits and has two more cells: surely data, all of them."""
    if not heads or not heads[0] or DIGIT.search(heads[0]):
        return False
    across = list(zip(*[row[:8] for row in rows], strict=False))
    if not across or set(map(type, across[0])) != {str}:
        return False
    full = sum(1 for cells in across[1:] if "" not in cells and None not in cells)
    return (
        full >= 2 and TOTAL_LETTERS.isdisjoint([cell[:1] for cell in across[0]]) and all(map(DIGIT.search, across[0]))
    )


DIGIT = re.compile("[0-9]")


def repeats(row: Row, heads: Sequence[str]) -> bool:
    """Whether the row is the header once more, as print-outs repeat it on each page."""
    for value, head in zip(row, heads, strict=False):
        if value in ("", None) or not head:
            continue
        if isinstance(value, str) and DIGIT.search(value) and not DIGIT.search(head):
            return False  # normalising keeps digits: a code is told from a title without doing it
        if not isinstance(value, str) or len(value) > 80 or normalise_header(value) != head.rpartition(" / ")[2]:
            return isinstance(value, str) and normalise_header(value) == head and all_repeat(row, heads)
        return all_repeat(row, heads)
    return False


def all_repeat(row: Row, heads: Sequence[str]) -> bool:
    pairs = [(normalise_header(shown(value)), head) for value, head in zip(row, heads, strict=False) if shown(value)]
    return len(pairs) >= 2 and all(head == value or head.endswith(value) for value, head in pairs)
