"""Counting orders: exact integers, the switch that is whole or not at all, what is left out and said so."""

from collections import Counter
from datetime import date, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.insights import services, tasks
from crossmatrix.insights.engine.duck import DuckEngine
from crossmatrix.insights.engine.mining import days_table
from crossmatrix.insights.models import PairStat, ProductStat, Refresh, UnknownSku
from crossmatrix.insights.rules.baskets import BUCKETS
from crossmatrix.insights.rules.periods import weeks_of
from crossmatrix.insights.selectors import evidence
from crossmatrix.insights.services import refresh as refreshing
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import Refusal
from tests.factories import ProductFactory
from tests.insights.factories import DAY, approved_pair, orders

pytestmark = pytest.mark.django_db
LAST = DAY.date()


@pytest.fixture
def shop():
    return {sku: ProductFactory(sku=sku) for sku in ("tv", "cable", "mount", "phone", "case")}


def ingest(now, *baskets, batch="1", **kwargs):
    return services.ingest_orders(lines=orders(*baskets, **kwargs), batch=batch, at=now)


def counts(main, companion):
    stat = evidence.stat_of(main.pk, companion.pk)
    return (stat.orders_main, stat.orders_companion, stat.orders_both, stat.orders_all) if stat else None


def test_counts_are_of_orders_in_both_directions(now, shop):
    ingest(now, *[["tv", "cable"]] * 6, *[["tv"]] * 4, *[["cable", "case"]] * 5, ["phone"])

    done = services.refresh_stats(at=now)

    assert (done.orders, done.lines, done.pairs) == (16, 27, 4)
    assert counts(shop["tv"], shop["cable"]) == (10, 11, 6, 16)
    assert counts(shop["cable"], shop["tv"]) == (11, 10, 6, 16)
    assert counts(shop["cable"], shop["case"]) == (11, 5, 5, 16)
    assert counts(shop["tv"], shop["case"]) is None


def test_a_product_bought_twice_in_an_order_counts_once(now, shop):
    ingest(now, *[["tv", "cable", "cable"]] * 5)

    services.refresh_stats(at=now)

    assert counts(shop["tv"], shop["cable"]) == (5, 5, 5, 5)


def test_a_pair_of_the_matrix_is_counted_down_to_never_with_its_money_customers_and_weeks(now, shop):
    approved_pair(shop["tv"], shop["cable"])
    approved_pair(shop["phone"], shop["case"])
    ingest(now, *[["tv", "cable", "cable"]] * 3, *[["tv"]] * 2, *[["phone"]] * 4)

    services.refresh_stats(at=now, days=14)

    rare = evidence.stat_of(shop["tv"].pk, shop["cable"].pk)
    never = evidence.stat_of(shop["phone"].pk, shop["case"].pk)
    assert (rare.orders_main, rare.orders_both, rare.customers_both, str(rare.revenue)) == (5, 3, 3, "600.00")
    assert rare.weekly == [0, 3]
    assert (never.orders_main, never.orders_both, never.customers_both, never.weekly) == (4, 0, 0, [0, 0])


def test_a_companion_nobody_bought_still_shows_how_often_the_main_was(now, shop):
    approved_pair(shop["phone"], shop["case"])
    ingest(now, *[["phone"]] * 4, ["case"])

    services.refresh_stats(at=now)

    assert counts(shop["phone"], shop["case"]) == (4, 1, 0, 5)


def test_a_companion_never_bought_at_all_is_zero_of_the_main_orders(now, shop):
    approved_pair(shop["phone"], shop["case"])
    ingest(now, *[["phone"]] * 4)

    services.refresh_stats(at=now)

    assert counts(shop["phone"], shop["case"]) == (4, 0, 0, 4)


def test_random_baskets_are_counted_as_a_plain_loop_counts_them(now):
    chance = Random(3)
    products = {f"p{n}": ProductFactory(sku=f"p{n}") for n in range(12)}
    baskets = [chance.sample(sorted(products), chance.randint(1, 8)) for _ in range(400)]
    ingest(now, *baskets)
    both = Counter(pair for basket in baskets for pair in permutations(basket, 2))
    single = Counter(sku for basket in baskets for sku in basket)

    services.refresh_stats(at=now)

    stored = {
        (stat.main.sku, stat.companion.sku): (
            stat.orders_main,
            stat.orders_companion,
            stat.orders_both,
            stat.orders_all,
        )
        for stat in evidence.stats().select_related("main", "companion")
    }
    assert stored == {pair: (single[pair[0]], single[pair[1]], n, 400) for pair, n in both.items() if n >= 5}
    assert {stat.product.sku: stat.orders for stat in ProductStat.objects.select_related("product")} == single


