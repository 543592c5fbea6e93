"""Rows → clean values → COPY. The loop here decides the speed of an import: every cell costs one dictionary look-up."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from crossmatrix.imports.rules.problems import BadValue
from crossmatrix.imports.rules.specs import ColumnSpec
from crossmatrix.imports.rules.values import CLEARED, mixes_alphabets, parser

NULL = "\\N"
MEMO = 50_000  # remembered spellings per column; beyond, a column is unique and remembering does not pay
BLOCK = 2000  # rows per write
PROBLEMS_KEPT = 100_000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Writer(Protocol):
    def write(self, buffer: str) -> Any: ...


class Remarked(Exception):
    """The value is taken, with a warning."""

    def __init__(self, value: Any, code: str, **params: object) -> None:
        self.value, self.code, self.params = value, code, params
        super().__init__(code)


class ClearWord(Exception):
    """The person asked to empty the value."""


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


def parser_for(spec: ColumnSpec, dialect: Mapping[str, str]) -> Callable[[Any], Any]:
    params = dict(spec.params)
    if spec.parser in ("money", "number") and dialect.get("decimal"):
        params["decimal"] = dialect["decimal"]
    if spec.parser in ("date", "moment") and dialect.get("order") == "mdy":
        params["order"] = "mdy"
    return parser(spec.parser, params)


def encoder(spec: ColumnSpec, dialect: Mapping[str, str]) -> Callable[[Any], str]:
    """Cell → COPY text. Raises BadValue, ClearWord or Remarked."""
    parse = parser_for(spec, dialect)

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


class Stage:
    """Cleans rows into COPY lines and keeps the problems. `columns`: (index in the row, title, spec)."""

    def __init__(
        self, columns: Sequence[tuple[int, str, ColumnSpec]], attributes: Mapping[int, str], dialect: Mapping[str, str],
        error_cells: set[tuple[int, int]], batch: int,
    ) -> None:  # fmt: skip
        self.columns, self.attributes, self.error_cells, self.batch = columns, dict(attributes), error_cells, batch
        self.plan: list[tuple[int, dict[Any, str], Callable[[Any], str]]] = [
            (index, {}, encoder(spec, dialect)) for index, _title, spec in columns
        ]
        self.rows = self.bad = self.errors = self.warnings = 0
        self.problems: list[str] = []
        self.cleared: set[str] = set()

    def names(self) -> list[str]:
        fixed = ["row_no", "bad", "cleared", *(spec.name for _index, _title, spec in self.columns)]
        return [*fixed, "attributes"] if self.attributes else fixed

    def run(  # noqa: C901 - one flat loop: a call per cell would double its time
        self, rows: Iterable[tuple[int, Sequence[Any], str]], out: Writer, progress: Callable[[int], None]
    ) -> None:
        """Write every row; a bad row is written too, marked, so that the plan can show it."""
        buffer: list[str] = []
        plan = [(index, memo, memo.get, encode) for index, memo, encode in self.plan]
        error_rows = {row for row, _column in self.error_cells}
        attributes = self.attributes
        for number, row, group in rows:
            width = len(row)
            line: list[str] = []
            state = None
            if number in error_rows:
                row = self.with_errors(number, row)  # noqa: PLW2901 - the same row with its error cells named
            for index, memo, remembered, encode in plan:
                value = (row[index] if index < width else "") if index >= 0 else group
                if value.__class__ is not bool:  # True == 1.0 would be found under the same key
                    text = remembered(value)
                    if text is not None:
                        line.append(text)
                        continue
                try:
                    text = encode(value)
                    if len(memo) < MEMO and value.__class__ is not bool:
                        memo[value] = text
                except (BadValue, ClearWord, Remarked) as special:
                    state = state or RowState()
                    text = self.special(special, number, len(line), value, state)
                line.append(text)
            if attributes:
                line.append(self.attributes_of(row, width))
            self.rows += 1
            if state is None:
                buffer.append(f"{number}\tf\t\\N\t" + "\t".join(line))
            else:
                self.bad += state.bad
                cleared = "{" + ",".join(state.cleared) + "}" if state.cleared else NULL
                buffer.append(f"{number}\t{'t' if state.bad else 'f'}\t{cleared}\t" + "\t".join(line))
            if len(buffer) >= BLOCK:
                out.write("\n".join(buffer) + "\n")
                buffer.clear()
                progress(self.rows)
        if buffer:
            out.write("\n".join(buffer) + "\n")
        progress(self.rows)

    def special(self, special: Exception, number: int, place: int, value: Any, state: "RowState") -> str:
        _index, title, spec = self.columns[place]
        if isinstance(special, ClearWord):
            state.cleared.append(spec.name)
            self.cleared.add(spec.name)
            return NULL
        if isinstance(special, Remarked):
            self.note(number, title, spec.name, value, special.code, special.params, "warning")
            return str(special.value)
        assert isinstance(special, BadValue)  # noqa: S101 - for the type checker: nothing else is caught
        state.bad = True
        self.note(number, title, spec.name, value, special.code, special.params, "error")
        if spec.parser == "code" and special.code != "value.required":  # shown beside the row, never used
            return copy_text(str(value)[:64])
        return NULL

    def with_errors(self, number: int, row: Sequence[Any]) -> Sequence[Any]:
        """The reader gives '' for #N/A; put the error back so that it is reported and not taken for an empty cell."""
        return [
            "#N/A" if value == "" and (number, column) in self.error_cells else value
            for column, value in enumerate(row)
        ]

    def attributes_of(self, row: Sequence[Any], width: int) -> str:
        found = {}
        for index, name in self.attributes.items():
            value = row[index] if index < width else None
            if value not in ("", None):
                found[name] = value if isinstance(value, (bool, int, float)) else str(value).strip()[:500]
                if isinstance(value, float) and value.is_integer():
                    found[name] = int(value)
        return copy_text(found) if found else NULL

    def note(
        self, row: int, column: str, field: str, value: Any, code: str, params: Mapping[str, Any], severity: str
    ) -> None:
        if severity == "error":
            self.errors += 1
        else:
            self.warnings += 1
        if len(self.problems) < PROBLEMS_KEPT:
            cells = [self.batch, row, column[:200], field, str("" if value is None else value)[:300], code, severity]
            self.problems.append("\t".join([*(copy_text(clean(cell)) for cell in cells), copy_text(dict(params))]))


