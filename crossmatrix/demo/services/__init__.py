"""Loads a data set: does nothing where data is, goes on where a load was interrupted."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from crossmatrix.catalog.models import Product
from crossmatrix.demo.services import steps
from crossmatrix.demo.services.people import add_people, give_suppliers

__all__ = ["load"]


def load(dataset: str, *, at: datetime, tell: Callable[[str], None] = lambda step: None) -> list[str]:
    """Load "shop", "journey" or "none" (people only); returns the steps that ran."""
    add_people(at=at)
    give_suppliers(at=at)  # for those whose companies are here already
    passed = steps.done()
    if Product.objects.exists() and not passed:
        return []  # somebody's own products: leave them alone
    chosen = steps.NAMES[dataset]
    if set(chosen) <= passed or (passed and not set(chosen) & passed):
        return []  # all of it, or another data set, is here
    does = import_module(f"crossmatrix.demo.services.{dataset}")  # seconds of loading, only where there is work
    return steps.run(dict(zip(chosen, does.STEPS, strict=True)), at=at, tell=tell)
