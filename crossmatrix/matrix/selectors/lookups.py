"""Reading a whole view or one cell of the grid: sums, search, drafts, checks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import RatioLimits, RatioStatus, Verdict, blocked_by_type, judge_ratio
from crossmatrix.matrix.selectors import tally
from crossmatrix.matrix.selectors.axes import Layout, Level, entries
from crossmatrix.matrix.selectors.grid import LayoutLost
from crossmatrix.matrix.selectors.slots import DefaultReasons, unsuitable_types

MANY = 20_000  # pairs: counting more takes long enough to be felt on every page
KEEP_SUMS = 60  # seconds


def summary(*, mains_path: str, companions_path: str, paths: Sequence[str]) -> dict[str, int]:
    """How many pairs of two subtrees the person's scope holds, by state; of a very large matrix up to a minute old."""
    counted = tally.by_state(paths=paths, mains_path=mains_path, companions_path=companions_path)
    if counted is not None:
        return counted
    key = "grid-sums:" + sha256(f"{mains_path}|{companions_path}|{sorted(paths)}".encode()).hexdigest()[:32]
    kept: dict[str, int] | None = cache.get(key)
    if kept is not None:
        return kept
    with connection.cursor() as cursor:
        cursor.execute(
            # materialized: the sides are worked out once, not for each of the pairs
            "WITH mains AS MATERIALIZED (SELECT p.id FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id "
            "WHERE starts_with(c.path, %s) AND EXISTS (SELECT 1 FROM unnest(%s::text[]) AS allowed(path) "
            "WHERE starts_with(c.path, allowed.path))), "
            "companions AS MATERIALIZED (SELECT p.id FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id "
            "WHERE starts_with(c.path, %s)) "
            "SELECT CASE WHEN p.verdict = 'not_suitable' THEN 'not_suitable' ELSE r.state END, count(*) FROM matrix_pair p "
            "JOIN mains ON mains.id = p.main_id JOIN companions ON companions.id = p.companion_id "
            "LEFT JOIN matrix_pairrevision r ON r.id = p.current_id GROUP BY 1",
            [mains_path, list(paths), companions_path],
        )
        counts = {state: count for state, count in cursor.fetchall() if state}
    if sum(counts.values()) > MANY:
        cache.set(key, counts, KEEP_SUMS)
    return counts


def writers() -> dict[int, str]:
    """Id → name of the people who write pairs, by name. Who wrote any of a large matrix would take a look at all of it."""
    people = User.objects.filter(is_active=True, memberships__supplier__isnull=True, memberships__isnull=False)
    return {user.pk: str(user) for user in people.distinct().order_by("name", "pk")}


FOUND_MAX = 200  # places a search steps through


def find(layout: Layout, words: str) -> list[list[Any]]:
    """["row" or "col", its number, its name] of what has the words in its name or begins with them as SKU. Raises LayoutLost."""
    if not words:
        return []
    found: list[list[Any]] = []
    for side, name in (("rows", "row"), ("columns", "col")):
        axis = entries(layout, side, 0, layout.rows if side == "rows" else layout.columns)
        if axis is None:
            raise LayoutLost
        places = {entry: place for place, entry in enumerate(axis)}
        hits = _named(layout.level, list(places), words)
        found += sorted([name, places[entry], label] for entry, label in hits)
    return found[:FOUND_MAX]


