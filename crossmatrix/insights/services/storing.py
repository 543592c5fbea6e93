"""What a refresh counted, as rows: pairs in both directions and products with their weeks."""

import numpy as np

from crossmatrix.catalog.selectors import categories_of
from crossmatrix.insights.models import Refresh
from crossmatrix.insights.rules.association import shrunk_excess
from crossmatrix.insights.services.copying import Column, Money, rows_into
from crossmatrix.insights.services.counting import Counted, Ints, column_of

PAIR = (
    "refresh_id", "main_id", "companion_id", "orders_main", "orders_companion", "orders_both", "orders_all", "expected",
    "score", "p_value", "q_value", "customers_both", "revenue", "weekly",
)  # fmt: skip
ROWS = 100_000  # put together at a time: bounds memory


def store_pairs(refresh: Refresh, counted: Counted) -> int:
    """Both directions of each pair, main by main; returns how many rows."""
    a, b = column_of(counted.pairs, "a"), column_of(counted.pairs, "b")
    many = len(a)
    if not many:
        return 0
    product = np.zeros(max(counted.product_of) + 1, np.int64)
    product[list(counted.product_of)] = list(counted.product_of.values())
    main, companion = np.concatenate([product[a], product[b]]), np.concatenate([product[b], product[a]])
    orders = [column_of(counted.pairs, name) for name in ("a_count", "b_count")]
    both, expected = column_of(counted.pairs, "both_count"), counted.pairs["expected"].to_numpy()
    score = shrunk_excess(
        both=np.tile(both, 2).astype(np.float64), expected=np.tile(expected, 2),
        orders_main=np.concatenate(orders).astype(np.float64), group=_groups(main, companion),
    )  # fmt: skip
    order, look = np.argsort((main << 32) | companion), counted.details
    with rows_into("insights_pairstat", PAIR) as rows:
        for start in range(0, 2 * many, ROWS):
            chosen = order[start : start + ROWS]
            seen = counted.row_of[chosen % many] >= 0
            for these, told in ((chosen[~seen], False), (chosen[seen], True)):
                pick, back = these % many, these >= many
                row = counted.row_of[pick]
                columns: dict[str, Column] = {
                    "refresh_id": refresh.pk, "main_id": main[these], "companion_id": companion[these],
                    "orders_main": np.where(back, orders[1][pick], orders[0][pick]).astype(np.int32),
                    "orders_companion": np.where(back, orders[0][pick], orders[1][pick]).astype(np.int32),
                    "orders_both": both[pick].astype(np.int32), "orders_all": np.full(len(pick), refresh.orders, np.int32),
                    "expected": expected[pick], "score": score[these], "p_value": counted.p[pick], "q_value": counted.q[pick],
                    "customers_both": look.customers[row].astype(np.int32) if told else None,
                    "revenue": Money(np.where(back, look.a_amount[row], look.b_amount[row])) if told else None,
                    "weekly": look.weekly[row] if told else None,
                }  # fmt: skip
                rows.add(columns, many=len(these))
    return 2 * many


def store_products(refresh: Refresh, counted: Counted) -> None:
    """What the catalog knows of the products that were counted, with their orders by week."""
    product = np.array([counted.product_of.get(item, 0) for item in counted.items.tolist()], np.int64)
    known = np.flatnonzero(product)
    with rows_into("insights_productstat", ("refresh_id", "product_id", "orders", "weekly")) as rows:
        columns: dict[str, Column] = {
            "refresh_id": refresh.pk, "product_id": product[known],
            "orders": counted.item_orders[known].sum(axis=1, dtype=np.int32), "weekly": counted.item_orders[known],
        }  # fmt: skip
        rows.add(columns, many=len(known))


def _groups(main: Ints, companion: Ints) -> Ints:
    """Numbers of (category of the main, companion): what a pair with few orders is drawn to."""
    unique, where = np.unique(main, return_inverse=True)
    category = categories_of(unique.tolist())
    of_main = np.array([category.get(pk) or 0 for pk in unique.tolist()], np.int64)[where]
    numbered: Ints = np.unique(of_main * (int(companion.max()) + 1) + companion, return_inverse=True)[1].astype(
        np.int64
    )
    return numbered
