"""Numbers, money, stock and quantities in Russian and English spelling."""

import datetime as dt
import math
import re
import unicodedata
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from crossmatrix.imports.rules.problems import BadValue
from crossmatrix.imports.rules.values.texts import (
    BLANK_WORDS,
    CLEAR_WORDS,
    CLEARED,
    FORMULA_ERRORS,
    Cleared,
    asked,
    text_of,
)

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
