"""Pairs on offer with everything the rules look at, read in a fixed number of statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar

from django.conf import settings
from django.db.models import Exists, Max, Min, OuterRef, Sum

from crossmatrix.insights.models import OfferStat, PairStat, ProductStat, Refresh
from crossmatrix.insights.selectors.evidence import current_refresh
from crossmatrix.insights.selectors.seen import counted, kept
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.selectors.providers import published_among

Link = tuple[int, int]
Row = TypeVar("Row", PairStat, OfferStat)


@dataclass(frozen=True)
class Seen:
    shown: int  # sessions that saw the offer while the companion was in stock
    bought: int  # of them, net of returns
    first: date
    last: date


@dataclass
class Offers:
    """Approved pairs; statistics by pair id, none of them before the first counting."""

    pairs: list[Pair]
    refresh: Refresh | None
    stats: dict[int, PairStat] = field(default_factory=dict)
    sales: dict[int, OfferStat] = field(default_factory=dict)
    weeks: dict[int, list[int]] = field(default_factory=dict)  # by product: orders by week
    seen: dict[int, Seen] = field(default_factory=dict)
    reporting: set[int] = field(default_factory=set)  # mains whose companions shops report about
    live: set[int] | None = None  # pair ids in live releases; None: nothing is published

    def live_or_spare(self, pair: Pair) -> bool | None:
        """Whether a live release holds the pair; None when nothing is published, or it waits as the main's reserve."""
        if self.live is None or pair.pk in self.live:
            return None if self.live is None else True
        return None if self.live_of[pair.main_id] >= settings.PLACEMENT_CAP else False

    @cached_property
    def live_of(self) -> Counter[int]:
        """How many companions of each main are in live releases."""
        return Counter(pair.main_id for pair in self.pairs if self.live and pair.pk in self.live)

    @cached_property
    def staying(self) -> dict[int, float]:
        """By companion: the part of its sold orders that did not come back, as far as pairs on offer know it."""
        sold, back = Counter[int](), Counter[int]()
        for row in self.sales.values():
            sold[row.companion_id] += row.orders
            back[row.companion_id] += row.returned
        return {companion: 1 - back[companion] / orders for companion, orders in sold.items() if orders}

    @property
    def by_id(self) -> dict[int, Pair]:
        return {pair.pk: pair for pair in self.pairs}


def category_of(pair: Pair) -> str:
    """Path of the companion's category: pairs are compared within it."""
    return pair.companion.category.path if pair.companion.category else ""


def main_path(pair: Pair) -> str:
    """Path of the main's category: it decides which policy holds and who decides."""
    return pair.main.category.path if pair.main.category else ""


def on_offer() -> list[Pair]:
    return list(
        Pair.objects.filter(approved__isnull=False)
        .select_related("approved", "main__category", "companion__category")
        .order_by("pk")
    )


def offers(today: date) -> Offers:
    """Everything about every pair on offer."""
    pairs, refresh = on_offer(), current_refresh()
    found = Offers(pairs, refresh)
    by_link = {(pair.main_id, pair.companion_id): pair.pk for pair in pairs}
    if refresh is not None:
        _count(found, by_link, refresh)
    _see(found, by_link, today)
    live = published_among([pair.pk for pair in pairs])
    found.live = live or None
    return found


def _count(found: Offers, by_link: dict[Link, int], refresh: Refresh) -> None:
    approved = Pair.objects.filter(main=OuterRef("main"), companion=OuterRef("companion"), approved__isnull=False)
    found.stats = _by_pair(PairStat.objects.filter(Exists(approved), refresh=refresh).iterator(), by_link)
    found.sales = _by_pair(OfferStat.objects.filter(refresh=refresh).iterator(), by_link)
    mains = {pair.main_id for pair in found.pairs}
    found.weeks = dict(
        ProductStat.objects.filter(refresh=refresh, product_id__in=mains).values_list("product_id", "weekly")
    )


def _by_pair(rows: Iterable[Row], by_link: dict[Link, int]) -> dict[int, Row]:
    return {by_link[row.main_id, row.companion_id]: row for row in rows if (row.main_id, row.companion_id) in by_link}


def _see(found: Offers, by_link: dict[Link, int], today: date) -> None:
    """Exposures of the last days; a main with any of them is one whose companions shops report about."""
    rows = (
        counted(today)
        .values_list("main_id", "companion_id")
        .annotate(views=Sum("shown"), taken=kept(), first=Min("day"), last=Max("day"))
    )
    shown_of: dict[int, int] = defaultdict(int)
    for main, companion, views, taken, first, last in rows:
        shown_of[main] += views
        if (main, companion) in by_link:
            found.seen[by_link[main, companion]] = Seen(views, taken, first, last)
    found.reporting = {main for main, shown in shown_of.items() if shown}
