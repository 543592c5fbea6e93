from decimal import Decimal

import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import PriceChange, Product
from crossmatrix.ui import panels
from tests.factories import CategoryFactory, ProductFactory, SupplierFactory, member

pytestmark = pytest.mark.django_db
COST, SHOWN = Decimal("712.34"), ("712,34", "712.34")  # as people read it, and as a field holds it
LIST = "/products/"


@pytest.fixture
def manager(client):
    person = member(Role.CATEGORY_MANAGER)
    client.force_login(person)
    return person


def rows(answer):
    return [row.name for row in answer.context["page"].rows]


def edit_data(product, **changes):
    return {
        "version": product.version, "name": product.name, "category": product.category_id or "", "kind": product.kind,
        "status": product.status, "price": str(product.price), "cost": str(product.cost), "stock": product.stock,
        "attributes": "", **changes,
    }  # fmt: skip


def test_the_list_is_searched_by_word_forms(client, manager):
    ProductFactory(name="Кабель HDMI")
    ProductFactory(name="Чехол")

    answer = client.get(LIST, {"q": "кабели"})

    assert rows(answer) == ["Кабель HDMI"]


@pytest.mark.parametrize("text", ["'&|!", "\x00", "<script>", "%" * 600, "a" * 5000])
def test_odd_searches_answer_an_empty_list(client, manager, text):
    ProductFactory(name="Кабель")

    answer = client.get(LIST, {"q": text})

    assert answer.status_code == 200
    assert rows(answer) == []


@pytest.mark.parametrize(
    "query", ["page=abc", "page=-3", "page=99999999999", "sort=name;drop", "category=x", "price_min=дорого", "kind=x"]
)
def test_odd_parameters_do_not_break_the_list(client, manager, query):
    ProductFactory()

    assert client.get(f"{LIST}?{query}").status_code == 200


def test_the_list_is_narrowed_by_subtree_supplier_stock_price_and_kind(client, manager):
    games = CategoryFactory(name="Игры")
    disks = CategoryFactory(name="Диски", parent=games)
    supplier = SupplierFactory()
    wanted = {"category": disks, "supplier": supplier, "stock": 0, "price": Decimal(500), "kind": "service"}
    ProductFactory(name="Тот", **wanted)
    for change in (
        {"category": CategoryFactory()}, {"supplier": SupplierFactory()}, {"stock": 5}, {"price": Decimal(50)},
        {"price": Decimal(5000)}, {"kind": "good"}, {"status": "hidden"},
    ):  # fmt: skip
        ProductFactory(**{**wanted, **change})

    answer = client.get(
        LIST,
        {
            "category": games.pk,
            "supplier": supplier.pk,
            "stock": "out",
            "price_min": 100,
            "price_max": 1000,
            "kind": "service",
            "status": "active",
        },
    )

    assert rows(answer) == ["Тот"]


def test_an_empty_value_stands_last_however_the_list_is_sorted(client, manager):
    ProductFactory(name="Без цены", price=None)
    ProductFactory(name="Дешёвый", price=1)
    ProductFactory(name="Дорогой", price=9)

    assert rows(client.get(LIST, {"sort": "price"})) == ["Дешёвый", "Дорогой", "Без цены"]
    assert rows(client.get(LIST, {"sort": "-price"})) == ["Дорогой", "Дешёвый", "Без цены"]


def test_a_manager_of_a_subtree_lists_only_its_products(client):
    phones = CategoryFactory()
    ProductFactory(name="Смартфон", category=phones)
    ProductFactory(name="Кабель")
    client.force_login(member(Role.CATEGORY_MANAGER, category=phones))

    assert rows(client.get(LIST)) == ["Смартфон"]


def test_a_colleague_reads_a_product_of_another_category_without_its_cost(client):
    client.force_login(member(Role.CATEGORY_MANAGER, category=CategoryFactory()))
    product = ProductFactory(cost=COST)

    answer = client.get(reverse("catalog:product", args=[product.pk]))

    assert answer.status_code == 200
    assert not any(cost in answer.content.decode() for cost in SHOWN)
    assert client.post(reverse("catalog:edit", args=[product.pk]), edit_data(product, name="Моё")).status_code == 403
    assert Product.objects.get().name == product.name


