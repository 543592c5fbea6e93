"""A refresh that counts only what changed says what a count of everything says, to the last integer."""

import shutil
import tempfile
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossmatrix.insights import services
from crossmatrix.insights.engine import mining
from crossmatrix.insights.models import OrderDay, OrderFile, PairStat, ProductStat, Refresh
from crossmatrix.insights.services.orders import root
from tests.factories import ProductFactory
from tests.insights.factories import DAY, approved_pair, orders

pytestmark = pytest.mark.django_db
SKUS = [f"p{n}" for n in range(9)]


@pytest.fixture
def shop():
    return {sku: ProductFactory(sku=sku) for sku in SKUS}


def baskets(chance, many, days):
    return [
        (DAY - timedelta(days=chance.randrange(days)), chance.sample(SKUS, min(chance.choice([1, 2, 2, 3, 4, 6]), len(SKUS))))
        for _ in range(many)
    ]  # fmt: skip


def result(refresh):
    """Everything a refresh says, without the names of its rows."""
    pairs = ("main_id", "companion_id", "orders_main", "orders_companion", "orders_both", "orders_all", "customers_both",
             "revenue", "weekly")  # fmt: skip
    floats = ("expected", "score", "p_value", "q_value")
    stats = PairStat.objects.filter(refresh=refresh).order_by("main_id", "companion_id")
    return (
        (refresh.orders, refresh.lines, refresh.pairs, refresh.generated, refresh.return_lines, refresh.unknown_lines),
        list(stats.values_list(*pairs)),
        list(ProductStat.objects.filter(refresh=refresh).order_by("product_id").values_list("product_id", "orders", "weekly")),
        list(OrderDay.objects.order_by("day").values_list()),
    ), [value for row in stats.values_list(*floats) for value in row]  # fmt: skip


def counted_anew(**asked):
    """The same refresh without anything kept from before."""
    shutil.rmtree(root() / "ledger")
    return services.refresh_stats(**asked)


def assert_same(refresh, anew):
    whole, floats = result(refresh)
    whole_anew, floats_anew = result(anew)
    assert whole == whole_anew
    assert floats == pytest.approx(floats_anew, rel=1e-9, abs=1e-12)


def test_a_night_reads_its_own_day_and_counts_what_came_in_and_went_out(now, shop):
    chance = Random(1)
    services.ingest_orders(lines=orders(*baskets(chance, 400, 28)), batch="1", at=now)
    first = services.refresh_stats(at=now, days=28)
    tomorrow = DAY + timedelta(days=1)
    night = orders(*[(tomorrow, chance.sample(SKUS, 3)) for _ in range(12)], prefix="night")
    services.ingest_orders(lines=night, batch="2", at=now)

    second = services.refresh_stats(at=now + timedelta(days=1), days=28)

    assert (first.days_read, first.days_moved) == (28, None)
    assert (second.days_read, second.days_moved) == (1, 2)
    assert_same(second, counted_anew(at=now + timedelta(days=1), days=28))


def test_nothing_new_reads_and_moves_nothing(now, shop):
    services.ingest_orders(lines=orders(*baskets(Random(2), 200, 20)), batch="1", at=now)
    services.refresh_stats(at=now, days=20)

    again = services.refresh_stats(at=now, days=20)

    assert (again.days_read, again.days_moved) == (0, 0)
    assert_same(again, counted_anew(at=now, days=20))


def test_a_late_line_moves_the_day_of_its_order_and_no_other(now, shop):
    services.ingest_orders(lines=orders(*baskets(Random(3), 300, 30), (DAY, ["p1", "p2"])), batch="1", at=now)
    services.refresh_stats(at=now, days=30)
    late = orders((DAY + timedelta(days=1, hours=1), ["p3"]), prefix="o30")  # o300: the last of the first batch
    late = late.set_column(0, "order_id", [["o300"]]).set_column(1, "line_no", [[9]])
    services.ingest_orders(lines=late, batch="2", at=now)

    refresh = services.refresh_stats(at=now + timedelta(days=1), until=DAY.date(), days=30)

    assert (refresh.days_read, refresh.days_moved) == (1, 2)
    assert_same(refresh, counted_anew(at=now + timedelta(days=1), until=DAY.date(), days=30))
    both = PairStat.objects.get(refresh__current=True, main=shop["p2"], companion=shop["p3"])
    assert both.weekly is None or sum(both.weekly) == both.orders_both


def test_a_forgotten_batch_is_taken_out_of_the_count(now, shop, django_capture_on_commit_callbacks):
    chance = Random(4)
    services.ingest_orders(lines=orders(*baskets(chance, 400, 25)), batch="1", at=now)
    wrong = orders(*[(DAY - timedelta(days=3), ["p1", "p2", "p3"])] * 20, prefix="wrong")
    services.ingest_orders(lines=wrong, batch="2", at=now)
    services.refresh_stats(at=now, days=25)
    with django_capture_on_commit_callbacks(execute=True):
        services.forget_orders(batch="2")

    refresh = services.refresh_stats(at=now, days=25)

    assert (refresh.days_read, refresh.days_moved) == (1, 2)
    assert_same(refresh, counted_anew(at=now, days=25))


