"""Columns of the lists of pairs and slots."""

from typing import Any

import django_tables2 as tables
from django.template.loader import get_template
from django.utils.translation import gettext_lazy as _

from crossmatrix.matrix.models import Pair, Slot
from crossmatrix.ui.lists import NumberColumn, SelectColumn
from crossmatrix.ui.templatetags.ui import ago


def cell(name: str) -> str:
    return f"matrix/cells/_{name}.html"


class CellColumn(tables.TemplateColumn):
    """A cell from a template that needs nothing of the page: with the request every cell of every row would run all
    context processors anew."""

    def render(self, record: Any, table: Any, value: Any, bound_column: Any, **kwargs: Any) -> Any:
        context = self.get_context_data(record=record, table=table, value=value, bound_column=bound_column, **kwargs)
        return get_template(self.template_name).render(context)


class AgoColumn(tables.Column):
    """How long ago."""

    def render(self, value: Any) -> Any:
        return ago(value)


class PairTable(tables.Table):
    """Pairs with their newest revision."""

    select = SelectColumn()
    main = CellColumn(
        template_name=cell("product"),
        extra_context={"side": "main"},
        verbose_name=_("Main product"),
        order_by=("main__sku", "pk"),
    )
    companion = CellColumn(
        template_name=cell("product"), extra_context={"side": "companion"}, verbose_name=_("Companion"),
        order_by=("companion__sku", "pk"),
    )  # fmt: skip
    reason = CellColumn(template_name=cell("reason"), verbose_name=_("Reason"), orderable=False)
    state = CellColumn(template_name=cell("state"), verbose_name=_("State"), order_by=("current__state", "pk"))
    rank = NumberColumn(accessor="current__rank", verbose_name=_("Rank"), default="—")
    ratio = CellColumn(
        template_name=cell("ratio"), verbose_name=_("Price ratio"), order_by=("current__ratio", "pk"),
        attrs={"td": {"class": "n"}, "th": {"class": "n"}},
    )  # fmt: skip
    owner = CellColumn(template_name=cell("owner"), verbose_name=_("Written by"), orderable=False)
    updated_at = AgoColumn(verbose_name=_("Changed"), order_by=("updated_at", "pk"))

    optional = ("rank", "owner", "updated_at")

    class Meta:
        model = Pair
        fields = ()
        sequence = ("select", "main", "companion", "reason", "state", "rank", "ratio", "owner", "updated_at")


class SlotTable(tables.Table):
    """Type-level cells."""

    main_category = CellColumn(
        template_name=cell("slot"), verbose_name=_("Main category"), order_by=("main_category__full_name", "pk")
    )
    companion_category = tables.Column(
        accessor="companion_category__full_name",
        verbose_name=_("Companion category"),
        order_by=("companion_category__full_name", "pk"),
    )
    verdict = CellColumn(template_name=cell("verdict"), verbose_name=_("Verdict"), order_by=("verdict", "pk"))
    reason = CellColumn(template_name=cell("slot_reason"), verbose_name=_("Reason"), orderable=False)
    wanted = NumberColumn(verbose_name=_("Companions wanted"))
    updated_at = AgoColumn(verbose_name=_("Changed"), order_by=("updated_at", "pk"))

    class Meta:
        model = Slot
        fields = ()
        sequence = ("main_category", "companion_category", "verdict", "reason", "wanted", "updated_at")

    def render_wanted(self, value: int, record: Slot) -> Any:
        return value if record.verdict == "suitable" else "—"
