"""Cells as Excel users write them → clean values. Each parser is pure, takes what calamine or csv gives, returns None
for an empty cell and raises BadValue; CLEARED says that the person wrote "clear this" in words."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import partial
from typing import Any, Final

from crossmatrix.imports.rules.problems import BadValue
from crossmatrix.lib.text import clean_text

Parser = Callable[[Any], Any]


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
LOOKALIKES = str.maketrans("АВСЕНКМОРТХУасеорхук", "ABCEHKMOPTXYaceopxyk")


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


CURRENCY_MARKS = re.compile(
    r"(?i)(₽|руб(?:лей|ля|\.)?|р\.|\bр\b|\brub\b|\brur\b|\busd\b|\beur\b|\bbyn\b|\bkzt\b|\$|€|/\s*(шт|кг|м)\.?$)"
)
PLAIN = re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)$")
GROUPED = re.compile(r"^\d{1,3}([ '’]\d{3})+$")
THREE_AFTER = {mark: re.compile(rf"^[-+]?\d{{1,3}}\{mark}\d{{3}}$") for mark in ",."}
THREES = {mark: re.compile(rf"^[-+]?\d{{1,3}}(\{mark}\d{{3}})+$") for mark in ",."}
MINUSES = str.maketrans("−–", "--")
MAX_DIGITS = 40  # a number with a huge tail or exponent would cost time, not give a price


def parse_number(value: Any, *, decimal: str | None = None) -> Decimal | Cleared | None:  # noqa: C901 - a list of spellings
    """A number in Russian or English spelling. `decimal` (, or .) is the column's own mark and settles "1,234".

    Both marks: the last one is decimal. One mark repeated: grouping. Blanks must group by three.
    A single comma is decimal (1C writes 3,000 for three pieces). (5) is minus five.
    """
    if value is None or value == "":
        return None
    if isinstance(value, (bool, dt.date, dt.time, dt.timedelta)):
        raise BadValue("value.not_number")
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            raise BadValue("value.not_number")
        return Decimal(repr(round(value, 6)))
    if isinstance(value, Decimal):
        return value
    text = text_of(unicodedata.normalize("NFKC", str(value)))
    if text.lower() in BLANK_WORDS:
        return None
    if asked(text):
        return CLEARED
    if text in FORMULA_ERRORS:
        raise BadValue("value.formula_error")
    if text.endswith("%"):
        raise BadValue("value.percent")
    text = CURRENCY_MARKS.sub("", text).strip().rstrip(".").strip().translate(MINUSES)
    negative = text.startswith("(") and text.endswith(")")
    plain = one_mark(ungroup(text[1:-1] if negative else text), decimal)
    if len(plain) > MAX_DIGITS or not (plain.isascii() and PLAIN.match(plain)):
        raise BadValue("value.not_number")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise BadValue("value.not_number") from None
    return -number if negative else number


def ungroup(text: str) -> str:
    """Without the blanks and apostrophes between groups of three, and without the dash of "1299,-"."""
    if text.endswith((",-", ".-")):
        text = text[:-2]
    if not any(mark in text for mark in " '’"):
        return text
    head = re.split(r"[.,]", text, maxsplit=1)[0].lstrip("+-")
    if not GROUPED.match(head):
        raise BadValue("value.not_number")
    return re.sub(r"[ '’]", "", text)


def one_mark(text: str, decimal: str | None) -> str:
    """The number with a point as its only mark."""
    commas, points = text.count(","), text.count(".")
    if commas and points:
        comma_last = text.rfind(",") > text.rfind(".")
        group, mark = (".", ",") if comma_last else (",", ".")
        whole, _, rest = text.rpartition(mark)
        if mark in whole or group in rest or not THREES[group].match(whole):
            raise BadValue("value.not_number")
        return whole.replace(group, "") + "." + rest
    if commas > 1 or points > 1:
        mark = "," if commas else "."
        if not THREES[mark].match(text):
            raise BadValue("value.not_number")
        return text.replace(mark, "")
    if commas:
        return text.replace(",", "" if decimal == "." and THREE_AFTER[","].match(text) else ".")
    if points and decimal == "," and THREE_AFTER["."].match(text):
        return text.replace(".", "")
    return text


CENT = Decimal("0.01")
MONEY_LIMIT = Decimal("9999999999.99")


def parse_money(value: Any, *, decimal: str | None = None, negative: bool = False) -> Decimal | Cleared | None:
    """An amount in two digits after the point, half up."""
    number = parse_number(value, decimal=decimal)
    if number is None or isinstance(number, Cleared):
        return number
    if number < 0 and not negative:
        raise BadValue("value.negative")
    if abs(number) > MONEY_LIMIT:
        raise BadValue("value.too_big")
    return number.quantize(CENT, rounding=ROUND_HALF_UP)


STOCK_WORDS = {
    "нет": 0, "нет в наличии": 0, "отсутствует": 0, "out of stock": 0, "no": 0, "есть": 1, "в наличии": 1, "да": 1,
    "мало": 1, "in stock": 1, "yes": 1, "много": 100,
}  # fmt: skip
PIECES = re.compile(r"\s*(шт|штук|штуки|упак|уп|ед|пар|кор|pcs)\.?$")
INT_LIMIT = 2**31 - 1


def parse_stock(value: Any) -> int | Cleared | None:
    """Pieces in stock; words such as "есть" count as one, ">100" as 100, half pieces round down."""
    if isinstance(value, str):
        word = text_of(value).lower()
        if word in STOCK_WORDS:
            return STOCK_WORDS[word]
        value = PIECES.sub("", word).lstrip("><~≥ ").strip() if word not in CLEAR_WORDS else word
    number = parse_number(value, decimal=",")
    if number is None or isinstance(number, Cleared):
        return number
    if abs(number) > INT_LIMIT:
        raise BadValue("value.too_big")
    return int(number.to_integral_value(rounding=ROUND_FLOOR))


def parse_whole(value: Any, *, low: int = -INT_LIMIT) -> int | Cleared | None:
    """A whole number of at least `low`."""
    number = parse_number(value)
    if number is None or isinstance(number, Cleared):
        return number
    if number != number.to_integral_value():
        raise BadValue("value.not_whole")
    if number < low:
        raise BadValue("value.too_small", low=low)
    if abs(number) > INT_LIMIT:
        raise BadValue("value.too_big")
    return int(number)


def parse_quantity(value: Any) -> Decimal | None:
    """A sold quantity, up to three digits after the point (kilograms)."""
    if isinstance(value, str):
        value = PIECES.sub("", text_of(value).lower())
    number = parse_number(value, decimal=",")
    if number is None or isinstance(number, Cleared):
        return None
    if abs(number) > INT_LIMIT:
        raise BadValue("value.too_big")
    return number.quantize(Decimal("0.001"))


MONTHS = {
    name: number
    for number, name in enumerate(
        [
            "января",
            "февраля",
            "марта",
            "апреля",
            "мая",
            "июня",
            "июля",
            "августа",
            "сентября",
            "октября",
            "ноября",
            "декабря",
        ],
        start=1,
    )
}
DMY = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$")
WORDY = re.compile(r"^(\d{1,2}) ([а-я]+) (\d{4})")
NO_DATES = frozenset({"00.00.0000", "0001-01-01", "01.01.0001"})
EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell knows no time zone
EARLIEST_SERIAL, LATEST_SERIAL = 20_000, 80_000  # 1954 to 2119: outside, a number is not a date


def parse_moment(value: Any, *, order: str = "dmy") -> dt.datetime | None:
    """A date with an optional time, without a zone; `order` mdy reads 12/31/2025."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if EARLIEST_SERIAL <= value <= LATEST_SERIAL:
            return EXCEL_EPOCH + dt.timedelta(seconds=round(value * 86_400))
        raise BadValue("value.not_date")
    text = text_of(value)
    if text.lower() in BLANK_WORDS or text in NO_DATES:
        return None
    try:
        return moment_of(text, order)
    except ValueError:
        raise BadValue("value.not_date") from None


