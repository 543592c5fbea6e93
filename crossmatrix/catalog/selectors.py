"""Reading the catalog. Lists start from the person who asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.core.cache import cache
from django.db import connection
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of, within
from crossmatrix.catalog.models import Category, PriceChange, Product, ProductStatus, Supplier
from crossmatrix.catalog.rules import STALE_PRICE_DAYS, Problem, fleeting, search_words, word_query

COUNT_CAP = 10_000  # a list says "more than 10 000" instead of counting on: an exact count reads every row
MANY, KEEP = 20_000, 60  # counts over more products than this are kept for so many seconds
COUNTS_KEY = "catalog:in-categories"
RANK_CAP = (
    1000  # more hits than this are ordered by SKU: nobody reads the tail of a ranking, and ranking reads every hit
)


def products_for(user: User) -> QuerySet[Product]:
    """Products of the person's categories."""
    return (
        Product.objects.filter(within(user, "category__path", Permission.PRODUCT_VIEW))
        .select_related("category", "supplier")
        .order_by("sku")
    )


def readable_products() -> QuerySet[Product]:
    """Every product: colleagues may read any, because a companion often lies in another person's category."""
    return Product.objects.select_related("category", "supplier").order_by("sku")


def may_edit(user: User, product: Product) -> bool:
    """Whether the product lies where the person may edit products."""
    if not user.has_perm(Permission.PRODUCT_EDIT):
        return False
    paths = category_paths_of(user, Permission.PRODUCT_EDIT)
    place = product.category.path if product.category else ""
    return any(place.startswith(path) for path in paths)


def text_query(text: str) -> SearchQuery | None:
    """Every word must be met, as a Russian (or English) word form or as a prefix; None when there is no word."""
    words = search_words(text)
    if not words:
        return None
    return reduce(
        and_,
        (
            SearchQuery(word, config="russian", search_type="plain")
            | SearchQuery(" | ".join(map(word_query, [word, *fleeting(word)])), config="simple", search_type="raw")
            for word in words
        ),
    )


