"""Writing the catalog: one product by hand, the category tree, many rows at once."""

from crossmatrix.catalog.services.categories import (
    CategoryRefused,
    create_category,
    ensure_category_path,
    move_category,
)
from crossmatrix.catalog.services.products import (
    ProductRefused,
    StaleProduct,
    create_product,
    edit_product,
    ensure_supplier,
    retire_product,
)

__all__ = [
    "CategoryRefused",
    "ProductRefused",
    "StaleProduct",
    "create_category",
    "create_product",
    "edit_product",
    "ensure_category_path",
    "ensure_supplier",
    "move_category",
    "retire_product",
]
