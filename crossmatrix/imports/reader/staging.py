"""Rows → clean values → COPY, two thousand rows at a time: what all rows of a column need is done for all at once."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from crossmatrix.imports.reader.cells import NULL, ClearWord, Column, Remarked, Special, copy_text
from crossmatrix.imports.rules.specs import ColumnSpec

BLOCK = 2000  # rows cleaned together and sent in one write
PROBLEMS_KEPT = 100_000
NumberedRow = tuple[int, Sequence[Any], str]


class Writer(Protocol):
    def write(self, buffer: str) -> Any: ...


class Stage:
    """Cleans rows into COPY lines and keeps the problems. `columns`: (index in the row, title, spec)."""

    def __init__(
        self, columns: Sequence[tuple[int, str, ColumnSpec]], attributes: Mapping[int, str], dialect: Mapping[str, str],
        error_cells: set[tuple[int, int]], batch: int,
    ) -> None:  # fmt: skip
        self.columns, self.attributes, self.error_cells, self.batch = columns, dict(attributes), error_cells, batch
        self.cleaners = [Column(spec, dialect) for _index, _title, spec in columns]
        self.error_rows = {row for row, _column in error_cells}
        self.rows = self.bad = self.errors = self.warnings = 0
        self.problems: list[str] = []
        self.cleared: set[str] = set()

    def names(self) -> list[str]:
        fixed = ["row_no", "bad", "cleared", *(spec.name for _index, _title, spec in self.columns)]
        return [*fixed, "attributes"] if self.attributes else fixed

    def run(self, rows: Iterable[NumberedRow], out: Writer, progress: Callable[[int], None]) -> None:
        """Write every row; a bad row is written too, marked, so that the plan can show it."""
        coming = iter(rows)
        while taken := list(itertools.islice(coming, BLOCK)):
            out.write(self.lines_of(taken))
            self.rows += len(taken)
            progress(self.rows)

    def lines_of(self, taken: Sequence[NumberedRow]) -> str:
        """The rows as COPY lines."""
        numbers = [number for number, _row, _group in taken]
        sheet = [row for _number, row, _group in taken]
        if self.error_rows:
            sheet = [
                self.with_errors(number, row) if number in self.error_rows else row
                for number, row in zip(numbers, sheet, strict=True)
            ]
        across = list(itertools.zip_longest(*sheet, fillvalue=""))
        nothing = ("",) * len(taken)
        texts: list[list[str]] = []
        specials: list[tuple[int, int, Any, Special]] = []
        for place, ((index, _title, _spec), cleaner) in enumerate(zip(self.columns, self.cleaners, strict=True)):
            if index < 0:
                cells: Sequence[Any] = [group for _number, _row, group in taken]
            else:
                cells = across[index] if index < len(across) else nothing
            found, odd = cleaner.take(cells)
            texts.append(found)
            specials += [(at, place, cells[at], special) for at, special in odd]
        if self.attributes:
            texts.append([self.attributes_of(row) for row in sheet])
        flags, cleared = ["f"] * len(taken), [NULL] * len(taken)
        for at, there in itertools.groupby(sorted(specials, key=lambda one: one[:2]), key=lambda one: one[0]):
            state = RowState()
            for _at, place, cell, special in there:
                texts[place][at] = self.special(special, numbers[at], place, cell, state)
            self.bad += state.bad
            flags[at] = "t" if state.bad else "f"
            cleared[at] = "{" + ",".join(state.cleared) + "}" if state.cleared else NULL
        return "\n".join(map("\t".join, zip(map(str, numbers), flags, cleared, *texts, strict=True))) + "\n"

    def special(self, special: Special, number: int, place: int, value: Any, state: "RowState") -> str:
        _index, title, spec = self.columns[place]
        if isinstance(special, ClearWord):
            state.cleared.append(spec.name)
            self.cleared.add(spec.name)
            return NULL
        if isinstance(special, Remarked):
            self.note(number, title, spec.name, value, special.code, special.params, "warning")
            return str(special.value)
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

    def attributes_of(self, row: Sequence[Any]) -> str:
        found, width = {}, len(row)
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
