"""What speaks for a companion besides its orders: open slots, pairs that work for products alike, what shops showed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Sum

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import ProductStat, Refresh
from crossmatrix.insights.rules.association import PairNumbers, wilson
from crossmatrix.insights.rules.scoring import PRIOR_ORDERS
from crossmatrix.insights.rules.suggesting import Gap, gaps_left
from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.insights.selectors.candidates import IN_WORK, on_sale
from crossmatrix.insights.selectors.evidence import numbers_of, stats
from crossmatrix.insights.selectors.listed import Row, unseen
from crossmatrix.insights.selectors.seen import counted, kept
from crossmatrix.matrix.models import Pair, Slot
from crossmatrix.matrix.rules import Verdict, ancestors
from crossmatrix.matrix.rules.extending import Item, likeness

PER_GAP = 3  # candidates a slot names beyond those that orders name
SHELF = 60  # best-selling products of a slot's category that are looked at
ALIKE = 400  # working pairs of a category that are looked at
PER_MAIN = 5  # companions of products alike
SHOWN_LEAST = 30  # sessions that saw the offer


@dataclass(frozen=True)
class Standing:
    """What a main has already: its slots with what they lack, and how many companions."""

    gaps: list[Gap]
    companions: int

    @property
    def room(self) -> int:
        """Places left before companions would only be in reserve."""
        return max(0, settings.PLACEMENT_CAP - self.companions)


def standings(mains: Sequence[Product]) -> dict[int, Standing]:
    """Slots and pairs of these mains, in two statements."""
    chains = {main.pk: ancestors(main.category.path) if main.category else [] for main in mains}
    slots: dict[int, list[Slot]] = defaultdict(list)
    for slot in (
        Slot.objects.filter(
            main_category__in={pk for chain in chains.values() for pk in chain}, verdict=Verdict.SUITABLE
        )
        .select_related("companion_category")
        .order_by("pk")
    ):
        slots[slot.main_category_id].append(slot)
    have: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    taken = Pair.objects.filter(main__in=list(chains), verdict=Verdict.SUITABLE.value, current__state__in=IN_WORK)
    for main, path in taken.values_list("main_id", "companion__category__path"):
        have[main][path or ""] += 1
    answer = {}
    for main, chain in chains.items():
        nearest = {slot.companion_category.path: slot for pk in chain for slot in slots[pk]}  # the deepest one wins
        wanted = [
            (slot.pk, path, slot.reason or slot.companion_category.name, slot.wanted) for path, slot in nearest.items()
        ]
        answer[main] = Standing(gaps_left(wanted, have[main]), sum(have[main].values()))
    return answer


def slot_rows(mains: Sequence[Product], standing: Mapping[int, Standing], refresh: Refresh | None) -> list[Row]:
    """The best-selling products of the types that open slots want; orders need not know the pair."""
    rows: list[Row] = []
    shelves: dict[str, list[tuple[Product, int]]] = {}
    for main in mains:
        for gap in standing[main.pk].gaps:
            if not gap.missing:
                continue
            if gap.path not in shelves:
                shelves[gap.path] = shelf(gap.path, refresh)
            for product, sold in shelves[gap.path]:
                stat = unseen(main.pk, product.pk, refresh, sold)
                rows.append(Row(main, product, SuggestionSource.SLOT, 0.0, 0.0, stat))
    return rows


def shelf(path: str, refresh: Refresh | None) -> list[tuple[Product, int]]:
    """Products of a category subtree on sale with the orders they were in, the most bought first."""
    products = (
        on_sale(Product.objects.filter(category__path__startswith=path)).select_related("category").defer("search")
    )
    best = list(
        ProductStat.objects.filter(refresh=refresh, product__in=products.values("pk"))
        .order_by("-orders", "product_id")
        .values_list("product_id", "orders")[:SHELF]
    )
    known = {product.pk: product for product in products.filter(pk__in=[pk for pk, _ in best])}
    rest = products.exclude(pk__in=list(known)).order_by("sku")[: SHELF - len(known)]
    return [(known[pk], sold) for pk, sold in best] + [(product, 0) for product in rest]


def alike_rows(mains: Sequence[Product], refresh: Refresh | None) -> list[Row]:
    """Companions approved for products of the same category, the most alike first; their numbers are of that pair."""
    rows = []
    by_category: dict[int, list[Product]] = defaultdict(list)
    for main in mains:
        if main.category_id is not None:
            by_category[main.category_id].append(main)
    for category, ours in by_category.items():
        pairs = list(
            Pair.objects.filter(
                main__category=category, verdict=Verdict.SUITABLE.value, approved__isnull=False,
                companion__in=on_sale(Product.objects.all()),
            )
            .select_related("main", "companion__category")
            .defer("main__search", "companion__search", "main__url", "main__image", "companion__url")
            .order_by("main__sku", "companion__sku")[:ALIKE]
        )  # fmt: skip
        known = {
            (stat.main_id, stat.companion_id): numbers_of(stat)
            for stat in stats().filter(
                main__in={pair.main_id for pair in pairs}, companion__in={pair.companion_id for pair in pairs}
            )
        }
        for main in ours:
            rows += _alike(main, pairs, known, refresh)
    return rows


def _alike(
    main: Product, pairs: Sequence[Pair], known: Mapping[tuple[int, int], PairNumbers], refresh: Refresh | None
) -> list[Row]:
    own = Item(main.name, main.brand, main.attributes or {})
    best: dict[int, tuple[int, Pair, int]] = {}
    for pair in pairs:
        if pair.main_id == main.pk:
            continue
        like = likeness(own, Item(pair.main.name, pair.main.brand, pair.main.attributes or {}))
        former = best.get(pair.companion_id)
        many = former[2] + 1 if former else 1
        best[pair.companion_id] = (like, pair, many) if former is None or like > former[0] else (*former[:2], many)
    ranked = sorted(best.values(), key=lambda one: (-one[0], -one[2], one[1].companion.sku))[:PER_MAIN]
    rows = []
    for _like, pair, many in ranked:
        numbers = known.get((pair.main_id, pair.companion_id))
        brought = max(0.0, (numbers.incremental if numbers else None) or 0.0)
        told = {
            "like": pair.main.sku, "like_name": pair.main.name, "like_pairs": many,
            "like_rate": numbers.attach_rate if numbers else None,
        }  # fmt: skip
        stat = unseen(main.pk, pair.companion_id, refresh)
        rows.append(Row(main, pair.companion, SuggestionSource.SIMILAR, brought / 2, 0.0, stat, told=told))
    return rows


def shown_rows(mains: Sequence[Product], refresh: Refresh | None, today: date) -> list[Row]:
    """Offers that shops showed without a pair here, and shoppers took more than seldom."""
    by_id = {main.pk: main for main in mains}
    found = (
        counted(today)
        .filter(main__in=by_id)
        .values("main_id", "companion_id")
        .annotate(many=Sum("shown"), taken=kept())
        .filter(many__gte=SHOWN_LEAST, taken__gt=0)
        .order_by("main_id", "companion_id")
    )
    seen = list(found)
    products = on_sale(Product.objects.filter(pk__in={one["companion_id"] for one in seen})).select_related("category")
    known = products.in_bulk()
    rows = []
    for one in seen:
        if one["companion_id"] not in known:
            continue
        band = wilson(one["taken"], one["many"])
        told = {
            "shown": one["many"], "shown_bought": one["taken"], "shown_rate": one["taken"] / one["many"],
            "shown_low": band.low if band else None, "shown_high": band.high if band else None,
        }  # fmt: skip
        stat = unseen(one["main_id"], one["companion_id"], refresh)
        share = one["taken"] / (one["many"] + PRIOR_ORDERS)  # drawn to nothing: a shop shows what it expects to sell
        companion = known[one["companion_id"]]
        rows.append(Row(by_id[one["main_id"]], companion, SuggestionSource.SHOWN, share, 0.0, stat, told=told))
    return rows
