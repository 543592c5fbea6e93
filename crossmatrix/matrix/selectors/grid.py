"""One window of the grid: labels, cells and coverage as plain lists, ready to be sent.

A cell is [row, column, state, text, version, ratio, ratio status, attach rate in %, lift, reason kind, flags]:
`state` is a pair's state, "published", "not_suitable", "" (a pair without content: only its version matters),
"hint" (no pair, but evidence), "slot" (type level) or "agg" (group row; `text` "n/of"). Flags: "o" the ratio is
overridden, "l" an older approved content stays in force, "c" the reason comes from a conditional slot, "m" (last; at
type level a fourth part, "/m") its discussion is open.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.core.cache import cache
from django.db import connection

from crossmatrix.catalog.rules import pictogram
from crossmatrix.matrix.rules import PairState, Verdict
from crossmatrix.matrix.selectors import providers, tally
from crossmatrix.matrix.selectors.axes import Layout, Level, entries
from crossmatrix.matrix.selectors.comments import open_cells
from crossmatrix.matrix.selectors.coverage import SlotRow, Wanted
from crossmatrix.matrix.selectors.window import Links, linked_by_group, links_between, window_of

MAX_ROWS, MAX_COLUMNS = 192, 128  # of one request: three by four tiles
MANY, KEEP = 20_000, 60  # counts of more things than this take long enough to be felt: kept for so many seconds
HINT_MIN_LIFT = 1.2  # evidence weaker than this is no suggestion

Cell = list[Any]
Places = dict[int, int]  # id → its row or column number


class LayoutLost(Exception):
    """The axes of this view are no longer kept; build them again from its address."""


def tile(*, layout: Layout, r0: int, r1: int, c0: int, c1: int) -> dict[str, Any]:
    """Labels and cells of rows r0..r1 and columns c0..c1 (ends excluded, cut to the view). Raises LayoutLost."""
    r1, c1 = min(r1, layout.rows, r0 + MAX_ROWS), min(c1, layout.columns, c0 + MAX_COLUMNS)
    rows, columns = entries(layout, "rows", r0, r1), entries(layout, "columns", c0, c1)
    if rows is None or columns is None:
        raise LayoutLost
    row_places = {entry: r0 + offset for offset, entry in enumerate(rows)}
    column_places = {entry: c0 + offset for offset, entry in enumerate(columns)}
    read = _type_window if layout.level is Level.TYPE else _sku_window
    return {"r0": r0, "c0": c0, **read(layout, row_places, column_places)}


def positions(layout: Layout, side: str, ids: Collection[int]) -> dict[int, int]:
    """Where these entries stand on the axis; ids that are not on it are left out. Raises LayoutLost."""
    axis = entries(layout, side, 0, layout.rows if side == "rows" else layout.columns)
    if axis is None:
        raise LayoutLost
    wanted = set(ids)
    return {entry: place for place, entry in enumerate(axis) if entry in wanted}


# -- SKU level ----------------------------------------------------------------------------------------------------


def _sku_window(layout: Layout, rows: Places, columns: Places) -> dict[str, Any]:
    mains = [entry for entry in rows if entry > 0]
    groups = {group.id: group for group in layout.groups if -group.id in rows}
    known = window_of(mains, list(columns), layout.column_categories)
    products, slots, covered, wanted = known.products, known.slots, known.covered, Wanted(known.slots)
    row_labels: list[Any] = []
    for entry in rows:
        if entry < 0:
            group = groups[-entry]
            row_labels.append([entry, group.label, group.title, group.count])
        else:
            have, want = wanted.coverage(products[entry][6], covered.get(entry, {}))
            row_labels.append([*products[entry][:6], have, want])
    cells = _sku_cells(known.links, rows, columns, mains=mains, companions=list(columns))
    return {
        "rows": row_labels,
        "columns": [products[entry][:6] for entry in columns],
        "icons": {category: pictogram(name) for category, name in {(p[5], p[7]) for p in products.values()}},
        "cells": cells + _group_bars(groups.values(), rows, columns),
        "closed": _closed(
            slots, {products[m][5]: products[m][6] for m in mains}, {products[c][5]: products[c][6] for c in columns}
        ),
    }


def _sku_cells(
    links: Links, rows: Places, columns: Places, *, mains: Sequence[int], companions: Sequence[int]
) -> list[Cell]:
    """Cells of the pairs and hints between these mains and companions."""
    pairs = links.pairs
    evidence = providers.evidence_of(mains, companions)
    published = providers.published_among([pair[0] for pair in pairs if pair[6]])
    cells = {(pair[1], pair[2]): _pair_cell(pair, rows, columns, evidence, published) for pair in pairs}
    for (main, companion), (attach, lift) in evidence.items():
        if main not in rows or companion not in columns:
            continue
        cell = cells.get((main, companion))
        if (cell and cell[2]) or main == companion or (lift is not None and lift < HINT_MIN_LIFT):
            continue
        version = cell[4] if cell else 0
        share = round(attach * 100, 1)
        cells[main, companion] = [rows[main], columns[companion], "hint", "", version, None, "", share, lift, "", ""]
    for main, companion in links.talks:
        bare = [rows[main], columns[companion], "", "", 0, None, "", None, None, "", ""]
        cells.setdefault((main, companion), bare)[10] += "m"
    return list(cells.values())


def _pair_cell(
    pair: Sequence[Any],
    rows: Places,
    columns: Places,
    evidence: dict[tuple[int, int], tuple[float, float | None]],
    published: set[int],
) -> Cell:
    (
        pk,
        main,
        companion,
        verdict,
        why_not,
        version,
        has_approved,
        is_approved,
        state,
        reason,
        kind,
        ratio,
        status,
        overridden,
    ) = pair
    attach, lift = evidence.get((main, companion), (None, None))
    flags = "o" if overridden else ""
    if verdict == Verdict.NOT_SUITABLE:
        state, reason = Verdict.NOT_SUITABLE.value, why_not
    elif state == PairState.APPROVED and pk in published:
        state = "published"
    elif state in (None, PairState.RETIRED, PairState.SUPERSEDED, PairState.DISCARDED):
        state, reason, ratio, status = "", "", None, ""
    if has_approved and not is_approved and state:
        flags += "l"
    share = None if attach is None else round(attach * 100, 1)
    return [
        rows[main],
        columns[companion],
        state,
        reason or "",
        version,
        ratio,
        status or "",
        share,
        lift,
        kind or "",
        flags,
    ]


def cells_of_pairs(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Cell]:
    """Fresh cells of single pairs, for the answer to a write; row and column are the ids themselves."""
    if not pairs:
        return {}
    mains, companions = sorted({main for main, _ in pairs}), sorted({companion for _, companion in pairs})
    cells = _sku_cells(
        links_between(mains, companions), {entry: entry for entry in mains}, {entry: entry for entry in companions},
        mains=mains, companions=companions,
    )  # fmt: skip
    wanted = set(pairs)
    return {(cell[0], cell[1]): cell for cell in cells if (cell[0], cell[1]) in wanted}


def _closed(slots: list[SlotRow], mains: dict[int, str], companions: dict[int, str]) -> dict[str, str]:
    """ "main category:companion category" → why the whole type does not suit, for the categories of a window.
    A verdict on any category above counts, as for writing."""
    closed = {}
    refused = [slot for slot in slots if slot.verdict == Verdict.NOT_SUITABLE]
    for main, main_path in mains.items():
        for companion, companion_path in companions.items():
            fits = (
                s for s in refused if main_path.startswith(s.main_path) and companion_path.startswith(s.companion_path)
            )
            if slot := next(fits, None):
                closed[f"{main}:{companion}"] = slot.reason
    return closed


def _group_bars(groups: Iterable[Any], rows: Places, columns: Places) -> list[Cell]:
    """In each group row: how many of the group's mains have the column's companion."""
    wanted = {group.id: group.count for group in groups}
    if not wanted:
        return []
    counts = linked_by_group(wanted, list(columns))
    return [
        _bar(rows[-group], place, counts.get((group, companion), 0), of)
        for group, of in wanted.items()
        for companion, place in columns.items()
    ]


def _bar(row: int, column: int, have: int, of: int) -> Cell:
    return [row, column, "agg", f"{have}/{of}", 0, None, "", None, None, "", ""]


# -- type level ---------------------------------------------------------------------------------------------------


def _type_window(layout: Layout, rows: Places, columns: Places) -> dict[str, Any]:
    groups = {group.id: group for group in layout.groups if -group.id in rows}
    mains = [entry for entry in rows if entry > 0]
    names = _categories({*mains, *columns})
    row_labels = []
    for entry in rows:
        if entry < 0:
            group = groups[-entry]
            row_labels.append([entry, group.label, group.title, group.count])
        else:
            row_labels.append(names[entry])
    return {
        "rows": row_labels,
        "columns": [names[entry] for entry in columns],
        "icons": {entry: pictogram(names[entry][2]) for entry in (*mains, *columns)},
        "cells": type_cells(mains=mains, companions=list(columns), rows=rows, columns=columns, sizes=names)
        + _slot_bars(groups.values(), rows, columns),
        "closed": {},
    }


def _categories(ids: Collection[int]) -> dict[int, list[Any]]:
    """id → [id, name, full name, products directly in it]."""
    sizes = _sizes(ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, full_name FROM catalog_category WHERE id = ANY(%s)", [list(ids)])
        return {row[0]: [*row, sizes.get(row[0], 0)] for row in cursor.fetchall()}


def _sizes(ids: Collection[int]) -> dict[int, int]:
    """Category → products directly in it, hidden ones left out; of many up to a minute old."""
    counted = tally.shelf_sizes(list(ids))
    if counted is not None:
        return counted
    names = {f"grid-size:{category}": category for category in ids}
    sizes: dict[int, int] = {names[name]: size for name, size in cache.get_many(names).items()}
    missing = [category for category in ids if category not in sizes]
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT category_id, count(*) FROM catalog_product WHERE category_id = ANY(%s) AND status <> 'hidden' GROUP BY 1",
                [missing],
            )
            found = dict.fromkeys(missing, 0) | dict(cursor.fetchall())
        if sum(found.values()) > MANY:
            cache.set_many({f"grid-size:{category}": size for category, size in found.items()}, KEEP)
        sizes |= found
    return sizes


def type_cells(
    *,
    mains: Sequence[int],
    companions: Sequence[int],
    rows: Places,
    columns: Places,
    sizes: dict[int, list[Any]],
    fresh: bool = False,
) -> list[Cell]:
    """Slots, and how many products of the main category have a companion there: flags "have/of/wanted"."""
    found: dict[tuple[int, int], Cell] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT main_category_id, companion_category_id, verdict, reason, version, kind, wanted FROM matrix_slot "
            "WHERE main_category_id = ANY(%s) AND companion_category_id = ANY(%s)",
            [list(mains), list(companions)],
        )
        for main, companion, verdict, reason, version, kind, wanted in cursor.fetchall():
            state = {Verdict.SUITABLE.value: "slot", Verdict.NOT_SUITABLE.value: verdict}.get(verdict, "")
            of = sizes[main][3]
            found[main, companion] = [
                rows[main],
                columns[companion],
                state,
                reason,
                version,
                None,
                "",
                None,
                None,
                kind,
                f"0/{of}/{wanted}",
            ]
    for (main, companion), have in _linked(mains, companions, fresh=fresh).items():
        cell = found.setdefault(
            (main, companion), [rows[main], columns[companion], "", "", 0, None, "", None, None, "", "0/0/0"]
        )
        cell[10] = f"{have}/{sizes[main][3]}/{cell[10].rsplit('/', 1)[1]}"
    for main, companion in open_cells(mains, companions, by_type=True):
        bare = [rows[main], columns[companion], "", "", 0, None, "", None, None, "", "0/0/0"]
        found.setdefault((main, companion), bare)[10] += "/m"
    return list(found.values())


def _linked(mains: Sequence[int], companions: Sequence[int], *, fresh: bool) -> dict[tuple[int, int], int]:
    """(main category, companion category) → how many mains have a companion there; of many up to a minute old."""
    if not fresh and (counted := tally.linked(mains, companions)) is not None:
        return counted
    names = {f"grid-linked:{main}": main for main in mains}
    kept = {} if fresh else {names[name]: counts for name, counts in cache.get_many(names).items()}
    missing = [main for main in mains if main not in kept]
    if missing:
        found: dict[int, dict[int, int]] = {main: {} for main in missing}
        for main, companion, have in _count_linked(missing, companions if fresh else None):
            found[main][companion] = have
        if sum(sum(counts.values()) for counts in found.values()) > MANY:
            cache.set_many({f"grid-linked:{main}": counts for main, counts in found.items()}, KEEP)
        kept |= found
    shown = set(companions)
    return {(main, companion): have for main in mains for companion, have in kept[main].items() if companion in shown}


def _count_linked(mains: Sequence[int], companions: Sequence[int] | None) -> list[tuple[int, int, int]]:
    statement = (
        "SELECT main_category, companion_category, count(*) FROM (SELECT DISTINCT p.main_id, m.category_id AS main_category, "
        "k.category_id AS companion_category FROM matrix_pair p JOIN catalog_product m ON m.id = p.main_id "
        "JOIN catalog_product k ON k.id = p.companion_id WHERE m.category_id = ANY(%s) AND k.category_id IS NOT NULL "
        "AND p.verdict = 'suitable' AND p.current_id IS NOT NULL{narrowed}) AS linked GROUP BY 1, 2"
    )
    values: list[Any] = [list(mains)]
    if companions is not None:
        values.append(list(companions))
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(narrowed="" if companions is None else " AND k.category_id = ANY(%s)"),
            values,
        )
        return list(cursor.fetchall())


def cells_of_slots(slots: Collection[tuple[int, int]]) -> dict[tuple[int, int], Cell]:
    """Fresh type-level cells, for the answer to a write; row and column are the category ids themselves."""
    if not slots:
        return {}
    mains, companions = sorted({main for main, _ in slots}), sorted({companion for _, companion in slots})
    cells = type_cells(
        mains=mains, companions=companions, rows={entry: entry for entry in mains},
        columns={entry: entry for entry in companions}, sizes=_categories(mains), fresh=True,
    )  # fmt: skip
    wanted = set(slots)
    return {(cell[0], cell[1]): cell for cell in cells if (cell[0], cell[1]) in wanted}


def _slot_bars(groups: Iterable[Any], rows: Places, columns: Places) -> list[Cell]:
    """In each group row: how many of its categories have a slot to the column's category."""
    wanted = {group.id: group.count for group in groups}
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(c.parent_id, c.id), s.companion_category_id, count(*) FROM matrix_slot s "
            "JOIN catalog_category c ON c.id = s.main_category_id WHERE s.verdict = 'suitable' "
            "AND s.companion_category_id = ANY(%s) AND coalesce(c.parent_id, c.id) = ANY(%s) GROUP BY 1, 2",
            [list(columns), list(wanted)],
        )
        counts = {(group, companion): count for group, companion, count in cursor.fetchall()}
    return [
        _bar(rows[-group], place, counts.get((group, companion), 0), of)
        for group, of in wanted.items()
        for companion, place in columns.items()
    ]
