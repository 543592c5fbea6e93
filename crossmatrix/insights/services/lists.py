"""The best companions of every main and of every type, counted from the orders a refresh has at hand, and stored.

A night makes all lists anew. Each depends on all orders of the window: on what is left of an order's weight by its age,
which changes for every seventh day, on how large orders are, and on the excess of its type and category.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from django.db import models

from crossmatrix.catalog.models import Category
from crossmatrix.catalog.selectors import categories_of
from crossmatrix.insights.engine.mining import Mining
from crossmatrix.insights.models import ListedForType, ListedPair, Refresh
from crossmatrix.insights.rules.baskets import WHOLESALE_ABOVE
from crossmatrix.insights.rules.listing import Ints, Listed, Orders, Shop, joined
from crossmatrix.insights.services.copying import Column, rows_into

LEAST = (
    2  # times the orders a pair must have: products bought less often have no list of their own, their type's is theirs
)
NO_TYPE = 0  # products without a category are a type of their own, which has no list
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Lists:
    """Rows ready to be stored; `products` and `types` are what the numbers in them stand for."""

    pairs: Listed
    of_types: Listed
    products: Ints
    types: Ints
    bought: Ints


def companion_lists(mining: Mining, *, last: date) -> Lists | None:
    """Lists from the orders of the window; None without anything bought often enough."""
    engine, least = mining.engine, LEAST * mining.min_both
    known = engine.query(
        f"select i.item, s.product from items i join skus s on s.item = i.item where i.order_count >= {least}"
    )
    if not known.num_rows:
        return None
    lines = engine.query(
        "select b.basket, b.item from bought b join items i on i.item = b.item "
        f"where b.size <= {WHOLESALE_ABOVE} and i.order_count >= {least}"
    )
    orders = engine.query(f"select o.basket, o.size, o.day from orders o where o.size <= {WHOLESALE_ABOVE}")
    item, product = (known[name].to_numpy().astype(np.int64) for name in ("item", "product"))
    by_item = np.argsort(item)
    basket = orders["basket"].to_numpy().astype(np.int64)
    by_basket = np.argsort(basket)
    day = orders["day"].cast(pa.int32()).to_numpy().astype(np.int64)[by_basket]
    order = np.searchsorted(basket[by_basket], lines["basket"].to_numpy()).astype(np.int32)
    place = np.searchsorted(item[by_item], lines["item"].to_numpy()).astype(np.int32)
    del lines
    types, type_of, category_of = types_of(product[by_item])
    shop = Shop(
        Orders(
            order=order, product=place,
            weeks_ago=(((last - EPOCH).days - day) // 7).astype(np.float64),
            size=orders["size"].to_numpy().astype(np.int64)[by_basket], type_of=type_of, category_of=category_of,
        )
    )  # fmt: skip
    parts = list(shop.lists())
    pairs, of_types = joined([part for part, _ in parts]), joined([part for _, part in parts])
    return Lists(pairs, of_types, product[by_item], types, shop.bought)


def types_of(products: Ints) -> tuple[Ints, Ints, Ints]:
    """Categories of the products (ids), each product's place among them, and each one's parent as a number from 0."""
    category = categories_of(products.tolist())
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    types, type_of = np.unique([category.get(pk) or NO_TYPE for pk in products.tolist()], return_inverse=True)
    above = [parents.get(pk) or pk for pk in types.tolist()]
    return types.astype(np.int64), type_of.astype(np.int64), np.unique(above, return_inverse=True)[1].astype(np.int64)


def store_lists(refresh: Refresh, lists: Lists | None) -> None:
    """Copy the lists in, inside the refresh's transaction."""
    if lists is None:
        return
    _copy(ListedPair, ("refresh_id", "main_id"), refresh, lists.products[lists.pairs.main], lists.pairs, lists)
    named = lists.types[lists.of_types.main] != NO_TYPE
    of_types = Listed(*(getattr(lists.of_types, name)[named] for name in Listed.__dataclass_fields__))
    _copy(ListedForType, ("refresh_id", "category_id"), refresh, lists.types[of_types.main], of_types, lists)


def forget_lists(refreshes: Sequence[int]) -> None:
    ListedPair.objects.filter(refresh_id__in=refreshes).delete()
    ListedForType.objects.filter(refresh_id__in=refreshes).delete()


def _copy(
    model: type[models.Model], key: tuple[str, str], refresh: Refresh, ids: Ints, rows: Listed, lists: Lists
) -> None:
    columns: dict[str, Column] = {
        key[0]: refresh.pk, key[1]: ids, "companion_id": lists.products[rows.companion],
        "orders_main": rows.orders_main.astype(np.int32),
        "orders_companion": lists.bought[rows.companion].astype(np.int32), "orders_both": rows.both.astype(np.int32),
        "expected": rows.expected, "excess": rows.excess,
    }  # fmt: skip
    with rows_into(model._meta.db_table, tuple(columns)) as into:
        into.add(columns, many=len(ids))
