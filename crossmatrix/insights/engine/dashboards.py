"""Numbers of the dashboards: the order of the statements of dashboards.sql."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from crossmatrix.insights.engine.base import Engine
from crossmatrix.insights.engine.offers import sections
from crossmatrix.insights.rules.baskets import WHOLESALE_ABOVE

STEPS = ("dash_lines", "dash_orders", "dash_mains", "dash_taken", "dash_with")


class Dashboards:
    """`goods`: sku, product · `nodes`: product, node · `links`: main, companion."""

    def __init__(self, engine: Engine, *, goods: pa.Table, nodes: pa.Table, links: pa.Table) -> None:
        self.engine = engine
        for name, table in (("goods", goods), ("nodes", nodes), ("links", links)):
            engine.register(name, table)

    def months(self, lines: Sequence[Path]) -> pa.Table:
        """By category, over the orders of these files (of one month)."""
        self._prepare(lines)
        return self.engine.query(self._text("dash_months"))

    def cohorts(self, lines: Sequence[Path]) -> pa.Table:
        """By category and month of the customer's first order; months are counted from year 0."""
        self._prepare(lines)
        self.engine.write("dash_bought", self._text("dash_bought"))
        return self.engine.query(self._text("dash_cohorts"))

    def _prepare(self, lines: Sequence[Path]) -> None:
        self.engine.register("lines", lines)
        for name in STEPS:
            self.engine.write(name, self._text(name))

    @staticmethod
    def _text(name: str) -> str:
        return sections("dashboards.sql")[name].format(wholesale_above=WHOLESALE_ABOVE)
