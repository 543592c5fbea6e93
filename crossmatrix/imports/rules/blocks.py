"""Many cells of one column at once. Most columns of most files need no cleaning, and one look at all cells says so.

A block is given non-empty cells and answers with their texts as COPY writes them, or with None when at least one cell
needs a look of its own. The law of this module: its texts are exactly what the parser of rules.values gives cell by cell.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from crossmatrix.imports.rules.values import CLEAR_WORDS, CYRILLIC, INT_LIMIT, LATIN, MONEY_LIMIT

Block = Callable[[Sequence[Any]], list[str] | None]

# no blanks but the space, nothing invisible, nothing that composes, no backslash: such texts are clean and COPY's own
PLAIN = re.compile("[ !-\\[\\]-~А-яЁё«»№—–…°²³×€₽\n]*")
NO_CODES = frozenset({"none", "-", "—", "–"})
DIGITS_LOST = re.compile("[eE]\\+|\\.0(?:\n|$)")  # may be a number Excel has shortened, or its ".0"
WHOLE = "(?:0|[1-9][0-9]{0,8})"
WHOLES = re.compile(f"(?:{WHOLE}\n)*{WHOLE}")
AMOUNTS = re.compile(f"(?:{WHOLE}[.,][0-9][0-9]\n)*{WHOLE}[.,][0-9][0-9]")
EXACT = 10**15  # from here on a float no longer knows its last digit


def kind_of(cells: Sequence[Any]) -> type | None:
    """The one class all cells are of."""
    kinds = set(map(type, cells))
    return kinds.pop() if len(kinds) == 1 else None


def says(joined: str, shortest: int, words: frozenset[str]) -> bool:
    """Whether one of the cells is one of these words; `joined` are the cells, a line each."""
    return shortest <= max(map(len, words)) and not words.isdisjoint(joined.lower().split("\n"))


def plain(cells: Sequence[str], limit: int, words: frozenset[str] = CLEAR_WORDS) -> str:
    """The cells joined, a line each, if all are clean texts of at most `limit` characters; else ""."""
    joined = "\n".join(cells)
    lengths = list(map(len, cells))
    if (
        not PLAIN.fullmatch(joined)
        or joined.count("\n") != len(cells) - 1
        or max(lengths) > limit
        or joined[0] in " #'"
        or joined[-1] == " "
        or any(mark in joined for mark in ("  ", " \n", "\n ", "\n#", "\n'"))
        or says(joined, min(lengths), words)
    ):
        return ""
    return joined


def wholes(cells: Sequence[float], low: int, high: int) -> list[int] | None:
    """Floats that are whole numbers within these bounds."""
    try:
        numbers = list(map(int, cells))
    except (OverflowError, ValueError):  # infinite or no number
        return None
    return numbers if numbers == list(cells) and low <= min(numbers) and max(numbers) <= high else None


def written(numbers: list[int] | None) -> list[str] | None:
    return None if numbers is None else list(map(str, numbers))


def texts(cells: Sequence[Any], *, limit: int = 500) -> list[str] | None:
    kind = kind_of(cells)
    if kind is float and limit > 16:
        return written(wholes(cells, 1 - EXACT, EXACT - 1))
    return list(cells) if kind is str and plain(cells, limit) else None


def codes(cells: Sequence[Any], *, limit: int = 64) -> list[str] | None:
    if kind_of(cells) is not str:
        return texts(cells, limit=limit)
    joined = plain(cells, limit, CLEAR_WORDS | NO_CODES)
    if not joined or DIGITS_LOST.search(joined):
        return None
    mixed = not joined.isascii() and LATIN.search(joined) and CYRILLIC.search(joined)
    return None if mixed else list(cells)


def barcodes(cells: Sequence[Any], *, limit: int = 32) -> list[str] | None:
    kind = kind_of(cells)
    if kind is float:
        found = written(wholes(cells, 0, EXACT - 1))
        lost = found is None or max(map(len, found)) > limit or any(text.endswith("00000") for text in found)
        return None if lost else found
    if kind is not str:
        return None
    digits = "".join(cells)
    return list(cells) if digits.isascii() and digits.isdigit() and max(map(len, cells)) <= limit else None


def decimals(cells: Sequence[float], places: int, low: float, high: float) -> list[str] | None:
    """Floats that have no more than these digits after the point."""
    if not (low <= min(cells) and max(cells) <= high):
        return None
    found = list(map(f"%.{places}f".__mod__, cells))
    return found if list(map(float, found)) == list(cells) else None


def amounts(cells: Sequence[Any], *, decimal: str | None = None, negative: bool = False) -> list[str] | None:
    kind = kind_of(cells)
    high = float(MONEY_LIMIT)
    if kind is float:
        return decimals(cells, 2, -high if negative else 0.0, high)
    joined = "\n".join(cells) if kind is str else ""
    return joined.replace(",", ".").split("\n") if AMOUNTS.fullmatch(joined) else None


def quantities(cells: Sequence[Any]) -> list[str] | None:
    return decimals(cells, 3, -float(INT_LIMIT), float(INT_LIMIT)) if kind_of(cells) is float else None


def whole_numbers(cells: Sequence[Any], *, low: int = -INT_LIMIT) -> list[str] | None:
    kind = kind_of(cells)
    if kind is float:
        return written(wholes(cells, low, INT_LIMIT))
    return list(cells) if kind is str and low <= 0 and WHOLES.fullmatch("\n".join(cells)) else None


def moments(cells: Sequence[Any], *, order: str = "dmy") -> list[str] | None:
    if kind_of(cells) is not dt.datetime or any(cell.tzinfo for cell in cells):
        return None
    return [cell.isoformat() for cell in cells]


def dates(cells: Sequence[Any], *, order: str = "dmy") -> list[str] | None:
    return [cell.isoformat() for cell in cells] if kind_of(cells) is dt.date else None


BLOCKS: dict[str, Callable[..., list[str] | None]] = {
    "text": texts,
    "code": codes,
    "barcode": barcodes,
    "money": amounts,
    "quantity": quantities,
    "stock": whole_numbers,
    "whole": whole_numbers,
    "moment": moments,
    "date": dates,
}


def block(name: str, params: Mapping[str, Any]) -> Block:
    """The block of the parser of that name; kinds of values that repeat much have none and need none."""
    return partial(BLOCKS[name], **params) if name in BLOCKS else lambda cells: None
