"""The view of a matrix on paper: a virtual grid prints only what is in its window, so this is a table of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.matrix.selectors import axes, grid, lookups
from crossmatrix.matrix.selectors.axes import Layout, Level
from crossmatrix.matrix.selectors.matrices import matrices_for
from crossmatrix.matrix.selectors.used import used_columns
from crossmatrix.matrix.views.scope import address_of, chips_of, scope_of
from crossmatrix.ui import numbers

ROWS, COLUMNS = 960, 48  # of a printed view
WIDE = 8  # columns that a sheet lying on its side holds and still lets read
STRIP = 48  # rows read at a time: bounds memory whatever the size of the view
STATES = ("draft", "in_review", "approved", "published", "slot", "not_suitable")  # as the legend names them


@dataclass(frozen=True)
class Cell:
    """What one link says: the shape of its state, its reason, its price when that is out of bounds."""

    state: str = ""
    text: str = ""
    ratio: float | None = None
    verdict: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the table; a group's row names what follows."""

    name: str
    sku: str
    group: bool
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Sheet:
    """Columns that lie side by side, and all rows below them."""

    first: int
    last: int
    names: Sequence[str]
    lines: Sequence[Line]


@require_GET
@requires(Permission.PAIR_VIEW)
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The view as plain tables, eight columns a sheet; columns without a link stay away."""
    person = person_of(request)
    matrix = get_object_or_404(matrices_for(person), pk=pk)
    scope = scope_of(request.GET, matrix)
    layout = axes.build_layout(matrix=matrix, scope=scope, user=person)
    used = used_columns(layout, rows=ROWS)
    sheets = sheets_of(layout, used[:COLUMNS])
    return render(
        request,
        "matrix/print.html",
        {
            "matrix": matrix, "layout": layout, "here": address_of(scope), "printed_at": timezone.now(),
            "chips": chips_of(scope, person=person, owners=lookups.writers()), "sheets": sheets,
            "legend": legend_of(sheets), "warns": any(cell.verdict for cell in cells_of(sheets)),
            "used": len(used), "bare": layout.columns - len(used),
            "rows_left": max(0, layout.rows - ROWS), "columns_left": max(0, len(used) - COLUMNS),
        },
    )  # fmt: skip


def sheets_of(layout: Layout, places: Sequence[int]) -> list[Sheet]:
    """The columns at these places as sheets, each with all rows."""
    names, rows, found = read(layout, places)
    made = list[Sheet]()
    for start in range(0, len(places), WIDE):
        side = places[start : start + WIDE]
        lines = [
            Line(row[1], sku_of(layout, row), row[0] < 0, [found.get((number, column), Cell()) for column in side])
            for number, row in enumerate(rows)
        ]
        made.append(Sheet(start + 1, start + len(side), [names.get(place, "") for place in side], lines))
    return made


def read(layout: Layout, places: Sequence[int]) -> tuple[dict[int, str], list[Any], dict[tuple[int, int], Cell]]:
    """Headings by place, rows, and cells by row and place."""
    names, rows, found = dict[int, str](), list[Any](), dict[tuple[int, int], Cell]()
    for top in range(0, min(ROWS, layout.rows), STRIP):
        bottom, strip = min(ROWS, layout.rows, top + STRIP), list[Any]()
        for left in windows(places):
            window = grid.tile(layout=layout, r0=top, r1=bottom, c0=left, c1=left + grid.MAX_COLUMNS)
            strip = window["rows"]
            names |= {left + offset: str(column[1]) for offset, column in enumerate(window["columns"])}
            found |= {(cell[0], cell[1]): cell_of(layout, cell) for cell in window["cells"]}
        rows += strip
    return names, rows, found


def sku_of(layout: Layout, row: Sequence[Any]) -> str:
    return str(row[2]) if row[0] > 0 and layout.level is Level.SKU else ""


def windows(places: Sequence[int]) -> list[int]:
    """Where the windows begin that hold all these places."""
    starts = list[int]()
    for place in places:
        if not starts or place >= starts[-1] + grid.MAX_COLUMNS:
            starts.append(place)
    return starts


def cell_of(layout: Layout, cell: grid.Cell) -> Cell:
    state, reason = cell[2], cell[3]
    if state == "agg":
        have, of = (int(number) for number in str(reason).split("/"))
        return Cell(text=share_of(have, of))
    if layout.level is Level.TYPE:
        have, of = (int(number) for number in cell[10].split("/")[:2])
        return Cell(state, " · ".join(word for word in (reason, share_of(have, of)) if word))
    if state in ("", "hint"):
        return Cell()
    loud = cell[6] in ("warn", "block")
    return Cell(state, reason, cell[5] if loud else None, cell[6] if loud else "")


def share_of(have: int, of: int) -> str:
    if not have:
        return ""
    told = _("%(have)s of %(of)s") % {"have": numbers.plain(have), "of": numbers.plain(of)}
    return told.replace(" ", numbers.NBSP)


def cells_of(sheets: Sequence[Sheet]) -> list[Cell]:
    return [cell for sheet in sheets for line in sheet.lines for cell in line.cells]


def legend_of(sheets: Sequence[Sheet]) -> list[str]:
    """The states that stand on the paper, in the order of their life."""
    there = {cell.state for cell in cells_of(sheets)}
    return [state for state in STATES if state in there]
