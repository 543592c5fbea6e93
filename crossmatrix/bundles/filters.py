"""What the lists can be narrowed by."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crossmatrix.bundles.models import Bundle
from crossmatrix.bundles.rules import BundleState
from crossmatrix.catalog.models import Product, Supplier
from crossmatrix.ui.status import LOOKS


def state_choices() -> list[tuple[str, Any]]:
    return [(state.value, _(LOOKS[state.value].label)) for state in BundleState]


def by_words(bundles: QuerySet[Bundle], _name: str, words: str) -> QuerySet[Bundle]:
    """Bundles whose name, or a product of theirs, has every word."""
    for word in words.split():
        items = Q(current__items__product__name__icontains=word) | Q(current__items__product__sku__istartswith=word)
        bundles = bundles.filter(pk__in=Bundle.objects.filter(Q(name__icontains=word) | items).values("pk"))
    return bundles


class ProposalFilter(filters.FilterSet):
    q = filters.CharFilter(method=by_words, label=_("Bundle, product, SKU"))
    state = filters.ChoiceFilter(
        field_name="current__state", choices=state_choices, label=_("Any state"), empty_label=_("Any state")
    )

    class Meta:
        model = Bundle
        fields: tuple[str, ...] = ()


class ReviewFilter(ProposalFilter):
    supplier = filters.ModelChoiceFilter(
        queryset=Supplier.objects.filter(bundles__isnull=False).distinct().order_by("name"),
        label=_("Any supplier"),
        empty_label=_("Any supplier"),
    )


class OwnProductFilter(filters.FilterSet):
    q = filters.CharFilter(method="by_words", label=_("Name, SKU or barcode"))

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()

    def by_words(self, products: QuerySet[Product], _name: str, words: str) -> QuerySet[Product]:
        for word in words.split():
            products = products.filter(Q(name__icontains=word) | Q(sku__istartswith=word) | Q(barcode=word))
        return products
