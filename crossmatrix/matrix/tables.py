"""Columns of the lists of pairs and slots."""

from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crossmatrix.catalog.models import Product
from crossmatrix.matrix.models import Pair, Slot
from crossmatrix.matrix.rules import Verdict
from crossmatrix.matrix.templatetags.pairs import word
from crossmatrix.ui.lists import ChosenFirst, SelectColumn
from crossmatrix.ui.rows import WrittenColumn, markup, opens
from crossmatrix.ui.templatetags import ui


def product_cell(product: Product) -> SafeString:
    """Name, and below it the SKU and the category."""
    below = f"{product.sku} · {product.category.name}" if product.category else product.sku
    return markup('<span class="m trunc">{}</span><span class="xs t3 trunc">{}</span>', product.name, below)


def main_cell(pair: Pair) -> SafeString:
    """The main product; it opens the pair, the sign beside it all of the main's companions."""
    return markup(
        '<span class="row g6"><a class="cellp grow" href="{}">{}</a>'
        '<a class="btn ghost icon sm" href="{}" title="{}" aria-label="{}: {}">{}</a></span>',
        opens("matrix:pair", pair.pk), product_cell(pair.main), opens("matrix:product", pair.main_id),
        gettext("All companions"), gettext("All companions"), pair.main.name, ui.icon("box", "s14"),
    )  # fmt: skip


def companion_cell(pair: Pair) -> SafeString:
    return markup('<span class="cellp">{}</span>', product_cell(pair.companion))


def reason_cell(pair: Pair) -> str:
    """The reason with its kind; of "not suitable" why not."""
    if pair.verdict == Verdict.NOT_SUITABLE:
        return markup('<span class="cellp"><span class="trunc t2">{}</span></span>', pair.verdict_reason)
    return _reason(pair.current.reason, pair.current.kind) if pair.current else ""


def _reason(reason: str, kind: str) -> SafeString:
    return markup(
        '<span class="cellp"><span class="trunc">{}</span><span class="xs t3 trunc">{}</span></span>',
        reason,
        word(kind, "kind"),
    )


def state_cell(pair: Pair) -> str:
    """The newest state, and whether an older approved content stays in force."""
    if pair.verdict == Verdict.NOT_SUITABLE:
        return ui.status(Verdict.NOT_SUITABLE.value)
    if pair.current is None:
        return ""
    shown = ui.status(pair.current.state)
    if not pair.approved_id or pair.approved_id == pair.current_id:
        return shown
    return markup('{}<br><span class="xs t3">{}</span>', shown, gettext("an approved one is live"))


def rank_cell(pair: Pair) -> str:
    return str(pair.current.rank) if pair.current else "—"


def ratio_cell(pair: Pair) -> str:
    return ui.ratio(pair.current.ratio, pair.current.ratio_status) if pair.current else ""


def owner_cell(pair: Pair) -> str:
    if pair.current is None:
        return ""
    writer = pair.current.created_by
    return markup('<span class="row g6 nowrap who">{}<span>{}</span></span>', ui.avatar(writer, "s"), ui.person(writer))


class AgoColumn(WrittenColumn):
    """How long ago the row changed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(lambda record: ui.ago(record.updated_at), **kwargs)


STATE_ORDER = ("current__state", "current__submitted_at", "current_id")  # as the indexes of the revisions have them
RATIO_ORDER = ("current__ratio", "current_id")


class PairRows(ChosenFirst):
    """Pairs in the order of their newest revision are read from the index of that order, which only an inner join can use:
    first those that have the value, then the others."""

    def chosen(self, page: slice) -> list[int]:
        by = str(next(iter(self.data.query.order_by), "")).lstrip("-")
        if not by.startswith("current__"):
            return super().chosen(page)
        having = self.data.filter(**{f"{by}__isnull": False})
        ids: list[int] = list(having.values_list("pk", flat=True)[page])
        missing = page.stop - page.start - len(ids)
        if missing:
            before = max(0, page.start - having.order_by()[: page.stop].count())
            others = self.data.filter(**{f"{by}__isnull": True}).order_by("pk").values_list("pk", flat=True)
            ids += others[before : before + missing]
        return ids


class PairTable(tables.Table):
    """Pairs with their newest revision."""

    select = SelectColumn()
    main = WrittenColumn(main_cell, verbose_name=_("Main product"), order_by=("main__sku", "pk"))
    companion = WrittenColumn(companion_cell, verbose_name=_("Companion"), order_by=("companion__sku", "pk"))
    reason = WrittenColumn(reason_cell, verbose_name=_("Reason"), orderable=False)
    state = WrittenColumn(state_cell, verbose_name=_("State"), order_by=STATE_ORDER)
    rank = WrittenColumn(
        rank_cell, verbose_name=_("Rank"), order_by=("current__rank", "pk"),
        attrs={"td": {"class": "n num"}, "th": {"class": "n"}},
    )  # fmt: skip
    ratio = WrittenColumn(
        ratio_cell, verbose_name=_("Price ratio"), order_by=RATIO_ORDER,
        attrs={"td": {"class": "n"}, "th": {"class": "n"}},
    )  # fmt: skip
    owner = WrittenColumn(owner_cell, verbose_name=_("Written by"), orderable=False)
    updated_at = AgoColumn(verbose_name=_("Changed"), order_by=("updated_at", "pk"))

    optional = ("rank", "owner", "updated_at")

    class Meta:
        model = Pair
        fields = ()
        sequence = ("select", "main", "companion", "reason", "state", "rank", "ratio", "owner", "updated_at")


def slot_cell(slot: Slot) -> SafeString:
    return markup('<a class="m" href="{}">{}</a>', opens("matrix:slot", slot.pk), slot.main_category.full_name)


def verdict_cell(slot: Slot) -> SafeString:
    if slot.verdict == Verdict.NOT_SUITABLE:
        return ui.status(slot.verdict)
    return markup('<span class="stl">{}<span>{}</span></span>', ui.icon("check", "s14"), word(slot.verdict, "verdict"))


def slot_reason_cell(slot: Slot) -> SafeString:
    if slot.verdict == Verdict.SUITABLE:
        return _reason(slot.reason, slot.kind)
    return markup('<span class="cellp"><span class="trunc">{}</span></span>', slot.reason)


def wanted_cell(slot: Slot) -> str:
    return str(slot.wanted) if slot.verdict == Verdict.SUITABLE else "—"


class SlotTable(tables.Table):
    """Type-level cells."""

    main_category = WrittenColumn(
        slot_cell, verbose_name=_("Main category"), order_by=("main_category__full_name", "pk")
    )
    companion_category = WrittenColumn(
        lambda slot: slot.companion_category.full_name,
        verbose_name=_("Companion category"),
        order_by=("companion_category__full_name", "pk"),
    )
    verdict = WrittenColumn(verdict_cell, verbose_name=_("Verdict"), order_by=("verdict", "pk"))
    reason = WrittenColumn(slot_reason_cell, verbose_name=_("Reason"), orderable=False)
    wanted = WrittenColumn(
        wanted_cell, verbose_name=_("Companions wanted"), order_by=("wanted", "pk"),
        attrs={"td": {"class": "n num"}, "th": {"class": "n"}},
    )  # fmt: skip
    updated_at = AgoColumn(verbose_name=_("Changed"), order_by=("updated_at", "pk"))

    class Meta:
        model = Slot
        fields = ()
        sequence = ("main_category", "companion_category", "verdict", "reason", "wanted", "updated_at")
