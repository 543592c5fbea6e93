"""Workbooks written by the tests."""

import io

import xlsxwriter


def workbook(rows, *, sheet="Лист1", sheets=None):
    """Bytes of an xlsx with these rows; `sheets` for several."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    ) as book:
        for name, content in (sheets or {sheet: rows}).items():
            page = book.add_worksheet(name)
            for number, row in enumerate(content):
                for column, value in enumerate(row):
                    if value is not None:
                        page.write(number, column, value)
    return out.getvalue()
