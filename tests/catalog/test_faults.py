"""The clock counts the faults of a large catalog; the page says of when its numbers are, and shows nobody another's."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog import selectors
from crossmatrix.catalog.services import faults, keep_faults
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def a_large_catalog(monkeypatch):
    """One product is many here."""
    monkeypatch.setattr(faults, "MANY", 0)


@pytest.fixture
def phones(db):
    return CategoryFactory(name="Phones")


@pytest.fixture
def cases(db):
    return CategoryFactory(name="Cases")


@pytest.fixture
def shop(phones, cases):
    """Of every fault some, in two categories and in none."""
    ProductFactory(sku="c", category=phones, price=None, cost=None)
    ProductFactory(sku="a", category=cases, price=None, cost=None)
    ProductFactory(sku="b", category=phones, stock=0, name="The same")
    ProductFactory(sku="d", category=cases, price="5.00", cost="6.00", name="the SAME")
    ProductFactory(sku="e", category=None, barcode="4006381333931")
    ProductFactory(sku="f", category=phones, barcode="4006381333931")


def told(person):
    lines, _kept_at = selectors.quality(person, at=timezone.now())
    return {line.problem.value: (line.found, [row.sku for row in line.examples]) for line in lines if line.found}


def test_a_small_catalog_is_counted_when_asked(shop):
    assert not keep_faults(at=timezone.now())

    lines, kept_at = selectors.quality(member(Role.HEAD), at=timezone.now())

    assert kept_at is None
    assert lines[0].found == 2


@pytest.mark.usefixtures("a_large_catalog", "shop")
def test_the_clock_counts_what_counting_says_for_everybody(phones):
    head, manager = member(Role.HEAD), member(Role.CATEGORY_MANAGER, category=phones)
    counted = told(head), told(manager)

    assert keep_faults(at=timezone.now())

    assert (told(head), told(manager)) == counted
    assert counted[0]["no_price"] == (2, ["a", "c"])
    assert counted[1]["no_price"] == (1, ["c"])
    assert counted[0]["same_name"] == (2, ["b", "d"])
    assert "no_category" not in counted[1]


@pytest.mark.usefixtures("a_large_catalog", "shop")
def test_the_page_says_of_when_its_numbers_are(client):
    client.force_login(member(Role.HEAD))
    live = client.get(reverse("catalog:quality")).content.decode()
    keep_faults(at=timezone.now() - timedelta(minutes=2))

    kept = client.get(reverse("catalog:quality")).content.decode()

    assert "посчитано" not in live
    assert "посчитано" in kept
    assert "2 минуты назад" in kept


@pytest.mark.usefixtures("a_large_catalog", "shop")
def test_faults_are_counted_again_only_after_a_write_or_on_another_day(monkeypatch):
    writes = [10]
    monkeypatch.setattr(faults, "activity_of", lambda *_tables: writes[0])
    noon = timezone.now().replace(hour=12)
    keep_faults(at=noon)
    ProductFactory(price=None, cost=None)
    head = member(Role.HEAD)

    assert not keep_faults(at=noon + timedelta(minutes=1))
    assert told(head)["no_price"][0] == 2
    assert cache.get(selectors.FAULTS_KEY).at == noon + timedelta(minutes=1)

    writes[0] += 1
    assert keep_faults(at=noon + timedelta(minutes=2))
    assert told(head)["no_price"][0] == 3
    assert keep_faults(at=noon + timedelta(days=1))


@pytest.mark.usefixtures("a_large_catalog", "shop")
def test_a_catalog_that_became_small_is_counted_when_asked_again(monkeypatch):
    keep_faults(at=timezone.now())
    monkeypatch.setattr(faults, "MANY", 100)

    keep_faults(at=timezone.now())

    assert selectors.quality(member(Role.HEAD), at=timezone.now())[1] is None
