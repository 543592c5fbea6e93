"""What shops report about offers: shown, clicked, bought. The better denominator of an attach rate than orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from crossmatrix.lib.errors import N_, Refusal


class UnfitExposure(Refusal):
    code = "exposure.unfit"
    sentence = N_("A pair cannot be bought more often than it was shown, and counts are not negative.")


@dataclass(frozen=True)
class Shown:
    """Sessions of a day that saw the companion beside the main while it was in stock; how many clicked, how many bought."""

    main: int
    companion: int
    day: date
    shown: int
    clicked: int = 0
    bought: int = 0


@transaction.atomic
def record_exposures(*, rows: Iterable[Shown]) -> int:
    """Add to the days' counts; returns how many pair days. The caller sees to it that an event is told once.

    Raises UnfitExposure.
    """
    table = [(row.main, row.companion, row.day, row.shown, row.clicked, row.bought) for row in rows]
    if any(min(row[3:]) < 0 or row[5] > row[3] for row in table):
        raise UnfitExposure
    if not table:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO insights_exposure (main_id, companion_id, day, shown, clicked, bought)
            SELECT main, companion, day, sum(shown), sum(clicked), sum(bought)
            FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::int[], %s::int[], %s::int[])
                 AS x(main, companion, day, shown, clicked, bought)
            GROUP BY main, companion, day
            ON CONFLICT (main_id, companion_id, day) DO UPDATE
            SET shown = insights_exposure.shown + excluded.shown, clicked = insights_exposure.clicked + excluded.clicked,
                bought = insights_exposure.bought + excluded.bought
            """,
            [list(column) for column in zip(*table, strict=True)],
        )
        return int(cursor.rowcount)
