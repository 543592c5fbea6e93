"""The catalog goes out as a workbook that comes back without a change."""

import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import translation

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.imports import services
from crossmatrix.imports.rules.states import Kind
from crossmatrix.imports.services import exports
from tests.factories import CategoryFactory, ProductFactory, SupplierFactory, member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    games = CategoryFactory(name="Игры")
    consoles = CategoryFactory(name="Приставки", parent=games, full_name="Игры / Приставки")
    ProductFactory(
        sku="000123", name="=Консоль", category=consoles, supplier=SupplierFactory(name="Орбис"), price="49990.50",
        cost="30000", stock=3, brand="Орбис", barcode="4601234567893", attributes={"Цвет": "чёрный", "Порт": "HDMI 2.1"},
    )  # fmt: skip
    ProductFactory(sku="S-1", name="Настройка", kind="service", price=None, cost=None, stock=None)
    ProductFactory(sku="OLD", name="Кабель", status="discontinued", price="10.00", attributes={"Цвет": "белый"})


def sheet_of(data):
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_exported_catalog_imports_without_a_change(take, shop, language):
    with translation.override(language):
        data = services.catalog_workbook(products=Product.objects.order_by("sku"), costs=True)

    batch = take(data)

    assert {name: batch.counts[name] for name in ("rows", "new", "changed", "same", "error")} == {
        "rows": 3, "new": 0, "changed": 0, "same": 3, "error": 0,
    }  # fmt: skip
    assert "attr:Порт" in {column["field"] for column in batch.layout["columns"]}


def test_one_edited_cell_is_the_only_change(take, shop):
    book = openpyxl.load_workbook(
        io.BytesIO(services.catalog_workbook(products=Product.objects.order_by("sku"), costs=True))
    )
    sheet = book.worksheets[0]
    price = next(cell.column for cell in sheet[1] if cell.value in ("Цена", "Price"))
    assert sheet.cell(2, price).value == 49990.5
    sheet.cell(2, price).value = 39990
    out = io.BytesIO()
    book.save(out)

    batch = take(out.getvalue())

    assert (batch.counts["changed"], batch.counts["same"], batch.counts["by_field"]) == (1, 2, {"price": 1})


def test_codes_and_texts_stay_text_and_no_text_is_a_formula(shop):
    sheet = sheet_of(services.catalog_workbook(products=Product.objects.order_by("sku"), costs=True))

    sku, name = sheet["A2"], sheet["B2"]
    assert (sku.value, sku.data_type, name.value, name.data_type, name.quotePrefix) == ("000123", "s", "=Консоль", "s", True)  # fmt: skip
    assert (sheet.freeze_panes, sheet.auto_filter.ref[:3]) == ("B2", "A1:")
    assert sheet.data_validations.dataValidation


def test_the_list_is_exported_as_it_is_narrowed_and_purchase_prices_only_for_those_who_see_them(client, shop):
    client.force_login(member(Role.CATEGORY_MANAGER))
    mine = sheet_of(client.get(reverse("imports:catalog"), {"status": "discontinued"}).content)
    client.force_login(member(Role.STAFF))
    theirs = sheet_of(client.get(reverse("imports:catalog"), {"status": "discontinued"}).content)

    heads = [[cell.value for cell in sheet[1]] for sheet in (mine, theirs)]
    assert [row[0].value for row in mine.iter_rows(min_row=2)] == ["OLD"]
    assert ["Закупка" in head for head in heads] == [True, False]


def test_a_manager_exports_the_own_categories(client, shop):
    games = Product.objects.get(sku="000123").category
    client.force_login(member(Role.CATEGORY_MANAGER, category=games))

    sheet = sheet_of(client.get(reverse("imports:catalog")).content)

    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["000123"]


def test_too_many_products_are_refused_in_words_and_lead_back_to_the_list(client, shop, monkeypatch):
    monkeypatch.setattr(exports, "CATALOG_ROWS", 2)
    client.force_login(member(Role.CATEGORY_MANAGER))

    answer = client.get(reverse("imports:catalog"), {"status": "", "q": ""}, follow=True)

    assert answer.redirect_chain[0][0].startswith(reverse("catalog:products"))
    assert "не больше 2" in answer.content.decode()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_template_has_its_headers_an_example_and_a_sheet_that_explains(kind):
    book = openpyxl.load_workbook(io.BytesIO(services.template_workbook(kind=kind)))

    data, how_to = book.worksheets
    titles = [cell.value.removesuffix(" *") for cell in data[1]]
    assert titles == [title.removesuffix(" *") for title in [row[0].value for row in how_to.iter_rows(min_row=5)]]
    assert any(cell.value for cell in data[2])
