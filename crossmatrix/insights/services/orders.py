"""Order lines into monthly Parquet files, each line once.

A file counts only from the commit of its OrderFile row on; one that a crash left behind without a row is never read and
is removed by the next sweep.
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from crossmatrix.insights.models import OrderFile, OrderIntake, Refresh
from crossmatrix.insights.rules.periods import first_of_kept
from crossmatrix.insights.selectors.storage import local_files, storage, work_root
from crossmatrix.lib.errors import N_, Refusal

SCHEMA = pa.schema(
    [
        pa.field("order_id", pa.string(), nullable=False),
        pa.field("line_no", pa.int32(), nullable=False),
        pa.field("ordered_at", pa.timestamp("us"), nullable=False),  # the shop's own wall clock (TIME_ZONE)
        pa.field("sku", pa.string(), nullable=False),
        pa.field("quantity", pa.decimal128(14, 3)),
        pa.field("price", pa.decimal128(14, 2)),  # of one piece
        pa.field("discount", pa.decimal128(14, 2)),  # of the whole line
        pa.field("amount", pa.int64()),  # quantity × price − discount, in kopecks: sums stay exact on every engine
        pa.field("store", pa.string()),
        pa.field("segment", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("customer", pa.string()),
        pa.field("is_return", pa.bool_(), nullable=False),
    ]
)
REQUIRED = ("order_id", "line_no", "ordered_at", "sku")
LOCK = 7_061_001  # advisory lock: one writer of order files at a time, so that "already there" stays true until commit
ROW_GROUP = 250_000
ORPHAN_AGE = timedelta(hours=1)


class UnfitOrderLines(Refusal):
    code = "orders.unfit"
    sentence = N_("Order lines need the columns order_id, line_no, ordered_at and sku, none of them empty.")


@dataclass(frozen=True)
class Ingested:
    """Order lines added, and lines that were there before (or twice in the table) and were left alone."""

    added: int
    same: int


def root() -> Path:
    return Path(settings.ORDERS_ROOT)


@transaction.atomic
def ingest_orders(*, lines: pa.Table, batch: str, at: datetime) -> Ingested:
    """Add the lines that are not stored yet, as files of this batch. Raises UnfitOrderLines.

    A line is known by (order_id, line_no); the same line again, whatever else it says, changes nothing.
    """
    shaped = conform(lines)
    _lock()
    fresh = shaped.filter(pc.invert(_known(shaped)))
    months = pc.strftime(fresh["ordered_at"], format="%Y-%m")
    rows = [
        _write(fresh.filter(pc.equal(months, month)), month=month, batch=batch, at=at)
        for month in sorted(pc.unique(months).to_pylist())
    ]
    _name_days(rows, fresh, months)
    OrderFile.objects.bulk_create(rows)
    done = Ingested(added=fresh.num_rows, same=lines.num_rows - fresh.num_rows)
    OrderIntake.objects.create(
        batch=batch, created_at=at, added=done.added, same=done.same, late=_late(fresh),
        first_date=min((row.first_date for row in rows), default=None),
        last_date=max((row.last_date for row in rows), default=None),
    )  # fmt: skip
    return done


def _late(fresh: pa.Table) -> int:
    """Lines of days that the current evidence had counted without them."""
    counted = Refresh.objects.filter(current=True).first()
    if counted is None:
        return 0
    days = fresh["ordered_at"].cast(pa.date32())
    inside = pc.and_(pc.greater_equal(days, counted.from_date), pc.less_equal(days, counted.to_date))
    return int(pc.sum(inside.cast(pa.int64())).as_py() or 0)


def _name_days(rows: list[OrderFile], fresh: pa.Table, months: pa.ChunkedArray) -> None:
    """Every file gets the days of all lines of the orders it touches, in whatever file they lie; stored files too.

    A day whose orders are read later then finds all their lines by asking for the files that name it.
    """
    stored = {str(path): file for file, path in _files()}
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as base:
        base.register("fresh", fresh.select(["order_id", "ordered_at"]).append_column("file", months))
        known = (
            """select s.order_id, cast(s.ordered_at as date) as day, s.filename as file
               from read_parquet($files, filename = true) s semi join fresh f on f.order_id = s.order_id"""
            if stored
            else "select '' as order_id, date '2000-01-01' as day, '' as file where false"
        )
        answer = base.execute(
            f"""
            with lines as (
              select distinct order_id, day, file
              from (select order_id, cast(ordered_at as date) as day, file from fresh union all {known})
            )
            select f.file, list(distinct d.day) from lines f join lines d on d.order_id = f.order_id group by f.file
            """,
            {"files": list(stored)} if stored else None,
        ).fetchall()
    found: dict[str, list[date]] = dict(answer)
    for row in rows:
        row.days = sorted(found[row.month.strftime("%Y-%m")])
    for path, days in found.items():
        if path in stored and not set(days) <= set(stored[path].days):
            stored[path].days = sorted({*stored[path].days, *days})
            stored[path].save(update_fields=["days"])


def _files() -> list[tuple[OrderFile, Path]]:
    files = list(OrderFile.objects.order_by("path"))
    return list(zip(files, local_files(files), strict=True))


def known_lines(lines: pa.Table) -> pa.ChunkedArray | pa.Array:
    """Mask, in the table's row order: true where (order_id, line_no) is stored already or stood above in the table."""
    return _known(conform(lines))


@transaction.atomic
def forget_orders(*, batch: str) -> int:
    """Remove every line the batch added; returns how many. Its files go once this is committed."""
    _lock()
    OrderIntake.objects.filter(batch=batch).delete()
    return _drop(OrderFile.objects.filter(batch=batch))


