"""Margin added and return rate: from order lines to the evidence page, the inbox and the command; and views beside them."""

import json
from datetime import timedelta
from io import StringIO

import pyarrow as pa
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.insights import services
from crossmatrix.insights.models import Exposure, WeakFlag
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors.evidence import numbers_of, stat_of
from crossmatrix.insights.selectors.money import money_of
from crossmatrix.insights.selectors.seen import reported, seen_of
from crossmatrix.insights.services.exposures import Shown
from crossmatrix.insights.views.weak_detail import missed_money
from crossmatrix.ui.numbers import money
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def shop():
    """A phone for 30,000 and a case sold at 100 that costs 60."""
    phones, cases = CategoryFactory(name="Phones"), CategoryFactory(name="Cases")
    return (
        ProductFactory(sku="phone", name="Novara X5", category=phones, price="30000.00"),
        ProductFactory(sku="case", name="Leather case", category=cases, price="110.00", cost="60.00", stock=9),
    )


def counted(now, *, returned):
    """100 phones, 40 of them with the case, of which so many come back; 300 orders of something else."""
    lines = orders(*[["phone", "case"]] * 40, *[["phone"]] * 60, *[["bread"]] * 300)
    back = [row | {"is_return": True, "line_no": 9} for row in lines.to_pylist() if row["sku"] == "case"][:returned]
    services.ingest_orders(
        lines=pa.concat_tables([lines, pa.Table.from_pylist(back, schema=lines.schema)]), batch="1", at=now
    )
    services.refresh_stats(at=now)
    services.flag_weak_pairs(at=now)


def test_money_of_a_pair_on_offer_follows_from_its_order_lines(shop, now):
    phone, case = shop
    approved_pair(phone, case)
    counted(now, returned=10)

    stat = stat_of(phone.pk, case.pk)
    found = money_of(stat)

    incremental = numbers_of(stat).incremental
    assert (found.sales.orders, found.sales.pieces, found.sales.revenue, found.sales.returned) == (40, 40, 4000, 10)
    assert (found.brought.margin, found.brought.margin_of_order, found.brought.return_rate) == (1600, 40, 0.25)
    assert found.brought.per_main == pytest.approx(incremental * 40 * 0.75)
    assert found.brought.added == pytest.approx(incremental * 40 * 0.75 * 100)
    assert not found.estimated


def test_where_no_order_tells_of_returns_the_rate_is_not_known_rather_than_none(shop, now):
    phone, case = shop
    approved_pair(phone, case)
    counted(now, returned=0)

    found = money_of(stat_of(phone.pk, case.pk))

    assert (found.sales.returned, found.brought.return_rate) == (None, None)


def test_a_pair_not_on_offer_has_its_sales_and_says_that_the_pieces_are_a_guess(shop, now):
    phone, case = shop
    counted(now, returned=10)

    found = money_of(stat_of(phone.pk, case.pk))

    assert found.estimated
    assert (found.sales.revenue, found.sales.returned) == (4000, None)
    assert found.brought.margin == pytest.approx(4000 - 60 * 4000 / 110)


def test_the_evidence_page_the_inbox_and_the_command_say_the_same(client, shop, now):
    phone, case = shop
    pair = approved_pair(phone, case)
    counted(now, returned=10)
    case.stock = 0
    case.save()
    services.flag_fixed_causes(at=now)
    client.force_login(member(Role.CATEGORY_MANAGER, category=phone.category))
    added = round(money_of(stat_of(phone.pk, case.pk)).brought.added, 2)

    page = client.get(reverse("insights:pair", args=[phone.pk, case.pk])).content.decode()
    inbox = client.get(reverse("insights:weak"), {"flag": WeakFlag.objects.get(pair=pair).pk}).content.decode()
    out = StringIO()
    call_command("evidence", "pair", "phone", "case", "--json", stdout=out)

    (row,) = json.loads(out.getvalue())
    assert (row["return_rate"], row["margin"], round(row["margin_added"], 2)) == (0.25, 1600, added)
    assert f"{money(round(added))} <span" in page
    assert "10 ÷ 40" in page
    assert "25.0%" in page
    assert "Margin added" in inbox
    assert "No shop reports how often this offer is seen" in page


