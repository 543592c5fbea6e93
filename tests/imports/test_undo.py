"""An import goes back as it came; what somebody has used or edited since stays."""

import pytest
from django.db import connection

from crossmatrix.audit.models import AuditEvent
from crossmatrix.catalog.models import Category, Product, Supplier
from crossmatrix.matrix.models import Pair
from tests.imports.workbooks import PRICE_LIST

pytestmark = pytest.mark.django_db(transaction=True)


def bytes_of_products():
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(p)::text FROM catalog_product p ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_undo_restores_the_former_bytes(take, write, undo):
    write(take(PRICE_LIST))
    before = bytes_of_products()
    changed = [[*row] for row in PRICE_LIST]
    changed[1][4], changed[2][1] = 1500, "Консоль Pro"
    batch = write(take([*changed, ["000126", "Новинка", "Новое / Раздел", "Новый", 10, 1]]))

    undone = undo(batch)

    assert bytes_of_products() == before
    assert (undone["reversed"], undone["kept"]) == (3, 0)
    assert not Category.objects.filter(full_name__startswith="Новое").exists()
    assert not Supplier.objects.filter(name="Новый").exists()
    assert AuditEvent.objects.filter(kind="product.import_undone").count() == 3


def test_undo_keeps_what_somebody_edited_since(take, write, undo):
    batch = write(take(PRICE_LIST))
    Product.objects.filter(sku="000123").update(price=1, version=7)

    undone = undo(batch)

    assert undone["kept"] == 1
    assert undone["details"] == [{"label": "000123", "outcome": "kept", "code": "edited"}]
    assert list(Product.objects.values_list("sku", flat=True)) == ["000123"]


def test_undo_keeps_a_new_product_that_is_used_since(take, write, undo, now):
    batch = write(take(PRICE_LIST))
    Pair.objects.create(
        main=Product.objects.get(sku="000124"), companion=Product.objects.get(sku="000123"), updated_at=now
    )

    undone = undo(batch)

    assert undone["kept"] == 2
    assert {item["code"] for item in undone["details"]} == {"in_use"}
