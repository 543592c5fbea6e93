"""The counting itself: the order of the statements, and nothing about where the numbers come from or go."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import pyarrow as pa

from crossmatrix.insights.engine.encode import BASKETS, LINES
from crossmatrix.insights.engine.kernel import COUNTS, count_pairs
from crossmatrix.insights.engine.protocol import Engine, Files
from crossmatrix.insights.engine.ranked import READ, Apart, RankedLines, ranked
from crossmatrix.insights.engine.text import kept_from, statement
from crossmatrix.insights.rules.baskets import WHOLESALE_ABOVE
from crossmatrix.insights.rules.periods import weeks_of

Tell = Callable[[str, int, int], None]  # what is being done, steps done, steps in all
Lines: TypeAlias = pa.Table | Files  # a table, or the Parquet files of one
PREPARE = ("skus", "weights", "wanted_items", "items", "baskets", "unknown_items")
NAMED = (
    "baskets",
)  # as large as the orders and seldom asked for: of these rows an engine of this process keeps no copy
FEW_LINES = 300_000  # in a small shop five orders with both are already something
MIN_BOTH_SMALL, MIN_BOTH = 5, 10
MIN_BOTH_LARGE = ((60_000_000, 50), (25_000_000, 25))  # above so many lines: no more pairs than people can use
RECOUNT_SHARE = 0.25  # changed days that make more of all pairs than this: counting them twice costs more than all anew
NEWCOMER_SHARE = 0.1  # likewise products the former count did not look at
MOVED = pa.schema([("a", pa.int32()), ("b", pa.int32()), ("net", pa.int32())])
PAIRS = pa.schema(
    [
        *((name, pa.int64()) for name in COUNTS.names),
        ("a_count", pa.int64()),
        ("b_count", pa.int64()),
        ("expected", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Totals:
    orders: int
    lines: int
    tested_items: int  # bought often enough to be counted with others
    wholesale_orders: int
    unknown_skus: int
    unknown_lines: int
    generated: int


@dataclass(frozen=True)
class Former:
    """A former count and the days that came in or went out since."""

    pairs: pa.Table  # a, b, both_count down to kept_from
    items: pa.Table  # item: those it looked at
    entered: Lines
    left_out: Lines


def min_both_for(lines: int) -> int:
    """Orders with both below which a pair outside the matrix is not kept."""
    if lines <= FEW_LINES:
        return MIN_BOTH_SMALL
    return next((least for above, least in MIN_BOTH_LARGE if lines > above), MIN_BOTH)


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
    """One counting: `prepare` looks at products, `count` at pairs, `pairs` and `details` closer at what was found."""

    def __init__(self, engine: Engine, *, min_both: int, tell: Tell = lambda message, done, total: None) -> None:
        self.engine, self.min_both, self.tell = engine, min_both, tell
        self.totals: Totals
        self._ranked: RankedLines | None = None

    def prepare(
        self, *, bought: Lines, orders: Lines, days: pa.Table, numbers: pa.Table, catalog: pa.Table, wanted: pa.Table
    ) -> Totals:
        """`numbers`: item, sku · `catalog`: sku, product · `wanted`: main, companion (products of the matrix's pairs)."""
        sources = {"bought": bought, "orders": orders, "days": days, "numbers": numbers, "catalog": catalog}
        for name, table in {**sources, "wanted": wanted}.items():
            self._register(name, table)
        for done, name in enumerate(PREPARE):
            self.tell("read", done, len(PREPARE))
            self.engine.write(name, self._text(name), keep=name not in NAMED or not self.engine.local)
        row, unknown = self._row("totals"), self._row("unknown_totals")
        self.totals = Totals(
            orders=int(row["orders"]), lines=int(row["line_count"]), tested_items=int(self._row("tested")["items"]),
            wholesale_orders=int(row["all_orders"]) - int(row["orders"]), unknown_skus=int(unknown["skus"]),
            unknown_lines=int(unknown["line_count"]), generated=self._generated(int(row["line_count"])),
        )  # fmt: skip
        return self.totals

    def count(self) -> pa.Table:
        """All pairs of the window: a, b, both_count, down to `kept_from`; the statement `counted`, or what equals it."""
        lines, self._ranked = self._ranked, None
        if lines:
            return count_pairs(
                lines, least=kept_from(self.min_both), tell=lambda done, total: self.tell("count", done, total)
            )
        return self._shares("counted", self.totals.generated, COUNTS)

    def count_changes(self, former: Former) -> pa.Table | None:
        """The same numbers down to `min_both`, from a former count; None when that would cost more than counting all.

        Exact: a pair the former count dropped is counted anew as soon as what it may have had and what it gained could
        be enough together.
        """
        tables = (
            ("base", former.pairs), ("base_items", former.items), ("entered", former.entered), ("left_out", former.left_out),
        )  # fmt: skip
        for name, table in tables:
            self._register(name, table)
        for name in ("moves", "newcomers"):
            self.engine.write(name, self._text(name))
        changed = int(self._row("moved_generated")["generated"])
        newcomers = int(self.engine.query("select count(*) as many from newcomers")["many"][0].as_py())
        if changed > RECOUNT_SHARE * self.totals.generated or newcomers > NEWCOMER_SHARE * max(
            1, former.items.num_rows
        ):
            return None
        self._ranked = None
        self.engine.register("moved", self._shares("moved", changed, MOVED))
        self.engine.write("doubtful", self._text("doubtful"))
        parts = [self.engine.query(self._text(name)) for name in ("summed", "recounted", "newly_counted")]
        return pa.concat_tables([part.cast(COUNTS) for part in parts])

    def items(self) -> pa.Table:
        """The products whose pairs are counted."""
        return self.engine.query("select i.item from items i")

    def pairs(self, counts: pa.Table) -> pa.Table:
        """Unordered pairs: a, b, both_count, a_count, b_count, expected; those of the matrix down to never."""
        self.engine.register("counts", counts)
        tables = [self.engine.query(self._text(name)) for name in ("pairs", "rare_wanted")]
        return pa.concat_tables([table.cast(PAIRS) for table in tables])

    def details(self, chosen: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Customers and money, and weekly orders, of chosen pairs (a, b, a_count, b_count)."""
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
        """Pairs of the matrix as items (a, b)."""
        return self.engine.query("select w.a, w.b from wanted_items w")

    def unknown(self) -> pa.Table:
        return self.engine.query(self._text("unknown"))

    def _register(self, name: str, table: Lines) -> None:
        """No files at all are a table without rows."""
        self.engine.register(
            name,
            table if isinstance(table, pa.Table) or table else (BASKETS if name == "orders" else LINES).empty_table(),
        )

    def _shares(self, name: str, generated: int, schema: pa.Schema) -> pa.Table:
        parts = self.engine.shares(generated)
        tables = []
        for part in range(parts):
            self.tell("count", part, parts)
            tables.append(self.engine.query(self._text(name, parts=parts, part=part)).cast(schema))
        return pa.concat_tables(tables)

    def _generated(self, lines: int) -> int:
        """How many pairs there are to count: the statement `generated`, or what equals it; keeps the lines for `count`."""
        if not self.engine.local:
            return int(self._row("generated")["generated"])
        asked = "select b.basket, b.item, b.size from bought b"
        try:
            self._ranked = self._read(asked, lines)
        except Apart:
            self._ranked = self._read(f"{asked} order by b.basket", lines)
        return self._ranked.generated

    def _read(self, asked: str, lines: int) -> RankedLines:
        items = self.engine.query("select i.item, i.order_count from items i")
        with closing(self.engine.pieces(asked, READ)) as pieces:
            return ranked(pieces, items, lines=lines, largest=WHOLESALE_ABOVE)

    def _row(self, name: str) -> dict[str, int]:
        found: dict[str, int] = self.engine.query(self._text(name)).to_pylist()[0]
        return found

    def _text(self, name: str, *, parts: int = 1, part: int = 0) -> str:
        return statement(name, min_both=self.min_both, parts=parts, part=part)
