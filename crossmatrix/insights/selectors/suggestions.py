"""Suggestions for a main: what the orders say it is bought with, without what may not or cannot be offered."""

from typing import Any

from crossmatrix.catalog.models import Product
from crossmatrix.insights.selectors.candidates import candidates, worth
from crossmatrix.insights.selectors.sentences import why_suggested
from crossmatrix.lib.errors import N_, Refusal

SHOWN = 5


class UnknownMain(Refusal):
    code = "sku.unknown"
    sentence = N_("There is no product “%(sku)s”.")


def product_of(sku: str) -> Product:
    """The product with its category. Raises UnknownMain."""
    found = Product.objects.select_related("category").filter(sku=sku).first()
    if found is None:
        raise UnknownMain(sku=sku)
    return found


def suggest(*, main: Product, k: int = SHOWN) -> list[dict[str, Any]]:
    """Best first; never a pair marked not suitable or in the matrix already, the main itself, or what is out of stock."""
    found = [candidate.as_dict() for candidate in candidates([main], and_later=True)[main.pk] if worth(candidate.stat)]
    return [evidence | {"why": why_suggested(evidence)} for evidence in found[: max(0, k)]]
