"""What an engine must do."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeAlias

import pyarrow as pa

from crossmatrix.lib.errors import N_, Refusal


class EngineMissing(Refusal):
    code = "engine.missing"
    sentence = N_("Spark is not installed here: install the extra “spark” and Java 17 or newer.")


@dataclass(frozen=True)
class Part:
    """The rows of a Parquet file of these days (its column `day`)."""

    path: Path
    days: frozenset[date]


Files: TypeAlias = Sequence[Path | Part]


def split(files: Files) -> tuple[list[Path], list[Part]]:
    """Those read whole, and the others."""
    return [one for one in files if isinstance(one, Path)], [one for one in files if isinstance(one, Part)]


class Engine(Protocol):
    """Runs statements over order files. Used as a context: leaving it frees memory and temporary files."""

    name: str
    local: bool  # its rows are in this process: what sorting whole numbers counts faster than a join is counted so

    def register(self, name: str, lines: pa.Table | Files) -> None:
        """Make a table or Parquet files readable as `name`; rows of a file keep their order."""

    def write(self, name: str, sql: str, *, keep: bool = True) -> None:
        """Run the statement once and keep its rows as `name` for the statements that follow; else run it where it is named."""

    def query(self, sql: str) -> pa.Table:
        """Run the statement and bring its rows here."""

    def pieces(self, sql: str, rows: int) -> Generator[pa.RecordBatch]:
        """The same rows in their order, at most about so many at a time."""

    def shares(self, generated: int) -> int:
        """Into how many shares to cut the pair space, for so many generated pairs."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None: ...
