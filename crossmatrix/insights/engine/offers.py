"""Discounts, returns and money of the pairs on offer: the order of the statements of offers.sql."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pyarrow as pa

from crossmatrix.insights.engine.base import Engine
from crossmatrix.insights.engine.text import SECTION

STEPS = ("link_skus", "link_lines", "told_months", "link_bought", "link_returned")


@cache
def sections(file: str) -> dict[str, str]:
    """Statements of a file of this package by name."""
    _head, *parts = SECTION.split(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


def offer_sales(engine: Engine, *, lines: pa.Table | Sequence[Path], days: pa.Table, links: pa.Table) -> pa.Table:
    """`links`: main, companion (product ids), main_sku, companion_sku. A row for each pair that was bought together."""
    for name, table in (("lines", lines), ("days", days), ("links", links)):
        engine.register(name, table)
    for name in STEPS:
        engine.write(name, sections("offers.sql")[name])
    return engine.query(sections("offers.sql")["offer_sales"])
