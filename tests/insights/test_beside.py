"""What insights tells a product view: suggestions with their comparison and money, decisions with their batch, the effect by week."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.insights.models import ListedPair, PairStat, ProductStat, Refresh, Suggestion
from crossmatrix.insights.selectors.effect import effect_of
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import OpBatch, Pair
from crossmatrix.matrix.selectors import beside
from crossmatrix.matrix.services.sends import send
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 1)


@pytest.fixture
def refresh():
    return Refresh.objects.create(
        from_date=LAST - timedelta(days=27), to_date=LAST, state="ready", current=True, engine="duckdb",
        started_at=timezone.now(), orders=4000,
    )  # fmt: skip


@pytest.fixture
def main():
    return ProductFactory(price=Decimal(50000))


def counted(refresh, product, *weekly):
    ProductStat.objects.create(refresh=refresh, product=product, orders=sum(weekly), weekly=list(weekly))


def bought(refresh, main, companion, both, *, orders=500, expected=60.0, weekly=None, revenue=None):
    ListedPair.objects.create(
        refresh=refresh, main=main, companion=companion, orders_main=orders, orders_companion=600, orders_both=both,
        expected=expected, excess=(both - expected) / orders,
    )  # fmt: skip
    return PairStat.objects.create(
        refresh=refresh, main=main, companion=companion, orders_main=orders, orders_companion=600, orders_both=both,
        orders_all=4000, expected=expected, score=(both - expected) / orders, p_value=0.0, q_value=0.0,
        customers_both=both, revenue=revenue, weekly=weekly,
    )  # fmt: skip


def suggestions(main, user=None):
    return beside.suggester().suggest(main, user or member(Role.CATEGORY_MANAGER))


def test_a_suggestion_is_compared_with_the_other_products_of_the_category(refresh, main):
    sister, companion = ProductFactory(category=main.category), ProductFactory(price="1000")
    counted(refresh, main, 500)
    counted(refresh, sister, 1000)
    bought(refresh, main, companion, 160)
    bought(refresh, sister, companion, 50, orders=1000)

    (found,) = suggestions(main)

    assert (found.companion, found.attach_rate, found.usual) == (companion, 0.32, 0.05)


def test_its_money_is_a_months_sales_beyond_chance(refresh, main):
    bought(refresh, main, ProductFactory(price="1000"), 160, expected=60.0)

    (found,) = suggestions(main)

    assert found.money == Decimal(round((160 - 60) * 30 / 28 * 1000))


def test_without_the_right_to_evidence_there_are_no_suggestions(refresh, main):
    bought(refresh, main, ProductFactory(price="1000"), 160)

    assert suggestions(main, member(Role.STAFF)) == []


def test_an_accepted_suggestion_is_undone_with_its_send(refresh, main, now):
    companion, user = ProductFactory(price="1000"), member(Role.CATEGORY_MANAGER)
    bought(refresh, main, companion, 160)

    def accept(batch):
        beside.suggester().accept(main, companion, reason="So", actor=user, at=now, batch=batch)
        return {"changed": 1}

    send(key="k", actor=user, at=now, write=accept)
    assert Pair.objects.get().current.state == "draft"
    assert suggestions(main) == []

    matrix.undo(op_batch=OpBatch.objects.get(key="k"), actor=user, at=now)

    assert [one.companion for one in suggestions(main)] == [companion]


def test_a_refused_one_is_marked_and_put_off_ones_stay_away(refresh, main, now):
    wrong, later, user = ProductFactory(price="1000"), ProductFactory(price="1000"), member(Role.CATEGORY_MANAGER)
    bought(refresh, main, wrong, 160)
    bought(refresh, main, later, 150)

    beside.suggester().refuse(main, wrong, reason="Other port", actor=user, at=now, batch="b")
    beside.suggester().put_off(
        main, later, until=timezone.localdate() + timedelta(days=30), actor=user, at=timezone.now()
    )

    assert suggestions(main) == []
    assert Pair.objects.get().verdict == "not_suitable"
    assert Suggestion.objects.count() == 2


def test_the_effect_counts_companions_and_their_money_by_week(refresh, main):
    cable, pad, other = ProductFactory(), ProductFactory(), ProductFactory()
    counted(refresh, main, 0, 100, 200, 200)
    bought(refresh, main, cable, 50, weekly=[0, 10, 20, 20], revenue=Decimal(5000))
    bought(refresh, main, pad, 10, weekly=[0, 0, 5, 5], revenue=Decimal(20000))
    bought(refresh, main, other, 90, weekly=[0, 30, 60, 0], revenue=Decimal(90000))

    effect = effect_of(main.pk, [cable.pk, pad.pk])

    assert [(week.orders, week.companions, week.revenue) for week in effect.weeks] == [
        (0, 0, 0),
        (100, 10, 1000),
        (200, 25, 12000),
        (200, 25, 12000),
    ]
    assert (effect.orders, effect.hundred, effect.addition) == (500, 12.0, 50)
    assert (effect.first, effect.last) == (refresh.from_date, refresh.to_date)


def test_too_few_orders_have_no_effect(refresh, main, settings):
    settings.WEAK_MIN_ORDERS = 30
    counted(refresh, main, 29)

    assert effect_of(main.pk, [ProductFactory().pk]) is None


def test_a_product_without_a_category_is_compared_with_nothing(refresh):
    lone = ProductFactory(category=None, price=Decimal(50000))
    bought(refresh, lone, ProductFactory(category=CategoryFactory(), price="1000"), 160)

    (found,) = suggestions(lone)

    assert found.usual is None
