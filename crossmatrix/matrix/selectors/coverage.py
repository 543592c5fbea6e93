"""How much of what the slots want a product's approved companions cover."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from crossmatrix.matrix.rules import Verdict


@dataclass(frozen=True)
class SlotRow:
    main_path: str
    companion_path: str
    verdict: str
    reason: str
    wanted: int


# {rows}: ids of the main categories, a list; the most specific slot first
SLOTS = """SELECT mc.path, cc.path, s.verdict, s.reason, s.wanted FROM matrix_slot s
    JOIN catalog_category mc ON mc.id = s.main_category_id JOIN catalog_category cc ON cc.id = s.companion_category_id
    WHERE EXISTS (SELECT 1 FROM catalog_category x WHERE x.id = ANY({rows}) AND starts_with(x.path, mc.path))
    AND EXISTS (SELECT 1 FROM catalog_category y WHERE y.id = ANY(%(column_categories)s) AND starts_with(y.path, cc.path))
    ORDER BY length(mc.path) DESC, length(cc.path) DESC, s.id"""
APPROVED = "p.main_id = ANY(%(mains)s) AND p.verdict = 'suitable' AND p.approved_id IS NOT NULL"
BY_CATEGORY = f"""SELECT g.main_id, c.path, g.count FROM (
    SELECT p.main_id, k.category_id, count(*) FROM matrix_pair p JOIN catalog_product k ON k.id = p.companion_id
    WHERE {APPROVED} GROUP BY 1, 2) g JOIN catalog_category c ON c.id = g.category_id"""
# where no slot asks for categories
ALL_TOGETHER = f"SELECT p.main_id, '', count(*) FROM matrix_pair p WHERE {APPROVED} GROUP BY 1"


def slots_between(row_categories: Collection[int], column_categories: Collection[int]) -> list[SlotRow]:
    """Slots of these categories and of the categories above them, the most specific first."""
    with connection.cursor() as cursor:
        cursor.execute(
            SLOTS.format(rows="%(rows)s"), {"rows": list(row_categories), "column_categories": list(column_categories)}
        )
        return [SlotRow(*row) for row in cursor.fetchall()]


def covered_by(mains: Sequence[int]) -> dict[int, dict[str, int]]:
    """Main → companion category path → how many approved companions."""
    with connection.cursor() as cursor:
        cursor.execute(BY_CATEGORY, {"mains": list(mains)})
        return by_main(cursor.fetchall())


def by_main(counted: Iterable[Sequence[Any]]) -> dict[int, dict[str, int]]:
    """(main, companion category path, approved companions) rows as main → path → how many."""
    found: dict[int, dict[str, int]] = {}
    for main, path, count in counted:
        found.setdefault(main, {})[path] = count
    return found


class Wanted:
    """What the slots want of the mains of each category; worked out once for a category, not for each of its mains."""

    def __init__(self, slots: Sequence[SlotRow]) -> None:
        self.slots = slots
        self.by_category: dict[str, dict[str, int]] = {}
        self.known: dict[tuple[str, str], str | None] = {}

    def of(self, path: str) -> dict[str, int]:
        """Companion category path → companions wanted of a main of this category."""
        if path not in self.by_category:
            asked = {slot.companion_path: slot for slot in reversed(self.slots) if path.startswith(slot.main_path)}
            self.by_category[path] = {
                where: slot.wanted for where, slot in asked.items() if slot.verdict == Verdict.SUITABLE
            }
        return self.by_category[path]

    def nearest(self, path: str, companion_path: str) -> str | None:
        """The slot category that a companion of this category counts for."""
        key = path, companion_path
        if key not in self.known:
            fits = (where for where in self.of(path) if companion_path.startswith(where))
            self.known[key] = max(fits, key=len, default=None)
        return self.known[key]

    def coverage(self, path: str, covered: dict[str, int]) -> tuple[int, int]:
        """(companions approved within the slots, companions wanted); without slots wanted is 0 and all approved count."""
        wanted = self.of(path)
        if not wanted:
            return sum(covered.values()), 0
        have: dict[str, int] = {}
        for companion_path, count in covered.items():
            if nearest := self.nearest(path, companion_path):
                have[nearest] = have.get(nearest, 0) + count
        return sum(min(count, wanted[where]) for where, count in have.items()), sum(wanted.values())


def mains_by_coverage(wanted: str, categories: Collection[int], column_categories: Collection[int]) -> list[int]:
    """Products of the categories of which nothing ("none"), less than wanted ("part") or everything ("full") is covered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, c.path FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id WHERE c.id = ANY(%s)",
            [list(categories)],
        )
        paths = dict(cursor.fetchall())
    wanted_of, covered = Wanted(slots_between(categories, column_categories)), covered_by(list(paths))
    found = []
    for main, path in paths.items():
        have, want = wanted_of.coverage(path, covered.get(main, {}))
        level = "none" if not have else "full" if have >= want else "part"
        if level == wanted:
            found.append(main)
    return found
