"""How good a companion is for a main: what its orders, and those of its type, show beyond chance.

Every weight is counted in orders with the main or is a share, so the same numbers hold for a small and a large shop. They
were chosen on the validation weeks of `bench/suggestions.py`; what was tried is in docs/suggestions.md.
"""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PRIOR_ORDERS = 60  # a main with so many orders is believed half, its type the other half
RECENT_SHARE = 0.3  # of a pair's own share: from orders that count the less the older they are
HALF_LIFE = 8  # weeks after which an order counts half among the recent ones
TYPE_SHARE = 0.5  # of the type's say; the rest is the category's above it


class Dial(StrEnum):
    """How much of the usual stays in the score: companions that sell with everything, or that belong to this main."""

    SAFE = "safe"
    BALANCED = "balanced"
    DISTINCTIVE = "distinctive"


USUAL_KEPT: dict[Dial, float] = {Dial.SAFE: 1.0, Dial.BALANCED: 0.2, Dial.DISTINCTIVE: 0.0}


def own_share(*, both: Floats, main: Floats, recent_both: Floats, recent_main: Floats) -> Floats:
    """Share of main orders with the companion, recent orders weighing more; 0 without main orders."""
    plain = np.divide(1 - RECENT_SHARE, main, out=np.zeros_like(main), where=main > 0)
    recent = np.divide(RECENT_SHARE, recent_main, out=np.zeros_like(main), where=recent_main > 0)
    return np.asarray(both * plain + recent_both * recent, dtype=np.float64)


def shrunk_excess(*, share: Floats, usual: Floats, main: Floats, prior: Floats) -> Floats:
    """Share of main orders that the pair brings beyond chance, drawn towards what mains of its type show.

    `usual`: the share chance alone gives in orders of the main's sizes; `prior`: the type's excess.
    """
    trust = main / (main + PRIOR_ORDERS)
    return np.asarray(trust * (share - usual) + (1 - trust) * prior, dtype=np.float64)


def type_excess(*, of_type: Floats, of_category: Floats) -> Floats:
    """What is expected of a main nobody has bought yet, from its type and the category above."""
    return np.asarray(TYPE_SHARE * of_type + (1 - TYPE_SHARE) * of_category, dtype=np.float64)


def score(excess: Floats, usual: Floats, dial: Dial) -> Floats:
    """Expected share of main orders, less the part of it that any companion would get: all, most or none of it stays."""
    return np.asarray(excess + USUAL_KEPT[dial] * usual, dtype=np.float64)
