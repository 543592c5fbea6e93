"""The tally: pairs of a large shop counted by the clock, so that no page counts them."""

from datetime import datetime

from django.db import connection, transaction

from crossmatrix.matrix.models import Pair, Tally, Tallying
from crossmatrix.matrix.selectors.tally import MANY

LOCK = 0x584D544C  # advisory: one count at a time
TABLES = ("matrix_pair", "matrix_pairrevision", "catalog_product")  # whose writes change the counts
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


@transaction.atomic
def take_tally(*, at: datetime) -> bool:
    """Count the pairs between categories anew. False: the shop is small, another counts now, or nothing was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
        if len(Pair.objects.values_list("pk")[: MANY + 1]) <= MANY:
            Tally.objects.all().delete()
            Tallying.objects.all().delete()
            return False
        cursor.execute(  # asked before the counts are: a write meanwhile is counted again, never missed
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables WHERE relname = ANY(%s)",
            [list(TABLES)],
        )
        activity = int(cursor.fetchone()[0])
        if Tallying.objects.filter(activity=activity).update(taken_at=at):
            return False
        Tally.objects.all().delete()
        cursor.execute(COUNT)
        Tallying.objects.update_or_create(pk=1, defaults={"taken_at": at, "activity": activity})
    return True
