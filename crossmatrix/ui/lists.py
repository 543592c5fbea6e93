"""The list kit: one way to filter, sort, page, choose columns and select rows.

    def products(request):
        filters = ProductFilter(request.GET, queryset=selectors.products_for(person_of(request)))
        return list_page(request, "catalog/products.html", table=ProductTable(filters.qs), filters=filters)

The page template extends "ui/list.html" and fills its blocks. htmx asks the same address and gets only the list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_tables2 as tables
from django import forms
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django_tables2 import RequestConfig
from django_tables2.data import TableQuerysetData

from crossmatrix.ui.htmx import wants_part

PAGE = 50
CAP = 10_000  # a list says "more than 10 000" instead of counting on
SURELY = 2  # a number that is a minute old and this many times the cap is above it still
SEARCH = "q"  # name of the search field, shown first and wide
COLUMNS_YEAR = 365 * 24 * 3600


class SelectColumn(tables.Column):
    """A box in each row, posted as `row` by the form with id "bulk"; the box in the header selects the page."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"td": {"class": "sel"}, "th": {"class": "sel"}}
        super().__init__(
            **{"accessor": "pk", "orderable": False, "attrs": attrs, "exclude_from_export": True, **kwargs}
        )

    @property
    def header(self) -> SafeString:
        return format_html(
            '<input type="checkbox" class="check" data-select-all aria-label="{}">',
            gettext("Select all rows of this page"),
        )

    def write(self, record: Any) -> SafeString:
        return format_html(
            '<input type="checkbox" class="check" name="row" value="{}" form="bulk" data-select-row aria-label="{}">',
            self.accessor.resolve(record),
            gettext("Select %(row)s") % {"row": record},
        )

    def render(self, record: Any) -> SafeString:
        return self.write(record)


class NumberColumn(tables.Column):
    """Figures: to the right, all digits of one width."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"td": {"class": "n num"}, "th": {"class": "n"}}
        super().__init__(**{"attrs": attrs, **kwargs})


class ChosenFirst(TableQuerysetData):
    """A table whose page is chosen by its ids alone and then joined: to sort or search a long list, a database joins every
    row that it looks at. `rows` reads the rows of the page, without the filters. `at_least`: how many there surely are,
    known without counting; `cap`: where counting ends."""

    def __init__(self, found: QuerySet[Any], *, rows: QuerySet[Any], at_least: int = 0, cap: int = CAP) -> None:
        super().__init__(found)
        self.rows, self.at_least, self.cap = rows, at_least, cap

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            return super().__getitem__(key)
        chosen = self.chosen(key)
        by_pk = self.rows.order_by().in_bulk(chosen)
        return [by_pk[pk] for pk in chosen if pk in by_pk]  # one that went meanwhile leaves its place empty

    def chosen(self, page: slice) -> list[Any]:
        """Ids of the page, in its order."""
        return list(self.data.values_list("pk", flat=True)[page])


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # only the stubs make it generic
    """Pages of a table that is counted no further than CAP rows: an exact count reads every row that fits."""

    @cached_property
    def source(self) -> Any:
        """What the table was made of."""
        return getattr(self.object_list, "data", None)

    @property
    def cap(self) -> int:
        return getattr(self.source, "cap", CAP)

    @cached_property
    def found(self) -> int:
        """How many rows, counted up to the cap + 1."""
        if getattr(self.source, "at_least", 0) > SURELY * self.cap:
            return self.cap + 1
        asked = getattr(self.source, "data", None)
        return asked.order_by()[: self.cap + 1].count() if isinstance(asked, QuerySet) else len(self.object_list)

    @cached_property
    def count(self) -> int:
        return min(self.found, self.cap)

    @property
    def capped(self) -> bool:
        return self.found > self.cap


@dataclass(frozen=True)
class Choice:
    name: str
    label: str
    shown: bool


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    label: str
    value: str
    url: str


def cookie_of(table: tables.Table) -> str:
    return f"columns-{type(table).__name__.lower()}"


def choose_columns(request: HttpRequest, table: tables.Table) -> list[str] | None:
    """Hide what the person does not want to see. Returns the wanted names when they were just chosen, to be kept.

    A table offers the choice by `optional = ("cost", "brand")` and starts with `hidden = ("cost",)` out of sight.
    """
    optional: tuple[str, ...] = getattr(table, "optional", ())
    if not optional:
        return None
    chosen = request.GET.getlist("columns") if "columns" in request.GET else None
    kept = request.COOKIES.get(cookie_of(table))
    if chosen is not None:
        shown = [name for name in optional if name in chosen]
    elif kept is not None:
        shown = [name for name in optional if name in kept.split(".")]
    else:
        shown = [name for name in optional if name not in getattr(table, "hidden", ())]
    for name in optional:
        if name not in shown:
            table.columns.hide(name)
    labels = {name: str(column.header) for name, column in table.columns.items()}
    table.column_choices = [Choice(name, labels[name], name in shown) for name in optional]
    return shown if chosen is not None else None


def chips(request: HttpRequest, form: forms.Form | forms.BaseForm | None) -> list[Chip]:
    """The filters that are on, in the form's order; the search field shows itself and is left out."""
    if form is None or not form.is_valid():
        return []
    found = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if name == SEARCH or value in (None, "", [], False) or (hasattr(value, "exists") and not value.exists()):
            continue
        query = request.GET.copy()
        for key in [name, "page", *(key for key in query if key.startswith(f"{name}_"))]:
            query.pop(key, None)
        label = str(field.label or name)
        found.append(Chip(label, "" if value is True else worded(field, value), f"?{query.urlencode()}"))
    return found


def worded(field: forms.Field, value: Any) -> str:
    """A filter's value as the person chose it."""
    if isinstance(value, slice):
        return f"{value.start or '…'}–{value.stop or '…'}"
    if isinstance(value, (list, tuple)) or hasattr(value, "iterator"):
        return ", ".join(worded(field, one) for one in value)
    if isinstance(value, Model):
        return str(value)
    choices: Iterable[Any] = getattr(field, "choices", ())
    return next((str(text) for key, text in choices if str(key) == str(value)), str(value))


def list_page(
    request: HttpRequest,
    template: str,
    *,
    table: tables.Table,
    filters: Any = None,
    per_page: int = PAGE,
    **context: Any,
) -> HttpResponse:
    """The page with the list, or the list alone when htmx asks. The table is sorted and paged here.

    `filters`: a django-filter FilterSet.
    """
    paging = {"per_page": per_page, "silent": True, "paginator_class": CappedPaginator}
    RequestConfig(request, paginate=paging).configure(table)
    chosen = choose_columns(request, table)
    form = filters.form if filters is not None else None
    page = {
        "table": table,
        "filters": form,
        "chips": chips(request, form),
        "list_id": "list",
        "filtered": any(value for name, value in request.GET.items() if name not in {"sort", "page", "columns"}),
        **context,
    }
    if wants_part(request):
        page["base"] = "ui/_part.html"
    response = render(request, template, page)
    patch_vary_headers(response, ["HX-Request"])  # one address, two answers
    if chosen is not None:
        response.set_cookie(cookie_of(table), ".".join(chosen), max_age=COLUMNS_YEAR, samesite="Lax")
    return response
