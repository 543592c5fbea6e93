"""Columns of the lists of pairs and slots."""

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from crossmatrix.matrix.models import Pair, Slot
from crossmatrix.ui.lists import NumberColumn, SelectColumn


def cell(name: str) -> str:
    return f"matrix/cells/_{name}.html"


class PairTable(tables.Table):
    """Pairs with their newest revision."""

    select = SelectColumn()
    main = tables.TemplateColumn(
        template_name=cell("product"),
        extra_context={"side": "main"},
        verbose_name=_("Main product"),
        order_by=("main__sku", "pk"),
    )
    companion = tables.TemplateColumn(
        template_name=cell("product"), extra_context={"side": "companion"}, verbose_name=_("Companion"),
        order_by=("companion__sku", "pk"),
    )  # fmt: skip
    reason = tables.TemplateColumn(template_name=cell("reason"), verbose_name=_("Reason"), orderable=False)
    state = tables.TemplateColumn(
        template_name=cell("state"), verbose_name=_("State"), order_by=("current__state", "pk")
    )
    rank = NumberColumn(accessor="current__rank", verbose_name=_("Rank"), default="—")
    ratio = tables.TemplateColumn(
        template_name=cell("ratio"), verbose_name=_("Price ratio"), order_by=("current__ratio", "pk"),
        attrs={"td": {"class": "n"}, "th": {"class": "n"}},
    )  # fmt: skip
    owner = tables.TemplateColumn(template_name=cell("owner"), verbose_name=_("Written by"), orderable=False)
    updated_at = tables.TemplateColumn(
        "{{ record.updated_at|ago }}", verbose_name=_("Changed"), order_by=("updated_at", "pk")
    )

    optional = ("rank", "owner", "updated_at")

    class Meta:
        model = Pair
        fields = ()
        sequence = ("select", "main", "companion", "reason", "state", "rank", "ratio", "owner", "updated_at")


class SlotTable(tables.Table):
    """Type-level cells."""

    main_category = tables.TemplateColumn(
        template_name=cell("slot"), verbose_name=_("Main category"), order_by=("main_category__full_name", "pk")
    )
    companion_category = tables.Column(
        accessor="companion_category__full_name",
        verbose_name=_("Companion category"),
        order_by=("companion_category__full_name", "pk"),
    )
    verdict = tables.TemplateColumn(
        template_name=cell("verdict"), verbose_name=_("Verdict"), order_by=("verdict", "pk")
    )
    reason = tables.TemplateColumn(template_name=cell("slot_reason"), verbose_name=_("Reason"), orderable=False)
    wanted = NumberColumn(verbose_name=_("Companions wanted"))
    updated_at = tables.TemplateColumn(
        "{{ record.updated_at|ago }}", verbose_name=_("Changed"), order_by=("updated_at", "pk")
    )

    class Meta:
        model = Slot
        fields = ()
        sequence = ("main_category", "companion_category", "verdict", "reason", "wanted", "updated_at")

    def render_wanted(self, value: int, record: Slot) -> Any:
        return value if record.verdict == "suitable" else "—"
