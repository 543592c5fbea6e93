"""Counting what the dashboards show: by month, only the months that changed; cohorts over all of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.catalog.models import Category, Product
from crossmatrix.insights.engine.base import engine_named
from crossmatrix.insights.engine.dashboards import Dashboards
from crossmatrix.insights.models import CategoryCohort, CategoryMonth, DashboardMonth, OrderFile
from crossmatrix.insights.selectors.storage import local_files
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.models import Pair

TASK = "crossmatrix.insights.tasks.count_dashboards"
EVERYTHING = 0  # the node of all categories together
MONTHS = 25  # two years and the month under way: every point has its year before
Files = dict[date, list[OrderFile]]


def order_dashboards(*, actor: User | None, at: datetime) -> JobRun:
    """Owe a counting in the background."""
    return jobs.order(TASK, at=at, actor=actor, queue="mining")


def count_dashboards(*, at: datetime, claim: jobs.Claim | None = None) -> int:
    """Count the months whose orders, pairs or categories changed; returns how many. Each month is stored whole."""
    goods, nodes, links, basis = _ground()
    files = _files()
    known = dict(DashboardMonth.objects.values_list("month", "basis"))
    digests = {
        month: content_digest({"basis": basis, "files": sorted(file.sha256 for file in found)})
        for month, found in files.items()
    }
    stale = [month for month, digest in digests.items() if known.get(month) != digest]
    DashboardMonth.objects.exclude(month__in=list(files)).delete()
    if not stale:
        return 0
    with engine_named("duckdb") as engine:
        boards = Dashboards(engine, goods=goods, nodes=nodes, links=links)
        for done, month in enumerate(stale):
            if claim:
                claim.checkpoint(progress=done, total=len(stale) + 1, message=N_("Counting months"))
            _store_month(month, digests[month], files[month], boards.months(local_files(files[month])), at)
        if claim:
            claim.checkpoint(progress=len(stale), total=len(stale) + 1, message=N_("Counting cohorts"))
        _store_cohorts(boards.cohorts(local_files(file for found in files.values() for file in found)))
    return len(stale)


def _files() -> Files:
    """Order files of the last months, by month."""
    files: Files = defaultdict(list)
    for file in OrderFile.objects.order_by("month", "path"):
        files[file.month].append(file)
    return {month: files[month] for month in sorted(files)[-MONTHS:]}


def _ground() -> tuple[pa.Table, pa.Table, pa.Table, str]:
    """What the counting stands on: articles, categories above each main, pairs on offer; and their digest."""
    links = list(Pair.objects.filter(approved__isnull=False).order_by("pk").values_list("main_id", "companion_id"))
    mains = {main for main, _ in links}
    goods = list(Product.objects.order_by("pk").values_list("sku", "pk", "category__path"))
    nodes = [
        (pk, node) for _, pk, path in goods if pk in mains
        for node in [EVERYTHING, *(int(part) for part in (path or "").split("/") if part)]
    ]  # fmt: skip
    tables = (
        _table([("sku", pa.string()), ("product", pa.int64())], [(sku, pk) for sku, pk, _ in goods]),
        _table([("product", pa.int64()), ("node", pa.int64())], nodes),
        _table([("main", pa.int64()), ("companion", pa.int64())], links),
    )
    return *tables, content_digest({"links": links, "nodes": nodes})


def _table(columns: list[tuple[str, pa.DataType]], rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    found = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pa.table({name: pa.array(values, kind) for (name, kind), values in zip(columns, found, strict=True)})


@transaction.atomic
def _store_month(month: date, basis: str, files: list[OrderFile], table: pa.Table, at: datetime) -> None:
    DashboardMonth.objects.filter(month=month).delete()
    kept = DashboardMonth.objects.create(
        month=month, basis=basis, last_date=max(file.last_date for file in files), counted_at=at
    )
    CategoryMonth.objects.bulk_create(
        [
            CategoryMonth(
                month=kept, category_id=row["node"] or None, orders=row["order_count"], orders_with=row["with_count"],
                amount=row["amount"] or 0, amount_with=row["amount_with"] or 0,
                amount_companions=row["amount_companions"] or 0,
            )
            for row in table.to_pylist()
        ],
        batch_size=2000,
    )  # fmt: skip


@transaction.atomic
def _store_cohorts(table: pa.Table) -> None:
    CategoryCohort.objects.all().delete()
    known = set(Category.objects.values_list("pk", flat=True)) | {EVERYTHING}
    CategoryCohort.objects.bulk_create(
        [
            CategoryCohort(
                category_id=row["node"] or None, cohort=date(int(row["first_month"]) // 12, int(row["first_month"]) % 12 + 1, 1),
                age=int(row["age"]), customers=row["customers"], orders=row["order_count"], orders_with=row["with_count"],
            )
            for row in table.to_pylist()
            if row["node"] in known
        ],
        batch_size=2000,
    )  # fmt: skip
