"""Spark, for more orders than one machine counts. Needs the extra `spark`; SPARK_MASTER names a cluster."""

import os
import tempfile
from collections.abc import Generator
from functools import reduce
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from crossmatrix.insights.engine.protocol import EngineMissing, Files, split


class SparkEngine:
    name = "spark"
    local = False

    def __init__(self) -> None:
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
        except ImportError:
            raise EngineMissing from None
        self._folder = tempfile.TemporaryDirectory(prefix="crossmatrix-spark-")
        master = os.environ.get("SPARK_MASTER", "local[2]")
        builder: Any = SparkSession.builder.appName("crossmatrix-evidence").master(master)
        if master.startswith("local"):
            builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        self._spark: Any = (
            builder.config("spark.sql.shuffle.partitions", os.environ.get("SPARK_SHUFFLE_PARTITIONS", "16"))
            .config("spark.sql.ansi.enabled", "true")
            .config("spark.driver.memory", os.environ.get("SPARK_DRIVER_MEMORY", "4g"))
            .config("spark.local.dir", self._folder.name)
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )

    def register(self, name: str, lines: pa.Table | Files) -> None:
        if isinstance(lines, pa.Table):
            path = Path(self._folder.name) / f"{name}.parquet"
            pq.write_table(lines, path)
            lines = [path]
        whole, parts = split(lines)
        reads = [self._spark.read.parquet(*map(str, whole))] if whole else []
        for part in parts:
            rows = self._spark.read.parquet(str(part.path))
            reads.append(rows.where(rows["day"].isin(sorted(part.days))))
        reduce(lambda above, below: above.unionByName(below), reads).createOrReplaceTempView(name)

    def write(self, name: str, sql: str, *, keep: bool = True) -> None:
        if not keep:
            self._spark.sql(sql).createOrReplaceTempView(name)
            return
        path = str(Path(self._folder.name) / f"kept-{name}")
        self._spark.sql(sql).write.mode("overwrite").parquet(path)
        self._spark.read.parquet(path).createOrReplaceTempView(name)

    def query(self, sql: str) -> pa.Table:
        return self._spark.sql(sql).toArrow()

    def pieces(self, sql: str, rows: int) -> Generator[pa.RecordBatch]:
        yield from self.query(sql).to_batches(max_chunksize=rows)

    def shares(self, generated: int) -> int:
        return 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spark.stop()
        self._folder.cleanup()