def clean(cell: Any) -> Any:
    return "".join(c for c in cell if c.isprintable() or c == " ") if isinstance(cell, str) else cell


class RowState:
    __slots__ = ("bad", "cleared")

    def __init__(self) -> None:
        self.bad = False
        self.cleared: list[str] = []


PROBLEM_COLUMNS = ("batch_id", "row", "header", "field", "value", "code", "severity", "params")


def staging_ddl(table: str, specs: Sequence[ColumnSpec], *, attributes: bool) -> str:
    """UNLOGGED: a crash of the server loses the stage, and the batch is read again."""
    columns = ", ".join(f'"{spec.name}" {spec.pg_type}' for spec in specs)
    extra = ", attributes jsonb" if attributes else ""
    return (
        f'CREATE UNLOGGED TABLE "{table}" (row_no integer, bad boolean, cleared text[], skip "char", {columns}{extra})'
    )


def with_line_numbers(
    rows: Iterator[tuple[int, Sequence[Any], str]], order_at: int, width: int
) -> Iterator[tuple[int, Sequence[Any], str]]:
    """Orders without a line column: the n-th row of an order is its line n, appended as one more cell."""
    seen: dict[Any, int] = {}
    for number, row, group in rows:
        order = row[order_at] if order_at < len(row) else ""
        seen[order] = seen.get(order, 0) + 1
        yield number, [*row[:width], *[""] * (width - len(row)), float(seen[order])], group
