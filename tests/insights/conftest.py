import pytest

from tests.factories import CategoryFactory


@pytest.fixture(autouse=True)
def order_folder(settings, tmp_path):
    """Each test has its own folder of order files."""
    settings.ORDERS_ROOT = tmp_path / "orders"
    return settings.ORDERS_ROOT


@pytest.fixture
def phones(db):
    return CategoryFactory(name="Phones")


@pytest.fixture
def cases(db):
    return CategoryFactory(name="Cases")
