"""Loads a data set: does nothing where data is, goes on where a load was interrupted."""

from collections.abc import Callable
from datetime import datetime

from crossmatrix.catalog.models import Product
from crossmatrix.demo.services import journey, shop, steps
from crossmatrix.demo.services.people import add_people, give_suppliers

__all__ = ["load"]


def load(dataset: str, *, at: datetime, tell: Callable[[str], None] = lambda step: None) -> list[str]:
    """Load "shop", "journey" or "none" (people only); returns the steps that ran."""
    add_people(at=at)
    give_suppliers(at=at)  # for those whose companies are here already
    if Product.objects.exists() and not steps.done():
        return []  # somebody's own products: leave them alone
    chosen = {"shop": shop.STEPS, "journey": journey.STEPS, "none": {}}[dataset]
    if steps.done() and not set(chosen) & steps.done():
        return []  # another data set is here
    return steps.run(chosen, at=at, tell=tell)