def moment_of(text: str, order: str) -> dt.datetime:
    if found := DMY.match(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        day, month = (second, first) if order == "mdy" else (first, second)
        return dt.datetime(year + 2000 if year < 100 else year, month, day, *clock(found[4], found[5], found[6]))  # noqa: DTZ001
    if found := ISO.match(text):
        return dt.datetime(int(found[1]), int(found[2]), int(found[3]), *clock(found[4], found[5], found[6]))  # noqa: DTZ001
    found = WORDY.match(text.lower())
    if found and found[2] in MONTHS:
        return dt.datetime(int(found[3]), MONTHS[found[2]], int(found[1]))  # noqa: DTZ001
    raise ValueError(text)


def clock(hours: str | None, minutes: str | None, seconds: str | None) -> tuple[int, int, int]:
    return int(hours or 0), int(minutes or 0), int(seconds or 0)


def parse_date(value: Any, *, order: str = "dmy") -> dt.date | Cleared | None:
    """A day."""
    if isinstance(value, str) and asked(text_of(value)):
        return CLEARED
    moment = parse_moment(value, order=order)
    return moment.date() if moment else None


CURRENCIES = {
    "₽": "RUB", "р": "RUB", "р.": "RUB", "руб": "RUB", "руб.": "RUB", "рубль": "RUB", "рубли": "RUB", "rur": "RUB",
    "$": "USD", "€": "EUR", "долл": "USD", "евро": "EUR", "тенге": "KZT", "бел. руб.": "BYN",
}  # fmt: skip


def parse_currency(value: Any) -> str | None:
    """An ISO 4217 code."""
    text = text_of(value)
    if text.lower() in BLANK_WORDS:
        return None
    code = CURRENCIES.get(text.lower(), text.upper())
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise BadValue("value.unknown_word", words="RUB, USD, EUR, KZT, BYN")
    return code


def parse_choice(value: Any, *, words: Mapping[str, str]) -> str | None:
    """One of a list; `words` maps every accepted word (lower case) to the stored value."""
    text = text_of(value).lower().replace("ё", "е")
    if text in BLANK_WORDS or text == "":
        return None
    found = words.get(text)
    if found is None:
        raise BadValue("value.unknown_word", words=", ".join(dict.fromkeys(words.values())))
    return found


SEPARATORS = re.compile(r"\s*(?:>|→|»|\||\\)\s*|\s+/\s+|\s*/\s{1,}|\s+/\s*")


def parse_path(value: Any, *, limit: int = 1000) -> str | Cleared | None:
    """A category path as its full name "A / B"; also written A > B, A | B, A\\B and, when nothing else divides, A/B."""
    text = parse_text(value, limit=limit)
    if text is None or isinstance(text, Cleared):
        return text
    if text in BLANK_WORDS:
        return None
    parts = SEPARATORS.split(text) if SEPARATORS.search(text) else text.split("/")
    names = [part.strip() for part in parts if part.strip()]
    if any(len(name) > 200 for name in names):
        raise BadValue("value.too_long", limit=200)
    return " / ".join(names) or None


def parse_words(value: Any, *, words: Mapping[str, str]) -> list[str] | Cleared | None:
    """Several of a list, divided by ; , or |."""
    text = text_of(value)
    if not text or text in BLANK_WORDS:
        return None
    if asked(text):
        return CLEARED
    found = [parse_choice(part, words=words) for part in re.split(r"[;,|\n]", text)]
    return list(dict.fromkeys(word for word in found if word)) or None


def parse_flag(value: Any) -> bool | None:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    text = text_of(value).lower()
    if text in BLANK_WORDS:
        return None
    if text in ("1", "да", "yes", "y", "true", "истина", "+", "x", "х", "возврат", "return", "returned", "refund"):
        return True
    if text in ("0", "нет", "no", "n", "false", "ложь", "продажа", "sale"):
        return False
    raise BadValue("value.unknown_word", words="да, нет")


PARSERS: dict[str, Callable[..., Any]] = {
    "text": parse_text,
    "code": parse_code,
    "barcode": parse_barcode,
    "money": parse_money,
    "stock": parse_stock,
    "whole": parse_whole,
    "quantity": parse_quantity,
    "date": parse_date,
    "moment": parse_moment,
    "currency": parse_currency,
    "choice": parse_choice,
    "words": parse_words,
    "path": parse_path,
    "flag": parse_flag,
}


def parser(name: str, params: Mapping[str, Any]) -> Parser:
    """The parser of that name with its parameters set."""
    return partial(PARSERS[name], **params) if params else PARSERS[name]
