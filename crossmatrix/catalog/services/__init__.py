"""Writing the catalog: one product by hand, the category tree, many rows at once."""

from crossmatrix.catalog.services.bulk import (
    AppliedProducts,
    PlannedProducts,
    UndoneProducts,
    apply_products,
    restore_products,
)
from crossmatrix.catalog.services.categories import (
    CategoryRefused,
    create_category,
    ensure_category_path,
    move_category,
)
from crossmatrix.catalog.services.faults import keep_faults
from crossmatrix.catalog.services.products import (
    ProductRefused,
    StaleProduct,
    create_product,
    edit_product,
    ensure_supplier,
    retire_product,
)

__all__ = [
    "AppliedProducts",
    "CategoryRefused",
    "PlannedProducts",
    "ProductRefused",
    "StaleProduct",
    "UndoneProducts",
    "apply_products",
    "create_category",
    "create_product",
    "edit_product",
    "ensure_category_path",
    "ensure_supplier",
    "keep_faults",
    "move_category",
    "restore_products",
    "retire_product",
]