def search(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Products matching the words of a search box, unordered. Only signs: nothing."""
    query = text_query(text)
    if query is None:
        return products.none() if text.strip() else products
    return products.filter(Q(search=query) | Q(sku__startswith=text.strip()) | Q(sku__startswith=text.strip().upper()))


def ranked(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Searched products, best first: the SKU itself, a SKU that begins so, then by how well the words fit."""
    query, sku = text_query(text), text.strip()
    if query is None:
        return products
    return products.annotate(
        nearness=Case(
            When(sku__iexact=sku, then=Value(2)),
            When(sku__istartswith=sku, then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        ),
        fit=SearchRank(F("search"), query, normalization=Value(1)),
    ).order_by("-nearness", "-fit", "sku")


def capped_count(rows: QuerySet[Any, Any], cap: int = COUNT_CAP) -> int:
    """How many rows, counting no further than cap + 1."""
    return rows.order_by()[: cap + 1].count()


def in_subtree(products: QuerySet[Product], category: Category) -> QuerySet[Product]:
    """Products of the category and everything below it."""
    inside = Category.objects.filter(path__startswith=category.path).values_list("pk", flat=True)
    return products.filter(category__in=list(inside))


def categories_of(products: Iterable[int]) -> dict[int, int | None]:
    """Category of each product (ids). One array: of thousands of parameters each is looked at several times."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, category_id FROM catalog_product WHERE id = ANY(%s)", [list(products)])
        return dict(cursor.fetchall())


def with_problem(products: QuerySet[Product], problem: Problem, *, at: datetime) -> QuerySet[Product]:
    """Products with this fault in their data; discontinued ones are left out: nobody will mend them."""
    sold = products.exclude(status=ProductStatus.DISCONTINUED)
    if problem is Problem.SAME_BARCODE:
        return sold.exclude(barcode="").filter(barcode__in=_sold_twice(F("barcode")))
    if problem is Problem.SAME_NAME:
        return sold.alias(lower_name=Lower("name")).filter(lower_name__in=_sold_twice(Lower("name")))
    if problem is Problem.STALE_PRICE:
        long_ago = at - timedelta(days=STALE_PRICE_DAYS)
        lately = PriceChange.objects.filter(product=OuterRef("pk"), at__gte=long_ago)
        return sold.filter(~Exists(lately), price__isnull=False, created_at__lt=long_ago)
    return sold.filter(FAULTS[problem])


FAULTS: dict[Problem, Q] = {
    Problem.NO_PRICE: Q(price__isnull=True) | Q(price=0),
    Problem.NO_CATEGORY: Q(category__isnull=True),
    Problem.NO_COST: Q(cost__isnull=True, price__isnull=False),
    Problem.BELOW_COST: Q(cost__gt=F("price")),
    Problem.OUT_OF_STOCK: Q(stock__lte=0),
}


def _sold_twice(expression: Any) -> QuerySet[Product, Any]:
    return (
        Product.objects.exclude(status=ProductStatus.DISCONTINUED)
        .annotate(value=expression)
        .order_by()
        .values("value")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
        .values("value")
    )


@dataclass(frozen=True)
class Fault:
    """One line of the data-quality page; `found` stops at COUNT_CAP + 1."""

    problem: Problem
    found: int
    examples: list[Product]


@dataclass(frozen=True)
class KeptFaults:
    """What the clock counted in a large catalog: problem → category path → how many, and the first few (SKU, id)."""

    at: datetime
    activity: int  # writes that the tables had seen by then
    found: dict[str, dict[str, tuple[int, list[tuple[str, int]]]]]


FAULTS_KEY = "catalog:faults"
EXAMPLES = 3  # of a line; the clock keeps as many for each category


def quality(user: User, *, at: datetime) -> tuple[list[Fault], datetime | None]:
    """What is wrong with the data of the person's products, each with how many and a few examples; and of when that is:
    a large catalog is counted by the clock each minute, any other now (None)."""
    kept: KeptFaults | None = cache.get(FAULTS_KEY)
    if kept is not None:
        return _kept_faults(user, kept), kept.at
    lines = []
    for problem in Problem:
        rows = with_problem(products_for(user), problem, at=at)
        found = capped_count(rows)
        lines.append(Fault(problem, found, list(rows[:EXAMPLES]) if found else []))
    return lines, None


def _kept_faults(user: User, kept: KeptFaults) -> list[Fault]:
    """The sums over the person's categories; the first by SKU of all are among the first of each."""
    allowed = tuple(category_paths_of(user, Permission.PRODUCT_VIEW))
    lines: list[tuple[Problem, int, list[tuple[str, int]]]] = []
    for problem in Problem:
        mine = [one for path, one in kept.found.get(problem.value, {}).items() if path.startswith(allowed)]
        first = sorted(example for _count, examples in mine for example in examples)[:EXAMPLES]
        lines.append((problem, min(sum(count for count, _examples in mine), COUNT_CAP + 1), first))
    shown = products_for(user).in_bulk([pk for _problem, _found, first in lines for _sku, pk in first])
    return [Fault(problem, found, [shown[pk] for _sku, pk in first if pk in shown]) for problem, found, first in lines]


def activity_of(*tables: str) -> int:
    """How many rows of the tables were written in all: the same number again, and nothing was written since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables WHERE relname = ANY(%s)",
            [list(tables)],
        )
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class Neighbours:
    """Where a product stands among its category, by SKU."""

    previous: int | None
    next: int | None
    place: int
    of: int


def neighbours(product: Product) -> Neighbours:
    """The product before and after within the category, its place and the number of products there (both capped)."""
    shelf = Product.objects.filter(category=product.category_id).order_by("sku")
    before = shelf.filter(sku__lt=product.sku)
    return Neighbours(
        previous=before.order_by("-sku").values_list("pk", flat=True).first(),
        next=shelf.filter(sku__gt=product.sku).values_list("pk", flat=True).first(),
        place=capped_count(before) + 1,
        of=capped_count(shelf),
    )


@dataclass
class Branch:
    """A node of the tree for a picker: how many products lie in it and below."""

    category: Category
    depth: int
    products: int


def category_tree(user: User) -> list[Branch]:
    """The person's categories, parents before children, siblings by position and name, with their product counts."""
    categories = list(Category.objects.filter(within(user, "path", Permission.PRODUCT_VIEW)))
    own = _category_counts()
    totals = {node.pk: 0 for node in categories}
    for node in categories:
        for ancestor in map(int, node.path.strip("/").split("/")):
            if ancestor in totals:
                totals[ancestor] += own.get(node.pk, 0)
    return [Branch(node, node.path.count("/") - 2, totals[node.pk]) for node in _in_tree_order(categories)]


def _category_counts() -> dict[int, int]:
    """Category → products directly in it; of a large catalog up to a minute old."""
    kept: dict[int, int] | None = cache.get(COUNTS_KEY)
    if kept is not None:
        return kept
    counts = dict(  # rows, not ids: so the index of categories alone is read
        Product.objects.order_by().filter(category__isnull=False).values_list("category").annotate(members=Count("*"))
    )
    if sum(counts.values()) > MANY:
        cache.set(COUNTS_KEY, counts, KEEP)
    return counts


def _in_tree_order(categories: Iterable[Category]) -> list[Category]:
    by_pk = {node.pk: node for node in categories}

    def place(node: Category) -> list[tuple[int, str, int]]:
        steps = (by_pk.get(int(step)) for step in node.path.strip("/").split("/"))
        return [(step.position, step.name.casefold(), step.pk) for step in steps if step]

    return sorted(by_pk.values(), key=place)


def suppliers() -> QuerySet[Supplier]:
    return Supplier.objects.order_by("name")


def price_history(product: Product, *, limit: int = 60) -> list[PriceChange]:
    """The last changes of price or cost, oldest first."""
    latest = product.price_changes.select_related("actor").order_by("-at", "-pk")[:limit]
    return list(reversed(latest))