def test_the_expectation_is_the_formula_over_basket_sizes(now):
    chance = Random(5)
    products = {f"p{n}": ProductFactory(sku=f"p{n}") for n in range(9)}
    baskets = [chance.sample(sorted(products), chance.randint(1, 9)) for _ in range(300)]
    ingest(now, *baskets)

    services.refresh_stats(at=now)

    def bucket(basket):
        return max(n for n, edge in enumerate(BUCKETS) if len(basket) >= edge)

    expected = 0.0
    for number in range(len(BUCKETS)):
        inside = [basket for basket in baskets if bucket(basket) == number]
        if inside:
            sizes = [len(basket) for basket in inside]
            weight = (sum(s * (s - 1) for s in sizes) / len(sizes)) / (sum(sizes) / len(sizes)) ** 2 / len(sizes)
            expected += sum("p1" in b for b in inside) * sum("p2" in b for b in inside) * weight
    assert evidence.stat_of(products["p1"].pk, products["p2"].pk).expected == pytest.approx(expected, rel=1e-12)


def test_skus_the_catalog_does_not_know_are_counted_and_reported(now, shop):
    ingest(now, *[["tv", "ghost"]] * 7, ["spectre"])

    done = services.refresh_stats(at=now)

    assert (done.unknown_skus, done.unknown_lines) == (2, 8)
    assert list(UnknownSku.objects.order_by("-orders").values_list("sku", "orders")) == [("ghost", 7), ("spectre", 1)]
    assert done.pairs == 0


def test_returns_are_left_out_and_said_so(now, shop):
    lines = orders(*[["tv", "cable"]] * 6)
    lines = lines.set_column(lines.schema.get_field_index("is_return"), "is_return", [[True, False] * 6])
    services.ingest_orders(lines=lines, batch="1", at=now)

    done = services.refresh_stats(at=now)

    assert (done.return_lines, done.lines, done.pairs) == (6, 6, 0)


def test_a_wholesale_order_says_nothing_about_shoppers(now, shop):
    ingest(now, *[["tv", "cable"]] * 5, ["tv", "cable", *[f"bulk{n}" for n in range(250)]])

    done = services.refresh_stats(at=now)

    assert (done.orders, done.wholesale_orders) == (5, 1)
    assert counts(shop["tv"], shop["cable"]) == (5, 5, 5, 5)


def test_only_days_of_the_window_count_and_the_default_end_is_the_newest_day_with_orders(now, shop):
    inside, outside = DAY - timedelta(days=9), DAY - timedelta(days=10)
    ingest(now, *[["tv", "cable"]] * 5, *[(inside, ["tv", "cable"])] * 2, *[(outside, ["tv", "cable"])] * 4)

    done = services.refresh_stats(at=now, days=10)

    assert (done.from_date, done.to_date, done.orders) == (LAST - timedelta(days=9), LAST, 7)


@pytest.mark.parametrize(
    ("until", "days", "code"), [(date(2020, 1, 1), 30, "evidence.no_orders"), (None, 0, "evidence.window")]
)
def test_a_window_without_orders_or_days_is_refused_and_leaves_no_trace(now, shop, until, days, code):
    ingest(now, ["tv"])

    with pytest.raises(Refusal) as refused:
        services.refresh_stats(at=now, until=until, days=days)

    assert refused.value.code == code
    assert Refresh.objects.count() == 0


def test_without_any_orders_the_answer_says_to_import_them(now):
    with pytest.raises(Refusal, match="no orders"):
        services.refresh_stats(at=now)


