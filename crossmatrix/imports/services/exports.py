"""Workbooks that are filled in or corrected in Excel and come back: an empty one of each kind, and the catalog as it is."""

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.db.models import F, Func, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from crossmatrix.catalog.models import Product
from crossmatrix.imports.resources import unit_of
from crossmatrix.imports.rules.specs import ColumnSpec
from crossmatrix.imports.rules.states import Kind
from crossmatrix.lib.errors import N_, Refusal

CATALOG_ROWS = 50_000  # about seven seconds of work
ATTRIBUTES = 100  # columns for attributes; a workbook with more is no longer read by people
LAST_ROW = 1_048_575
FORMULA_STARTS = tuple("=+-@\t\r|")  # Excel would take such a text for a formula as soon as somebody edits its cell


class TooManyProducts(Refusal):
    code = "export.too_many"
    sentence = N_("%(found)s products are too many for one workbook: narrow the list to at most %(limit)s.")


def template_workbook(*, kind: Kind) -> bytes:
    """An empty workbook of the kind: headers we recognise, an example row, notes on what is required and what words mean."""
    specs = unit_of(kind).specs
    out = io.BytesIO()
    with _book(out) as book:
        sheet = _data_sheet(book, specs)
        for column, spec in enumerate(specs):
            sheet.write_string(1, column, spec.example)
        _how_to(book, specs)
    return out.getvalue()


def catalog_workbook(*, products: QuerySet[Product], costs: bool) -> bytes:
    """The products as a workbook that imports without a change; purchase prices only with `costs`. Raises TooManyProducts."""
    found = products.count()
    if found > CATALOG_ROWS:
        raise TooManyProducts(found=found, limit=CATALOG_ROWS)
    specs = [spec for spec in unit_of(Kind.CATALOG).specs if costs or spec.name != "cost"]
    attributes = _attributes_of(products)
    words = {spec.name: _first_words(spec.params["words"]) for spec in specs if "words" in spec.params}
    out = io.BytesIO()
    with _book(out, constant_memory=True) as book:
        sheet = _data_sheet(book, specs, [f"attr: {name}" for name in attributes])
        guard = book.add_format({"quote_prefix": True})
        for row, product in enumerate(products.iterator(chunk_size=2000), start=1):
            values = [_value(product, spec.name, words) for spec in specs]
            values += [product.attributes.get(name) for name in attributes]
            for column, value in enumerate(values):
                if isinstance(value, str) and value:
                    sheet.write_string(row, column, value, guard if value.startswith(FORMULA_STARTS) else None)
                elif isinstance(value, (int, Decimal)):
                    sheet.write_number(row, column, value)
        _how_to(book, specs)
    return out.getvalue()


def _value(product: Product, name: str, words: Mapping[str, Mapping[str, str]]) -> Any:
    """What stands in a cell; None leaves it empty."""
    if name == "category":
        return product.category.full_name if product.category else None
    if name == "supplier":
        return product.supplier.name if product.supplier else None
    value = getattr(product, name)
    return words[name].get(value, value) if name in words else value


def _attributes_of(products: QuerySet[Product]) -> list[str]:
    """Names of the attributes that the products have as text, by name."""
    keys = Func(F("attributes"), function="jsonb_object_keys")
    keys.set_returning = True
    named = products.order_by().annotate(attribute=keys).values_list("attribute", flat=True).distinct()
    return sorted(named)[:ATTRIBUTES]


@contextmanager
def _book(out: io.BytesIO, **options: Any) -> Any:
    """A workbook in which text is never taken for a number, a formula or a link."""
    plain = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, {"in_memory": True, **plain, **options}) as book:
        yield book


def _data_sheet(book: xlsxwriter.Workbook, specs: Sequence[ColumnSpec], more: Iterable[str] = ()) -> Worksheet:
    """The sheet to fill in: frozen headers with filters, widths, text columns, a list to choose from where one is expected."""
    head = book.add_format({"bold": True, "bg_color": "#ECEEF6", "bottom": 1})
    text, money = book.add_format({"num_format": "@"}), book.add_format({"num_format": "#,##0.00"})
    looks = {"code": text, "barcode": text, "money": money}
    sheet = book.add_worksheet(_("Data"))
    sheet.freeze_panes(1, 1)
    for column, spec in enumerate(specs):
        sheet.set_column(column, column, spec.width, looks.get(spec.parser))
        sheet.write_string(0, column, _(spec.title) + (" *" if spec.required else ""), head)
        if words := spec.params.get("words"):
            chosen = {"validate": "list", "source": list(_first_words(words).values()), "error_type": "warning"}
            sheet.data_validation(1, column, LAST_ROW, column, chosen)
    last = len(specs) - 1
    for last, title in enumerate(more, start=len(specs)):
        sheet.set_column(last, last, 16)
        sheet.write_string(0, last, title, head)
    sheet.autofilter(0, 0, 0, last)
    return sheet


def _how_to(book: xlsxwriter.Workbook, specs: Sequence[ColumnSpec]) -> None:
    """A sheet that says what columns, empty cells and absent rows mean, and by which names columns are recognised."""
    notes = book.add_worksheet(_("How to fill in"))
    notes.set_column(0, 0, 28)
    notes.set_column(1, 1, 90)
    rules = (
        _("Columns with * are required. Others may be left out: a column that is absent changes nothing."),
        _("An empty cell changes nothing. Write “clear” into a cell to empty a value."),
        _("Rows that are absent change nothing unless you choose otherwise before applying."),
    )
    for line, rule in enumerate(rules):
        notes.write_string(line, 0, rule)
    for line, spec in enumerate(specs, start=len(rules) + 1):
        notes.write_string(line, 0, _(spec.title) + (" *" if spec.required else ""))
        notes.write_string(line, 1, " · ".join(spec.aliases[:8]))


def _first_words(words: Mapping[str, str]) -> dict[str, str]:
    """Stored value → the word to write for it: the first Russian one, or the value itself on an English page."""
    if get_language() != "ru":
        return {meaning: meaning for meaning in words.values()}
    first: dict[str, str] = {}
    for word, meaning in words.items():
        if word != meaning and len(word) > 1:
            first.setdefault(meaning, word)
    return first
