"""What speaks for a companion besides its orders: open slots, pairs that work for products alike, what shops showed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Sum

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import Refresh
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
from crossmatrix.ui.statements import ready_rows

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
    wanted = [(main, gap.path) for main in mains for gap in standing[main.pk].gaps if gap.missing]
    found = shelves({path for _main, path in wanted}, refresh)
    return [
        Row(main, product, SuggestionSource.SLOT, 0.0, 0.0, unseen(main.pk, product.pk, refresh, sold))
        for main, path in wanted
        for product, sold in found[path]
    ]


ON_SHELVES = """SELECT w.path, x.id, x.orders FROM unnest(%(paths)s::text[]) AS w(path) CROSS JOIN LATERAL (
    SELECT p.id, coalesce(s.orders, 0) AS orders FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
    LEFT JOIN insights_productstat s ON s.product_id = p.id AND s.refresh_id = %(refresh)s
    WHERE starts_with(c.path, w.path) AND p.status = 'active' AND (p.stock IS NULL OR p.stock > 0)
    ORDER BY s.orders DESC NULLS LAST, CASE WHEN s.orders IS NOT NULL THEN p.id END, p.sku LIMIT %(many)s) x"""


def shelves(paths: Collection[str], refresh: Refresh | None) -> dict[str, list[tuple[Product, int]]]:
    """Category path → products of the subtree on sale with the orders they were in, the most bought first."""
    values = {"paths": sorted(paths), "refresh": refresh.pk if refresh else 0, "many": SHELF}
    stands = ready_rows(ON_SHELVES, values) if paths else []
    known = (
        Product.objects.filter(pk__in={pk for _path, pk, _sold in stands})
        .prefetch_related("category")
        .defer("search", "url")
        .in_bulk()
    )
    found: dict[str, list[tuple[Product, int]]] = {path: [] for path in paths}
    for path, pk, sold in stands:
        if pk in known:
            found[path].append((known[pk], sold))
    return found


@dataclass(frozen=True)
class Working:
    """A pair that works for a product: no more of it than is needed to weigh hundreds."""

    main: int
    companion: int
    main_sku: str
    companion_sku: str
    item: Item


@dataclass(frozen=True)
class Alike:
    """A companion of products alike: the pair of the most alike one, and of how many products it is one."""

    pair: Working
    likeness: int
    many: int


def alike_rows(mains: Sequence[Product], refresh: Refresh | None) -> list[Row]:
    """Companions approved for products of the same category, the most alike first; their numbers are of that pair."""
    by_category: dict[int, list[Product]] = defaultdict(list)
    for main in mains:
        if main.category_id is not None:
            by_category[main.category_id].append(main)
    chosen: list[tuple[Product, Alike]] = []
    for category, ours in by_category.items():
        pairs = working_pairs(category)
        chosen += [(main, alike) for main in ours for alike in most_alike(main, pairs)]
    companions = Product.objects.filter(pk__in={alike.pair.companion for _main, alike in chosen})
    known = companions.select_related("category").defer("search", "url").in_bulk()
    mains_alike = {alike.pair.main for _main, alike in chosen}
    numbers = {
        (stat.main_id, stat.companion_id): numbers_of(stat)
        for stat in stats().filter(main__in=mains_alike, companion__in=list(known))
    }
    return [
        _alike_row(
            main, known[alike.pair.companion], alike, numbers.get((alike.pair.main, alike.pair.companion)), refresh
        )
        for main, alike in chosen
    ]


def working_pairs(category: int) -> list[Working]:
    """The approved pairs of the category's products whose companions are on sale."""
    found = (
        Pair.objects.filter(
            main__category=category, verdict=Verdict.SUITABLE.value, approved__isnull=False,
            companion__in=on_sale(Product.objects.all()),
        )
        .order_by("main__sku", "companion__sku")
        .values_list(
            "main_id", "companion_id", "main__sku", "companion__sku", "main__name", "main__brand", "main__attributes"
        )[:ALIKE]
    )  # fmt: skip
    return [
        Working(main, companion, sku, companion_sku, Item(name, brand, attributes or {}))
        for main, companion, sku, companion_sku, name, brand, attributes in found
    ]


def most_alike(main: Product, pairs: Sequence[Working]) -> list[Alike]:
    """The companions of the products most alike, at most PER_MAIN."""
    own = Item(main.name, main.brand, main.attributes or {})
    best: dict[int, Alike] = {}
    like_of: dict[int, int] = {}
    for pair in pairs:
        if pair.main == main.pk:
            continue
        if pair.main not in like_of:
            like_of[pair.main] = likeness(own, pair.item)
        like, former = like_of[pair.main], best.get(pair.companion)
        if former is None:
            best[pair.companion] = Alike(pair, like, 1)
        elif like > former.likeness:
            best[pair.companion] = Alike(pair, like, former.many + 1)
        else:
            best[pair.companion] = Alike(former.pair, former.likeness, former.many + 1)
    return sorted(best.values(), key=lambda one: (-one.likeness, -one.many, one.pair.companion_sku))[:PER_MAIN]


def _alike_row(
    main: Product, companion: Product, alike: Alike, numbers: PairNumbers | None, refresh: Refresh | None
) -> Row:
    brought = max(0.0, (numbers.incremental if numbers else None) or 0.0)
    told = {
        "like": alike.pair.main_sku, "like_name": alike.pair.item.name, "like_pairs": alike.many,
        "like_rate": numbers.attach_rate if numbers else None,
    }  # fmt: skip
    stat = unseen(main.pk, companion.pk, refresh)
    return Row(main, companion, SuggestionSource.SIMILAR, brought / 2, 0.0, stat, told=told)


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
