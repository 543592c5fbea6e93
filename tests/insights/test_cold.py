"""A main whose own orders name no companion: replacements come from orders with products of its type, and say so."""

import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.insights import services
from crossmatrix.insights.models import ListedForType, WeakFlag
from crossmatrix.insights.rules.words import Cause, Decision
from crossmatrix.insights.selectors.cold import cold_candidates
from crossmatrix.insights.selectors.evidence import current_refresh
from crossmatrix.matrix import services as matrix
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def shop(now):
    """Two phones that sell with covers, and a third nobody has bought yet whose own case is out of stock."""
    phones, cases = CategoryFactory(name="Phones"), CategoryFactory(name="Cases")
    new = ProductFactory(sku="new", name="Novara X9", category=phones, price="30000.00")
    for sku in ("old1", "old2"):
        ProductFactory(sku=sku, category=phones, price="30000.00")
    covers = {
        sku: ProductFactory(sku=sku, name=sku, category=cases, price="900.00", cost="300.00", stock=7)
        for sku in ("cover", "film", "gone")
    }
    case = ProductFactory(sku="case", name="Leather case", category=cases, price="1000.00", cost="400.00", stock=0)
    pair = approved_pair(new, case)
    lines = orders(
        *[["old1", "cover"]] * 60, *[["old2", "cover"]] * 60, *[["old1", "film"]] * 25, *[["old2", "gone"]] * 30,
        *[["old1"]] * 40, *[["old2"]] * 40, *[["bread"]] * 900,
    )  # fmt: skip
    services.ingest_orders(lines=lines, batch="1", at=now)
    services.refresh_stats(at=now)
    return pair, new, covers


def flag_of(pair):
    return WeakFlag.objects.get(pair=pair, cause=Cause.OUT_OF_STOCK)


def test_what_its_type_sells_with_stands_in_with_the_types_counts(shop, now):
    pair, _new, covers = shop

    services.flag_weak_pairs(at=now)

    rows = flag_of(pair).replacements
    best = rows[0]
    assert best["companion"] == "cover"
    assert (best["source"], best["orders_main"], best["orders_both"]) == ("type", 0, 0)
    listed = ListedForType.objects.get(category=pair.main.category, companion=covers["cover"])
    assert (best["type"], best["type_both"], best["type_orders"]) == ("Phones", listed.orders_both, listed.orders_main)
    assert best["expected"] == pytest.approx(max(listed.excess, 1e-4), rel=0.01)
    assert 0 < best["expected_low"] < best["expected"] < best["expected_high"] < 1


def test_what_may_not_be_is_not_offered_from_the_type_either(shop, now, django_user_model):
    pair, new, covers = shop
    covers["film"].stock = 0
    covers["film"].save()
    boss = member(Role.CATEGORY_MANAGER, category=new.category)
    matrix.mark_unsuitable(main_id=new.pk, companion_id=covers["gone"].pk, reason="Scratches", actor=boss, at=now)

    services.flag_weak_pairs(at=now)

    assert [row["companion"] for row in flag_of(pair).replacements] == ["cover"]


def test_a_main_with_companions_of_its_own_orders_keeps_to_them(shop, now):
    pair, _new, _covers = shop
    services.ingest_orders(lines=orders(*[["new", "film"]] * 60, *[["new"]] * 40, prefix="own"), batch="2", at=now)
    services.refresh_stats(at=now)

    services.flag_weak_pairs(at=now)

    assert [(row["companion"], row["source"]) for row in flag_of(pair).replacements] == [("film", "mined")]


def test_own_orders_without_the_companion_speak_against_it(shop, now):
    pair, _new, _covers = shop
    services.flag_weak_pairs(at=now)
    before = flag_of(pair).replacements[0]["expected"]
    services.ingest_orders(lines=orders(*[["new"]] * 120, prefix="own"), batch="2", at=now)
    services.refresh_stats(at=now)

    services.flag_weak_pairs(at=now)

    after = next(row for row in flag_of(pair).replacements if row["companion"] == "cover")
    assert after["expected"] < before / 2


def test_the_inbox_says_that_the_type_speaks_and_the_replacement_can_be_taken(client, shop, now):
    pair, new, _covers = shop
    services.flag_weak_pairs(at=now)
    boss = member(Role.CATEGORY_MANAGER, category=new.category)
    client.force_login(boss)

    page = client.get(
        reverse("insights:weak"), {"flag": flag_of(pair).pk}, headers={"Accept-Language": "en"}
    ).content.decode()
    services.decide_flag(flag=flag_of(pair), decision=Decision.REPLACE, actor=boss, at=now)

    assert "By its type" in page
    assert "in orders with products of “Phones” it was bought" in page
    assert flag_of(pair).replaced_with.sku == "cover"


def test_many_cold_mains_are_served_by_as_many_statements_as_one(shop, now, django_assert_max_num_queries):
    _pair, new, _covers = shop
    many = [ProductFactory(category=new.category, price="30000.00").pk for _ in range(30)]
    mains = list(Product.objects.select_related("category").filter(pk__in=[new.pk, *many]))

    with django_assert_max_num_queries(12):
        found = cold_candidates(mains, current_refresh())

    assert {len(rows) for rows in found.values()} == {3}
    assert len(found) == 31