def test_views_stand_on_the_evidence_page_by_place_with_their_period(client, shop):
    phone, case = shop
    day = timezone.localdate()
    rows = (
        ("сайт", "product_page", day, 400, 40, 8), ("сайт", "cart", day - timedelta(days=3), 100, 20, 0),
        ("сайт", "cart", day - timedelta(days=200), 9000, 20, 0),
    )  # fmt: skip
    for channel, placement, when, shown, bought, returned in rows:
        Exposure.objects.create(
            main=phone, companion=case, day=when, channel=channel, placement=placement, shown=shown, bought=bought,
            returned=returned,
        )  # fmt: skip
    Exposure.objects.create(main=phone, companion=case, day=day, channel="app", shown=5000, in_stock=False)
    client.force_login(member(Role.CATEGORY_MANAGER, category=phone.category))

    seen = seen_of(phone.pk, case.pk, day)
    page = client.get(reverse("insights:pair", args=[phone.pk, case.pk])).content.decode()

    assert (seen.shown, seen.bought, seen.first, seen.last) == (500, 52, day - timedelta(days=3), day)
    assert [(place.placement, place.shown, place.bought) for place in seen.places] == [
        ("product_page", 400, 32), ("cart", 100, 20),
    ]  # fmt: skip
    assert "judged from these views" in page
    assert "10.4%" in page


def test_a_pair_that_shops_show_says_when_it_was_seen_and_what_a_usual_one_would_bring_more(client, shop, now):
    phone, case = shop
    pair = approved_pair(phone, case)
    others = [
        approved_pair(phone, ProductFactory(category=case.category, price="900.00", cost="1.00")) for _ in range(4)
    ]
    first, last = now.date() - timedelta(days=29), now.date()
    services.record_exposures(
        rows=[
            Shown(phone.pk, case.pk, first, shown=250, bought=1), Shown(phone.pk, case.pk, last, shown=250, bought=1),
            *(Shown(phone.pk, one.companion_id, last, shown=500, bought=100 + 3 * n) for n, one in enumerate(others)),
        ]
    )  # fmt: skip
    services.flag_weak_pairs(at=now)
    flag = WeakFlag.objects.get(pair=pair, cause=Cause.RARELY_TAKEN)
    client.force_login(member(Role.CATEGORY_MANAGER, category=phone.category))

    page = client.get(reverse("insights:weak"), {"flag": flag.pk}).content.decode()

    assert (flag.evidence["seen_from"], flag.evidence["seen_to"]) == (first.isoformat(), last.isoformat())
    assert "Counted from views" in page
    missed, by = missed_money(flag)
    gap = flag.evidence["usual"] - flag.evidence["share"]
    assert (missed, by) == (round(500 * gap * 50), "margin")  # 500 views in 30 days, a margin of 50


def test_a_flag_frozen_before_views_had_days_still_opens(client, shop, now):
    phone, case = shop
    pair = approved_pair(phone, case)
    flag = WeakFlag.objects.create(
        pair=pair, cause=Cause.RARELY_TAKEN.value, severity="check", raised_at=now, seen_at=now,
        evidence={
            "unit": "shown", "shown": 500, "bought": 2, "usual": 0.2, "threshold": 0.1, "compared_pairs": 5,
            "compared_category": "", "probability": 0.99, "share": 0.01, "share_low": 0.0, "share_high": 0.02,
            "certain": True,
        },
    )  # fmt: skip
    client.force_login(member(Role.CATEGORY_MANAGER, category=phone.category))

    page = client.get(reverse("insights:weak"), {"flag": flag.pk})

    assert page.status_code == 200
    assert "Counted from what shops report as shown and bought." in page.content.decode()
    assert missed_money(flag) == (0, "")


def test_the_page_of_quality_says_how_many_pairs_are_judged_from_views(client, shop):
    phone, case = shop
    today = timezone.localdate()
    approved_pair(phone, case)
    approved_pair(phone, ProductFactory(category=case.category))
    client.force_login(member(Role.ANALYST))
    before = client.get(reverse("insights:quality")).content.decode()
    for day, channel, in_stock in ((0, "a", True), (9, "b", True), (9, "c", False), (200, "d", True)):
        Exposure.objects.create(
            main=phone,
            companion=case,
            day=today - timedelta(days=day),
            channel=channel,
            shown=50,
            in_stock=in_stock,
        )

    told = reported(today)
    page = client.get(reverse("insights:quality")).content.decode()

    assert (told.shown, told.without_stock, told.seen, told.on_offer) == (100, 50, 1, 2)
    assert (told.first, told.last) == (today - timedelta(days=9), today)
    assert "judged from orders alone." in before
    assert "Pairs on offer with views" in page
