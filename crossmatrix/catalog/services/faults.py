"""What the clock counts for the page of data quality of a large catalog, so that no page reads every product."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from crossmatrix.catalog.models import Product
from crossmatrix.catalog.rules import Problem
from crossmatrix.catalog.selectors import EXAMPLES, FAULTS_KEY, MANY, KeptFaults, activity_of, with_problem

KEEP = 300  # seconds; the clock comes each minute, and when it stops, the page counts by itself again
TABLES = ("catalog_product", "catalog_category", "catalog_pricechange")
FOUND = """
SELECT coalesce(k.path, ''), count(*), (array_agg(f.sku ORDER BY f.sku))[1:%s], (array_agg(f.id ORDER BY f.sku))[1:%s]
FROM ({faulty}) f LEFT JOIN catalog_category k ON k.id = f.category_id GROUP BY 1
"""


def keep_faults(*, at: datetime) -> bool:
    """Count the faults of a large catalog anew. False: it is small, or nothing was written since the last count."""
    if len(Product.objects.order_by("pk").values_list("pk")[: MANY + 1]) <= MANY:
        cache.delete(FAULTS_KEY)
        return False
    activity = activity_of(*TABLES)  # asked before the rows are read: a write meanwhile is counted again, never missed
    kept: KeptFaults | None = cache.get(FAULTS_KEY)
    same = kept is not None and kept.activity == activity and timezone.localdate(kept.at) == timezone.localdate(at)
    if kept is not None and same:
        cache.set(FAULTS_KEY, replace(kept, at=at), KEEP)
    else:
        cache.set(FAULTS_KEY, KeptFaults(at, activity, count_faults(at=at)), KEEP)
    return not same


def count_faults(*, at: datetime) -> dict[str, dict[str, tuple[int, list[tuple[str, int]]]]]:
    """Problem → category path ("" without one) → how many products, and the first few (SKU, id)."""
    counts: dict[str, dict[str, tuple[int, list[tuple[str, int]]]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        for problem in Problem:
            faulty = with_problem(Product.objects.all(), problem, at=at).order_by().values("id", "sku", "category_id")
            statement, values = faulty.query.sql_with_params()
            cursor.execute(FOUND.format(faulty=statement), [EXAMPLES, EXAMPLES, *values])
            for path, count, skus, ids in cursor.fetchall():
                counts[problem.value][path] = count, list(zip(skus, ids, strict=True))
    return dict(counts)
