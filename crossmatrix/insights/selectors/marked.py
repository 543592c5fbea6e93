"""Which products of the grid's rows orders speak about: suggestions without a pair, and weak pairs."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import connection

MIN_LIFT = 1.2  # as in the grid's hints: weaker evidence is no suggestion

WEAK = """
SELECT DISTINCT p.main_id FROM insights_weakflag f JOIN matrix_pair p ON p.id = f.pair_id
WHERE f.closed_at IS NULL AND p.companion_id = ANY(%s)
"""
SUGGESTED = """
SELECT DISTINCT s.main_id FROM insights_pairstat s JOIN insights_refresh f ON f.id = s.refresh_id AND f.current
WHERE s.companion_id = ANY(%s) AND s.orders_main >= %s
  AND s.orders_both::float8 * s.orders_all >= %s * s.orders_main::float8 * s.orders_companion
  AND NOT EXISTS (
      SELECT 1 FROM matrix_pair p LEFT JOIN matrix_pairrevision r ON r.id = p.current_id
      WHERE p.main_id = s.main_id AND p.companion_id = s.companion_id
        AND (p.verdict = 'not_suitable' OR r.state IN ('draft', 'in_review', 'approved')))
"""


def marked_mains(mark: str, companions: Collection[int]) -> set[int]:
    """Mains with an open weak flag ("weak"), or with evidence for a companion that is no pair yet ("suggestion")."""
    values: list[Any] = [list(companions)]
    if mark != "weak":
        values += [settings.WEAK_MIN_ORDERS, MIN_LIFT]
    with connection.cursor() as cursor:
        cursor.execute(WEAK if mark == "weak" else SUGGESTED, values)
        return {row[0] for row in cursor.fetchall()}
