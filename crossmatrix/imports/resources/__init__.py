"""The columns of each kind of file, declared once as django-import-export resources.

Headers and their synonyms, validation, the staging table, the diff, the template and the export all follow from here.
"""

from crossmatrix.imports.resources.base import DeclaredResource, specs_of
from crossmatrix.imports.resources.events import ExposureResource
from crossmatrix.imports.resources.links import LinkResource
from crossmatrix.imports.resources.orders import OrderLineResource
from crossmatrix.imports.resources.products import ProductResource
from crossmatrix.imports.rules.columns import Unit
from crossmatrix.imports.rules.states import Kind

RESOURCES: dict[Kind, type[DeclaredResource]] = {
    Kind.CATALOG: ProductResource,
    Kind.MATRIX: LinkResource,
    Kind.ORDERS: OrderLineResource,
    Kind.EVENTS: ExposureResource,
}


def unit_of(kind: Kind) -> Unit:
    """The kind's columns as plain data."""
    return Unit(kind.value, specs_of(RESOURCES[kind]))


__all__ = [
    "RESOURCES",
    "DeclaredResource",
    "ExposureResource",
    "LinkResource",
    "OrderLineResource",
    "ProductResource",
    "specs_of",
    "unit_of",
]
