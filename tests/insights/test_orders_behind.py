"""The orders behind a number are the ones that were counted."""

from datetime import timedelta

import pyarrow as pa
import pytest

from crossmatrix.insights import services
from crossmatrix.insights.selectors.evidence import stat_of
from crossmatrix.insights.selectors.orders_behind import orders_behind
from tests.factories import ProductFactory
from tests.insights.factories import DAY, orders

pytestmark = pytest.mark.django_db


@pytest.fixture
def tv(db):
    return ProductFactory(sku="tv")


@pytest.fixture
def cable(db):
    return ProductFactory(sku="cable")


def test_there_is_nothing_behind_a_number_before_the_first_count(tv, cable):
    assert orders_behind(tv, cable) is None


def test_the_newest_orders_with_both_come_first_and_all_are_counted(now, tv, cable):
    lines = orders(*[(DAY - timedelta(days=n), ["tv", "cable", "case"]) for n in range(8)], ["tv"], ["cable"])
    services.ingest_orders(lines=lines, batch="1", at=now)
    services.refresh_stats(at=now)

    behind = orders_behind(tv, cable, limit=3)

    assert behind.total == stat_of(tv.pk, cable.pk).orders_both == 8
    assert [order.order_id for order in behind.orders] == ["o0", "o1", "o2"]
    newest = behind.orders[0]
    assert (newest.ordered_at, newest.products, newest.main_amount, newest.companion_amount) == (DAY, 3, 10000, 10000)
    assert (newest.customer, newest.companion_quantity, newest.companion_discount) == ("c0", 1.0, None)


def test_what_the_count_leaves_out_is_not_behind_its_number(now, tv, cable):
    counted = orders(*[["tv", "cable"]] * 5)
    early = orders(*[(DAY - timedelta(days=500), ["tv", "cable"])] * 2, prefix="early")
    wholesale = orders(["tv", "cable", *[f"bulk{n}" for n in range(250)]], prefix="bulk")
    returned = orders(["tv", "cable"], prefix="back")
    returned = returned.set_column(returned.schema.get_field_index("is_return"), "is_return", [[False, True]])
    services.ingest_orders(lines=pa.concat_tables([counted, early, wholesale, returned]), batch="1", at=now)
    services.refresh_stats(at=now)

    behind = orders_behind(tv, cable, limit=None)

    assert behind.total == len(behind.orders) == stat_of(tv.pk, cable.pk).orders_both == 5
    assert {order.order_id[0] for order in behind.orders} == {"o"}


def test_a_discount_of_the_companion_is_told_in_minor_units(now, tv, cable):
    lines = orders(["tv", "cable"])
    lines = lines.set_column(lines.schema.get_field_index("discount"), "discount", [["1.50", "12.34"]])
    services.ingest_orders(lines=lines, batch="1", at=now)
    services.refresh_stats(at=now)

    (order,) = orders_behind(tv, cable).orders

    assert (order.companion_discount, order.companion_amount) == (1234, 8766)
