"""The electronics shop: its workbooks imported, its pairs decided, its orders counted."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from crossmatrix.accounts.selectors import person
from crossmatrix.catalog.models import Product
from crossmatrix.demo import rules as orders
from crossmatrix.demo.services import evidence, stories
from crossmatrix.demo.services.people import give_suppliers
from crossmatrix.demo.services.sources import bring
from crossmatrix.demo.services.steps import Step

SHOP: Path = settings.PROJECT / "fixtures" / "shop"


def bring_price_list(at: datetime) -> None:
    bring(SHOP / "price_list.xlsx", kind="catalog", actor=person("manager@demo"), at=at - timedelta(days=60))
    give_suppliers(at=at)


def bring_matrices(at: datetime) -> None:
    author = person("manager@demo")
    bring(SHOP / "matrix_types.xlsx", kind="matrix", actor=author, at=at - timedelta(days=55))
    bring(SHOP / "matrix_links.xlsx", kind="matrix", actor=author, at=at - timedelta(days=50))


def make_workspaces(at: datetime) -> None:
    stories.make_matrices(at=at - timedelta(days=48))
    stories.ask_for_fit(at=at - timedelta(days=47))


def bring_orders(at: datetime) -> None:
    """Orders of the last days before today, made for today and brought in as a file."""
    items = [orders.Item(sku, str(price)) for sku, price in Product.objects.values_list("sku", "price")]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        orders.write(file, items=items, pairs=orders.planted(SHOP / "planted.csv"), until=timezone.localtime(at).date())
        bring(file, kind="orders", actor=person("analyst@demo"), at=at)


def bring_update(at: datetime) -> None:
    """Stock and prices of this week: one price jumped, one shelf is empty, one product is no longer made."""
    bring(SHOP / "stock_and_prices.csv", kind="catalog", actor=person("manager2@demo"), at=at - timedelta(days=2))
    stories.follow_prices(at=at - timedelta(days=2))


def leave_waiting(at: datetime) -> None:
    """A workbook with mistakes, planned and waiting for a decision."""
    bring(SHOP / "links_with_mistakes.xlsx", kind="matrix", actor=person("manager@demo"), at=at, apply=False)


STEPS: tuple[Step, ...] = (
    bring_price_list,
    bring_matrices,
    make_workspaces,
    lambda at: stories.decide_pairs(at=at),
    lambda at: stories.change_pairs(at=at),
    lambda at: stories.publish(at=at),
    bring_update,
    bring_orders,
    lambda at: evidence.refresh(at=at),
    lambda at: stories.propose(at=at),
    leave_waiting,
)  # in the order of steps.NAMES
