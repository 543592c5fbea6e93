"""Cells as Excel users write them → clean values. Each parser is pure, takes what calamine or csv gives, returns None
for an empty cell and raises BadValue; CLEARED says that the person wrote "clear this" in words."""

from crossmatrix.imports.rules.values.dates import parse_date, parse_moment
from crossmatrix.imports.rules.values.numbers import (
    INT_LIMIT,
    MONEY_LIMIT,
    parse_money,
    parse_number,
    parse_quantity,
    parse_stock,
    parse_whole,
)
from crossmatrix.imports.rules.values.parsers import PARSERS, Parser, parser
from crossmatrix.imports.rules.values.texts import (
    CLEAR_WORDS,
    CLEARED,
    CYRILLIC,
    LATIN,
    mixes_alphabets,
    parse_barcode,
    parse_code,
    parse_text,
    text_of,
)
from crossmatrix.imports.rules.values.words import parse_choice, parse_currency, parse_flag, parse_path, parse_words

__all__ = [
    "CLEARED",
    "CLEAR_WORDS",
    "CYRILLIC",
    "INT_LIMIT",
    "LATIN",
    "MONEY_LIMIT",
    "PARSERS",
    "Parser",
    "mixes_alphabets",
    "parse_barcode",
    "parse_choice",
    "parse_code",
    "parse_currency",
    "parse_date",
    "parse_flag",
    "parse_moment",
    "parse_money",
    "parse_number",
    "parse_path",
    "parse_quantity",
    "parse_stock",
    "parse_text",
    "parse_whole",
    "parse_words",
    "parser",
    "text_of",
]
