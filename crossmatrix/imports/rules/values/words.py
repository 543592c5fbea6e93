"""Words of a list, currencies, category paths, yes and no."""

import re
from collections.abc import Mapping
from typing import Any

from crossmatrix.imports.rules.problems import BadValue
from crossmatrix.imports.rules.values.texts import BLANK_WORDS, CLEARED, Cleared, asked, parse_text, text_of

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
