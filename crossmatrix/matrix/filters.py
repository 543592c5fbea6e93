"""What the lists of pairs and slots can be narrowed by."""

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crossmatrix.accounts.models import User
from crossmatrix.catalog.models import Category, Product
from crossmatrix.catalog.selectors import search, text_query
from crossmatrix.matrix.models import Matrix, Pair, Slot
from crossmatrix.matrix.rules.names import KIND_NAMES, RATIO_NAMES, STATE_NAMES, VERDICT_NAMES
from crossmatrix.matrix.templatetags.pairs import labelled

FEW = 2000  # products that a search names one by one


class PairFilter(filters.FilterSet):
    q = filters.CharFilter(method="by_text", label=_("Product, companion or SKU"))
    state = filters.ChoiceFilter(choices=labelled(STATE_NAMES), field_name="current__state", label=_("State"))
    verdict = filters.ChoiceFilter(choices=labelled(VERDICT_NAMES), label=_("Verdict"))
    ratio = filters.ChoiceFilter(
        choices=labelled(RATIO_NAMES), field_name="current__ratio_status", label=_("Price ratio")
    )
    kind = filters.ChoiceFilter(choices=labelled(KIND_NAMES), field_name="current__kind", label=_("Kind of reason"))
    category = filters.ModelChoiceFilter(
        queryset=Category.objects.order_by("full_name"), method="by_category", label=_("Category")
    )
    owner = filters.ModelChoiceFilter(
        queryset=User.objects.filter(is_active=True, memberships__supplier__isnull=True)
        .distinct()
        .order_by("name", "pk"),
        field_name="current__created_by",
        label=_("Written by"),
    )

    class Meta:
        model = Pair
        fields: list[str] = []

    def by_text(self, pairs: QuerySet[Pair], _name: str, value: str) -> QuerySet[Pair]:
        found = list(search(Product.objects.order_by(), value).values_list("pk", flat=True)[: FEW + 1])
        if len(found) <= FEW:
            return pairs.filter(Q(main__in=found) | Q(companion__in=found))
        said, query = value.strip(), text_query(value)  # words of many products: pairs are looked at until enough fit
        either = Q()
        for side in ("main", "companion"):
            either |= Q(**{f"{side}__search": query}) | Q(**{f"{side}__sku__startswith": said})
            either |= Q(**{f"{side}__sku__startswith": said.upper()})
        return pairs.filter(either)

    def by_category(self, pairs: QuerySet[Pair], _name: str, value: Category) -> QuerySet[Pair]:
        return pairs.filter(main__category__path__startswith=value.path)


class SlotFilter(filters.FilterSet):
    q = filters.CharFilter(method="by_text", label=_("Category or reason"))
    matrix = filters.ModelChoiceFilter(
        queryset=Matrix.objects.select_related("mains", "companions").order_by("name"),
        method="by_matrix",
        label=_("Matrix"),
    )
    verdict = filters.ChoiceFilter(choices=labelled(VERDICT_NAMES), label=_("Verdict"))
    kind = filters.ChoiceFilter(choices=labelled(KIND_NAMES), label=_("Kind of reason"))

    class Meta:
        model = Slot
        fields: list[str] = []

    def by_text(self, slots: QuerySet[Slot], _name: str, value: str) -> QuerySet[Slot]:
        return slots.filter(
            Q(main_category__full_name__icontains=value)
            | Q(companion_category__full_name__icontains=value)
            | Q(reason__icontains=value)
        )

    def by_matrix(self, slots: QuerySet[Slot], _name: str, value: Matrix) -> QuerySet[Slot]:
        slots = slots.filter(main_category__path__startswith=value.mains.path)
        if value.companions is not None:
            slots = slots.filter(companion_category__path__startswith=value.companions.path)
        return slots
