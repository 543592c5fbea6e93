"""A column on its way from the sheet to COPY: remembered spellings, whole blocks of clean cells, cells one by one."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crossmatrix.imports.rules.blocks import block
from crossmatrix.imports.rules.problems import BadValue
from crossmatrix.imports.rules.specs import ColumnSpec
from crossmatrix.imports.rules.values import CLEARED, mixes_alphabets, parser

NULL = "\\N"
MEMO = 50_000  # remembered spellings per column; beyond, a column is unique and remembering does not pay
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Remarked(Exception):
    """The value is taken, with a warning."""

    def __init__(self, value: Any, code: str, **params: object) -> None:
        self.value, self.code, self.params = value, code, params
        super().__init__(code)


class ClearWord(Exception):
    """The person asked to empty the value."""


Special = BadValue | ClearWord | Remarked


def copy_text(value: Any) -> str:  # noqa: PLR0911 - one line per type
    """A value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(ESCAPES) if "\\" in value or not value.isprintable() else value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, list):
        return copy_text("{" + ",".join(json.dumps(item, ensure_ascii=False) for item in value) + "}")
    return json.dumps(value, ensure_ascii=False).translate(ESCAPES)


def params_of(spec: ColumnSpec, dialect: Mapping[str, str]) -> dict[str, Any]:
    """The parser's parameters in this file's spelling of numbers and dates."""
    params = dict(spec.params)
    if spec.parser in ("money", "number") and dialect.get("decimal"):
        params["decimal"] = dialect["decimal"]
    if spec.parser in ("date", "moment") and dialect.get("order") == "mdy":
        params["order"] = "mdy"
    return params


def encoder(spec: ColumnSpec, params: Mapping[str, Any]) -> Callable[[Any], str]:
    """Cell → COPY text. Raises BadValue, ClearWord or Remarked."""
    parse = parser(spec.parser, params)

    def encode(cell: Any) -> str:
        value = parse(cell)
        if value is None:
            if spec.required:
                raise BadValue("value.required")
            return NULL
        if value is CLEARED:
            if spec.required:
                raise BadValue("value.required")
            raise ClearWord
        if spec.parser == "code" and mixes_alphabets(value):
            raise Remarked(copy_text(value), "value.lookalike")
        if spec.parser == "money":
            remark_rounding(cell, value)
        return copy_text(value)

    return encode


def remark_rounding(cell: Any, value: Decimal) -> None:
    if isinstance(cell, float) and abs(cell - float(value)) > 0.000_01:
        raise Remarked(str(value), "value.rounded", rounded=str(value))


class Column:
    """Turns the cells of one column into COPY texts, as many at a time as possible."""

    def __init__(self, spec: ColumnSpec, dialect: Mapping[str, str]) -> None:
        params = params_of(spec, dialect)
        self.required = spec.required
        self.encode, self.block = encoder(spec, params), block(spec.parser, params)
        self.memo: dict[Any, str] = {}

    def take(self, cells: Sequence[Any]) -> tuple[list[str], list[tuple[int, Special]]]:
        """The text of every cell, and the cells (by place) that need a word with the person; their texts are NULL."""
        if bool in set(map(type, cells)):  # True == 1.0 would be remembered under the same key
            return self.one_by_one(cells)
        found = list(map(self.memo.get, cells))
        if None not in found:
            return found, []  # type: ignore[return-value]  # every one was remembered
        distinct = set(cells)
        if len(distinct) * 2 > len(cells):
            texts = self.in_a_block(cells, distinct)
            if texts is not None:
                return texts, []
        return self.one_by_one(cells)

    def in_a_block(self, cells: Sequence[Any], distinct: set[Any]) -> list[str] | None:
        blank = {"", None} & distinct
        if not blank:
            return self.block(cells)
        if self.required:
            return None
        filled = [cell for cell in cells if cell not in blank]
        texts = self.block(filled) if filled else []
        if texts is None:
            return None
        following = iter(texts)
        return [NULL if cell in blank else next(following) for cell in cells]

    def one_by_one(self, cells: Sequence[Any]) -> tuple[list[str], list[tuple[int, Special]]]:
        memo = self.memo
        texts: list[str] = []
        specials: list[tuple[int, Special]] = []
        for place, cell in enumerate(cells):
            repeats = cell.__class__ is not bool
            text = memo.get(cell) if repeats else None
            if text is None:
                try:
                    text = self.encode(cell)
                    if repeats and len(memo) < MEMO:
                        memo[cell] = text
                except (BadValue, ClearWord, Remarked) as special:
                    text = NULL
                    specials.append((place, special))
            texts.append(text)
        return texts, specials
