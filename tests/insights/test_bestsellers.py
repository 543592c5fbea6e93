"""Bestsellers nothing is offered with."""

from datetime import date

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.insights.models import ProductStat, Refresh
from crossmatrix.insights.views.bestsellers import section
from crossmatrix.matrix import services
from crossmatrix.matrix.services import LinkDraft
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


def test_the_most_bought_products_without_an_approved_companion_are_named(rf, now):
    phones, books = CategoryFactory(), CategoryFactory()
    writer, other = member(Role.CATEGORY_MANAGER, category=phones), member(Role.HEAD)
    current = Refresh.objects.create(
        from_date=date(2026, 1, 1),
        to_date=date(2026, 6, 30),
        state="ready",
        current=True,
        engine="duckdb",
        started_at=now,
    )
    best, covered = [ProductFactory(category=phones, price="9000") for _ in range(2)]
    third = ProductFactory(category=phones, price="100")
    stranger, gone = ProductFactory(category=books), ProductFactory(category=phones, status="discontinued")
    for product, orders in [(best, 90), (covered, 80), (third, 70), (stranger, 99), (gone, 98)]:
        ProductStat.objects.create(refresh=current, product=product, orders=orders)
    made = services.set_pair(draft=LinkDraft(covered.pk, third.pk, reason="ok"), actor=writer, at=now)
    services.approve(revision=services.submit(revision=made, actor=writer, at=now), actor=other, at=now)
    request = rf.get("/")
    request.user = writer

    found = section(request)

    assert [row.title for row in found.rows] == [best.name, third.name]
    assert (found.count, found.waits) == (2, False)
    assert found.rows[0].value == "90 заказов"
    request.user = member(Role.STAFF)
    assert section(request) is None
