"""Every parser by its name, as the declared columns and the child process ask for it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from crossmatrix.imports.rules.values.dates import parse_date, parse_moment
from crossmatrix.imports.rules.values.numbers import (
    parse_money,
    parse_quantity,
    parse_stock,
    parse_whole,
)
from crossmatrix.imports.rules.values.texts import parse_barcode, parse_code, parse_text
from crossmatrix.imports.rules.values.words import parse_choice, parse_currency, parse_flag, parse_path, parse_words

Parser = Callable[[Any], Any]

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
