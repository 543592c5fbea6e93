"""Rows and columns of the grid: their order, fixed once per view and read back in pieces.

An axis is a list of numbers: a product (or, at type level, a category), and minus a category for the group row above
its members. The lists of one view are kept in the cache under a digest of their content, so that every tile of that
view means the same rows, however the catalog changes meanwhile; a tile reads only the pieces it needs.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from django.core.cache import cache
from django.db import connection

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.matrix.models import Matrix
from crossmatrix.matrix.selectors import tally
from crossmatrix.matrix.selectors.coverage import mains_by_coverage
from crossmatrix.matrix.selectors.narrow import LINKED, RowFilter, Sql, columns_sql, rows_sql

PIECE = 1024  # entries per cache value: 8 KB, so a tile reads the same amount from any catalog
KEEP = 12 * 3600  # seconds; an open page that outlives it rebuilds the same view from its address


class Level(StrEnum):
    TYPE = "type"
    SKU = "sku"


@dataclass(frozen=True)
class Scope:
    """What the address of a view names. Empty: everything the matrix and the person's own scope allow."""

    level: Level = Level.TYPE
    rows: int | None = None  # category whose subtree gives the rows
    columns: tuple[int, ...] = ()  # categories whose subtrees give the columns
    only: RowFilter = field(default_factory=RowFilter)  # what the rows must be like, and their order
    closed: tuple[int, ...] = ()  # groups shown without their members
    hidden: tuple[int, ...] = ()  # products that give no column
    order: tuple[int, ...] = ()  # products put by hand, first in their category
    column_sort: str = ""
    linked: bool = False  # only companions with a live link to a main of the row categories


@dataclass(frozen=True)
class Node:
    """A category of an axis."""

    id: int
    name: str
    full_name: str
    path: str

    @property
    def lineage(self) -> list[int]:
        """Ids from the root down to the category itself."""
        return [int(part) for part in self.path.split("/") if part]


@dataclass(frozen=True)
class Band:
    """Neighbouring columns under one heading; `first` and `last` are column numbers."""

    id: int
    label: str
    title: str
    first: int
    last: int


@dataclass(frozen=True)
class Group:
    """A group row: where it stands and how many members it has (also when closed)."""

    id: int
    label: str
    title: str
    row: int
    count: int


@dataclass(frozen=True)
class Layout:
    """One view, frozen: sizes, headings, and the key under which the axes are kept."""

    key: str
    matrix: int
    level: Level
    paths: list[str]  # the person's scope when it was made; another scope must not read it
    rows: int
    columns: int
    members: int  # rows without group rows
    bands: list[Band] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    column_categories: list[int] = field(default_factory=list)
    at_hand: Mapping[str, bytes] = field(default_factory=dict, compare=False)  # pieces read together with it

    @classmethod
    def from_cache(cls, kept: dict[str, Any], at_hand: Mapping[str, bytes]) -> Self:
        kept = {**kept, "at_hand": at_hand}
        kept["level"] = Level(kept["level"])
        kept["bands"] = [Band(**band) for band in kept["bands"]]
        kept["groups"] = [Group(**group) for group in kept["groups"]]
        return cls(**kept)


def _piece(key: str, side: str, number: int) -> str:
    return f"grid:{key}:{side}{number}"