@transaction.atomic
def drop_old_orders(*, at: datetime) -> int:
    """Remove the months before those that are kept (ORDERS_KEPT_MONTHS; 0 keeps all); returns how many lines."""
    if not settings.ORDERS_KEPT_MONTHS:
        return 0
    _lock()
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return _drop(OrderFile.objects.filter(month__lt=first_of_kept(today, settings.ORDERS_KEPT_MONTHS)))


def _drop(files: QuerySet[OrderFile]) -> int:
    paths, lines = [], 0
    for path, rows in files.values_list("path", "rows"):
        paths.append(path)
        lines += rows
    files.delete()
    transaction.on_commit(lambda: storage().remove(paths))
    return lines


@transaction.atomic
def sweep_order_files(*, at: datetime) -> int:
    """Remove stored files that no row lists (left by a crash); returns how many. Fresh ones may belong to a writer."""
    _lock()
    listed = set(OrderFile.objects.values_list("path", flat=True))
    orphans = [path for path, written in storage().listing() if path not in listed and written < at - ORPHAN_AGE]
    storage().remove(orphans)
    return len(orphans)


def conform(lines: pa.Table) -> pa.Table:
    """The table in the stored shape; aware times become the shop's wall clock. Raises UnfitOrderLines."""
    if any(name not in lines.column_names or lines[name].null_count for name in REQUIRED):
        raise UnfitOrderLines
    columns = {}
    for field in SCHEMA:
        if field.name == "ordered_at":
            columns[field.name] = _wall_clock(lines["ordered_at"])
        elif field.name in lines.column_names:
            columns[field.name] = _cast(lines[field.name], field.type)
        elif field.name != "amount":
            columns[field.name] = pa.chunked_array([pa.nulls(lines.num_rows, field.type)])
    columns["is_return"] = pc.fill_null(columns["is_return"], fill_value=False)
    columns["quantity"] = pc.fill_null(columns["quantity"], pa.scalar(1, pa.decimal128(14, 3)))
    if "amount" not in columns:
        columns["amount"] = _amounts(columns["quantity"], columns["price"], columns["discount"])
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_decimal(kind) and pa.types.is_floating(column.type):
        column = pc.round(column, ndigits=kind.scale)
    if pa.types.is_decimal(kind) and not pa.types.is_decimal(column.type):
        column = column.cast(pa.decimal128(38, kind.scale + 3))
    return column.cast(kind, safe=False)


def _wall_clock(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        aware = column.cast(pa.timestamp("us", column.type.tz)).cast(
            pa.timestamp("us", str(ZoneInfo(settings.TIME_ZONE)))
        )
        return pc.local_timestamp(aware)
    return column.cast(pa.timestamp("us"))


def _amounts(quantity: pa.ChunkedArray, price: pa.ChunkedArray, discount: pa.ChunkedArray) -> pa.ChunkedArray:
    gross = pc.multiply(quantity.cast(pa.decimal128(18, 3)), price.cast(pa.decimal128(18, 2)))  # scale 5
    off = pc.fill_null(discount, pa.scalar(0, pa.decimal128(14, 2))).cast(pa.decimal128(20, 5))
    net = pc.round(pc.subtract(gross, off), ndigits=2).cast(pa.decimal128(20, 2), safe=False)
    kopecks = pc.multiply(net, pa.scalar(100, pa.decimal128(5, 0)))
    return kopecks.cast(pa.decimal128(18, 0), safe=False).cast(pa.int64())


def _known(shaped: pa.Table) -> pa.ChunkedArray | pa.Array:
    keys = shaped.select(["order_id", "line_no"]).append_column("row", pa.array(range(shaped.num_rows), pa.int64()))
    files = [str(path) for _file, path in _files()]
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as base:
        base.register("incoming", keys)
        stored = (
            "select order_id, line_no from read_parquet($files)"
            if files
            else "select '' as order_id, 0 as line_no where false"
        )
        answer = base.sql(
            f"""
            with stored as ({stored})
            select row_number() over (partition by i.order_id, i.line_no order by i.row) > 1 or s.order_id is not null as known
            from incoming i left join (select distinct t.order_id, t.line_no from stored t
                semi join incoming n on n.order_id = t.order_id and n.line_no = t.line_no) s
              on s.order_id = i.order_id and s.line_no = i.line_no
            order by i.row
            """,
            params={"files": files} if files else None,
        ).to_arrow_table()
    return answer["known"]


def _write(lines: pa.Table, *, month: str, batch: str, at: datetime) -> OrderFile:
    """One file, whole or not at all: written under a temporary name, forced to disk, then put in its place."""
    folder = work_root() / f"month={month}"
    folder.mkdir(parents=True, exist_ok=True)
    ordered = lines.sort_by([("order_id", "ascending"), ("line_no", "ascending")])
    name = hashlib.sha256(f"{batch} {month} {at.isoformat()}".encode()).hexdigest()[:24]
    temporary = folder / f"{name}.parquet.tmp{os.getpid()}"
    try:
        pq.write_table(ordered, temporary, compression="zstd", row_group_size=ROW_GROUP)
        with temporary.open("rb+") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        storage().put(temporary, f"month={month}/{name}.parquet")
    finally:
        temporary.unlink(missing_ok=True)
    days = pc.min_max(lines["ordered_at"]).as_py()
    return OrderFile(
        path=f"month={month}/{name}.parquet", month=date.fromisoformat(f"{month}-01"), rows=lines.num_rows, sha256=digest,
        batch=batch, created_at=at, first_date=days["min"].date(), last_date=days["max"].date(),
    )  # fmt: skip


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
