from datetime import timedelta
from decimal import Decimal

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog import selectors
from crossmatrix.catalog.models import PriceChange, Product
from crossmatrix.catalog.rules import Problem
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


def names(products):
    return [product.name for product in products]


@pytest.mark.parametrize(
    "text",
    [
        "кабели",
        "Кабелей",
        "кабелю usb",
        "каб",
        "USB-C",
        "usb",
        "СМ-104",
        "10421",
        "см-10421",
        "КАБЕЛЬ 2 м",
        "Orb",
        "460123",
    ],
)
def test_a_product_is_found_by_word_forms_prefixes_sku_brand_and_barcode(text):
    ProductFactory(sku="СМ-10421", name="Кабель USB-C, 2 м", brand="Orbis", barcode="4601234567893")
    ProductFactory(sku="НШ-1", name="Наушники Тайга Эхо")

    assert names(selectors.search(Product.objects.all(), text)) == ["Кабель USB-C, 2 м"]


@pytest.mark.parametrize("text", ["чехол", "чехлы", "Чехлов", "чехлами", "чехол силикон", "силиконовых чехлов"])
@pytest.mark.parametrize("name", ["Чехол силиконовый", "Силиконовые чехлы, 2 шт."])
def test_a_vowel_that_comes_and_goes_hides_nothing(text, name):
    ProductFactory(name=name)
    ProductFactory(name="Чеснок")

    assert names(selectors.search(Product.objects.all(), text)) == [name]


def test_the_start_of_a_word_finds_it():
    ProductFactory(name="Наушники Тайга Эхо")

    assert names(selectors.search(Product.objects.all(), "наушн")) == ["Наушники Тайга Эхо"]


@pytest.mark.parametrize("text", ["'&|!", "'", "\\", "кабель'; drop", ":*", "((", "a:*b & !", "\x00", "%", "_"])
def test_odd_input_finds_nothing_instead_of_failing(text):
    ProductFactory(name="Кабель")

    assert names(selectors.search(Product.objects.all(), text)) == []


def test_no_text_leaves_the_list_as_it_is():
    ProductFactory(name="Кабель")

    assert names(selectors.search(Product.objects.all(), "  ")) == ["Кабель"]


def test_the_sku_itself_comes_first():
    ProductFactory(sku="A-2", name="Чехол для СМ-10421")
    ProductFactory(sku="СМ-10421-2", name="Смартфон два")
    ProductFactory(sku="СМ-10421", name="Смартфон")

    found = selectors.ranked(selectors.search(Product.objects.all(), "СМ-10421"), "СМ-10421")

    assert names(found) == ["Смартфон", "Смартфон два", "Чехол для СМ-10421"]


def test_a_person_sees_the_products_of_their_own_subtrees():
    phones, cables = CategoryFactory(), CategoryFactory()
    inside = CategoryFactory(parent=phones)
    ProductFactory(name="Смартфон", category=inside)
    ProductFactory(name="Кабель", category=cables)
    ProductFactory(name="Без категории", category=None)

    assert names(selectors.products_for(member(Role.CATEGORY_MANAGER, category=phones))) == ["Смартфон"]
    assert len(selectors.products_for(member(Role.HEAD))) == 3


def test_only_products_of_the_own_subtree_may_be_edited():
    phones = CategoryFactory()
    manager = member(Role.CATEGORY_MANAGER, category=phones)

    assert selectors.may_edit(manager, ProductFactory(category=CategoryFactory(parent=phones)))
    assert not selectors.may_edit(manager, ProductFactory(category=CategoryFactory()))
    assert not selectors.may_edit(manager, ProductFactory(category=None))
    assert not selectors.may_edit(member(Role.ANALYST), ProductFactory(category=phones))


def test_counting_stops_at_the_cap():
    ProductFactory.create_batch(4)

    assert selectors.capped_count(Product.objects.all(), cap=2) == 3
    assert selectors.capped_count(Product.objects.all(), cap=9) == 4


def test_each_fault_finds_its_products_and_no_other(now):
    old = now - timedelta(days=400)
    good = ProductFactory(name="Хороший", barcode="1")
    ProductFactory(name="Без цены", price=None)
    ProductFactory(name="Без категории", category=None)
    ProductFactory(name="Без закупки", cost=None)
    ProductFactory(name="Ниже закупки", price=Decimal(10), cost=Decimal(11))
    ProductFactory(name="Нет в наличии", stock=0)
    ProductFactory(name="Услуга", stock=None)
    ProductFactory(name="Двойник")
    ProductFactory(name="двойник")
    ProductFactory(name="Код раз", barcode="777")
    ProductFactory(name="Код два", barcode="777")
    stale, touched = ProductFactory(name="Старая цена"), ProductFactory(name="Цена обновлена")
    Product.objects.filter(pk__in=[stale.pk, touched.pk]).update(created_at=old)
    Product.objects.exclude(pk__in=[stale.pk, touched.pk]).update(created_at=now)
    PriceChange.objects.create(product=touched, at=now - timedelta(days=3), price_after=1)
    ProductFactory(name="Снят", price=None, status="discontinued")

    found = {
        problem: names(selectors.with_problem(Product.objects.order_by("sku"), problem, at=now)) for problem in Problem
    }

    assert found == {
        Problem.NO_PRICE: ["Без цены"],
        Problem.NO_CATEGORY: ["Без категории"],
        Problem.NO_COST: ["Без закупки"],
        Problem.BELOW_COST: ["Ниже закупки"],
        Problem.OUT_OF_STOCK: ["Нет в наличии"],
        Problem.STALE_PRICE: ["Старая цена"],
        Problem.SAME_NAME: ["Двойник", "двойник"],
        Problem.SAME_BARCODE: ["Код раз", "Код два"],
    }
    assert all(good.name not in listed for listed in found.values())


def test_neighbours_stand_in_the_same_category_by_sku():
    shelf = CategoryFactory()
    first, middle, last = (ProductFactory(sku=sku, category=shelf) for sku in ("1", "2", "3"))
    ProductFactory(sku="25")

    assert selectors.neighbours(middle) == selectors.Neighbours(first.pk, last.pk, 2, 3)
    assert selectors.neighbours(last).next is None


def test_the_tree_counts_products_below_and_keeps_children_under_their_parents():
    games = CategoryFactory(name="Игры")
    disks = CategoryFactory(name="Диски", parent=games)
    CategoryFactory(name="Аудио")
    ProductFactory(category=disks)
    ProductFactory(category=games)

    tree = selectors.category_tree(member(Role.HEAD))

    assert [(branch.category.name, branch.depth, branch.products) for branch in tree] == [
        ("Аудио", 0, 0),
        ("Игры", 0, 2),
        ("Диски", 1, 1),
    ]
