"""What the companions of a main bring, week by week: for the product view of the matrix."""

from collections.abc import Collection
from decimal import Decimal

from django.conf import settings

from crossmatrix.insights.models import ProductStat
from crossmatrix.insights.rules.periods import weeks_of
from crossmatrix.insights.selectors.evidence import stats
from crossmatrix.matrix.selectors.beside import Effect, Week


def effect_of(main: int, companions: Collection[int]) -> Effect | None:
    """Orders with the main and companions bought in them, by week of the current period; None with too few orders."""
    product = (
        ProductStat.objects.filter(refresh__current=True, product_id=main, orders__gte=settings.WEAK_MIN_ORDERS)
        .select_related("refresh")
        .first()
    )
    if product is None:
        return None
    refresh = product.refresh
    rows = (
        stats()
        .filter(main_id=main, companion_id__in=companions, weekly__isnull=False)
        .values_list("weekly", "orders_both", "revenue")
    )
    counted = [(weekly or [], both, revenue) for weekly, both, revenue in rows]
    weeks = []
    for index, (start, orders) in enumerate(
        zip(weeks_of(refresh.from_date, refresh.to_date), product.weekly, strict=False)
    ):
        bought = [(weekly[index], both, revenue) for weekly, both, revenue in counted if index < len(weekly)]
        money = [revenue * here / both for here, both, revenue in bought if revenue is not None and both]
        weeks.append(
            Week(
                start,
                orders,
                sum(here for here, _, _ in bought),
                sum(money, Decimal(0)).quantize(Decimal(1)) if money else None,
            )
        )
    return Effect(refresh.from_date, refresh.to_date, weeks)
