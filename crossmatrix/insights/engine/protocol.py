"""What an engine must do."""

from collections.abc import Generator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from crossmatrix.lib.errors import N_, Refusal


class EngineMissing(Refusal):
    code = "engine.missing"
    sentence = N_("Spark is not installed here: install the extra “spark” and Java 17 or newer.")


class Engine(Protocol):
    """Runs statements over order files. Used as a context: leaving it frees memory and temporary files."""

    name: str
    local: bool  # its rows are in this process: what sorting whole numbers counts faster than a join is counted so

    def register(self, name: str, lines: pa.Table | Sequence[Path]) -> None:
        """Make a table or a set of Parquet files readable as `name`."""

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
