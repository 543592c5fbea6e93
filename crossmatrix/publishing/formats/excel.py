"""A workbook for people: one row for each link, what went, the bundles, and how to use it."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crossmatrix.lib.errors import N_
from crossmatrix.publishing.formats.base import File, Setting, by_main
from crossmatrix.publishing.rules import Document, Link, Problem, Severity

ROWS_OF_A_SHEET = 1_048_576
KINDS = {
    "required": N_("required"),
    "accessory": N_("accessory"),
    "theme": N_("by theme"),
    "seasonal": N_("seasonal"),
    "popular": N_("popular"),
    "impulse": N_("impulse"),
}
PLACES = {
    "product_page": N_("product page"),
    "cart": N_("cart"),
    "checkout": N_("checkout"),
    "after_purchase": N_("after purchase"),
    "store": N_("store"),
}
Cell = str | int | float | None
# heading, width in characters, how the cell is written
COLUMNS: tuple[tuple[str, int, str], ...] = (
    (N_("Product SKU"), 18, "text"),
    (N_("Product"), 40, "text"),
    (N_("Companion SKU"), 18, "text"),
    (N_("Companion"), 40, "text"),
    (N_("Rank"), 8, "number"),
    (N_("Kind of reason"), 16, "text"),
    (N_("Reason"), 40, "text"),
    (N_("Offer text"), 40, "text"),
    (N_("Places"), 24, "text"),
    (N_("Valid from"), 12, "text"),
    (N_("Valid to"), 12, "text"),
    (N_("Product price"), 14, "money"),
    (N_("Companion price"), 14, "money"),
    (N_("Price ratio"), 12, "ratio"),
    (N_("Approved by"), 20, "text"),
    (N_("Approved at"), 18, "text"),
    (N_("Revision"), 10, "number"),
)


class Excel:
    code = "excel"
    label = N_("Excel workbook")
    about = N_("A workbook for people: read it, filter it, send it; the import reads it back.")
    steps: tuple[str, ...] = (
        N_("One row is one companion of one product; the rank is its place in the list."),
        N_("Take SKUs as text: zeros in front belong to them."),
        N_("The sheet “Removed” lists the links that the release before had and this one has not."),
    )
    settings: tuple[Setting, ...] = (
        Setting("language", N_("Language of the headings"), "ru", (("ru", N_("Russian")), ("en", N_("English")))),
    )
    carries_bundles = True

    def preflight(self, links: Sequence[Link], settings: Mapping[str, Any]) -> list[Problem]:
        if len(links) < ROWS_OF_A_SHEET:
            return []
        too_many = N_("%(links)s links do not fit into one sheet of a workbook (%(rows)s rows).")
        advice = N_("Narrow the channel to one category, or choose another format.")
        values = {"links": len(links), "rows": ROWS_OF_A_SHEET}
        return [Problem("sheet_full", too_many, Severity.ERROR, "", "", advice, values)]

    def write(self, document: Document, settings: Mapping[str, Any]) -> list[File]:
        with translation.override(settings["language"]):
            return [(f"{document.channel}-{document.number}.xlsx", workbook(document, self.steps))]


def workbook(document: Document, steps: Sequence[str]) -> bytes:
    """The whole workbook in the active language. Every text is written as text, never as a formula, number or address."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        },
    )
    book.set_properties({"title": document.name, "created": timezone.make_naive(document.cut_at)})
    sheets = Sheets(book)
    sheets.table(_("Links"), COLUMNS, [_row(link) for links in by_main(document.links).values() for link in links])
    sheets.table(_("Removed"), (COLUMNS[0], COLUMNS[2]), [list(key) for key in sorted(document.removed)])
    sheets.table(_("Bundles"), BUNDLE_COLUMNS, [row for bundle in document.bundles for row in bundle_rows(bundle)])
    sheets.lines(_("How to use"), [*_about(document), "", *(_(step) for step in steps)])
    book.close()
    return out.getvalue()


class Sheets:
    """Writes sheets of one look: frozen bold heading, filter, widths."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.looks = {
            "text": book.add_format({"num_format": "@", "valign": "top"}),
            "number": book.add_format({"num_format": "0", "valign": "top"}),
            "money": book.add_format({"num_format": "#,##0.00", "valign": "top"}),
            "ratio": book.add_format({"num_format": "0.00", "valign": "top"}),
        }
        self.heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEF0F4"}
        )
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def table(self, name: str, columns: Sequence[tuple[str, int, str]], rows: Sequence[Sequence[Cell]]) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for at, (heading, width, kind) in enumerate(columns):
            sheet.set_column(at, at, width, self.looks[kind])
            sheet.write_string(0, at, _(heading), self.heading)
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        for line, row in enumerate(rows, start=1):
            for at, (value, (_heading, _width, kind)) in enumerate(zip(row, columns, strict=True)):
                if value is None or value == "":
                    continue
                if kind == "text":
                    sheet.write_string(line, at, str(value), self.looks[kind])
                else:
                    sheet.write_number(line, at, float(value), self.looks[kind])

    def lines(self, name: str, lines: Sequence[str]) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.set_column(0, 0, 100, self.wrapped)
        for at, line in enumerate(lines):
            sheet.write_string(at, 0, line, self.heading if at == 0 else self.wrapped)


def _row(link: Link) -> list[Cell]:
    context = link.context
    return [
        link.main_sku,
        context.get("main_name"),
        link.companion_sku,
        context.get("companion_name"),
        link.rank,
        _(KINDS.get(link.kind, link.kind)),
        link.reason,
        link.offer_text,
        ", ".join(_(PLACES.get(place, place)) for place in link.placements),
        link.valid_from.isoformat() if link.valid_from else None,
        link.valid_to.isoformat() if link.valid_to else None,
        context.get("main_price"),
        context.get("companion_price"),
        context.get("ratio"),
        context.get("approved_by"),
        context.get("approved_at"),
        link.revision,
    ]


def _about(document: Document) -> list[str]:
    return [
        document.name,
        _("Release %(number)s of %(day)s") % {
            "number": document.number, "day": timezone.localtime(document.cut_at).strftime("%d.%m.%Y %H:%M"),
        },
        _("Links: %(links)s") % {"links": len(document.links)},
        f"SHA-256: {document.sha256}",
    ]  # fmt: skip


BUNDLE_COLUMNS: tuple[tuple[str, int, str], ...] = (
    (N_("Bundle"), 40, "text"),
    (N_("Bundle price"), 14, "money"),
    (N_("Currency"), 10, "text"),
    (N_("Valid from"), 12, "text"),
    (N_("Valid to"), 12, "text"),
    (N_("Item SKU"), 18, "text"),
    (N_("Quantity"), 10, "number"),
)


def bundle_rows(bundle: Mapping[str, Any]) -> list[list[Cell]]:
    """A row for each item; what a bundle does not tell stays empty."""
    return [
        [
            bundle.get("name"), _number(bundle.get("price")), bundle.get("currency"), bundle.get("valid_from"),
            bundle.get("valid_to"), item.get("sku"), item.get("quantity"),
        ]
        for item in bundle.get("items", [])
    ]  # fmt: skip


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
