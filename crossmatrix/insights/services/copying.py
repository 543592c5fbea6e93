"""Columns into a table by COPY in PostgreSQL's binary form: whole columns become records at once, no number becomes text."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection
from psycopg import Copy

ROWS = 50_000  # made into records at a time: bounds memory
HEAD, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
KINDS = {"i4": ">i4", "i8": ">i8", "f8": ">f8"}  # integer, bigint, double precision
INTEGER = 23  # its number among PostgreSQL's types
MINUS = 0x4000
NUMERIC = np.dtype([("groups", ">i2"), ("weight", ">i2"), ("sign", ">i2"), ("scale", ">i2"), ("digits", ">i2", 4)])
Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class Money:
    """Minor units of a decimal column with two places, below 10¹² of the currency."""

    cents: npt.NDArray[np.int64]


Column: TypeAlias = Array | Money | int | None  # one number for all rows is a bigint; None: no value


class Rows:
    """Takes columns for the names it was opened with."""

    def __init__(self, copy: Copy, names: Sequence[str]) -> None:
        self._copy, self._names = copy, names

    def add(self, columns: Mapping[str, Column], *, many: int) -> None:
        """`many` rows; a two-dimensional column is an array of integers per row."""
        for start in range(0, many, ROWS):
            part = slice(start, min(start + ROWS, many))
            self._copy.write(_records([_piece(columns[name], part) for name in self._names], part.stop - part.start))


@contextmanager
def rows_into(table: str, names: Sequence[str]) -> Iterator[Rows]:
    """Rows of these columns, in this transaction; their types are those of the table exactly."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.write(HEAD)
        yield Rows(copy, names)
        copy.write(END)


def _piece(column: Column, part: slice) -> Column:
    if isinstance(column, Money):
        return Money(column.cents[part])
    return column if column is None or isinstance(column, int) else column[part]


def _records(columns: Sequence[Column], many: int) -> bytes:
    fields: list[Any] = [("fields", ">i2")]
    for n, column in enumerate(columns):
        fields.append((f"length{n}", ">i4"))
        if column is not None:
            fields.append((f"value{n}", _kind(column)))
    made: Array = np.zeros(many, np.dtype(fields))
    made["fields"] = len(columns)
    for n, column in enumerate(columns):
        made[f"length{n}"] = -1 if column is None else made.dtype[f"value{n}"].itemsize
        if isinstance(column, Money):
            _fill_money(made[f"value{n}"], column.cents)
        elif isinstance(column, np.ndarray) and column.ndim == 2:
            _fill_array(made[f"value{n}"], column)
        elif column is not None:
            made[f"value{n}"] = column
    return made.tobytes()


def _kind(column: Array | Money | int) -> Any:
    if isinstance(column, Money):
        return NUMERIC
    if isinstance(column, int):
        return ">i8"
    if column.ndim == 1:
        return KINDS[column.dtype.str[1:]]
    head = [(name, ">i4") for name in ("dimensions", "nulls", "kind", "length", "lowest")]
    return np.dtype([*head, ("cells", [("size", ">i4"), ("value", ">i4")], column.shape[1])])


def _fill_array(into: Array, column: Array) -> None:
    into["dimensions"], into["kind"], into["length"], into["lowest"] = 1, INTEGER, column.shape[1], 1
    into["cells"]["size"] = 4
    into["cells"]["value"] = column


def _fill_money(into: Array, cents: npt.NDArray[np.int64]) -> None:
    """Groups of four decimal digits: three before the point, one behind it."""
    whole, rest = np.divmod(np.abs(cents), 100)
    into["groups"], into["weight"], into["scale"] = 4, 2, 2
    into["sign"] = np.where(cents < 0, MINUS, 0)
    for place, digits in enumerate((whole // 10**8, whole // 10**4 % 10**4, whole % 10**4, rest * 100)):
        into["digits"][:, place] = digits
