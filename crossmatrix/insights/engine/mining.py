"""The counting itself: the order of the statements, and nothing about where the numbers go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from crossmatrix.insights.engine.base import Engine
from crossmatrix.insights.engine.text import statement
from crossmatrix.insights.rules.periods import weeks_of

Tell = Callable[[str, int, int], None]  # what is being done, steps done, steps in all
PREPARE = ("skus", "orders", "encoded", "bought", "sizes", "weights", "wanted_items", "items", "baskets")
FEW_LINES = 300_000  # in a small shop five orders with both are already something
MIN_BOTH_SMALL, MIN_BOTH = 5, 10


@dataclass(frozen=True)
class Totals:
    orders: int
    lines: int
    tested_items: int  # bought often enough to be counted with others
    wholesale_orders: int
    unknown_skus: int
    unknown_lines: int
    return_lines: int
    generated: int


def min_both_for(lines: int) -> int:
    """Orders with both below which a pair outside the matrix is not kept."""
    return MIN_BOTH_SMALL if lines <= FEW_LINES else MIN_BOTH


def days_table(first: date, last: date) -> pa.Table:
    """Each day of the window with the number of its week, from 0."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    many = len(weeks_of(first, last))
    return pa.table(
        {
            "day": pa.array(days, pa.date32()),
            "week": pa.array([many - 1 - (last - day).days // 7 for day in days], pa.int32()),
        }
    )


class Mining:
    """One counting: `prepare` reads the orders, `pairs` counts, `details` looks closer at chosen pairs."""

    def __init__(self, engine: Engine, *, min_both: int, tell: Tell = lambda message, done, total: None) -> None:
        self.engine, self.min_both, self.tell = engine, min_both, tell
        self.totals: Totals

    def prepare(
        self, *, lines: pa.Table | Sequence[Path], days: pa.Table, catalog: pa.Table, wanted: pa.Table
    ) -> Totals:
        """`catalog`: sku, product · `wanted`: main, companion (products of the matrix's pairs)."""
        for name, table in (("lines", lines), ("days", days), ("catalog", catalog), ("wanted", wanted)):
            self.engine.register(name, table)
        for done, name in enumerate(PREPARE):
            self.tell("read", done, len(PREPARE))
            self.engine.write(name, self._text(name))
        row = self.engine.query(self._text("totals")).to_pylist()[0]
        generated = self.engine.query(self._text("generated"))["generated"][0].as_py()
        self.totals = Totals(
            orders=int(row["orders"]), lines=int(row["line_count"]), tested_items=int(row["tested_items"]),
            wholesale_orders=int(row["wholesale_orders"]), unknown_skus=int(row["unknown_skus"]),
            unknown_lines=int(row["unknown_lines"]), return_lines=int(row["return_lines"]), generated=int(generated or 0),
        )  # fmt: skip
        return self.totals

    def pairs(self) -> pa.Table:
        """Unordered pairs: a, b, both_count, a_count, b_count, expected; those of the matrix down to never."""
        parts = self.engine.shares(self.totals.generated)
        tables = []
        for part in range(parts):
            self.tell("count", part, parts)
            tables.append(self.engine.query(self._text("pairs", parts=parts, part=part)))
        tables.append(self.engine.query(self._text("rare_wanted")))
        return pa.concat_tables([table.cast(PAIRS) for table in tables])

    def details(self, chosen: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Customers and money, and weekly orders, of chosen pairs (a, b)."""
        self.tell("details", 0, 1)
        self.engine.register("chosen", chosen)
        self.engine.write("together", self._text("together"))
        return self.engine.query(self._text("details")), self.engine.query(self._text("pair_weeks"))

    def item_weeks(self) -> pa.Table:
        return self.engine.query(self._text("item_weeks"))

    def products(self) -> pa.Table:
        """item → product, of everything the catalog knows."""
        return self.engine.query("select s.item, s.product from skus s where s.product is not null")

    def wanted_pairs(self) -> pa.Table:
        """Pairs of the matrix as items (a, b), those with something bought."""
        return self.engine.query("select w.a, w.b from wanted_items w")

    def unknown(self) -> pa.Table:
        return self.engine.query(self._text("unknown"))

    def _text(self, name: str, *, parts: int = 1, part: int = 0) -> str:
        return statement(name, min_both=self.min_both, parts=parts, part=part)


PAIRS = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("both_count", pa.int64()),
        ("a_count", pa.int64()),
        ("b_count", pa.int64()),
        ("expected", pa.float64()),
    ]
)