def _named(level: Level, axis: list[int], words: str) -> list[tuple[int, str]]:
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    if level is Level.TYPE:
        statement = "SELECT id, name FROM catalog_category WHERE id = ANY(%s) AND name ILIKE %s LIMIT 200"
        values: list[Any] = [axis, like]
    else:
        statement = (
            "SELECT id, name FROM catalog_product WHERE id = ANY(%s) AND (name ILIKE %s OR sku ILIKE %s "
            "OR search @@ websearch_to_tsquery('russian', %s)) ORDER BY name, id LIMIT 200"
        )
        values = [axis, like, like[1:], words]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def drafts_of(layout: Layout) -> list[tuple[int, int, int]]:
    """(main, companion, revision) of every draft of an SKU view, or of the types of a type view. Raises LayoutLost."""
    rows, columns = entries(layout, "rows", 0, layout.rows), entries(layout, "columns", 0, layout.columns)
    if rows is None or columns is None:
        raise LayoutLost
    side = "id" if layout.level is Level.SKU else "category_id"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.main_id, p.companion_id, r.id FROM matrix_pairrevision r JOIN matrix_pair p ON p.current_id = r.id "
            "JOIN catalog_product m ON m.id = p.main_id JOIN catalog_product k ON k.id = p.companion_id "
            f"WHERE r.state = 'draft' AND p.verdict = 'suitable' AND m.{side} = ANY(%s) AND k.{side} = ANY(%s) ORDER BY r.id",
            [[entry for entry in rows if entry > 0], list(columns)],
        )
        return list(cursor.fetchall())


def drafts_among(pairs: Collection[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """(main, companion, revision) of the drafts among these pairs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.main_id, p.companion_id, r.id FROM unnest(%s::bigint[], %s::bigint[]) AS x(main_id, companion_id) "
            "JOIN matrix_pair p USING (main_id, companion_id) JOIN matrix_pairrevision r ON r.id = p.current_id "
            "WHERE r.state = 'draft' AND p.verdict = 'suitable' ORDER BY r.id",
            [[main for main, _ in pairs], [companion for _, companion in pairs]],
        )
        return list(cursor.fetchall())


def mains_for(user: User) -> QuerySet[Product]:
    """Products that may stand in the person's rows."""
    return (
        Product.objects.filter(within(user, "category__path", Permission.PAIR_VIEW))
        .select_related("category")
        .order_by("sku")
    )


def products() -> QuerySet[Product]:
    """Products that may stand in a column: companions come from the whole catalog."""
    return Product.objects.select_related("category").order_by("sku")


@dataclass(frozen=True)
class Check:
    """One rule of a pair: `tone` ok, warn or bad; `code` names the sentence, `value` fills it."""

    code: str
    tone: str
    value: Any = None


def checks(*, main: Product, companion: Product, pair: Pair | None, limits: RatioLimits) -> list[Check]:
    """What stands for or against showing this pair today: compatibility, stock, margin, price ratio."""
    found = compatibility(main, companion, pair)
    if companion.status != ProductStatus.ACTIVE:
        found.append(Check("gone", "bad"))
    elif companion.stock is None:
        found.append(Check("stock_uncounted", "ok"))
    else:
        found.append(Check("stock", "ok" if companion.stock > 0 else "bad", companion.stock))
    if companion.price and companion.cost is not None:
        found.append(
            Check(
                "margin",
                "ok" if companion.price > companion.cost else "warn",
                (companion.price - companion.cost) / companion.price,
            )
        )
    verdict = judge_ratio(main_price=main.price, companion_price=companion.price, limits=limits)
    tones = {RatioStatus.OK: "ok", RatioStatus.WARN: "warn", RatioStatus.BLOCK: "bad", RatioStatus.UNKNOWN: "warn"}
    found.append(Check(f"ratio_{verdict.status.value}", tones[verdict.status], verdict.ratio))
    revision = pair.current if pair else None
    if revision is not None and revision.override_reason:
        found.append(Check("override", "warn", revision.override_reason))
    return found


def compatibility(main: Product, companion: Product, pair: Pair | None) -> list[Check]:
    """Whether the two go together: the pair's own word first, then that of the categories."""
    above, below = (one.category.path if one.category else "" for one in (main, companion))
    reason = blocked_by_type(main_path=above, companion_path=below, unsuitable=unsuitable_types())
    if reason is not None:
        return [Check("type_closed", "bad", reason)]
    if pair is not None and pair.verdict == Verdict.NOT_SUITABLE:
        return [Check("closed", "bad", pair.verdict_reason)]
    slot = DefaultReasons().of(above, below)
    return [Check("type_fits", "ok", slot[0])] if slot is not None else []
