"""The numbers of pairs: one place, whoever asks (grid, inspector, inbox, command, export)."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from crossmatrix.insights.models import PairStat, ProductStat, Refresh
from crossmatrix.insights.rules.association import PairCounts, PairNumbers, describe, wilson
from crossmatrix.insights.rules.periods import weeks_of
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.selectors.providers import EvidencePoint, PairEvidence


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


def pair_rows(*, main_sku: str, companion_sku: str | None = None) -> list[dict[str, Any]]:
    """Evidence of a main's pairs as the command prints it, most often bought first."""
    found = stats().filter(main__sku=main_sku).select_related("refresh", "main", "companion")
    if companion_sku is not None:
        found = found.filter(companion__sku=companion_sku)
    return [row_of(stat) for stat in found.order_by("-orders_both", "companion__sku")]


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


def evidence_of(
    mains: Collection[int], companions: Collection[int]
) -> dict[tuple[int, int], tuple[float, float | None]]:
    """Attach rate and lift of a window of the grid; pairs with too few main orders are left out."""
    found = stats().filter(main_id__in=mains, companion_id__in=companions, orders_main__gte=settings.WEAK_MIN_ORDERS)
    answer = {}
    for stat in found:
        numbers = numbers_of(stat)
        if numbers.attach_rate is not None:
            answer[stat.main_id, stat.companion_id] = (numbers.attach_rate, numbers.lift)
    return answer


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


def usual_of(stat: PairStat) -> tuple[float | None, list[float | None]]:
    """What the other pairs of the matrix between the two categories reach: in all, and by week; None without any."""
    others = (
        stats()
        .filter(
            main__category=stat.main.category_id, companion__category=stat.companion.category_id,
            orders_main__gte=settings.WEAK_MIN_ORDERS,
        )
        .filter(Exists(Pair.objects.filter(main=OuterRef("main"), companion=OuterRef("companion"), current__isnull=False)))
        .exclude(pk=stat.pk)
        .order_by("-orders_main", "pk")
        .values_list("main_id", "orders_main", "orders_both", "weekly")[:COMPARED]
    )  # fmt: skip
    rows = list(others)
    bought = sum(row[1] for row in rows)
    if not bought:
        return None, []
    mains = dict(
        ProductStat.objects.filter(refresh=stat.refresh_id, product__in={row[0] for row in rows}).values_list(
            "product_id", "weekly"
        )
    )
    weeks = [(row[3], mains[row[0]]) for row in rows if row[3] is not None and row[0] in mains]
    both = [sum(week) for week in zip(*(counts for counts, _ in weeks), strict=True)]
    of = [sum(week) for week in zip(*(counts for _, counts in weeks), strict=True)]
    shares = [taken / all_ if all_ else None for taken, all_ in zip(both, of, strict=True)]
    return sum(row[2] for row in rows) / bought, shares


def weekly(stat: PairStat) -> list[dict[str, Any]]:
    """Attach rate by week with its interval; weeks without the main in any order have none. Empty when not counted."""
    if stat.weekly is None:
        return []
    product = ProductStat.objects.filter(refresh_id=stat.refresh_id, product_id=stat.main_id).first()
    mains = product.weekly if product else [0] * len(stat.weekly)
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
