"""What a careful colleague would say before a file is applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PRICE_SHIFT = 30  # percent of the old price beyond which a change is pointed out
FEW_KNOWN = 20  # percent of known SKUs below which the file is probably another shop's


@dataclass(frozen=True)
class Figures:
    """Counts over the planned rows of a catalog file."""

    rows: int
    known: int
    catalog: int  # products in the catalog before
    price_down: int = 0
    price_up: int = 0
    out_of_stock: int = 0
    currency: int = 0
    cleared: int = 0


@dataclass(frozen=True)
class Remark:
    code: str
    severity: str  # bad: look before you apply; warn: know it
    params: dict[str, Any]


def remarks(figures: Figures) -> Sequence[Remark]:
    """The remarks a file deserves, worst first."""
    found: list[Remark] = []
    if figures.catalog >= 50 and figures.rows >= 20 and figures.known * 100 < figures.rows * FEW_KNOWN:
        found.append(Remark("guard.wrong_file", "bad", {"percent": figures.known * 100 // figures.rows}))
    if figures.price_down:
        found.append(Remark("guard.price_down", "bad", {"count": figures.price_down, "percent": PRICE_SHIFT}))
    if figures.price_up:
        found.append(Remark("guard.price_up", "warn", {"count": figures.price_up, "percent": PRICE_SHIFT}))
    if figures.out_of_stock:
        found.append(Remark("guard.out_of_stock", "warn", {"count": figures.out_of_stock}))
    if figures.currency:
        found.append(Remark("guard.currency", "bad", {"count": figures.currency}))
    if figures.cleared:
        found.append(Remark("guard.cleared", "bad", {"count": figures.cleared}))
    return found
