import pytest


@pytest.fixture(autouse=True)
def order_folder(settings, tmp_path):
    """Each test has its own folder of order files."""
    settings.ORDERS_ROOT = tmp_path / "orders"
    return settings.ORDERS_ROOT
