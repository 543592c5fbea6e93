"""WooCommerce product CSV: updates the cross-sells (and, if wanted, the upsells) of products that are there.

How the importer reads the cells, from its source: values are split at commas, `\\,` is a comma inside a value, every
value is trimmed, `id:5` is product number 5, an empty value or "0" is dropped, and an unknown SKU *creates* a product
named "Import placeholder for …". An empty cell clears the list. Relative cells are not un-escaped, so a leading
apostrophe against spreadsheet formulas would become part of the SKU.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crossmatrix.lib.errors import N_
from crossmatrix.matrix.rules import Placement, ReasonKind
from crossmatrix.publishing.formats.base import File, Setting, by_main
from crossmatrix.publishing.rules import Document, Link, Problem, Severity

SEPARATOR_WORD = "::separator::"  # the importer's own mark for a comma inside a value
LOOKS_LIKE_ID = re.compile(r"id:\d+")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CLEANED_AWAY = re.compile(r"<|%[0-9a-fA-F]{2}")  # sanitize_text_field() changes the SKU column
ODD_BLANKS = re.compile(r"[^\S ]|  |^[ \0\x0b]|[ \0\x0b]$")  # trimmed, or joined into one, on the way

TRAPS: dict[str, tuple[str, str]] = {
    "sku_zero": (
        N_("WooCommerce drops the SKU “0” from lists without a word."),
        N_("Give the product another SKU."),
    ),
    "sku_like_id": (
        N_("WooCommerce reads “%(sku)s” as the number of a product, not as its SKU, and links a wrong product."),
        N_("Give the product another SKU."),
    ),
    "sku_formula": (
        N_("“%(sku)s” begins with a sign that spreadsheets take for a formula, and WooCommerce cannot read it quoted."),
        N_("Give the product a SKU that begins with a letter or a figure."),
    ),
    "sku_backslash": (
        N_("“%(sku)s” ends with a backslash, which would swallow the comma after it."),
        N_("Give the product another SKU."),
    ),
    "sku_separator": (
        N_("“%(sku)s” contains the mark that WooCommerce uses for a comma inside a value."),
        N_("Give the product another SKU."),
    ),
    "sku_blanks": (
        N_("WooCommerce trims and joins the blanks in “%(sku)s” and would not find the product."),
        N_("Take the extra blanks out of the SKU."),
    ),
    "sku_cleaned": (
        N_("WooCommerce removes “<” and “%%20”-like signs from the SKU “%(sku)s” and would not find the product."),
        N_("Give the product another SKU."),
    ),
    "sku_same": (
        N_("WooCommerce does not tell “%(sku)s” from “%(other)s” and could link the wrong one."),
        N_("Give one of the two products another SKU."),
    ),
}


def trap(sku: str, *, as_main: bool) -> str:
    """Code of the trap that this SKU would fall into; "" when the importer reads it as it is."""
    checks: tuple[tuple[bool, str], ...] = (
        (sku == "0", "sku_zero"),
        (bool(LOOKS_LIKE_ID.fullmatch(sku)) and not as_main, "sku_like_id"),
        (sku.startswith(FORMULA_STARTS), "sku_formula"),
        (sku.endswith("\\") and not as_main, "sku_backslash"),
        (SEPARATOR_WORD in sku and not as_main, "sku_separator"),
        (bool(ODD_BLANKS.search(sku)), "sku_blanks"),
        (as_main and bool(CLEANED_AWAY.search(sku)), "sku_cleaned"),
    )
    return next((code for falls, code in checks if falls), "")


def as_compared(sku: str) -> str:
    """The SKU as MySQL's usual collation compares it: without case, accents and blanks at the end."""
    if sku.isascii():
        return sku.casefold().rstrip()
    plain = unicodedata.normalize("NFKD", sku.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).rstrip()


def shown_on_card(link: Link, upsells: str) -> bool:
    """Whether the link goes into the Upsells column, the list that WooCommerce shows on the product page."""
    if upsells == "required":
        return link.kind == ReasonKind.REQUIRED
    return upsells == "product_page" and (not link.placements or Placement.PRODUCT_PAGE.value in link.placements)


