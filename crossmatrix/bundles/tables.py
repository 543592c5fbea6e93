"""Columns of the lists."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crossmatrix.bundles.formats import day
from crossmatrix.bundles.models import Bundle
from crossmatrix.bundles.rules import NEXT_STEPS, BundleState
from crossmatrix.catalog.models import Product
from crossmatrix.ui import numbers
from crossmatrix.ui.lists import NumberColumn
from crossmatrix.ui.templatetags.ui import ago, status


class BundleColumns(tables.Table):
    """What both sides see of a bundle; `opens` is the page of a row."""

    opens = ""
    name = tables.Column(verbose_name=_("Bundle"), order_by=("name", "pk"))
    state = tables.Column(verbose_name=_("State"), accessor="current__state", order_by=("current__state", "pk"))
    price = NumberColumn(
        verbose_name=_("Price"), accessor="current__bundle_price", order_by=("current__bundle_price", "pk")
    )
    saving = NumberColumn(verbose_name=_("Saving"), empty_values=(), orderable=False)
    term = tables.Column(verbose_name=_("Term"), empty_values=(), order_by=("current__valid_from", "pk"))

    def render_name(self, record: Bundle) -> SafeString:
        return format_html(
            '<a class="m" href="{}">{}</a><span class="xs t3 bd-sub">{}</span>',
            reverse(self.opens, args=[record.public_id]),
            record.name or gettext("Without a name"),
            self.below(record),
        )

    def below(self, record: Bundle) -> str:
        count: Any = getattr(record, "item_count", 0)
        return gettext("Products: %(count)d") % {"count": count}

    def render_state(self, value: str) -> SafeString:
        return status(value)

    def render_price(self, value: Any, record: Bundle) -> str:
        return numbers.money(value, record.current.currency if record.current else "RUB")

    def render_saving(self, record: Bundle) -> str:
        revision = record.current
        if revision is None or revision.bundle_price is None or not revision.regular_price:
            return numbers.NONE
        return numbers.percent(1 - revision.bundle_price / revision.regular_price)

    def render_term(self, record: Bundle) -> str:
        revision = record.current
        if revision is None or (revision.valid_from is None and revision.valid_to is None):
            return numbers.NONE
        return f"{day(revision.valid_from)} – {day(revision.valid_to)}"


class ReviewTable(BundleColumns):
    opens = "bundles:review"
    due = tables.Column(verbose_name=_("Due"), accessor="current__due_at", order_by=("current__due_at", "pk"))
    supplier = tables.Column(verbose_name=_("Supplier"), order_by=("supplier__name", "pk"))

    class Meta:
        model = Bundle
        fields: tuple[str, ...] = ()
        sequence = ("name", "supplier", "state", "price", "saving", "term", "due")

    def render_due(self, value: datetime) -> Any:
        return when(value)


class ProposalTable(BundleColumns):
    opens = "portal:bundle"
    step = tables.Column(
        verbose_name=_("Next step"), empty_values=(), orderable=False, attrs={"td": {"class": "bd-wide-cell"}}
    )

    class Meta:
        model = Bundle
        attrs = {"class": "bd-rows"}
        fields: tuple[str, ...] = ()
        sequence = ("name", "state", "step", "price", "saving", "term")

    def render_step(self, record: Bundle) -> SafeString:
        revision = record.current
        state = BundleState(revision.state) if revision else BundleState.DRAFT
        words = gettext(NEXT_STEPS[state])
        if revision is None or revision.due_at is None:
            return format_html('<span class="bd-step">{}</span>', words)
        return format_html(
            '<span class="bd-step">{}</span><span class="xs t3">{} {}</span>',
            words,
            gettext("Until"),
            when(revision.due_at),
        )


def when(due_at: datetime) -> SafeString | str:
    """The moment by which somebody answers, and a word when it has gone by."""
    if due_at > timezone.now():
        return ago(due_at)
    return format_html('<span class="bad-t">{} · {}</span>', ago(due_at), gettext("overdue"))


class OwnProductTable(tables.Table):
    name = tables.Column(verbose_name=_("Product"), order_by=("name", "pk"))
    sku = tables.Column(verbose_name=_("SKU"))
    category = tables.Column(verbose_name=_("Category"), order_by=("category__full_name", "pk"))
    price = NumberColumn(verbose_name=_("Price"), order_by=("price", "pk"))
    stock = NumberColumn(verbose_name=_("In stock, pcs"), order_by=("stock", "pk"))

    class Meta:
        model = Product
        attrs = {"class": "bd-rows"}
        fields: tuple[str, ...] = ()

    def render_price(self, value: Any, record: Product) -> str:
        return numbers.money(value, record.currency)

    def render_stock(self, value: Any) -> str:
        return numbers.plain(value)
