"""What shop staff told of offers on sales cards, as evidence beside the orders: counts and a share, no judgement."""

from collections.abc import Sequence
from datetime import date

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import Refresh
from crossmatrix.insights.rules.association import wilson
from crossmatrix.insights.rules.scoring import PRIOR_ORDERS
from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.insights.selectors.candidates import on_sale
from crossmatrix.insights.selectors.listed import Row, unseen
from crossmatrix.matrix.rules.cards import Floor
from crossmatrix.matrix.selectors.cards import floors_beside, floors_of


def floor_of_pair(main: int, companion: int, today: date) -> Floor | None:
    """Answers of the last days on one pair; None without any."""
    return floors_of(main, [companion], today=today).get(companion)


def feedback_rows(mains: Sequence[Product], refresh: Refresh | None, today: date) -> list[Row]:
    """Offers that staff sold often enough to speak of a share, and that are pairs no more: worth another look."""
    by_id = {main.pk: main for main in mains}
    told = {
        key: floor for key, floor in floors_beside(list(by_id), today=today).items() if floor.share and floor.sold > 0
    }
    if not told:
        return []
    products = on_sale(Product.objects.filter(pk__in={companion for _main, companion in told}))
    known = products.select_related("category").defer("search").in_bulk()
    return [
        _row(by_id[main], known[companion], floor, refresh)
        for (main, companion), floor in sorted(told.items())
        if companion in known
    ]


def _row(main: Product, companion: Product, floor: Floor, refresh: Refresh | None) -> Row:
    band = wilson(floor.sold, floor.offered)
    told = {
        "floor_offered": floor.offered, "floor_sold": floor.sold, "floor_rate": floor.share,
        "floor_low": band.low if band else None, "floor_high": band.high if band else None,
    }  # fmt: skip
    share = floor.sold / (floor.offered + PRIOR_ORDERS)  # drawn to nothing: staff offers what it expects to sell
    stat = unseen(main.pk, companion.pk, refresh)
    return Row(main, companion, SuggestionSource.FEEDBACK, share, 0.0, stat, told=told)