@pytest.mark.parametrize("step", ["store_pairs", "_count", "store_products"])
def test_a_refresh_that_dies_half_way_leaves_the_former_one_readable(now, shop, monkeypatch, step):
    ingest(now, *[["tv", "cable"]] * 6)
    former = services.refresh_stats(at=now)
    ingest(now, *[["tv", "cable"]] * 6, prefix="later", batch="2")
    real = getattr(refreshing, step)

    def dies(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError("killed")

    monkeypatch.setattr(refreshing, step, dies)

    with pytest.raises(RuntimeError):
        services.refresh_stats(at=now)

    assert evidence.current_refresh() == former
    assert counts(shop["tv"], shop["cable"]) == (6, 6, 6, 6)
    assert Refresh.objects.exclude(pk=former.pk).get().state == "failed"
    assert not PairStat.objects.exclude(refresh=former).exists()


def test_a_new_refresh_replaces_the_former_and_keeps_its_rows_one_turn_longer(now, shop):
    ingest(now, *[["tv", "cable"]] * 6)

    first, second, third = (services.refresh_stats(at=now + timedelta(hours=n)) for n in range(3))

    assert evidence.current_refresh() == third
    assert not PairStat.objects.filter(refresh=first).exists()
    assert PairStat.objects.filter(refresh=second).count() == PairStat.objects.filter(refresh=third).count() == 2


def test_the_statement_in_shares_of_the_pair_space_makes_the_same_result_as_sorting(now, shop, settings):
    chance = Random(9)
    baskets = [chance.sample(sorted(shop), chance.randint(2, 5)) for _ in range(100)]
    ingest(now, *baskets)
    whole = services.refresh_stats(at=now)
    rows = ("main_id", "companion_id", "orders_both", "expected", "score", "q_value")
    first = list(PairStat.objects.filter(refresh=whole).order_by("main_id", "companion_id").values_list(*rows))

    class Cut(DuckEngine):
        local = False

        def shares(self, generated):
            return 7

    (settings.ORDERS_ROOT / "ledger" / "manifest.json").unlink()  # else the former count is taken over

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refreshing, "engine_named", lambda name: Cut())
        cut = services.refresh_stats(at=now)

    assert list(PairStat.objects.filter(refresh=cut).order_by("main_id", "companion_id").values_list(*rows)) == first


def test_the_job_counts_tells_its_progress_and_owes_a_look_for_weak_pairs(now, shop):
    ingest(now, *[["tv", "cable"]] * 6)
    run = services.order_refresh(actor=None, at=now, days=30)

    tasks.refresh_stats(days=30)
    tasks.refresh_stats(days=30)  # a second ring of the same bell

    run.refresh_from_db()
    assert (run.state, run.progress, run.result["orders"]) == ("done", 100, 6)
    assert Refresh.objects.count() == 1
    assert JobRun.objects.filter(task="crossmatrix.insights.tasks.flag_weak_pairs").count() == 1


def test_the_nightly_tick_needs_no_arguments(now, shop):
    from crossmatrix.jobs import services as jobs

    ingest(now, *[["tv", "cable"]] * 6)
    run = jobs.order(tasks.refresh_stats.name, at=now, queue="mining")

    tasks.refresh_stats()

    run.refresh_from_db()
    assert run.state == "done"


def test_a_job_without_orders_fails_with_its_reason(now):
    run = services.order_refresh(actor=None, at=now)

    tasks.refresh_stats()

    run.refresh_from_db()
    assert (run.state, run.error_code) == ("failed", "evidence.no_orders")


@given(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(1, 400))
def test_every_day_of_a_window_has_a_week_and_whole_weeks_end_with_its_last_day(last, days):
    first = last - timedelta(days=days - 1)

    table = days_table(first, last).to_pylist()
    starts = weeks_of(first, last)

    assert [row["day"] for row in table] == [first + timedelta(days=n) for n in range(days)]
    assert table[0]["week"] == 0
    assert table[-1]["week"] == len(starts) - 1
    assert all(starts[row["week"]] <= row["day"] for row in table)
    assert all(row["day"] < starts[row["week"] + 1] for row in table if row["week"] + 1 < len(starts))


def test_the_weeks_of_the_main_and_of_the_pair_make_the_trend(now, shop):
    approved_pair(shop["tv"], shop["cable"])
    week_ago = DAY - timedelta(days=7)
    ingest(now, *[["tv", "cable"]] * 3, ["tv"], *[(week_ago, ["tv"])] * 4, (week_ago, ["tv", "cable"]))

    services.refresh_stats(at=now, days=14)

    points = evidence.weekly(evidence.stat_of(shop["tv"].pk, shop["cable"].pk))
    assert [(point["both"], point["main"], point["share"]) for point in points] == [(1, 5, 0.2), (3, 4, 0.75)]
    assert all(point["low"] < point["share"] < point["high"] for point in points)
