"""Counts that stop at a thousand say so, everywhere in the same words; and they stop."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.catalog.selectors import capped_count
from crossmatrix.matrix.templatetags.pairs import capped
from crossmatrix.ui import nav, queue
from crossmatrix.ui.numbers import NBSP
from tests.factories import ProductFactory, member

pytestmark = pytest.mark.django_db
MANY = f"1{NBSP}000+"


def test_a_count_reads_no_further_than_it_tells():
    ProductFactory.create_batch(5)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = [capped_count(Product.objects.all(), cap) for cap in (2, 4, 5, 9)]

    assert found == [3, 5, 5, 5]
    assert "LIMIT 3" in asked.captured_queries[0]["sql"]


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (999, "999"), (1000, f"1{NBSP}000"), (1001, MANY)])
def test_a_thousand_is_exact_and_more_is_not(count, words):
    assert capped(count) == words


@pytest.mark.parametrize(("count", "words"), [(1000, f">1{NBSP}000<"), (1001, f">{MANY}<")])
def test_the_sidebar_and_the_first_page_say_more_than_a_thousand(client, monkeypatch, count, words):
    monkeypatch.setitem(nav.COUNTS, "approvals", lambda request: count)
    monkeypatch.setattr(queue, "SECTIONS", [lambda request: queue.Section("Пары", "stamp", count)])
    client.force_login(member(Role.HEAD))

    page = client.get("/").content.decode()

    assert page.count(words) >= 2
