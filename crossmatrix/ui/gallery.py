"""What the gallery shows: made-up examples of every component in every state. No number here is anybody's."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2 import RequestConfig

from crossmatrix.ui.charts import Line, Part
from crossmatrix.ui.lists import Chip, NumberColumn, SelectColumn, choose_columns
from crossmatrix.ui.queue import Row, Section
from crossmatrix.ui.status import LOOKS

COLOURS = [
    "bg",
    "surface",
    "surface-2",
    "surface-3",
    "line",
    "line-2",
    "line-3",
    "text",
    "text-2",
    "text-3",
    "accent",
    "accent-soft",
    "accent-line",
    "ok",
    "ok-solid",
    "ok-soft",
    "warn",
    "warn-solid",
    "warn-soft",
    "bad",
    "bad-solid",
    "bad-soft",
    "info",
    "info-solid",
    "info-soft",
    "cat-1",
    "cat-2",
    "cat-3",
    "cat-4",
    "cat-5",
    "cat-6",
]
ICONS = [
    "grid",
    "box",
    "link",
    "weak",
    "import",
    "approve",
    "stamp",
    "chart",
    "store",
    "script",
    "search",
    "plus",
    "minus",
    "x",
    "check",
    "chev",
    "chevr",
    "chevl",
    "undo",
    "redo",
    "filter",
    "more",
    "drag",
    "cloud",
    "history",
    "comment",
    "warn",
    "info",
    "dense",
    "cosy",
    "panel",
    "download",
    "upload",
    "sun",
    "moon",
    "auto",
    "spark",
    "pin",
    "lock",
    "clock",
    "swap",
    "trash",
    "eye",
    "hide",
    "cart",
    "stock",
    "file",
    "keys",
    "bell",
    "sort",
    "cols",
    "bulb",
    "users",
    "user",
    "home",
    "inbox",
    "gift",
    "send",
    "layers",
    "gauge",
    "gear",
    "globe",
    "out",
    "key",
    "copy",
    "refresh",
    "calendar",
    "external",
    "list",
    "tree",
    "tag",
    "truck",
    "bolt",
    "pause",
    "play",
    "stop",
    "up",
    "down",
    "arrow",
    "print",
    "camera",
    "phone",
    "case",
    "glass",
    "cable",
    "charger",
    "buds",
    "power",
    "watch",
    "card",
    "car",
    "shield",
    "stand",
    "pad",
    "gimbal",
    "tablet",
    "pen",
    "keyboard",
    "console",
    "laptop",
    "tv",
    "disc",
    "mouse",
]
WEEKS = ("1.09", "8.09", "15.09", "22.09", "29.09", "6.10", "13.10", "20.10", "27.10", "3.11", "10.11", "17.11")
SHARES = (0.31, 0.30, 0.31, 0.29, 0.30, 0.29, 0.28, 0.25, 0.20, 0.17, 0.145, 0.14)


class ExampleForm(forms.Form):
    """Every kind of control."""

    q = forms.CharField(label=gettext_lazy("Product or article"), required=False)
    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As shoppers will read it"))
    price = forms.DecimalField(label=gettext_lazy("Price"), widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of link"),
        choices=[("required", gettext_lazy("required")), ("accessory", gettext_lazy("accessory"))],
    )
    offer = forms.CharField(label=gettext_lazy("Offer text"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    absent = forms.ChoiceField(
        label=gettext_lazy("Links that are not in the file"),
        choices=[("keep", gettext_lazy("Leave alone")), ("retire", gettext_lazy("Retire"))],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label=gettext_lazy("Tell the approver"), required=False)


class ExampleFilters(forms.Form):
    q = forms.CharField(label=gettext_lazy("Product or article"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("Status")), ("draft", gettext_lazy("Draft"))],
    )
    mine = forms.BooleanField(label=gettext_lazy("Mine"), required=False)


class ExampleTable(tables.Table):
    """A list with selection, sorting, figures and a choice of columns."""

    select = SelectColumn(accessor="sku")
    sku = tables.Column(verbose_name=gettext_lazy("Article"))
    name = tables.Column(verbose_name=gettext_lazy("Name"))
    share = NumberColumn(verbose_name=gettext_lazy("Share of orders"))
    price = NumberColumn(verbose_name=gettext_lazy("Price"))
    optional = ("share", "price")

    def render_share(self, value: float) -> str:
        from crossmatrix.ui.numbers import percent  # noqa: PLC0415 - only here

        return percent(value)


def example_line() -> Line:
    return Line(
        names=WEEKS,
        values=SHARES,
        low=[share - 0.05 for share in SHARES],
        high=[share + 0.05 for share in SHARES],
        bench=[0.29, 0.295, 0.288, 0.292, 0.29, 0.295, 0.29, 0.292, 0.288, 0.295, 0.292, 0.29],
        event_at=7,
        event=_("case replaced in the shop"),
        unit="percent",
        main_name=_("This pair"),
        bench_name=_("Similar products"),
        interval_name="95%",
    )


def example_sections() -> list[Section]:
    now = timezone.now()
    return [
        Section(
            title=_("Weak pairs"),
            icon="weak",
            count=23,
            url="#",
            rows=[
                Row(
                    "Novara X5 × Чехол-книжка",
                    "#",
                    _("share of orders fell"),
                    "31 → 14 %",
                    "bad",
                    "open",
                    now,
                    overdue=True,
                ),
                Row(
                    "Orbis 12 × Часы Watch 4",
                    "#",
                    _("companion is too dear"),
                    "0,77",
                    "warn",
                    "open",
                    now + timedelta(days=1),
                ),
            ],
        ),
        Section(title=_("Approvals"), icon="stamp", count=0, url="#"),
    ]


def gallery_page(request: HttpRequest) -> dict[str, Any]:
    """Context of ui/gallery.html."""
    now = timezone.now()
    rows = [
        {"sku": f"00{index}21", "name": f"Orbis {index}", "share": 0.46 / index, "price": Decimal(1290 * index)}
        for index in range(1, 9)
    ]
    table = ExampleTable(rows, order_by="sku")
    RequestConfig(request, paginate={"per_page": 3}).configure(table)
    choose_columns(request, table)
    return {
        "states": list(LOOKS),
        "colours": COLOURS,
        "icons": ICONS,
        "form": ExampleForm(),
        "wrong": ExampleForm({"name": "", "price": "дорого", "kind": "required", "absent": "keep"}),
        "filters": ExampleFilters({"q": "", "state": "draft"}),
        "chips": [Chip(_("Status"), _("Draft"), "#")],
        "table": table,
        "line": example_line(),
        "shares": [0.31, 0.33, 0.32, 0.35, 0.34, 0.37, 0.39, 0.38, 0.41, 0.43, 0.44, 0.46],
        "gaps": [0.2, 0.22, None, 0.19, 0.24],
        "parts": [
            Part("add", 312, "add"),
            Part("chg", 96, "chg"),
            Part("del", 14, "del"),
            Part("err", 1, "err"),
            Part("same", 815, "same"),
        ],
        "months": ("09", "10", "11"),
        "counts": (1200, 1900, 1460),
        "moments": [now, now - timedelta(minutes=5), now - timedelta(days=1), now - timedelta(days=400)],
        "sections": example_sections(),
    }
