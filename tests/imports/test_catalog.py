"""A price list becomes products; what it does not say stays as it is, and what it says wrongly is named."""

from decimal import Decimal

import pytest
from django.db import connection

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.catalog.models import Category, PriceChange, Product
from crossmatrix.imports import services
from crossmatrix.imports.models import ImportJournal, ImportProblem
from crossmatrix.imports.services.apply import PlanLost, start_apply
from crossmatrix.jobs.models import JobRun
from tests.factories import CategoryFactory, ProductFactory, member
from tests.imports.workbooks import PRICE_LIST, codes, workbook

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_price_list_becomes_products_with_their_categories_and_suppliers(take, write, manager):
    batch = take(PRICE_LIST, actor=manager)

    write(batch, manager)

    cable = Product.objects.get(sku="000123")
    assert (cable.name, cable.price, cable.stock) == ("Кабель HDMI", Decimal("1299.00"), 5)
    assert cable.category.full_name == "Аксессуары / Кабели"
    assert cable.category.path == f"/{Category.objects.get(name='Аксессуары').pk}/{cable.category.pk}/"
    assert cable.supplier.name == "ООО «Кабель»"
    assert Product.objects.get(sku="000125").stock is None
    assert batch.outcome["created"] == 3
    assert PriceChange.objects.filter(batch=batch.tag).count() == 3
    assert AuditEvent.objects.filter(batch=batch.tag, kind="product.created").count() == 3


def test_the_same_file_twice_plans_no_change(take, write):
    data = workbook(PRICE_LIST)
    first = write(take(data))

    second = take(data)

    assert {name: second.counts[name] for name in ("rows", "new", "changed", "same", "error")} == {
        "rows": 3, "new": 0, "changed": 0, "same": 3, "error": 0,
    }  # fmt: skip
    assert any(r["code"] == "guard.same_file" and r["params"]["batch"] == first.pk for r in second.remarks)


def test_a_row_changed_after_the_plan_is_left_alone(take, write):
    ProductFactory(sku="A1", name="Old", price="10.00")
    ProductFactory(sku="A2", name="Old", price="10.00")
    batch = take([["Артикул", "Цена"], ["A1", 20], ["A2", 20]])
    Product.objects.filter(sku="A1").update(price=15, version=2)

    write(batch)

    assert dict(Product.objects.values_list("sku", "price")) == {"A1": Decimal("15.00"), "A2": Decimal("20.00")}
    assert batch.outcome["refused"] == [{"label": "A1", "code": "row.changed_since", "params": {}}]


def test_an_absent_column_and_an_empty_cell_change_nothing(take, write):
    product = ProductFactory(sku="A1", name="Cable", price="10.00", stock=5, barcode="4601234567893")

    batch = write(take([["Артикул", "Цена", "Остаток"], ["A1", None, 7]]))

    product.refresh_from_db()
    assert (product.price, product.stock, product.barcode, product.name) == (
        Decimal("10.00"),
        7,
        "4601234567893",
        "Cable",
    )
    assert batch.counts["by_field"] == {"stock": 1}


def test_a_clear_word_empties_the_value(take, write):
    product = ProductFactory(sku="A1", price="10.00", barcode="4601234567893")

    write(take([["Артикул", "Цена", "Штрихкод"], ["A1", 11, "очистить"]]))

    product.refresh_from_db()
    assert (product.price, product.barcode) == (Decimal("11.00"), "")


def test_the_policy_clear_lets_an_empty_cell_empty_the_value(take, write, now):
    product = ProductFactory(sku="A1", price="10.00", cost="7.00")
    batch = take([["Артикул", "Цена", "Закупочная цена"], ["A1", 11, None]])

    services.set_policies(batch=batch, policies={"cost": "clear"}, at=now)
    write(batch)

    product.refresh_from_db()
    assert (product.price, product.cost) == (Decimal("11.00"), None)


