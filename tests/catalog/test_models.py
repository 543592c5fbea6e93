import pytest

from crossmatrix.catalog.models import Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def test_a_leading_zero_of_a_sku_survives():
    ProductFactory(sku="000123")

    assert Product.objects.get().sku == "000123"
