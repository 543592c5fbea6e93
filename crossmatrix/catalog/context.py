"""What the catalog tells the frame of every page: products for the command menu."""

from django.http import HttpRequest
from django.urls import reverse

from crossmatrix.accounts.guards import person_of
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog import selectors
from crossmatrix.ui.commands import EACH, Found


def find_products(request: HttpRequest, query: str) -> list[Found]:
    """The person's products that fit, best first."""
    person = person_of(request)
    if not person.has_perm(Permission.PRODUCT_VIEW):
        return []
    found = selectors.ranked(selectors.search(selectors.products_for(person), query), query)[:EACH]
    return [Found(one.name, reverse("catalog:product", args=[one.pk]), one.sku, "box") for one in found]
