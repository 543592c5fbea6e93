"""The numbers of pairs: one place, whoever asks (grid, inspector, inbox, command, export)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet

from crossmatrix.insights.models import PairStat, ProductStat, Refresh
from crossmatrix.insights.rules.association import PairCounts, PairNumbers, describe, lift, wilson
from crossmatrix.insights.rules.periods import weeks_of
from crossmatrix.matrix.selectors.providers import EvidencePoint, PairEvidence
from crossmatrix.ui.statements import ready_rows


def current_refresh() -> Refresh | None:
    """The refresh everybody reads; None before the first one."""
    return Refresh.objects.filter(current=True).first()


def refreshes() -> QuerySet[Refresh]:
    return Refresh.objects.select_related("actor").order_by("-started_at", "-pk")


def stats() -> QuerySet[PairStat]:
    """Pair statistics of the current refresh; one statement, so that a switch meanwhile changes nothing half-way."""
    return PairStat.objects.filter(refresh__current=True)


def counts_of(stat: PairStat) -> PairCounts:
    return PairCounts(
        main=stat.orders_main,
        companion=stat.orders_companion,
        both=stat.orders_both,
        all=stat.orders_all,
        expected=stat.expected,
    )


def numbers_of(stat: PairStat) -> PairNumbers:
    """Attach rate, interval, lift and the rest of a stored pair."""
    return describe(counts_of(stat))


def stat_of(main: int, companion: int) -> PairStat | None:
    """The pair's statistics with its refresh, or None when it was bought together too rarely to be kept."""
    return stats().filter(main_id=main, companion_id=companion).select_related("refresh", "main", "companion").first()


def row_of(stat: PairStat) -> dict[str, Any]:
    numbers = numbers_of(stat)
    return {
        "main": stat.main.sku, "companion": stat.companion.sku, "orders_main": stat.orders_main,
        "orders_companion": stat.orders_companion, "orders_both": stat.orders_both, "orders_all": stat.orders_all,
        "attach_rate": numbers.attach_rate, "low": numbers.low, "high": numbers.high, "lift": numbers.lift,
        "llr": numbers.llr, "from": stat.refresh.from_date.isoformat(), "to": stat.refresh.to_date.isoformat(),
        "expected": stat.expected, "adjusted_lift": numbers.adjusted_lift, "incremental": numbers.incremental,
        "customers_both": stat.customers_both, "p_value": stat.p_value, "q_value": stat.q_value,
        "revenue": str(stat.revenue) if stat.revenue is not None else None,
    }  # fmt: skip


OF_WINDOW = """
SELECT s.main_id, s.companion_id, s.orders_main, s.orders_companion, s.orders_both, s.orders_all FROM insights_pairstat s
JOIN insights_refresh r ON r.id = s.refresh_id AND r.current
WHERE s.main_id = ANY(%s) AND s.companion_id = ANY(%s) AND s.orders_main >= %s
"""  # asked with every window of the grid: to build it from a query set takes as long as to run it


def evidence_of(
    mains: Collection[int], companions: Collection[int]
) -> dict[tuple[int, int], tuple[float, float | None]]:
    """Attach rate and lift of a window of the grid; pairs with too few main orders are left out."""
    rows = ready_rows(OF_WINDOW, [list(mains), list(companions), max(1, settings.WEAK_MIN_ORDERS)])
    return {(main, companion): (of[2] / of[0], lift(PairCounts(*of))) for main, companion, *of in rows}


def evidence_detail(main: int, companion: int) -> PairEvidence | None:
    """Everything about one pair for the grid's inspector; None without enough data."""
    stat = stat_of(main, companion)
    if stat is None or stat.orders_main < settings.WEAK_MIN_ORDERS:
        return None
    numbers, (benchmark, usual) = numbers_of(stat), usual_of(stat)
    weeks = weekly(stat)
    points = [
        EvidencePoint(point["start"], point["share"], point["low"], point["high"], usual[index] if usual else None)
        for index, point in enumerate(weeks)
    ]
    return PairEvidence(
        attach_rate=numbers.attach_rate or 0.0, lift=numbers.lift, low=numbers.low, high=numbers.high,
        orders_main=stat.orders_main, orders_both=stat.orders_both, first=stat.refresh.from_date,
        last=stat.refresh.to_date, benchmark=benchmark, points=tuple(points),
    )  # fmt: skip


COMPARED = 400  # pairs of a category that stand for what is usual in it: those with the most orders
KEEP = 60  # seconds: to find them takes longer than all the rest of a page


@dataclass(frozen=True)
class Between:
    """Orders of the pairs of the matrix between two categories: in all, and by week where they were counted so."""

    pairs: frozenset[int]
    bought: int
    both: int
    weeks_bought: tuple[int, ...] = ()
    weeks_both: tuple[int, ...] = ()


