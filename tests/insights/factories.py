"""Order lines, short to write."""

from datetime import UTC, datetime

import pyarrow as pa


def wall(*parts):
    """A moment on the shop's own clock, as order files hold it."""
    return datetime(*parts)


DAY = wall(2026, 11, 2, 12, 0)


def orders(*baskets, at=DAY, prefix="o", customer=True, price="100.00"):
    """A table of order lines: each basket is a list of SKUs, or (day, list of SKUs)."""
    rows = []
    for number, basket in enumerate(baskets):
        day, skus = basket if isinstance(basket, tuple) else (at, basket)
        for line, sku in enumerate(skus):
            rows.append(
                {
                    "order_id": f"{prefix}{number}", "line_no": line + 1, "ordered_at": day, "sku": sku, "quantity": 1,
                    "price": price, "discount": None, "store": None, "segment": None, "channel": None,
                    "customer": f"c{number}" if customer else None, "is_return": False,
                }
            )  # fmt: skip
    return pa.table(
        {name: [row[name] for row in rows] for name in rows[0]},
        schema=pa.schema(
            [
                ("order_id", pa.string()), ("line_no", pa.int64()), ("ordered_at", pa.timestamp("us")), ("sku", pa.string()),
                ("quantity", pa.int64()), ("price", pa.string()), ("discount", pa.string()), ("store", pa.string()),
                ("segment", pa.string()), ("channel", pa.string()), ("customer", pa.string()), ("is_return", pa.bool_()),
            ]
        ),
    ) if rows else None  # fmt: skip


def approved_pair(main, companion, **content):
    """A pair with an approved revision, as the approval would have left it."""
    from crossmatrix.matrix.models import Pair, PairRevision
    from tests.factories import UserFactory

    at = datetime(2026, 10, 1, 9, tzinfo=UTC)
    pair = Pair.objects.create(main=main, companion=companion, updated_at=at)
    revision = PairRevision.objects.create(
        pair=pair, number=1, state="approved", digest=f"d{pair.pk}", created_at=at, decided_at=at,
        decided_by=UserFactory(), **{"reason": "Goes with it", "rank": 2, **content},
    )  # fmt: skip
    pair.current = pair.approved = revision
    pair.save()
    return pair