def test_products_absent_from_the_file_stay_unless_the_policy_retires_them(take, write, now):
    ProductFactory(sku="A1", name="In the file", price="10.00")
    gone = ProductFactory(sku="A2", name="Not in the file")
    batch = take([["Артикул", "Цена"], ["A1", 20]])
    assert batch.counts["absent"] == 0

    services.set_policies(batch=batch, absent="retire", at=now)
    write(batch)

    gone.refresh_from_db()
    assert (batch.counts["absent"], gone.status) == (1, "discontinued")


def test_a_price_in_words_is_a_row_error_and_the_other_rows_are_fine(take, write):
    batch = take([["Артикул", "Наименование", "Цена"], ["A1", "Кабель", "дорого"], ["A2", "Консоль", 100]])

    write(batch)

    assert codes(batch) == [(2, "value.not_number")]
    assert list(Product.objects.values_list("sku", flat=True)) == ["A2"]


def test_equal_rows_collapse_and_contradicting_rows_are_errors_naming_each_other(take):
    batch = take(
        [
            ["Артикул", "Наименование", "Цена"],
            ["A1", "Кабель", 1],
            ["A1", "Кабель", 1],
            ["A2", "Диск", 1],
            ["A2", "Диск", 2],
            ["A3", "X", 3],
        ]
    )

    assert (batch.counts["new"], batch.counts["error"], batch.counts["repeated"], batch.counts["same"]) == (2, 2, 1, 0)
    assert codes(batch) == [(3, "row.repeated"), (4, "row.conflict"), (5, "row.conflict")]
    assert ImportProblem.objects.get(batch=batch, row=4).params == {"other": 5, "key": "A2"}


def test_a_new_product_without_a_name_is_an_error(take):
    batch = take([["Артикул", "Цена"], ["A1", 10]])

    assert codes(batch) == [(2, "product.incomplete")]


def test_attribute_columns_are_merged_into_the_attributes(take, write):
    product = ProductFactory(sku="A1", attributes={"Вес": "1 кг"})

    write(take([["Артикул", "attr: Цвет"], ["A1", "чёрный"]]))

    product.refresh_from_db()
    assert product.attributes == {"Вес": "1 кг", "Цвет": "чёрный"}


def test_a_person_writes_only_inside_the_own_categories(take, now):
    mine, theirs = CategoryFactory(name="Mine"), CategoryFactory(name="Theirs")
    ProductFactory(sku="A1", category=mine)
    ProductFactory(sku="A2", category=theirs)
    person = member(Role.CATEGORY_MANAGER, category=mine)

    batch = take([["Артикул", "Цена"], ["A1", 5], ["A2", 5]], actor=person)

    assert codes(batch) == [(3, "product.foreign")]
    assert batch.counts["changed"] == 1


def test_a_header_that_only_looks_like_a_field_is_left_out(take, write):
    batch = take([["Артикул", "Наименование", "Разъём"], ["A1", "Кабель", "USB-C"], ["A2", "Адаптер", "HDMI"]])

    write(batch)

    assert batch.state == "applied"
    assert [column["field"] for column in batch.layout["columns"]] == ["sku", "name", ""]
    assert Category.objects.count() == 0


def test_changed_prices_ring_for_new_ratio_verdicts(take, write):
    write(take(PRICE_LIST))

    assert JobRun.objects.filter(task="crossmatrix.matrix.tasks.recheck_ratios").exists()


def test_a_lost_plan_writes_nothing_and_says_so(take, now):
    batch = take(PRICE_LIST)
    start_apply(batch=batch, actor=None, partial=True)
    with connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{batch.plan_table}"')

    with pytest.raises(PlanLost):
        services.apply_batch(batch=batch, at=now)

    batch.refresh_from_db()
    assert (batch.state, Product.objects.count()) == ("planned", 0)


def test_applying_twice_writes_once(take, write, now):
    batch = write(take(PRICE_LIST))

    services.apply_batch(batch=batch, at=now)

    assert ImportJournal.objects.filter(batch=batch, table="catalog_product").count() == 3
