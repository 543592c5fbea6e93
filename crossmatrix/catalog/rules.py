"""Decisions about products: what a search means, what an edit changes, what is wrong with a record."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from crossmatrix.lib.errors import N_
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


KIND_NAMES: dict[str, str] = {"good": N_("Good"), "service": N_("Service"), "subscription": N_("Subscription")}
STATUS_NAMES: dict[str, str] = {
    "active": N_("On sale"),
    "discontinued": N_("Discontinued"),
    "hidden": N_("Hidden"),
}
STOCK_NAMES: dict[str, str] = {
    StockState.IN: N_("In stock"),
    StockState.OUT: N_("Out of stock"),
    StockState.NOT_COUNTED: N_("Not counted"),
}
PROBLEM_NAMES: dict[str, str] = {
    Problem.NO_PRICE: N_("No price"),
    Problem.NO_CATEGORY: N_("No category"),
    Problem.NO_COST: N_("No cost"),
    Problem.BELOW_COST: N_("Price below cost"),
    Problem.OUT_OF_STOCK: N_("Out of stock"),
    Problem.STALE_PRICE: N_("Price not touched for half a year"),
    Problem.SAME_NAME: N_("Same name twice"),
    Problem.SAME_BARCODE: N_("Same barcode twice"),
}
PROBLEM_REASONS: dict[str, str] = {
    Problem.NO_PRICE: N_("Without a price the ratio to the main product cannot be judged, and shops refuse the link."),
    Problem.NO_CATEGORY: N_("Slots and limits work by category: such a product is offered to nobody."),
    Problem.NO_COST: N_("Without a cost the margin of a pair or bundle is unknown."),
    Problem.BELOW_COST: N_("Each sale loses money; check for a missing digit."),
    Problem.OUT_OF_STOCK: N_("As a companion it leaves its place to the reserve."),
    Problem.STALE_PRICE: N_("Nobody touched the price for 180 days: is it still true?"),
    Problem.SAME_NAME: N_("Perhaps one product was entered twice, and its sales are split."),
    Problem.SAME_BARCODE: N_("One barcode belongs to one product; the shop's till will take the wrong one."),
}


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


ENDING = re.compile(r"(?:ов|ев|ами|ями|ах|ях|ам|ям|ом|ем|ой|ей|ы|и|а|я|у|ю|е)$")
TWO_CONSONANTS = re.compile(r"[бвгджзклмнпрстфхцчшщ][кцлрн]$")
VOWEL_BETWEEN = re.compile(r"[бвгджзклмнпрстфхцчшщ][оеё][кцлрн]$")


def fleeting(word: str) -> list[str]:
    """Beginnings of the word's forms with and without the vowel that comes and goes: чехлов → чехол, ремешок → ремешк.

    The stemmer of the database does not know such pairs; what is no word finds nothing, so a guess too many is harmless.
    """
    stem = ENDING.sub("", word.lower())
    if len(stem) >= 4 and TWO_CONSONANTS.search(stem):  # shorter stems begin too many words
        return [f"{stem[:-1]}{vowel}{stem[-1]}" for vowel in "ое"]
    if len(word) >= 5 and VOWEL_BETWEEN.search(word.lower()):
        return [f"{word[:-2].lower()}{word[-1].lower()}"]
    return []


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


PICTOGRAMS: tuple[tuple[str, tuple[str, ...]], ...] = (  # first match wins, so the narrower words stand first
    ("case", ("чехл", "чехол", "case")),
    ("glass", ("стекл", "стёкл", "плён", "glass")),
    ("power", ("аккумулятор", "power")),
    ("charger", ("заряд", "charger")),
    ("car", ("держател", "авто", "holder", "car ")),
    ("cable", ("кабел", "фильтр", "cable")),
    ("buds", ("наушник", "headphone", "audio")),
    ("watch", ("час", "браслет", "ремеш", "носим", "watch")),
    ("card", ("памят", "memory")),
    ("disc", ("диск", "disc", "disk")),
    ("console", ("пристав", "геймпад", "игр", "console", "game")),
    ("mouse", ("мыш", "mouse")),
    ("keyboard", ("клавиат", "стилус", "keyboard")),
    ("tablet", ("планшет", "tablet")),
    ("laptop", ("ноутбук", "пк", "компьют", "монитор", "laptop", "computer")),
    ("tv", ("телевиз", "саундбар", "кронштейн", "tv")),
    ("camera", ("камер", "фото", "штатив", "camera")),
    ("phone", ("смартфон", "телефон", "phone")),
    ("shield", ("гарант", "страхов", "warranty")),
    ("gear", ("услуг", "настройк", "service")),
    ("key", ("подписк", "программ", "subscription")),
)


@lru_cache(maxsize=4096)  # of a category; asked for every row of a list
def pictogram(category: str) -> str:
    """Icon of the sprite for a product without a photo, by the words of its category, the last step first."""
    for step in reversed(category_names(category.lower())):
        for icon, beginnings in PICTOGRAMS:
            if any(word.startswith(beginnings) for word in step.split()) or any(
                b in step for b in beginnings if " " in b
            ):
                return icon
    return "box"
