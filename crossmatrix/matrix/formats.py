"""The matrix as a workbook that people open in Excel and that the matrix import reads back."""

from typing import IO, Any

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from crossmatrix.matrix.selectors import grid
from crossmatrix.matrix.selectors.axes import Layout, Level, entries

STRIP = 48  # rows read at a time: bounds memory whatever the size of the view


def write_sheet(file: IO[bytes], *, layout: Layout) -> None:
    """Two sheets: the view as on the screen, and its links one a row. Numbers stay numbers, SKUs stay text."""
    book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#F2F3F7", "bottom": 1, "text_wrap": True, "valign": "top"})
    group = book.add_format({"bold": True, "bg_color": "#F2F3F7"})
    refused = book.add_format({"font_color": "#6B7080", "italic": True})
    sheet, links = book.add_worksheet(_("Matrix")), book.add_worksheet(_("Links"))
    types = layout.level is Level.TYPE
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 44)
    sheet.set_column(2, max(2, layout.columns + 1), 18)
    columns = entries(layout, "columns", 0, layout.columns) or []
    names = labels(layout, len(columns))
    sheet.write_row(0, 0, ["" if types else _("Main SKU"), _("Category") if types else _("Main product"), *names], head)
    titles = [
        _("Main"),
        _("Companion"),
        _("State"),
        _("Reason"),
        _("Kind of reason"),
        _("Verdict"),
        _("Why not suitable"),
        _("Price ratio"),
        _("Attach rate, %"),
        _("Lift"),
    ]
    links.write_row(0, 0, titles, head)
    links.freeze_panes(1, 0)
    links.set_column(0, 3, 24)
    line = 1
    for start in range(0, layout.rows, STRIP):
        stop = min(layout.rows, start + STRIP)
        cells, rows, codes = strip(layout, start, stop, len(columns))
        for place in range(start, stop):
            row = rows[place]
            if row[0] < 0:
                sheet.write_row(place + 1, 0, ["", row[1]], group)
                continue
            sheet.write_string(place + 1, 0, "" if types else row[2])
            sheet.write_string(place + 1, 1, row[1])
            for column in sorted(cells.get(place, {})):
                cell = cells[place][column]
                text = cell_text(cell)
                if not text:
                    continue
                sheet.write_string(place + 1, column + 2, text, refused if cell[2] == "not_suitable" else None)
                said = (
                    ["", "", _("not suitable"), cell[3]]
                    if cell[2] == "not_suitable"
                    else [cell[3], cell[9], _("suitable"), ""]
                )
                links.write_row(line, 0, [row[1] if types else row[2], codes[column], cell[2], *said])
                for offset, number in enumerate((cell[5], cell[7], cell[8])):
                    if number is not None:
                        links.write_number(line, 7 + offset, number)
                line += 1
    book.close()


def cell_text(cell: grid.Cell) -> str:
    """What a cell says in one text, such that a paste or an import of it means the same."""
    state, reason = cell[2], cell[3]
    if state in ("", "hint", "agg"):
        return ""
    if state == "not_suitable":
        return f"{_('not suitable')}: {reason}" if reason else _("not suitable")
    return reason or "x"


def labels(layout: Layout, count: int) -> list[str]:
    """Column headings: "SKU name", or the category."""
    names: list[str] = []
    for start in range(0, count, grid.MAX_COLUMNS):
        window = grid.tile(layout=layout, r0=0, r1=0, c0=start, c1=min(count, start + grid.MAX_COLUMNS))
        names += [row[1] if layout.level is Level.TYPE else row[2] for row in window["columns"]]
    return names


def strip(
    layout: Layout, start: int, stop: int, count: int
) -> tuple[dict[int, dict[int, grid.Cell]], dict[int, list[Any]], dict[int, str]]:
    """Cells by row and column, row labels by row, and what names each column in a link."""
    cells: dict[int, dict[int, grid.Cell]] = {}
    rows: dict[int, list[Any]] = {}
    codes: dict[int, str] = {}
    for first in range(0, count, grid.MAX_COLUMNS):
        window = grid.tile(layout=layout, r0=start, r1=stop, c0=first, c1=min(count, first + grid.MAX_COLUMNS))
        rows.update({start + offset: row for offset, row in enumerate(window["rows"])})
        codes.update(
            {
                first + offset: row[1] if layout.level is Level.TYPE else row[2]
                for offset, row in enumerate(window["columns"])
            }
        )
        for cell in window["cells"]:
            cells.setdefault(cell[0], {})[cell[1]] = cell
    return cells, rows, codes
