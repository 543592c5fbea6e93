"""Writes the uploaded file again with a column of problems. Runs in the child: the file is as untrusted as before."""

import contextlib
import datetime as dt
from pathlib import Path
from typing import Any

from crossmatrix.imports.reader.books import Book, open_book

OWN_BOOK_ROWS = 60_000  # openpyxl holds about 50 bytes a cell; larger books are written anew, without their styling
FORMULA_STARTS = tuple("=+-@\t\r|")


def annotate(order: dict[str, Any]) -> dict[str, Any]:
    """Keep the person's own workbook where we can, else write its rows into a new one."""
    book = open_book(Path(order["path"]), order["sheet"])
    if book.kind == "xlsx" and book.rows <= OWN_BOOK_ROWS:
        with contextlib.suppress(Exception):  # openpyxl refuses one workbook in twelve
            return own_workbook(order)
    return new_workbook(order, book)


def own_workbook(order: dict[str, Any]) -> dict[str, Any]:
    import openpyxl  # noqa: PLC0415 - heavy
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    book = openpyxl.load_workbook(order["path"])
    sheet = book[order["sheet"]]
    column = sheet.max_column + 1
    bad, mild = PatternFill("solid", fgColor="FFC7CE"), PatternFill("solid", fgColor="FFEB9C")
    head = sheet.cell(order["header_row"], column, order["title"])
    head.font = Font(bold=True)
    sheet.column_dimensions[head.column_letter].width = 60
    for number, said in order["rows"].items():
        fill = bad if said["error"] else mild
        cell = sheet.cell(int(number), column)
        cell.value = "\n".join(said["texts"])[:32_000]
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.fill = fill
        for index in said["cells"]:
            wrong = sheet.cell(int(number), index + 1 + order["left"])
            wrong.fill = fill
            wrong.comment = Comment("\n".join(said["texts"])[:1000], "CrossMatrix")
    book.active = book.sheetnames.index(order["sheet"])
    book.save(order["target"])
    return {"rows": len(order["rows"]), "own": True}


def new_workbook(order: dict[str, Any], source: Book) -> dict[str, Any]:
    import xlsxwriter  # noqa: PLC0415 - only for this

    rows = order["rows"]
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        "tmpdir": str(Path(order["target"]).parent),
    }
    with xlsxwriter.Workbook(order["target"], options) as book:
        sheet = book.add_worksheet(order["sheet_name"][:31])
        bold, bad = book.add_format({"bold": True}), book.add_format({"bg_color": "#FFC7CE"})
        mild, quoted = book.add_format({"bg_color": "#FFEB9C"}), book.add_format({"quote_prefix": True})
        moment = book.add_format({"num_format": "dd.mm.yyyy"})
        widest = 0
        for number, row in source.read():
            said = rows.get(str(number))
            tint = (bad if said["error"] else mild) if said else None
            widest = max(widest, len(row))
            for column, value in enumerate(row):
                style = tint if said and column in said["cells"] else bold if number == order["header_row"] else None
                write(sheet, number - 1, column, value, style, quoted, moment)
            if said:
                sheet.write_string(number - 1, widest, "\n".join(said["texts"])[:32_000], tint)
            elif number == order["header_row"]:
                sheet.write_string(number - 1, widest, order["title"], bold)
    return {"rows": len(rows), "own": False}


def write(sheet: Any, row: int, column: int, value: Any, style: Any, quoted: Any, moment: Any) -> None:
    """Text stays text whatever it begins with."""
    if value in ("", None):
        if style is not None:
            sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, (dt.datetime, dt.date)):
        sheet.write_datetime(row, column, value, moment)
    else:
        text = str(value)[:32_767]
        sheet.write_string(row, column, text, style or (quoted if text.startswith(FORMULA_STARTS) else None))