def usual_of(stat: PairStat) -> tuple[float | None, list[float | None]]:
    """What the other pairs of the matrix between the two categories reach: in all, and by week; None without any.
    Of the last minute."""
    found = between(stat.refresh_id, stat.main.category_id, stat.companion.category_id)
    bought, both, weeks_bought, weeks_both = found.bought, found.both, found.weeks_bought, found.weeks_both
    if stat.pk in found.pairs:
        bought, both = bought - stat.orders_main, both - stat.orders_both
        own = weeks_of_main(stat)
        if own is not None and stat.weekly is not None:
            weeks_bought = tuple(all_ - mine for all_, mine in zip(weeks_bought, own, strict=True))
            weeks_both = tuple(all_ - mine for all_, mine in zip(weeks_both, stat.weekly, strict=True))
    if not bought:
        return None, []
    return both / bought, [taken / all_ if all_ else None for taken, all_ in zip(weeks_both, weeks_bought, strict=True)]


def weeks_of_main(stat: PairStat) -> list[int] | None:
    """Orders with the main by week."""
    found = ProductStat.objects.filter(refresh=stat.refresh_id, product=stat.main_id).values_list("weekly", flat=True)
    return found.first()


def between(refresh: int, main_category: int | None, companion_category: int | None) -> Between:
    """The pairs with the most orders among those of the matrix between two categories, up to a minute old."""
    key = f"usual:{refresh}:{main_category}:{companion_category}"
    kept: Between | None = cache.get(key)
    if kept is None:
        kept = _between(refresh, main_category, companion_category)
        cache.set(key, kept, KEEP)
    return kept


OF_MATRIX = """SELECT s.id, s.main_id, s.orders_main, s.orders_both, s.weekly FROM insights_pairstat s
    JOIN matrix_pair p ON p.main_id = s.main_id AND p.companion_id = s.companion_id AND p.current_id IS NOT NULL
    WHERE s.refresh_id = %(refresh)s AND s.orders_main >= %(least)s AND p.main_id = ANY({mains})
    AND p.companion_id = ANY({companions}) ORDER BY s.orders_main DESC, s.id LIMIT %(most)s"""
# both sides as plain lists, and from the pairs of the matrix: the statistics of all products are many times more


def _products_of(name: str, category: int | None) -> str:
    of = f"= %({name})s" if category is not None else "IS NULL"
    return f"ARRAY(SELECT id FROM catalog_product WHERE category_id {of})"


def _between(refresh: int, main_category: int | None, companion_category: int | None) -> Between:
    statement = OF_MATRIX.format(
        mains=_products_of("main", main_category), companions=_products_of("companion", companion_category)
    )
    values = {
        "refresh": refresh, "least": settings.WEAK_MIN_ORDERS, "most": COMPARED,
        "main": main_category, "companion": companion_category,
    }  # fmt: skip
    rows = ready_rows(statement, values)
    mains = dict(
        ProductStat.objects.filter(refresh=refresh, product__in={row[1] for row in rows}).values_list(
            "product_id", "weekly"
        )
    )
    weeks = [(row[4], mains[row[1]]) for row in rows if row[4] is not None and row[1] in mains]
    return Between(
        pairs=frozenset(row[0] for row in rows), bought=sum(row[2] for row in rows), both=sum(row[3] for row in rows),
        weeks_bought=tuple(sum(week) for week in zip(*(of for _, of in weeks), strict=True)),
        weeks_both=tuple(sum(week) for week in zip(*(both for both, _ in weeks), strict=True)),
    )  # fmt: skip


def weekly(stat: PairStat) -> list[dict[str, Any]]:
    """Attach rate by week with its interval; weeks without the main in any order have none. Empty when not counted."""
    if stat.weekly is None:
        return []
    mains = weeks_of_main(stat) or [0] * len(stat.weekly)
    points = []
    for start, both, main in zip(
        weeks_of(stat.refresh.from_date, stat.refresh.to_date), stat.weekly, mains, strict=True
    ):
        band = wilson(both, main)
        points.append(
            {
                "start": start, "both": both, "main": main, "share": both / main if main else None,
                "low": band.low if band else None, "high": band.high if band else None,
            }
        )  # fmt: skip
    return points


def trends(links: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[float | None]]:
    """Weekly attach rates of many (main, companion) links in two statements; links without weeks are missing."""
    found = [
        stat
        for stat in stats().filter(
            main_id__in={main for main, _ in links}, companion_id__in={companion for _, companion in links}
        )
        if stat.weekly is not None and (stat.main_id, stat.companion_id) in links
    ]
    mains = dict(
        ProductStat.objects.filter(refresh__current=True, product_id__in={stat.main_id for stat in found}).values_list(
            "product_id", "weekly"
        )
    )
    return {
        (stat.main_id, stat.companion_id): [
            both / main if main else None
            for both, main in zip(stat.weekly or [], mains.get(stat.main_id, []), strict=False)
        ]
        for stat in found
    }
