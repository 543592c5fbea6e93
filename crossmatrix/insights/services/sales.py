"""Counting what the orders of the current refresh say about pairs on offer: discounts, returns, money."""

import pyarrow as pa
from django.db import transaction
from django.db.models import Exists, OuterRef

from crossmatrix.insights.engine.base import engine_named
from crossmatrix.insights.engine.mining import days_table
from crossmatrix.insights.engine.offers import offer_sales
from crossmatrix.insights.models import OfferStat, OrderFile, Refresh
from crossmatrix.insights.selectors.evidence import current_refresh
from crossmatrix.insights.selectors.storage import local_files
from crossmatrix.matrix.models import Pair

LINK = pa.schema(
    [("main", pa.int64()), ("companion", pa.int64()), ("main_sku", pa.string()), ("companion_sku", pa.string())]
)


def count_sales() -> int:
    """Count anew when the orders were, or a pair came on offer since; returns how many pairs were counted."""
    refresh = current_refresh()
    if refresh is None or not _uncounted(refresh):
        return 0
    links = list(
        Pair.objects.filter(approved__isnull=False)
        .order_by("pk")
        .values_list("main_id", "companion_id", "main__sku", "companion__sku")
    )
    files = OrderFile.objects.filter(first_date__lte=refresh.to_date, last_date__gte=refresh.from_date)
    paths = local_files(files.order_by("path"))
    if not paths:
        return 0
    columns = list(zip(*links, strict=True))
    table = pa.table([pa.array(column, kind.type) for column, kind in zip(columns, LINK, strict=True)], schema=LINK)
    with engine_named("duckdb") as engine:
        rows = offer_sales(engine, lines=paths, days=days_table(refresh.from_date, refresh.to_date), links=table)
    found = {(row["main"], row["companion"]): row for row in rows.to_pylist()}
    _store(refresh, [(link[0], link[1]) for link in links], found)
    return len(links)


def _uncounted(refresh: Refresh) -> bool:
    counted = OfferStat.objects.filter(refresh=refresh, main=OuterRef("main"), companion=OuterRef("companion"))
    return Pair.objects.filter(~Exists(counted), approved__isnull=False).exists()


@transaction.atomic
def _store(refresh: Refresh, links: list[tuple[int, int]], found: dict[tuple[int, int], dict[str, int]]) -> None:
    """Replace what was counted; a pair never bought together has a row of zeros, so that it is not counted again."""
    OfferStat.objects.all().delete()
    OfferStat.objects.bulk_create(
        [
            OfferStat(
                refresh=refresh, main_id=main, companion_id=companion, orders=row.get("order_count", 0),
                known=row.get("known", 0), discounted=row.get("discounted", 0), returned=row.get("returned", 0),
                quantity=row.get("quantity", 0) or 0, amount=row.get("amount", 0) or 0,
            )
            for main, companion in links
            for row in [found.get((main, companion), {})]
        ],
        batch_size=5000,
    )  # fmt: skip
