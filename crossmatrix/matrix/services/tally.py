"""What the clock counts and sorts for a large shop, so that no page does: the tally of pairs, the shelves of products."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from crossmatrix.catalog.models import Product
from crossmatrix.catalog.selectors import activity_of
from crossmatrix.matrix.models import Pair, Shelf, Tally, Tallying
from crossmatrix.matrix.selectors.tally import MANY, PAIRS, SHELVES

LOCK = 0x584D544C  # advisory: one count at a time
COUNT = """
INSERT INTO matrix_tally (main_category_id, companion_category_id, state, count)
    SELECT m.category_id, k.category_id, CASE WHEN p.verdict = 'not_suitable' THEN p.verdict ELSE r.state END AS state, count(*)
    FROM matrix_pair p JOIN catalog_product m ON m.id = p.main_id JOIN catalog_product k ON k.id = p.companion_id
    LEFT JOIN matrix_pairrevision r ON r.id = p.current_id
    WHERE p.current_id IS NOT NULL OR p.verdict = 'not_suitable' GROUP BY 1, 2, 3;
INSERT INTO matrix_tally (main_category_id, companion_category_id, state, count)
    SELECT main_category, companion_category, 'linked', count(*) FROM (
        SELECT DISTINCT p.main_id, m.category_id AS main_category, k.category_id AS companion_category
        FROM matrix_pair p JOIN catalog_product m ON m.id = p.main_id JOIN catalog_product k ON k.id = p.companion_id
        WHERE p.verdict = 'suitable' AND p.current_id IS NOT NULL
            AND m.category_id IS NOT NULL AND k.category_id IS NOT NULL) linked GROUP BY 1, 2
"""
SORT = """
INSERT INTO matrix_shelf (category_id, products, count)
    SELECT category_id, string_agg(int8send(id), ''::bytea ORDER BY name, id), count(*)
    FROM catalog_product WHERE category_id IS NOT NULL AND status <> 'hidden' GROUP BY 1
"""


def take_tally(*, at: datetime) -> bool:
    """Count the pairs between categories anew. False: the shop is small, another counts now, or nothing was written."""
    tables = ("matrix_pair", "matrix_pairrevision", "catalog_product")
    return _take(PAIRS, of=Pair.objects.all(), rows=Tally.objects.all(), statement=COUNT, tables=tables, at=at)


def fill_shelves(*, at: datetime) -> bool:
    """Put the products of each category in the order of the grid anew. False: as for the tally."""
    return _take(
        SHELVES, of=Product.objects.all(), rows=Shelf.objects.all(), statement=SORT, tables=("catalog_product",), at=at
    )


@transaction.atomic
def _take(
    what: str, *, of: QuerySet[Any], rows: QuerySet[Any], statement: str, tables: tuple[str, ...], at: datetime
) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
        if len(of.order_by("pk").values_list("pk")[: MANY + 1]) <= MANY:
            rows.delete()
            Tallying.objects.filter(what=what).delete()
            return False
        # asked before the rows are read: a write meanwhile is counted again, never missed
        activity = activity_of(*tables)
        if Tallying.objects.filter(what=what, activity=activity).update(taken_at=at):
            return False
        rows.delete()
        cursor.execute(statement)
        Tallying.objects.update_or_create(what=what, defaults={"taken_at": at, "activity": activity})
    return True