def test_store_staff_see_no_purchase_prices(client):
    client.force_login(member(Role.STAFF))
    product = ProductFactory(cost=COST)

    page = client.get(reverse("catalog:product", args=[product.pk])).content.decode()
    listed = client.get(LIST)

    client.force_login(member(Role.CATEGORY_MANAGER))
    told = client.get(reverse("catalog:product", args=[product.pk])).content.decode()

    assert not any(cost in page for cost in SHOWN)
    assert any(cost in told for cost in SHOWN)
    assert {column.key for column in listed.context["offered"]}.isdisjoint({"cost", "margin"})


def test_a_supplier_stays_outside(client):
    client.force_login(member(Role.SUPPLIER, supplier=SupplierFactory()))

    assert client.get(LIST).status_code in {302, 403, 404}


def test_chosen_columns_are_remembered(client, manager):
    ProductFactory()

    client.get(LIST, {"columns": "1", "column": ["brand", "price"]})

    assert client.get(LIST).context["keys"] == {"brand", "price"}


def test_htmx_gets_only_the_rows(client, manager):
    ProductFactory(name="Кабель")

    answer = client.get(LIST, headers={"HX-Request": "true"})

    assert "<html" not in answer.content.decode()
    assert "Кабель" in answer.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(client, manager, django_assert_max_num_queries):
    ProductFactory.create_batch(3, supplier=SupplierFactory())
    client.get(LIST)
    with django_assert_max_num_queries(15) as few:
        client.get(LIST)
    for _ in range(30):
        ProductFactory(supplier=SupplierFactory())

    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(LIST)


def test_an_edit_saves_and_keeps_the_old_price(client, manager):
    product = ProductFactory(price=Decimal(1000))

    answer = client.post(
        reverse("catalog:edit", args=[product.pk]), edit_data(product, price="1 299,50", attributes="Разъём: USB-C")
    )

    assert answer.status_code == 302
    product.refresh_from_db()
    assert product.price == Decimal("1299.50")
    assert product.attributes == {"Разъём": "USB-C"}
    assert PriceChange.objects.get().price_before == Decimal(1000)


def test_a_stale_edit_from_a_second_browser_keeps_the_text_and_changes_nothing(client, manager):
    product = ProductFactory(name="Кабель")
    seen = edit_data(product, name="Кабель второй")
    client.post(reverse("catalog:edit", args=[product.pk]), edit_data(product, name="Кабель первый"))

    answer = client.post(reverse("catalog:edit", args=[product.pk]), seen)

    assert answer.status_code == 409
    assert "Кабель второй" in answer.content.decode()
    assert Product.objects.get().name == "Кабель первый"


@pytest.mark.parametrize(
    "changes", [{"price": "дорого"}, {"price": "-1"}, {"name": ""}, {"attributes": "без двоеточия"}]
)
def test_a_wrong_value_is_named_and_nothing_is_saved(client, manager, changes):
    product = ProductFactory(name="Кабель")

    answer = client.post(
        reverse("catalog:edit", args=[product.pk]), edit_data(product, **{"brand": "Орбис", **changes})
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == changes.keys()
    assert Product.objects.get().brand == ""


def test_discontinuing_asks_for_a_reason(client, manager):
    product = ProductFactory()
    address = reverse("catalog:retire", args=[product.pk])

    client.post(address, {"version": 1, "reason": ""})
    assert Product.objects.get().status == "active"

    client.post(address, {"version": 1, "reason": "Снят с производства"})
    assert Product.objects.get().status == "discontinued"


def test_the_product_page_shows_the_panels_of_other_areas(client, manager, monkeypatch):
    monkeypatch.setattr(panels, "_makers", {})
    panels.register_panel(
        "product", lambda request, thing: panels.Panel("x", "ui/_empty.html", {}, panels.Column.RIGHT)
    )
    panels.register_panel("product", lambda request, thing: None)

    answer = client.get(reverse("catalog:product", args=[ProductFactory().pk]))

    assert [panel.key for panel in answer.context["columns"]["right"]] == ["x"]


def test_the_quality_page_counts_each_fault(client, manager):
    ProductFactory(price=None, cost=None)

    answer = client.get(reverse("catalog:quality"))

    assert {line["fault"].problem: line["fault"].found for line in answer.context["faults"] if line["fault"].found} == {
        "no_price": 1
    }


def test_a_product_that_is_not_there_is_not_found(client, manager):
    assert client.get(reverse("catalog:product", args=[999])).status_code == 404
