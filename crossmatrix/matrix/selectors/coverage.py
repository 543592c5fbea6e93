"""How much of what the slots want a product's approved companions cover."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from crossmatrix.matrix.rules import Verdict


@dataclass(frozen=True)
class SlotRow:
    main_path: str
    companion_path: str
    verdict: str
    reason: str
    wanted: int


def slots_between(row_categories: Collection[int], column_categories: Collection[int]) -> list[SlotRow]:
    """Slots of these categories and of the categories above them, the most specific first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mc.path, cc.path, s.verdict, s.reason, s.wanted FROM matrix_slot s "
            "JOIN catalog_category mc ON mc.id = s.main_category_id JOIN catalog_category cc ON cc.id = s.companion_category_id "
            "WHERE EXISTS (SELECT 1 FROM catalog_category x WHERE x.id = ANY(%s) AND starts_with(x.path, mc.path)) "
            "AND EXISTS (SELECT 1 FROM catalog_category y WHERE y.id = ANY(%s) AND starts_with(y.path, cc.path)) "
            "ORDER BY length(mc.path) DESC, length(cc.path) DESC, s.id",
            [list(row_categories), list(column_categories)],
        )
        return [SlotRow(*row) for row in cursor.fetchall()]


def covered_by(mains: Sequence[int]) -> dict[int, dict[str, int]]:
    """Main → companion category path → how many approved companions."""
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.main_id, c.path, count(*) FROM matrix_pair p JOIN catalog_product k ON k.id = p.companion_id "
            "JOIN catalog_category c ON c.id = k.category_id "
            "WHERE p.main_id = ANY(%s) AND p.verdict = 'suitable' AND p.approved_id IS NOT NULL GROUP BY 1, 2",
            [list(mains)],
        )
        for main, path, count in cursor.fetchall():
            found.setdefault(main, {})[path] = count
    return found


def coverage(path: str, covered: dict[str, int], slots: list[SlotRow]) -> tuple[int, int]:
    """(companions approved within the slots, companions wanted); without slots wanted is 0 and all approved count."""
    asked = {slot.companion_path: slot for slot in reversed(slots) if path.startswith(slot.main_path)}
    wanted = {where: slot.wanted for where, slot in asked.items() if slot.verdict == Verdict.SUITABLE}
    if not wanted:
        return sum(covered.values()), 0
    have = dict.fromkeys(wanted, 0)
    for companion_path, count in covered.items():
        nearest = max((where for where in wanted if companion_path.startswith(where)), key=len, default=None)
        if nearest:
            have[nearest] += count
    return sum(min(have[where], wanted[where]) for where in wanted), sum(wanted.values())


def mains_by_coverage(wanted: str, categories: Collection[int], column_categories: Collection[int]) -> list[int]:
    """Products of the categories of which nothing ("none"), less than wanted ("part") or everything ("full") is covered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, c.path FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id WHERE c.id = ANY(%s)",
            [list(categories)],
        )
        paths = dict(cursor.fetchall())
    slots, covered = slots_between(categories, column_categories), covered_by(list(paths))
    found = []
    for main, path in paths.items():
        have, want = coverage(path, covered.get(main, {}), slots)
        level = "none" if not have else "full" if have >= want else "part"
        if level == wanted:
            found.append(main)
    return found
