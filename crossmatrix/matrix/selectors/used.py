"""Which columns of a view have something to say: what a printed matrix leaves out."""

from collections.abc import Sequence

from django.db import connection

from crossmatrix.matrix.selectors.axes import Layout, Level, entries
from crossmatrix.matrix.selectors.grid import LayoutLost, type_cells

LINKED = (
    "SELECT DISTINCT p.companion_id FROM matrix_pair p LEFT JOIN matrix_pairrevision r ON r.id = p.current_id "
    "WHERE p.main_id = ANY(%s) AND p.companion_id = ANY(%s) "
    "AND (p.verdict = 'not_suitable' OR r.state IN ('draft', 'in_review', 'approved'))"
)


def used_columns(layout: Layout, *, rows: int) -> list[int]:
    """Places of the columns that have a link, a verdict or coverage in one of the first rows. Raises LayoutLost."""
    mains, columns = entries(layout, "rows", 0, min(rows, layout.rows)), entries(layout, "columns", 0, layout.columns)
    if mains is None or columns is None:
        raise LayoutLost
    known = [entry for entry in mains if entry > 0]
    found = _types(known, columns) if layout.level is Level.TYPE else _products(known, columns)
    return [place for place, entry in enumerate(columns) if entry in found]


def _products(mains: Sequence[int], companions: Sequence[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(LINKED, [list(mains), list(companions)])
        return {row[0] for row in cursor.fetchall()}


def _types(mains: Sequence[int], companions: Sequence[int]) -> set[int]:
    same = {entry: entry for entry in (*mains, *companions)}
    sizes = {entry: [entry, "", "", 0] for entry in mains}
    cells = type_cells(mains=mains, companions=list(companions), rows=same, columns=same, sizes=sizes)
    return {cell[1] for cell in cells if cell[2] or not cell[10].startswith("0/")}
