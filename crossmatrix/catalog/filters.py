"""What the product list can be narrowed by."""

from collections.abc import Mapping
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.forms import HiddenInput
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crossmatrix.catalog import selectors
from crossmatrix.catalog.models import Category, Product, Supplier
from crossmatrix.catalog.rules import (
    KIND_NAMES,
    PROBLEM_NAMES,
    STATUS_NAMES,
    STOCK_NAMES,
    Problem,
    StockState,
)

SUPPLIERS_LISTED = 200  # more do not fit a list one can use: then the supplier is chosen on the page of a product


def labelled(names: Mapping[str, str]) -> list[tuple[str, Any]]:
    """Choices of a form from marked words."""
    return [(str(value), _(word)) for value, word in names.items()]


class ProductFilter(filters.FilterSet):
    q = filters.CharFilter(method="by_text")
    category = filters.ModelChoiceFilter(queryset=Category.objects.order_by("full_name"), method="by_category")
    supplier = filters.ModelChoiceFilter(
        queryset=Supplier.objects.order_by("name"), label=_("Supplier"), empty_label=_("Supplier")
    )
    status = filters.ChoiceFilter(choices=labelled(STATUS_NAMES), label=_("Status"), empty_label=_("Status"))
    kind = filters.ChoiceFilter(choices=labelled(KIND_NAMES), label=_("Kind"), empty_label=_("Kind"))
    stock = filters.ChoiceFilter(
        choices=labelled(STOCK_NAMES), method="by_stock", label=_("Stock"), empty_label=_("Stock")
    )
    price_min = filters.NumberFilter(field_name="price", lookup_expr="gte", label=_("Price from"))
    price_max = filters.NumberFilter(field_name="price", lookup_expr="lte", label=_("Price to"))
    problem = filters.ChoiceFilter(
        choices=labelled(PROBLEM_NAMES), method="by_problem", label=_("Data"), empty_label=_("Data")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if Supplier.objects.all()[: SUPPLIERS_LISTED + 1].count() > SUPPLIERS_LISTED:
            self.form.fields["supplier"].widget = HiddenInput()

    class Meta:
        model = Product
        fields: list[str] = []

    def by_text(self, products: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        return selectors.search(products, value)

    def by_category(self, products: QuerySet[Product], _name: str, value: Category) -> QuerySet[Product]:
        return selectors.in_subtree(products, value)

    def by_stock(self, products: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        conditions: dict[str, dict[str, Any]] = {
            StockState.IN: {"stock__gt": 0},
            StockState.OUT: {"stock__lte": 0},
            StockState.NOT_COUNTED: {"stock__isnull": True},
        }
        return products.filter(**conditions[value])

    def by_problem(self, products: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        return selectors.with_problem(products, Problem(value), at=timezone.now())
