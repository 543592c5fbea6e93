"""Every cause that needs no statistics, and the statistical ones beyond the attach rate, as flags."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog import services as catalog
from crossmatrix.insights import services, tasks
from crossmatrix.insights.models import WeakFlag, WeakPolicy
from crossmatrix.insights.rules.words import Cause, Decision
from crossmatrix.insights.services.decisions import HeadDecides
from crossmatrix.insights.services.exposures import Shown, UnfitExposure
from crossmatrix.insights.services.weak import FIXED_TASK
from crossmatrix.jobs.models import JobRun
from crossmatrix.matrix.models import Slot
from tests.factories import ProductFactory, member
from tests.insights.factories import approved_pair, orders, wall

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(phones):
    return ProductFactory(sku="phone", category=phones, price="30000.00", attributes={"port": "USB-C"})


@pytest.fixture
def case(cases):
    return ProductFactory(
        sku="case", category=cases, price="1000.00", cost="600.00", stock=5, attributes={"port": "Lightning"}
    )


def found(pair):
    return set(WeakFlag.objects.filter(pair=pair, closed_at=None).values_list("cause", flat=True))


def flag(pair, cause):
    return WeakFlag.objects.get(pair=pair, cause=cause, closed_at=None)


def slot(main, companion, now, **fields):
    return Slot.objects.create(main_category=main, companion_category=companion, updated_at=now, **fields)


def test_a_companion_sold_below_its_cost_loses_margin(phone, case, now):
    pair = approved_pair(phone, case)
    case.cost = Decimal("1100.00")
    case.save()

    services.flag_fixed_causes(at=now)

    assert found(pair) == {"losing_margin"}
    assert flag(pair, Cause.LOSING_MARGIN).evidence["margin"] == pytest.approx(-0.1)


def test_the_floor_of_the_margin_is_the_policys(phone, case, phones, now):
    pair = approved_pair(phone, case)
    WeakPolicy.objects.create(category=phones, min_orders=30, least_margin=0.5)

    services.flag_fixed_causes(at=now)

    assert flag(pair, Cause.LOSING_MARGIN).evidence["limit"] == 0.5


def test_a_window_that_ended_yesterday_is_over_and_one_that_ends_today_is_not(phone, case, cases, now):
    over = approved_pair(phone, case, valid_to=now.date() - timedelta(days=1))
    last_day = approved_pair(phone, ProductFactory(category=cases, price="10.00", cost="5.00"), valid_to=now.date())

    services.flag_fixed_causes(at=now)

    assert (found(over), found(last_day)) == ({"window_over"}, set())


def test_types_that_do_not_go_together_are_not_compatible_and_the_flag_goes_with_the_ban(
    phone, case, phones, cases, now
):
    pair = approved_pair(phone, case)
    ban = slot(phones, cases, now, verdict="not_suitable", reason="Another connector")

    services.flag_fixed_causes(at=now)

    assert flag(pair, Cause.NOT_COMPATIBLE).evidence == {"by": "types", "why": "Another connector"}
    ban.delete()
    assert services.flag_fixed_causes(at=now + timedelta(hours=1)).closed == 1


def test_attributes_that_contradict_the_slot_are_not_compatible_and_missing_ones_are_not(
    phone, case, phones, cases, now
):
    pair = approved_pair(phone, case)
    silent = approved_pair(phone, ProductFactory(category=cases, price="900.00", cost="1.00"))
    slot(phones, cases, now, reason="Protects it", condition="main.port = companion.port")

    services.flag_fixed_causes(at=now)

    assert flag(pair, Cause.NOT_COMPATIBLE).evidence["by"] == "attributes"
    assert "Lightning" in flag(pair, Cause.NOT_COMPATIBLE).evidence["why"]
    assert found(silent) == set()


def test_a_pair_no_shop_shows_while_its_neighbours_are_shown_is_never_shown(phone, case, cases, now):
    hidden = approved_pair(phone, case)
    seen = approved_pair(phone, ProductFactory(category=cases, price="900.00", cost="1.00"))
    services.record_exposures(rows=[Shown(phone.pk, seen.companion_id, now.date(), shown=50, bought=5)])

    services.flag_fixed_causes(at=now + timedelta(days=40))

    assert (found(hidden), found(seen)) == ({"never_shown"}, set())
    assert flag(hidden, Cause.NEVER_SHOWN).evidence["unit"] == "shown"


def test_without_shops_and_releases_nobody_says_that_a_pair_was_never_shown(phone, case, now):
    pair = approved_pair(phone, case)

    services.flag_fixed_causes(at=now + timedelta(days=400))

    assert found(pair) == set()


def test_exposures_of_a_day_add_up_and_impossible_ones_are_refused(phone, case, now):
    rows = [Shown(phone.pk, case.pk, now.date(), shown=10, clicked=3, bought=1)] * 2

    services.record_exposures(rows=rows)
    services.record_exposures(rows=rows[:1])
    with pytest.raises(UnfitExposure):
        services.record_exposures(rows=[Shown(phone.pk, case.pk, now.date(), shown=1, bought=2)])

    from crossmatrix.insights.models import Exposure

    assert list(Exposure.objects.values_list("shown", "clicked", "bought")) == [(30, 9, 3)]


def test_where_shops_report_what_they_show_the_attach_rate_is_of_the_shown(phone, case, cases, now):
    pair = approved_pair(phone, case)
    others = [approved_pair(phone, ProductFactory(category=cases, price="900.00", cost="1.00")) for _ in range(4)]
    rows = [
        Shown(phone.pk, one.companion_id, now.date(), shown=500, bought=100 + 3 * n) for n, one in enumerate(others)
    ]
    services.record_exposures(rows=[Shown(phone.pk, case.pk, now.date(), shown=500, bought=2), *rows])

    services.flag_weak_pairs(at=now)

    seen = flag(pair, Cause.RARELY_TAKEN).evidence
    assert (seen["unit"], seen["shown"], seen["bought"]) == ("shown", 500, 2)


def test_a_pair_bought_only_with_a_discount_is_named_and_one_without_is_not(phone, case, cases, now):
    promo = approved_pair(phone, case)
    steady = approved_pair(phone, ProductFactory(sku="film", category=cases, price="900.00", cost="1.00"))
    lines = orders(*[["phone", "case", "film"]] * 60, *[["phone"]] * 20)
    off = ["50.00" if sku == "case" else "0" for sku in lines["sku"].to_pylist()]
    import pyarrow as pa

    services.ingest_orders(
        lines=lines.set_column(lines.column_names.index("discount"), "discount", pa.array(off)), batch="1", at=now
    )
    services.refresh_stats(at=now)

    services.flag_weak_pairs(at=now)

    assert found(promo) == {"promo_only"}
    assert flag(promo, Cause.PROMO_ONLY).evidence["discounted"] == 60
    assert found(steady) == set()


def test_an_empty_discount_means_none_where_the_month_speaks_of_discounts_and_nothing_where_it_does_not(
    phone, case, cases, now
):
    import pyarrow as pa

    from crossmatrix.insights.models import OfferStat

    approved_pair(phone, case)
    lines = orders(*[["phone", "case"]] * 30)
    told = lines.set_column(
        lines.column_names.index("discount"), "discount", pa.array(["50.00"] + [None] * (lines.num_rows - 1))
    )
    silent = orders(*[(wall(2026, 10, 5, 12), ["phone", "case"])] * 7, prefix="silent")
    services.ingest_orders(lines=pa.concat_tables([told, silent.cast(told.schema)]), batch="1", at=now)
    services.refresh_stats(at=now)

    services.flag_weak_pairs(at=now)

    sales = OfferStat.objects.get(companion=case)
    assert (sales.orders, sales.known, sales.discounted) == (37, 30, 0)


def test_a_companion_that_comes_back_much_more_often_than_its_like_is_flagged(phone, case, cases, now):
    pair = approved_pair(phone, case)
    names = [f"film{n}" for n in range(20)]
    for name in names:
        approved_pair(phone, ProductFactory(sku=name, category=cases, price="900.00", cost="1.00"))
    lines = orders(*[["phone", "case", *names]] * 100)
    back = [
        row | {"is_return": True, "line_no": row["line_no"] + 100}
        for number, row in enumerate(lines.to_pylist())
        if (row["sku"] == "case" and int(row["order_id"][1:]) % 2)
        or (row["sku"].startswith("film") and number % 29 == 0)
    ]
    import pyarrow as pa

    services.ingest_orders(
        lines=pa.concat_tables([lines, pa.Table.from_pylist(back, schema=lines.schema)]), batch="1", at=now
    )
    services.refresh_stats(at=now)

    services.flag_weak_pairs(at=now)

    seen = flag(pair, Cause.RETURNED).evidence
    assert seen["sold"] == 100
    assert seen["returned"] == 50
    assert WeakFlag.objects.filter(cause=Cause.RETURNED).count() == 1


def test_a_pair_that_loses_half_of_its_share_in_a_month_is_falling(phone, case, cases, now):
    names = [f"film{n}" for n in range(3)]
    pair = approved_pair(phone, case)
    for name in names:
        approved_pair(phone, ProductFactory(sku=name, category=cases, price="900.00", cost="1.00"))
    first = wall(2026, 8, 3, 12)
    baskets = []
    for week in range(12):
        day = first + timedelta(weeks=week)
        taken = 40 if week < 8 else 8
        baskets += [(day, ["phone", "case", *names])] * taken + [(day, ["phone", *names])] * (100 - taken)
    services.ingest_orders(lines=orders(*baskets), batch="1", at=now)
    services.refresh_stats(at=now, until=date(2026, 10, 25), days=84)

    services.flag_weak_pairs(at=now)

    seen = flag(pair, Cause.FALLING).evidence
    assert (seen["before"], seen["after"], seen["weeks"]) == (pytest.approx(0.4), pytest.approx(0.08), 4)


def test_two_of_one_type_bought_instead_of_each_other_are_substitutes(phone, phones, now):
    other = ProductFactory(sku="phone2", category=phones, price="900.00", cost="1.00")
    pair = approved_pair(phone, other)
    baskets = [["phone", "bag", "pen"]] * 150 + [["phone2", "bag", "pen"]] * 150 + [["phone", "phone2", "bag"]]
    services.ingest_orders(lines=orders(*baskets, *[["bag", "pen"]] * 50), batch="1", at=now)
    services.refresh_stats(at=now)

    services.flag_weak_pairs(at=now)

    assert Cause.SUBSTITUTE.value in found(pair)
    assert flag(pair, Cause.SUBSTITUTE).evidence["orders_both"] == 1


def test_a_price_changed_by_hand_rings_for_a_look_and_the_look_flags_it(
    phone, case, now, django_capture_on_commit_callbacks
):
    pair = approved_pair(phone, case)

    catalog.edit_product(
        product=case.pk, version=case.version, changes={"cost": Decimal("1500.00")}, actor=None, at=now
    )
    owed = JobRun.objects.get(task=FIXED_TASK)
    tasks.flag_fixed_causes()

    owed.refresh_from_db()
    assert (owed.state, owed.result["raised"]) == ("done", 1)
    assert found(pair) == {"losing_margin"}


def test_a_name_changed_by_hand_rings_for_nothing(phone, case, now):
    catalog.edit_product(product=case.pk, version=case.version, changes={"name": "Case"}, actor=None, at=now)

    assert not JobRun.objects.exists()


def test_a_look_at_prices_leaves_the_flags_of_orders_alone(phone, case, now):
    pair = approved_pair(phone, case)
    WeakFlag.objects.create(pair=pair, cause="rarely_taken", severity="check", evidence={}, raised_at=now, seen_at=now)

    answer = services.flag_fixed_causes(at=now)

    assert (answer.closed, found(pair)) == (0, {"rarely_taken"})


def test_evidence_stays_as_raised_and_the_latest_stands_beside_it(phone, case, now):
    pair = approved_pair(phone, case)
    case.cost = Decimal("1100.00")
    case.save()
    services.flag_fixed_causes(at=now)
    case.cost = Decimal("1200.00")
    case.save()

    services.flag_fixed_causes(at=now + timedelta(days=1))

    kept = flag(pair, Cause.LOSING_MARGIN)
    assert (kept.evidence["cost"], kept.latest["cost"]) == ("1100.00", "1200.00")


def test_a_flag_has_a_day_to_decide_by_and_its_policys_decider(phone, case, phones, now):
    pair = approved_pair(phone, case)
    WeakPolicy.objects.create(category=phones, min_orders=30, urgent_days=5, decider="head")
    case.stock = 0
    case.save()
    services.flag_fixed_causes(at=now)
    raised = flag(pair, Cause.OUT_OF_STOCK)

    with pytest.raises(HeadDecides):
        services.decide_flag(
            flag=raised, decision=Decision.RETIRE, actor=member(Role.CATEGORY_MANAGER, category=phones), at=now
        )
    services.decide_flag(flag=raised, decision=Decision.RETIRE, actor=member(Role.HEAD), at=now)

    raised.refresh_from_db()
    assert raised.decide_by == now.date() + timedelta(days=5)
    assert raised.decision == "retire"
