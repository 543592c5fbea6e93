"""Decisions about products: what a search means, what an edit changes, what is wrong with a record."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from crossmatrix.lib.text import clean_text

SEPARATOR = " / "  # between the names of a category path
WORDS = 8  # words of a search that count; more only slow it down
WORD = re.compile(r"\w")
STALE_PRICE_DAYS = 180  # a price nobody touched for this long is worth a look
GTIN_LENGTHS = (8, 12, 13, 14)


class Problem(StrEnum):
    """What can be wrong with a product's data."""

    NO_PRICE = "no_price"
    NO_CATEGORY = "no_category"
    NO_COST = "no_cost"
    BELOW_COST = "below_cost"
    OUT_OF_STOCK = "out_of_stock"
    STALE_PRICE = "stale_price"
    SAME_NAME = "same_name"
    SAME_BARCODE = "same_barcode"


class StockState(StrEnum):
    IN = "in"
    OUT = "out"
    NOT_COUNTED = "not_counted"


def search_words(text: str) -> list[str]:
    """Words of a search box, cleaned; signs alone are dropped, so an odd input finds nothing instead of failing."""
    words = [word for word in clean_text(text.replace("_", " ")).split(" ") if WORD.search(word)]
    return list(dict.fromkeys(words))[:WORDS]


def word_query(word: str) -> str:
    """The word as a prefix in tsquery syntax. Quoted, so no sign in it is an operator.

    Digits are asked for with a minus too: the parser reads the "10421" of "СМ-10421" as a negative number.
    """
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    query = f"'{quoted}':*"
    return f"{query} | '-{quoted}':*" if quoted[0].isdigit() else query


def category_names(path: str) -> list[str]:
    """Names from the root of a path written "A / B", ">"-separated or with backslashes; empty steps are dropped."""
    return [name for step in re.split(r"\s+/\s+|\s*[>\\]\s*", path) if (name := clean_text(step))]


def product_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `new` whose value differs from `old`."""
    return {name: value for name, value in new.items() if old.get(name) != value}


def margin_of(price: Decimal | None, cost: Decimal | None) -> Decimal | None:
    """Share of the price left after the cost (negative below cost); None when either is unknown or the price is 0."""
    if not price or cost is None:
        return None
    return (price - cost) / price


def stock_state(stock: int | None) -> StockState:
    if stock is None:
        return StockState.NOT_COUNTED
    return StockState.IN if stock > 0 else StockState.OUT


def valid_gtin(code: str) -> bool:
    """Whether a barcode is an EAN-8, UPC-A, EAN-13 or GTIN-14 whose check digit is right (GS1, mod 10)."""
    if not (code.isascii() and code.isdecimal()) or len(code) not in GTIN_LENGTHS:
        return False
    return gtin_check_digit(code[:-1]) == int(code[-1])


def gtin_check_digit(body: str) -> int:
    """Check digit of a barcode's other digits: weights 3, 1, 3, … from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -total % 10


def subtree_move(path: str, *, old_root: str, new_root: str) -> str:
    """`path` of a node after its ancestor moved from `old_root` to `new_root`."""
    return new_root + path.removeprefix(old_root)