def _pieces(key: str, side: str, start: int, stop: int) -> list[str]:
    return [_piece(key, side, number) for number in range(start // PIECE, (max(stop, start + 1) - 1) // PIECE + 1)]


def entries(layout: Layout, side: str, start: int, stop: int) -> Sequence[int] | None:
    """Entries start..stop of the "rows" or "columns"; None when the cache has let them go."""
    names = _pieces(layout.key, side, start, stop)
    kept = layout.at_hand if all(name in layout.at_hand for name in names) else cache.get_many(names)
    joined = array("q")
    for name in names:
        if name not in kept:
            return None
        joined.frombytes(kept[name])
    offset = start // PIECE * PIECE
    return joined[start - offset : stop - offset]


def layout_by_key(
    *, key: str, matrix: int, user: User, near: Mapping[str, tuple[int, int]] | None = None
) -> Layout | None:
    """The view kept under the key, if it is still there, of this matrix, and this person's to read: it was made for
    somebody who may open the matrix and has the same categories.

    `near`: entries from..to of the "rows" and "columns" that will be asked next, to be fetched with it."""
    pieces = [name for side, (start, stop) in (near or {}).items() for name in _pieces(key, side, start, stop)]
    found = cache.get_many([f"grid:{key}", *pieces])
    kept = found.pop(f"grid:{key}", None)
    if kept is None or kept["matrix"] != matrix or kept["paths"] != category_paths_of(user, Permission.PAIR_VIEW):
        return None
    return Layout.from_cache(kept, found)


def build_layout(*, matrix: Matrix, scope: Scope, user: User) -> Layout:
    """Work out the rows and columns of a view and keep them for its tiles."""
    paths = category_paths_of(user, Permission.PAIR_VIEW)
    row_nodes = _nodes_under(_roots(scope.rows, matrix.mains_id), limit=paths)
    column_nodes = _nodes_under(scope.columns or _roots(None, matrix.companions_id), within=matrix.companions_id)
    if scope.level is Level.TYPE:
        rows, groups, members = _type_rows(row_nodes, closed=set(scope.closed))
        columns, bands, column_categories = _type_columns(column_nodes)
    else:
        columns, bands, column_categories = _product_columns(
            column_nodes, scope=scope, row_categories=[node.id for node in row_nodes]
        )
        rows, groups, members = _product_rows(
            row_nodes, scope=scope, columns=columns, column_categories=column_categories
        )
    names = "".join(
        f"|{pk}:{label}" for pk, label in [(g.id, g.label) for g in groups] + [(b.id, b.label) for b in bands]
    )
    digest = sha256(f"{matrix.pk}|{paths}|{scope.level}|{names}|".encode() + rows.tobytes() + b"|" + columns.tobytes())
    layout = Layout(
        key=digest.hexdigest()[:24], matrix=matrix.pk, level=scope.level, paths=paths, rows=len(rows), columns=len(columns),
        members=members, bands=bands, groups=groups, column_categories=column_categories,
    )  # fmt: skip
    _keep(layout, rows, columns)
    return layout


def forget(layout: Layout) -> None:
    """Let go of a view whose pieces are incomplete, so that it is built again."""
    cache.delete(f"grid:{layout.key}")


def _keep(layout: Layout, rows: "array[int]", columns: "array[int]") -> None:
    name = f"grid:{layout.key}"
    if cache.has_key(name):
        return  # the same view: its pieces were kept with it, and go with it
    values: dict[str, Any] = {name: {part: value for part, value in asdict(layout).items() if part != "at_hand"}}
    for side, axis in (("rows", rows), ("columns", columns)):
        for start in range(0, max(len(axis), 1), PIECE):
            values[_piece(layout.key, side, start // PIECE)] = axis[start : start + PIECE].tobytes()
    cache.set_many(values, KEEP)


def _roots(chosen: int | None, default: int | None) -> tuple[int, ...]:
    root = chosen or default
    return (root,) if root else ()


def _nodes_under(roots: Iterable[int], *, limit: Sequence[str] = ("",), within: int | None = None) -> list[Node]:
    """Categories of the subtrees in tree order (position, then name); no roots means the whole tree.

    `limit` holds the path prefixes a person may see; `within` a category none may lie outside of.
    """
    where, values = ["TRUE"], list[Any]()
    wanted = list(roots)
    if wanted:
        where.append("EXISTS (SELECT 1 FROM catalog_category r WHERE r.id = ANY(%s) AND starts_with(c.path, r.path))")
        values.append(wanted)
    if within:
        where.append("EXISTS (SELECT 1 FROM catalog_category w WHERE w.id = %s AND starts_with(c.path, w.path))")
        values.append(within)
    if "" not in limit:
        where.append(
            "EXISTS (SELECT 1 FROM unnest(%s::text[]) AS allowed(path) WHERE starts_with(c.path, allowed.path))"
        )
        values.append(list(limit))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, name, full_name, path, position FROM catalog_category c WHERE {' AND '.join(where)}", values
        )
        found = cursor.fetchall()
    own = {row[0]: (row[4], row[1], row[0]) for row in found}

    def place(path: str) -> list[tuple[int, str, int]]:
        return [own.get(int(part), (0, "", int(part))) for part in path.split("/") if part]

    return [Node(*row[:4]) for row in sorted(found, key=lambda row: place(row[3]))]


def _type_rows(nodes: list[Node], *, closed: set[int]) -> tuple["array[int]", list[Group], int]:
    """Categories that hold products or slots, under a row for their parent."""
    rows, groups, members = array("q"), list[Group](), 0
    for parent, children in _families(_in_use(nodes, "main_category_id")):
        groups.append(Group(parent.id, parent.name, parent.full_name, len(rows), len(children)))
        rows.append(-parent.id)
        members += len(children)
        if parent.id not in closed:
            rows.extend(child.id for child in children)
    return rows, groups, members


def _type_columns(nodes: list[Node]) -> tuple["array[int]", list[Band], list[int]]:
    columns, bands = array("q"), list[Band]()
    for parent, children in _families(_in_use(nodes, "companion_category_id")):
        bands.append(Band(parent.id, parent.name, parent.full_name, len(columns), len(columns) + len(children) - 1))
        columns.extend(child.id for child in children)
    return columns, bands, list(columns)


def _in_use(nodes: list[Node], slot_side: str) -> list[Node]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id FROM unnest(%s::bigint[]) AS c(id) WHERE EXISTS (SELECT 1 FROM catalog_product p "
            f"WHERE p.category_id = c.id) OR EXISTS (SELECT 1 FROM matrix_slot s WHERE s.{slot_side} = c.id)",
            [[node.id for node in nodes]],
        )
        used = {row[0] for row in cursor.fetchall()}
    return [node for node in nodes if node.id in used]


def _families(nodes: list[Node]) -> list[tuple[Node, list[Node]]]:
    """Nodes under their parent (a root stands under itself), in the given order of first appearance."""
    parent_ids = {node.id: (node.lineage[-2:] or [node.id])[0] for node in nodes}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, full_name, path FROM catalog_category WHERE id = ANY(%s)",
            [list(set(parent_ids.values()))],
        )
        parents = {row[0]: Node(*row) for row in cursor.fetchall()}
    families: dict[int, list[Node]] = {}
    for node in nodes:
        families.setdefault(parent_ids[node.id], []).append(node)
    return [(parents[parent], children) for parent, children in families.items()]


def _product_rows(
    nodes: list[Node], *, scope: Scope, columns: Sequence[int], column_categories: Sequence[int]
) -> tuple["array[int]", list[Group], int]:
    """Products by category and the wanted order, under a row for each category."""
    sql = rows_sql(scope.only, companions=columns)
    if scope.only.coverage:
        found = mains_by_coverage(scope.only.coverage, [node.id for node in nodes], column_categories)
        sql.add("p.id = ANY(%s)", found)
    closed = set(scope.closed)
    rows, groups, members = array("q"), list[Group](), 0
    for node, products in _products_of(nodes, sql):
        groups.append(Group(node.id, node.name, node.full_name, len(rows), len(products)))
        rows.append(-node.id)
        members += len(products)
        if node.id not in closed:
            rows.extend(products)
    return rows, groups, members


def _product_columns(
    nodes: list[Node], *, scope: Scope, row_categories: list[int]
) -> tuple["array[int]", list[Band], list[int]]:
    columns, bands = array("q"), list[Band]()
    sql = columns_sql(hidden=scope.hidden, order=scope.order, sort=scope.column_sort)
    if scope.linked:
        sql.add(LINKED, row_categories)
    for node, products in _products_of(nodes, sql):
        bands.append(Band(node.id, node.name, node.full_name, len(columns), len(columns) + len(products) - 1))
        columns.extend(products)
    return columns, bands, [band.id for band in bands]


def _products_of(nodes: list[Node], sql: Sql) -> list[tuple[Node, Sequence[int]]]:
    if sql == Sql() and (kept := tally.shelves([node.id for node in nodes])) is not None:
        return [(node, kept[node.id]) for node in nodes if node.id in kept]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id, array_agg(p.id ORDER BY {sql.order}) FROM unnest(%s::bigint[]) WITH ORDINALITY AS o(id, n) "
            f"JOIN catalog_product p ON p.category_id = o.id AND p.status <> 'hidden'{sql.where} GROUP BY o.id, o.n ORDER BY o.n",
            [*sql.order_values, [node.id for node in nodes], *sql.values],
        )
        found = dict(cursor.fetchall())
    return [(node, found[node.id]) for node in nodes if node.id in found]
