"""What shops report about offers: shown, clicked, bought. The better denominator of an attach rate than orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from crossmatrix.insights.models import Exposure
from crossmatrix.insights.rules.periods import first_of_kept
from crossmatrix.insights.selectors.seen import SEEN_DAYS
from crossmatrix.lib.errors import N_, Refusal

LOCK = 7_061_003  # advisory lock: one import of exposures at a time
STRIDE = 1000  # versions a batch owns: an undo puts the old one back, and no later write may repeat one seen meanwhile
NAMED = 1000  # rows named one by one
TABLE = Exposure._meta.db_table
TEXTS = ("channel", "placement", "variant")
NUMBERS = ("shown", "clicked", "added", "bought", "returned")
STORED = [f.column for f in Exposure._meta.concrete_fields if not f.primary_key]
LABEL = "m.sku || ' → ' || c.sku || ', ' || to_char(e.day, 'DD.MM.YYYY')"


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
    return _execute(
        """
        INSERT INTO insights_exposure (main_id, companion_id, day, shown, clicked, bought)
        SELECT main, companion, day, sum(shown), sum(clicked), sum(bought)
        FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::int[], %s::int[], %s::int[])
             AS x(main, companion, day, shown, clicked, bought)
        GROUP BY main, companion, day
        ON CONFLICT (main_id, companion_id, day, channel, placement, variant) DO UPDATE
        SET shown = insights_exposure.shown + excluded.shown, clicked = insights_exposure.clicked + excluded.clicked,
            bought = insights_exposure.bought + excluded.bought, version = insights_exposure.version + 1
        """,
        [list(column) for column in zip(*table, strict=True)],
    )


@dataclass(frozen=True)
class PlannedExposures:
    """Where the plan and the journal lie: tables as catalog.services.bulk describes them, label and label2 the SKUs."""

    plan: str
    journal: str
    number: int


@dataclass
class AppliedExposures:
    created: int = 0
    changed: int = 0
    refused: list[str] = field(default_factory=list)  # written by somebody else since the plan was made


@dataclass
class UndoneExposures:
    reversed: int = 0
    kept: list[str] = field(default_factory=list)  # written since
    kept_count: int = 0


@transaction.atomic
def apply_exposures(*, plan: PlannedExposures) -> AppliedExposures:
    """Write the planned counts with a journal; rows changed since the plan was made stay as they are."""
    _execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    stale = [row[0] for row in _fetch(_stale(plan))]
    first = plan.number * STRIDE
    _execute(
        f"""
        INSERT INTO "{plan.journal}" (batch_id, "table", row_id, action, version, before)
        SELECT %s, '{TABLE}', e.id, 'u', greatest(e.version + 1, %s), to_jsonb(e)
        FROM "{plan.plan}" pl JOIN {TABLE} e ON e.id = pl.target_id AND e.version = pl.version WHERE pl.state = 'c'
        """,
        [plan.number, first],
    )
    sets = [f"{n} = coalesce((pl.changes->'{n}'->>1)::integer, e.{n})" for n in NUMBERS]
    sets.append("in_stock = coalesce((pl.changes->'in_stock'->>1)::boolean, e.in_stock)")
    changed = _execute(
        f"""
        UPDATE {TABLE} e SET {", ".join(sets)}, version = greatest(e.version + 1, %s)
        FROM "{plan.plan}" pl WHERE pl.state = 'c' AND e.id = pl.target_id AND e.version = pl.version
        """,
        [first],
    )
    given = [f"coalesce(pl.changes->'{n}'->>1, '')" for n in TEXTS]
    given += [f"coalesce((pl.changes->'{n}'->>1)::integer, 0)" for n in NUMBERS]
    given.append("coalesce((pl.changes->'in_stock'->>1)::boolean, true)")
    created = _execute(
        f"""
        WITH made AS (
            INSERT INTO {TABLE} (main_id, companion_id, day, {", ".join((*TEXTS, *NUMBERS))}, in_stock, version)
            SELECT m.id, c.id, (pl.changes->'day'->>1)::date, {", ".join(given)}, %s
            FROM "{plan.plan}" pl JOIN catalog_product m ON m.sku = pl.label JOIN catalog_product c ON c.sku = pl.label2
            WHERE pl.state = 'n' ORDER BY pl.seq
            ON CONFLICT DO NOTHING RETURNING id, version
        )
        INSERT INTO "{plan.journal}" (batch_id, "table", row_id, action, version)
        SELECT %s, '{TABLE}', id, 'i', version FROM made
        """,
        [first, plan.number],
    )
    return AppliedExposures(created=created, changed=changed, refused=stale)


@transaction.atomic
def drop_old_exposures(*, at: datetime) -> int:
    """Remove the months before those that are kept (EXPOSURES_KEPT_MONTHS; 0 keeps all); returns how many days of pairs.

    The days that pairs are judged by stay in any case.
    """
    if not settings.EXPOSURES_KEPT_MONTHS:
        return 0
    today = timezone.localdate(at)
    first = min(first_of_kept(today, settings.EXPOSURES_KEPT_MONTHS), today - timedelta(days=SEEN_DAYS))
    _execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return _execute(f"DELETE FROM {TABLE} WHERE day < %s", [first])


def _stale(plan: PlannedExposures) -> str:
    """Labels of planned rows that are no longer what the plan saw."""
    same = " AND ".join(f"e.{n} = coalesce(pl.changes->'{n}'->>1, '')" for n in TEXTS)
    return f"""
        SELECT pl.label || ' → ' || pl.label2 FROM "{plan.plan}" pl LEFT JOIN {TABLE} e ON e.id = pl.target_id
        WHERE pl.state = 'c' AND e.version IS DISTINCT FROM pl.version
        UNION ALL
        SELECT {LABEL} FROM "{plan.plan}" pl JOIN catalog_product m ON m.sku = pl.label
        JOIN catalog_product c ON c.sku = pl.label2
        JOIN {TABLE} e ON e.main_id = m.id AND e.companion_id = c.id AND e.day = (pl.changes->'day'->>1)::date AND {same}
        WHERE pl.state = 'n' ORDER BY 1
    """


@transaction.atomic
def restore_exposures(*, journal: str, number: int) -> UndoneExposures:
    """Put every row back as it was before the batch, except those written since: they are listed."""
    _execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    mine = f"j.batch_id = %s AND j.\"table\" = '{TABLE}'"
    kept = _fetch(
        f"""
        SELECT {LABEL} FROM "{journal}" j JOIN {TABLE} e ON e.id = j.row_id AND e.version <> j.version
        JOIN catalog_product m ON m.id = e.main_id JOIN catalog_product c ON c.id = e.companion_id WHERE {mine} ORDER BY 1
        """,
        [number],
    )
    columns, was = ", ".join(f'"{c}"' for c in STORED), ", ".join(f'was."{c}"' for c in STORED)
    back = _execute(
        f"""
        UPDATE {TABLE} e SET ({columns}) = (SELECT {was} FROM jsonb_populate_record(NULL::{TABLE}, j.before) was)
        FROM "{journal}" j WHERE {mine} AND j.action = 'u' AND e.id = j.row_id AND e.version = j.version
        """,
        [number],
    )
    back += _execute(
        f"""
        DELETE FROM {TABLE} e USING "{journal}" j
        WHERE {mine} AND j.action = 'i' AND e.id = j.row_id AND e.version = j.version
        """,
        [number],
    )
    return UndoneExposures(reversed=back, kept=[row[0] for row in kept[:NAMED]], kept_count=len(kept))


def _execute(sql: str, params: Sequence[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _fetch(sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
