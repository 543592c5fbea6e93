"""Money of pairs: counted for pairs on offer, by today's price for others whose sales are known."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import OfferStat, PairStat
from crossmatrix.insights.rules.money import Brought, Sales, brought
from crossmatrix.insights.rules.promotions import Split
from crossmatrix.insights.selectors.evidence import numbers_of, row_of, stats
from crossmatrix.matrix.rules.cards import Floor
from crossmatrix.matrix.selectors.cards import floors_beside


@dataclass(frozen=True)
class PairMoney:
    """What a pair brought, and the sales it follows from; `estimated`: pieces by today's price, not counted."""

    sales: Sales
    cost: float | None
    brought: Brought
    estimated: bool
    split: Split  # of the orders that say whether the companion had a discount

    @property
    def added(self) -> int | None:
        """Margin added in the period, in whole units of money: kopecks of an estimate say nothing."""
        return None if self.brought.added is None else round(self.brought.added)

    def as_dict(self) -> dict[str, Any]:
        """As the command prints it, in the companion's currency."""
        found = self.brought
        return {
            "margin": found.margin, "return_rate": found.return_rate,
            "return_low": found.returns.low if found.returns else None,
            "return_high": found.returns.high if found.returns else None,
            "margin_per_main": found.per_main, "margin_added": found.added, "money_estimated": self.estimated,
        }  # fmt: skip


UNKNOWN = dict.fromkeys(
    ("margin", "return_rate", "return_low", "return_high", "margin_per_main", "margin_added", "money_estimated")
)


def money_of(stat: PairStat) -> PairMoney | None:
    """Money of one pair; None when its sales were not counted. The stat has its companion and refresh at hand."""
    return moneys([stat]).get(stat.pk)


def moneys(found: Collection[PairStat]) -> dict[int, PairMoney]:
    """Money by statistics id, of however many pairs in one statement."""
    offers = OfferStat.objects.filter(
        refresh__in={stat.refresh_id for stat in found}, main__in={stat.main_id for stat in found},
        companion__in={stat.companion_id for stat in found},
    )  # fmt: skip
    counted = {(row.refresh_id, row.main_id, row.companion_id): row for row in offers}
    answer = {}
    for stat in found:
        row = counted.get((stat.refresh_id, stat.main_id, stat.companion_id))
        sales = _counted(row, stat) if row else _estimated(stat, stat.companion)
        if sales is not None:
            cost = float(stat.companion.cost) if stat.companion.cost is not None else None
            answer[stat.pk] = PairMoney(
                sales, cost,
                brought(sales, cost=cost, incremental=numbers_of(stat).incremental, orders_main=stat.orders_main),
                estimated=row is None, split=Split(row.known, row.discounted) if row else Split(0, 0),
            )  # fmt: skip
    return answer


def _counted(row: OfferStat, stat: PairStat) -> Sales:
    """Returns are known when any order of the period tells of one."""
    return Sales(
        orders=row.orders, pieces=row.quantity, revenue=row.amount / 100,
        returned=row.returned if stat.refresh.return_lines else None,
    )  # fmt: skip


def _estimated(stat: PairStat, companion: Product) -> Sales | None:
    if stat.revenue is None or not companion.price:
        return None
    revenue = float(stat.revenue)
    return Sales(orders=stat.orders_both, pieces=max(0.0, revenue / float(companion.price)), revenue=revenue)


def pair_rows(*, main_sku: str, companion_sku: str | None = None) -> list[dict[str, Any]]:
    """Evidence of a main's pairs with their money as the command prints it, most often bought first."""
    found = stats().filter(main__sku=main_sku).select_related("refresh", "main", "companion")
    if companion_sku is not None:
        found = found.filter(companion__sku=companion_sku)
    rows = list(found.order_by("-orders_both", "companion__sku"))
    money, floors = moneys(rows), floors_beside({stat.main_id for stat in rows}, today=timezone.localdate())
    return [
        row_of(stat)
        | (money[stat.pk].as_dict() if stat.pk in money else UNKNOWN)
        | told_in_shops(floors.get((stat.main_id, stat.companion_id)))
        for stat in rows
    ]


def told_in_shops(floor: Floor | None) -> dict[str, Any]:
    """What staff answered on sales cards; the share is None while there are too few answers."""
    return {
        "staff_offered": floor.offered if floor else 0, "staff_sold": floor.sold if floor else 0,
        "staff_share": floor.share if floor else None, "staff_declined": dict(floor.reasons) if floor else {},
    }  # fmt: skip