def test_a_product_the_catalog_learns_later_is_counted_over_the_whole_window(now, shop):
    known = [ProductFactory(sku=f"k{n}") for n in range(12)]
    bought = [(DAY - timedelta(days=n % 20), ["ghost", "p1", "p2", known[n % 12].sku]) for n in range(60)]
    services.ingest_orders(lines=orders(*bought, *baskets(Random(5), 200, 20)), batch="1", at=now)
    services.refresh_stats(at=now, days=20)
    ghost = ProductFactory(sku="ghost")

    refresh = services.refresh_stats(at=now, days=20)

    assert refresh.days_moved == 0
    assert PairStat.objects.get(refresh=refresh, main=ghost, companion=shop["p1"]).orders_both == 60
    assert_same(refresh, counted_anew(at=now, days=20))


def test_a_pair_that_was_too_rare_to_keep_is_found_when_a_few_days_make_it_frequent(now, shop, monkeypatch):
    monkeypatch.setattr(mining, "MIN_BOTH_SMALL", 10)
    old = [(DAY - timedelta(days=10), ["p1", "p2"])] * 4  # dropped by the first count: fewer than half of ten
    alone = [(DAY - timedelta(days=n), [sku]) for n in range(12) for sku in ("p1", "p2")]
    services.ingest_orders(lines=orders(*old, *alone, *fill(30)), batch="1", at=now)
    services.refresh_stats(at=now, days=30)
    new = orders(*[(DAY + timedelta(days=1), ["p1", "p2"])] * 7, prefix="new")
    services.ingest_orders(lines=new, batch="2", at=now)

    refresh = services.refresh_stats(at=now + timedelta(days=1), days=30)

    assert refresh.days_moved is not None
    assert PairStat.objects.get(refresh=refresh, main=shop["p1"], companion=shop["p2"]).orders_both == 11
    assert_same(refresh, counted_anew(at=now + timedelta(days=1), days=30))


def fill(days):
    """Enough other orders that a day is a small part of the work."""
    return [(DAY - timedelta(days=n % (days - 1)), ["p5", "p6", "p7", "p8"]) for n in range(days * 4)]


def test_many_changed_days_are_counted_anew_because_that_is_cheaper(now, shop):
    services.ingest_orders(lines=orders(*baskets(Random(7), 200, 20)), batch="1", at=now)
    services.refresh_stats(at=now, days=20)

    other = services.refresh_stats(at=now, days=10)

    assert (other.days_read, other.days_moved) == (0, None)


@pytest.mark.parametrize("damage", ["manifest.json", "*.lines.parquet", "*.pairs.parquet", "numbers-*"])
def test_a_damaged_ledger_costs_time_and_nothing_else(now, shop, damage):
    services.ingest_orders(lines=orders(*baskets(Random(8), 200, 20)), batch="1", at=now)
    before = services.refresh_stats(at=now, days=20)
    for file in (root() / "ledger").glob(damage):
        file.unlink()

    after = services.refresh_stats(at=now, days=20)

    assert result(after)[0] == result(before)[0]


steps = st.lists(
    st.tuples(st.sampled_from(["night", "late", "forget", "split", "pair", "window"]), st.integers(0, 10**6)),
    min_size=1, max_size=4,
)  # fmt: skip


@given(seed=st.integers(0, 10**6), steps=steps)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_to_orders_changes_count_as_everything_does(now, seed, steps, settings):
    settings.ORDERS_ROOT = Path(tempfile.mkdtemp())
    chance, last, days, free = Random(seed), DAY.date(), 21, list(permutations(SKUS, 2))
    with transaction.atomic():
        products = {sku: ProductFactory(sku=sku) for sku in SKUS}
        services.ingest_orders(lines=orders(*baskets(chance, 150, 24)), batch="0", at=now)
        services.refresh_stats(at=now, until=last, days=days)
        for number, (step, luck) in enumerate(steps, start=1):
            chance = Random(luck)
            if step == "night":
                last += timedelta(days=1)
                moment = DAY + (last - DAY.date())
                lines = orders(*[(moment, chance.sample(SKUS, 3)) for _ in range(8)], prefix=f"n{number}-")
                services.ingest_orders(lines=lines, batch=str(number), at=now)
            elif step == "late":
                lines = orders(*baskets(chance, 5, 24), prefix=f"l{number}-")
                services.ingest_orders(lines=lines, batch=str(number), at=now)
            elif step == "split":  # further lines of orders that are there, on other days and in other files
                lines = orders(*baskets(chance, 6, 40))
                lines = lines.set_column(1, "line_no", pa.array([100 * number + n for n in range(lines.num_rows)]))
                services.ingest_orders(lines=lines, batch=str(number), at=now)
            elif step == "forget":
                batches = list(OrderFile.objects.order_by("batch").values_list("batch", flat=True).distinct())
                if len(batches) > 1:
                    services.forget_orders(batch=chance.choice(batches[1:]))
            elif step == "pair":
                main, companion = free.pop(chance.randrange(len(free)))
                approved_pair(products[main], products[companion])
            else:
                days = chance.choice([19, 20, 21, 22])
            refresh = services.refresh_stats(at=now, until=last, days=days)
        assert_same(refresh, counted_anew(at=now, until=last, days=days))
        assert Refresh.objects.filter(current=True).count() == 1
        transaction.set_rollback(True)
    shutil.rmtree(settings.ORDERS_ROOT)
