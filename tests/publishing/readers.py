"""Reads released files by the rules of the importers they are meant for."""

import csv
import io
import json
import re

import openpyxl

from crossmatrix.lib.digests import content_digest


def read_woocommerce(content, *, delimiter=",", catalog=None):
    """(links, created): what WooCommerce stores for each SKU and column, and the placeholders it would create.

    After class-wc-product-csv-importer.php: fgetcsv without an escape character, SKU through sanitize_text_field,
    relative cells split at commas outside `\\,` and trimmed, "0" and "" dropped, `id:N` a product number.
    `catalog` holds the SKUs of the shop; None means that it knows every SKU.
    """
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter, doublequote=True))
    heading = [name.strip().lower() for name in rows[0]]
    stored, created = {}, set()
    for row in rows[1:]:
        if not any(value not in ("", "0") for value in row):
            continue  # an empty row
        values = dict(zip(heading, row, strict=True))
        sku = sanitize_text_field(values["sku"])
        if sku in ("", "0") or (catalog is not None and sku not in catalog):
            continue  # skipped: no matching product exists to update
        for column in ("cross-sells", "upsells"):
            if column in values:
                targets = [target for value in explode(values[column]) if (target := parse_relative(value))]
                if catalog is not None:
                    created |= {target for target in targets if target not in catalog}
                stored[sku, column] = targets
    return stored, created


def explode(cell):
    if cell in ("", "0"):
        return []
    return [
        part.replace("::separator::", ",").strip(" \t\n\r\0\x0b")
        for part in cell.replace("\\,", "::separator::").split(",")
    ]


def parse_relative(value):
    if value in ("", "0"):
        return ""
    number = re.match(r"^id:([0-9]+)$", value)
    return f"#{number[1]}" if number else value


def sanitize_text_field(text):
    if "<" in text:
        text = re.sub(r"<[^>]*?>", "", text.replace("<", "&lt;") if ">" not in text else text)
    text = re.sub(r"[\r\n\t ]+", " ", text).strip()
    while found := re.search(r"%[a-f0-9]{2}", text, re.IGNORECASE):
        text = text.replace(found[0], "")
    return re.sub(r" +", " ", text).strip()


def read_json(content):
    """The object of the file; raises when the content does not match its seal."""
    whole = json.loads(content)
    sealed = {name: whole[name] for name in ("bundles", "format", "links")}
    assert content_digest(sealed) == whole["release"]["sha256"]
    return whole


def read_excel(content):
    """Sheet name → rows of cells, and the cells that a spreadsheet would calculate."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheets = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
    formulas = [cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    return sheets, formulas
