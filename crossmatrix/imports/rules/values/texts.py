"""Clean text, codes and barcodes; the words that mean nothing, an error, or "clear this"."""

import datetime as dt
import re
import unicodedata
from typing import Any, Final

from crossmatrix.imports.rules.problems import BadValue
from crossmatrix.lib.text import clean_text


class Cleared:
    """The person asked in words to empty the value."""

    def __repr__(self) -> str:
        return "CLEARED"


CLEARED: Final = Cleared()
CLEAR_WORDS = frozenset({"очистить", "<очистить>", "(очистить)", "#очистить", "clear", "<clear>", "(clear)", "#clear"})
BLANK_WORDS = frozenset(
    {"", "-", "—", "–", "н/д", "нет данных", "n/a", "по запросу", "договорная", "уточняйте", "null"}
)
FORMULA_ERRORS = frozenset(
    {
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NULL!",
        "#NUM!",
        "#Н/Д",
        "#ЗНАЧ!",
        "#ССЫЛКА!",
        "#ДЕЛ/0!",
        "#ИМЯ?",
    }
)

# what makes a text need cleaning; most cells have none of it, and one search is five times cheaper than clean_text
SUSPECT = re.compile(r"[\x00-\x1f\x7f\xa0\xad\u2000-\u200f\u202f\u2060\ufeff\u0300-\u036f]|  |^ | $")


def text_of(value: Any) -> str:  # noqa: PLR0911 - one line per type
    """A cell as clean text; numbers lose Excel's ".0"."""
    if isinstance(value, str):
        if value.isascii() or unicodedata.is_normalized("NFC", value):
            return clean_text(value) if SUSPECT.search(value) else value
        return clean_text(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def asked(text: str) -> Cleared | None:
    return CLEARED if text.lower() in CLEAR_WORDS else None


def parse_text(value: Any, *, limit: int = 500) -> str | Cleared | None:
    """Clean text of at most `limit` characters."""
    text = text_of(value)
    if not text:
        return None
    if len(text) > limit:
        raise BadValue("value.too_long", limit=limit)
    if text[0] == "#" and text in FORMULA_ERRORS:
        raise BadValue("value.formula_error")
    if text[0] == "'" and text[1:2] in tuple("=+-@"):
        return text[1:]  # the guard our own CSV export puts before what Excel would take for a formula
    return asked(text) or text


SCIENTIFIC = re.compile(r"^\d[.,]?\d*[eE]\+\d+$")


def parse_code(value: Any, *, limit: int = 64) -> str | None:
    """An article code: text, zeros in front stay, Excel's "123.0" becomes "123", 4,6E+12 has lost its digits."""
    if isinstance(value, float) and abs(value) >= 1e15:
        raise BadValue("value.digits_lost")
    text = parse_text(value, limit=limit)
    if text is None or isinstance(text, Cleared):
        return None
    if SCIENTIFIC.match(text):
        raise BadValue("value.digits_lost")
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    return None if text in ("-", "—", "–") or text.upper() == "NONE" else text


LATIN, CYRILLIC = re.compile(r"[A-Za-z]"), re.compile(r"[А-Яа-яЁё]")


def mixes_alphabets(text: str) -> bool:
    """Latin and Cyrillic letters inside one word: «ооо1» beside «ooo1» is a common source of doubles."""
    if text.isascii():
        return False
    return any(LATIN.search(word) and CYRILLIC.search(word) for word in text.split())


def parse_barcode(value: Any, *, limit: int = 32) -> str | Cleared | None:
    """Digits only; a number that ends in five zeros was rounded by Excel."""
    text = parse_text(value, limit=limit * 2)
    if text is None or isinstance(text, Cleared):
        return text
    if SCIENTIFIC.match(text):
        raise BadValue("value.digits_lost")
    digits = text.removesuffix(".0").replace(" ", "").replace("-", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()):
        raise BadValue("value.letters")
    if isinstance(value, float) and len(digits) >= 12 and digits.endswith("00000"):
        raise BadValue("value.digits_lost")
    if len(digits) > limit:
        raise BadValue("value.too_long", limit=limit)
    return digits
