"""DuckDB inside the process: bounded memory, the pair space cut into shares that fit the cache.

One thread: a second one costs a quarter more processor for the same count, and the other core belongs to people.
"""

import math
import tempfile
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from crossmatrix.insights.engine.protocol import Files, split

PAIRS_PER_SHARE = 10_000_000  # a share's hash table stays small: −34 % CPU, −4.7× memory at 10 M lines
MEMORY = "600MB"
HELD = 24_000_000  # bytes of files that are read once and held; of more, every statement reads what it needs


class DuckEngine:
    name = "duckdb"
    local = True

    def __init__(self, *, threads: int = 1, memory: str = MEMORY) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="crossmatrix-duckdb-")
        self._base = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": memory,
                "temp_directory": self._folder.name,
            }
        )

    def register(self, name: str, lines: pa.Table | Files) -> None:
        if isinstance(lines, pa.Table):
            self._base.register(name, lines)
        else:
            rows = _rows_of(lines)
            whole, parts = split(lines)
            if sum(path.stat().st_size for path in (*whole, *(part.path for part in parts))) <= HELD:
                self._base.execute(f"create or replace table held_{name} as {rows}")
                rows = f"from held_{name}"
            self._base.execute(f"create or replace view {name} as {rows}")

    def write(self, name: str, sql: str, *, keep: bool = True) -> None:
        self._base.execute(f"create or replace {'table' if keep else 'view'} {name} as {sql}")

    def query(self, sql: str) -> pa.Table:
        return self._base.sql(sql).to_arrow_table()

    def pieces(self, sql: str, rows: int) -> Generator[pa.RecordBatch]:
        with self._base.sql(sql).to_arrow_reader(rows) as reader:
            yield from reader

    def shares(self, generated: int) -> int:
        return max(1, math.ceil(generated / PAIRS_PER_SHARE))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()
        self._folder.cleanup()


def _rows_of(files: Files) -> str:
    """Whole files are read in one go, the others one by one."""
    whole, parts = split(files)
    reads = [f"from read_parquet([{', '.join(map(_text, whole))}])"] if whole else []
    for part in parts:
        days = ", ".join(f"date '{day.isoformat()}'" for day in sorted(part.days))
        reads.append(f"from read_parquet({_text(part.path)}) where day in ({days})")
    return " union all ".join(reads)


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
