"""What the database knows of one window of products, in one statement that the server keeps planned.

As six small statements the same took twice the time: each is put together, sent, planned and waited for by itself.
Each part comes back as one JSON list of its rows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from crossmatrix.matrix.selectors.comments import OPEN
from crossmatrix.matrix.selectors.coverage import ALL_TOGETHER, BY_CATEGORY, SLOTS, SlotRow, by_main
from crossmatrix.ui.statements import ready_rows

PRODUCTS = """SELECT p.id, p.name, p.sku, p.price::float8, p.kind, p.category_id, coalesce(c.path, ''),
    coalesce(c.full_name, '') FROM catalog_product p LEFT JOIN catalog_category c ON c.id = p.category_id
    WHERE p.id = ANY(%(products)s)"""
PAIRS = """SELECT p.id, p.main_id, p.companion_id, p.verdict, p.verdict_reason, p.version, p.approved_id IS NOT NULL,
    p.approved_id = p.current_id, r.state, r.reason, r.kind, r.ratio::float8, r.ratio_status, r.override_reason <> ''
    FROM matrix_pair p LEFT JOIN matrix_pairrevision r ON r.id = p.current_id
    WHERE p.main_id = ANY(%(mains)s) AND p.companion_id = ANY(%(companions)s)"""
TALKS = OPEN.format(suffix="_id")
CATEGORIES_OF_MAINS = "ARRAY(SELECT m.category_id FROM catalog_product m WHERE m.id = ANY(%(mains)s))"


@dataclass(frozen=True)
class Links:
    """Between mains and companions: rows of PAIRS, and the (main, companion) whose discussion is open."""

    pairs: Sequence[Sequence[Any]]
    talks: Collection[tuple[int, int]]


@dataclass(frozen=True)
class Window:
    """`products`: id → a row of PRODUCTS; `covered`: main → companion category path → approved companions, all of them
    under "" where no slot asks for categories."""

    products: dict[int, list[Any]]
    slots: list[SlotRow]
    covered: dict[int, dict[str, int]]
    links: Links


def _listed(select: str, columns: int) -> str:
    """The rows of a SELECT as one JSON list of lists, in its order."""
    names = [f"c{number}" for number in range(columns)]
    return f"(SELECT json_agg(json_build_array({', '.join(names)}))::text FROM ({select}) AS t({', '.join(names)}))"


WINDOW = f"""WITH slots AS MATERIALIZED ({SLOTS.format(rows=CATEGORIES_OF_MAINS)})
SELECT {_listed(PRODUCTS, 8)}, {_listed("TABLE slots", 5)},
CASE WHEN EXISTS (SELECT FROM slots) THEN {_listed(BY_CATEGORY, 3)} ELSE {_listed(ALL_TOGETHER, 3)} END,
{_listed(PAIRS, 14)}, {_listed(TALKS, 2)}"""


def window_of(mains: Sequence[int], companions: Sequence[int], column_categories: Sequence[int]) -> Window:
    """Labels, coverage and links of a window; `column_categories` are those of the whole view."""
    values = {
        "mains": mains, "companions": companions, "products": [*mains, *companions], "column_categories": column_categories,
    }  # fmt: skip
    products, slots, covered, pairs, talks = (
        orjson.loads(rows) if rows else [] for rows in ready_rows(WINDOW, values)[0]
    )
    return Window(
        products={product[0]: product for product in products},
        slots=[SlotRow(*slot) for slot in slots],
        covered=by_main(covered),
        links=Links(pairs, {(main, companion) for main, companion in talks}),
    )


def links_between(mains: Sequence[int], companions: Sequence[int]) -> Links:
    """The links alone, of as many products as a write has touched."""
    values: dict[str, Any] = {"mains": mains, "companions": companions}
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, values)
        pairs = cursor.fetchall()
        cursor.execute(TALKS, values)
        return Links(pairs, set(cursor.fetchall()))


MEMBERS = "SELECT array_agg(id) FROM catalog_product WHERE category_id = ANY(%(groups)s) AND status <> 'hidden'"
LINKED = """SELECT m.category_id, p.companion_id, count(*) FROM matrix_pair p JOIN catalog_product m ON m.id = p.main_id
    WHERE p.companion_id = ANY(%(companions)s) AND {mains} AND p.verdict = 'suitable' AND p.current_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM matrix_pairrevision r WHERE r.id = p.current_id AND r.state = 'retired')
    GROUP BY 1, 2"""  # the retired are few: to leave them out takes less than to look at the state of each
MANY = 5000  # mains: a list of more takes longer to send than it saves


def linked_by_group(sizes: Mapping[int, int], companions: Sequence[int]) -> dict[tuple[int, int], int]:
    """(category, companion) → how many of the category's mains have it; `sizes`: category → about how many mains.

    With the ids themselves the server lays two indexes over each other, and only the cells of the groups are read."""
    values: dict[str, Any] = {"groups": list(sizes), "companions": companions}
    if sum(sizes.values()) > MANY:
        mains = "m.category_id = ANY(%(groups)s) AND m.status <> 'hidden'"
    else:
        mains, values["mains"] = "p.main_id = ANY(%(mains)s)", ready_rows(MEMBERS, values)[0][0] or []
    with connection.cursor() as cursor:  # planned each time: the way depends on how many there are
        cursor.execute(LINKED.format(mains=mains), values)
        return {(category, companion): count for category, companion, count in cursor.fetchall()}