def in_cart(link: Link, upsells: str) -> bool:
    """Whether the link goes into the Cross-sells column, the list that WooCommerce shows in the cart.

    A link meant for the product page alone stays out of the cart only when the Upsells column has it.
    """
    only_card = link.placements == (Placement.PRODUCT_PAGE.value,)
    return not (only_card and shown_on_card(link, upsells))


def cell(skus: Iterable[str]) -> str:
    """A list as the importer splits it again."""
    return ", ".join(sku.replace(",", "\\,") for sku in skus)


class WooCommerce:
    code = "woocommerce"
    label = N_("WooCommerce CSV")
    about = N_("A CSV file for the product importer of WooCommerce; it replaces the lists of cross-sells.")
    steps: tuple[str, ...] = (
        N_("In WordPress open Products → Import and choose the file."),
        N_("Tick “Update existing products” — without it WooCommerce skips every row."),
        N_("Check that SKU, Cross-sells and Upsells are recognised, then run the import."),
        N_("Every companion must exist in the shop: for an unknown SKU WooCommerce creates an empty product."),
    )
    settings: tuple[Setting, ...] = (
        Setting(
            "upsells",
            N_("Upsells (list on the product page)"),
            "untouched",
            (
                ("untouched", N_("Leave the shop's own list alone")),
                ("required", N_("Only what is required to use the product")),
                ("product_page", N_("Everything meant for the product page")),
            ),
            N_("With a choice other than the first the release replaces the list."),
        ),
        Setting(
            "delimiter",
            N_("Column separator"),
            "comma",
            (("comma", N_("Comma")), ("semicolon", N_("Semicolon"))),
            N_("The importer asks for it under “advanced options”."),
        ),
    )
    carries_bundles = False

    def preflight(self, links: Sequence[Link], settings: Mapping[str, Any]) -> list[Problem]:
        found: list[Problem] = []
        traps: dict[tuple[str, bool], str] = {}  # a product stands in many links
        for link in links:
            for key in ((link.main_sku, True), (link.companion_sku, False)):
                if key not in traps:
                    traps[key] = trap(key[0], as_main=key[1])
                if traps[key]:
                    found.append(_problem(traps[key], link, sku=key[0]))
                    break
        return found + _same_skus(links)

    def write(self, document: Document, settings: Mapping[str, Any]) -> list[File]:
        upsells = str(settings["upsells"])
        columns: list[tuple[str, Callable[[Link, str], bool]]] = [("Cross-sells", in_cart)]
        if upsells != "untouched":  # an absent column leaves the shop's own list alone, an empty cell clears it
            columns.append(("Upsells", shown_on_card))
        out = io.StringIO(newline="")
        lines = csv.writer(out, delimiter=";" if settings["delimiter"] == "semicolon" else ",", lineterminator="\r\n")
        lines.writerow(["SKU", *(name for name, _ in columns)])
        grouped = by_main(document.links)
        mains = grouped.keys() | {sku for sku in document.cleared if not trap(sku, as_main=True)}
        for main in sorted(mains):
            links = grouped.get(main, [])
            lines.writerow(
                [main, *(cell(link.companion_sku for link in links if wanted(link, upsells)) for _, wanted in columns)]
            )
        return [(f"{document.channel}-{document.number}.csv", out.getvalue().encode("utf-8-sig"))]


def _problem(code: str, link: Link, *, severity: Severity = Severity.ERROR, **values: Any) -> Problem:
    sentence, advice = TRAPS[code]
    return Problem(
        code, sentence, severity, link.main_sku, link.companion_sku, advice, values, drops=severity == Severity.ERROR
    )


def _same_skus(links: Sequence[Link]) -> list[Problem]:
    """Companions and mains whose SKUs the shop's database takes for equal."""
    spelled: dict[str, set[str]] = defaultdict(set)
    for sku in {link.main_sku for link in links} | {link.companion_sku for link in links}:
        spelled[as_compared(sku)].add(sku)
    alike = {sku: min(group - {sku}) for group in spelled.values() if len(group) > 1 for sku in group}
    if not alike:
        return []
    return [
        _problem("sku_same", link, sku=sku, other=alike[sku])
        for link in links
        for sku in [next((sku for sku in (link.main_sku, link.companion_sku) if sku in alike), "")]
        if sku
    ]
