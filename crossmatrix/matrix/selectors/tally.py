"""Counts of pairs between categories and products in the order of the grid, as the clock keeps them for a large shop.

None means: they are not kept (a small shop), or the clock has stopped; then pairs and products themselves are asked.
"""

import sys
from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from crossmatrix.matrix.models import Shelf, Tallying

MANY = 20_000  # pairs or products: to count or sort more is felt on a page
FRESH = timedelta(minutes=5)  # the clock counts each minute
PAIRS, SHELVES = "pairs", "shelves"


def is_kept(what: str) -> bool:
    return counted_at(what) is not None


def counted_at(what: str) -> datetime | None:
    """When the sums that are shown were taken; None when they are counted while one waits."""
    fresh = Tallying.objects.filter(what=what, taken_at__gte=timezone.now() - FRESH)
    return fresh.values_list("taken_at", flat=True).first()


def by_state(
    *, paths: Sequence[str], mains_path: str = "", companions_path: str | None = None
) -> dict[str, int] | None:
    """State → pairs whose main lies below `mains_path` and in one of `paths`, and whose companion below
    `companions_path` (None: anywhere, also without a category)."""
    if not is_kept(PAIRS):
        return None
    where, values = ["t.state <> 'linked'"], list[Any]()
    if mains_path or "" not in paths:
        where.append("m.path IS NOT NULL AND starts_with(m.path, %s)")
        where.append(
            "EXISTS (SELECT 1 FROM unnest(%s::text[]) AS allowed(path) WHERE starts_with(m.path, allowed.path))"
        )
        values += [mains_path, list(paths)]
    if companions_path is not None:
        where.append("k.path IS NOT NULL AND starts_with(k.path, %s)")
        values.append(companions_path)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.state, sum(t.count) FROM matrix_tally t LEFT JOIN catalog_category m ON m.id = t.main_category_id "
            f"LEFT JOIN catalog_category k ON k.id = t.companion_category_id WHERE {' AND '.join(where)} GROUP BY 1",
            values,
        )
        return {state: int(count) for state, count in cursor.fetchall()}


def linked(mains: Sequence[int], companions: Sequence[int]) -> dict[tuple[int, int], int] | None:
    """(main category, companion category) → how many mains have a companion there."""
    if not is_kept(PAIRS):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT main_category_id, companion_category_id, count FROM matrix_tally "
            "WHERE state = 'linked' AND main_category_id = ANY(%s) AND companion_category_id = ANY(%s)",
            [list(mains), list(companions)],
        )
        return {(main, companion): count for main, companion, count in cursor.fetchall()}


def shelves(categories: Sequence[int]) -> "dict[int, array[int]] | None":
    """Category → its products by name and id, hidden ones left out; categories without products are missing."""
    if not is_kept(SHELVES):
        return None
    found = {}
    for category, kept in Shelf.objects.filter(pk__in=categories).values_list("pk", "products"):
        found[category] = array("q", bytes(kept))
        if sys.byteorder == "little":
            found[category].byteswap()
    return found


def shelf_sizes(categories: Sequence[int]) -> dict[int, int] | None:
    """Category → how many products stand on its shelf."""
    if not is_kept(SHELVES):
        return None
    return dict.fromkeys(categories, 0) | dict(Shelf.objects.filter(pk__in=categories).values_list("pk", "count"))
