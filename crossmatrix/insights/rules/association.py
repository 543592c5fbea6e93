"""How strongly two products are bought together: from whole counts to shares, intervals and scores.

Directions are kept: a share is P(companion | main). Bulk functions take and give numpy arrays.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Z95 = 1.959963984540054  # two-sided 95 % of the normal distribution
PRIOR_ORDERS = (
    30  # weight of the category's excess in a pair's score, in main orders: best on the validation weeks (06)
)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True)
class PairCounts:
    """Orders of a window: with the main, with the companion, with both, all; and with both as expected by chance."""

    main: int
    companion: int
    both: int
    all: int
    expected: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.both <= min(self.main, self.companion) and max(self.main, self.companion) <= self.all):
            raise ValueError(f"impossible counts: {self}")
        if self.main + self.companion - self.both > self.all:
            raise ValueError(f"more orders with one of the two than orders: {self}")


@dataclass(frozen=True)
class PairNumbers:
    """What the screens, the commands and the exports show of a pair; None where nothing was bought."""

    attach_rate: float | None
    low: float | None
    high: float | None
    lift: float | None
    adjusted_lift: float | None  # over what baskets of this size would hold by chance
    llr: float
    incremental: float | None  # attach rate beyond chance


def describe(counts: PairCounts) -> PairNumbers:
    """Every number of a pair from its counts: the one place where they are computed."""
    band = wilson(counts.both, counts.main)
    return PairNumbers(
        attach_rate=counts.both / counts.main if counts.main else None,
        low=band.low if band else None,
        high=band.high if band else None,
        lift=lift(counts),
        adjusted_lift=counts.both / counts.expected if counts.expected > 0 else None,
        llr=log_likelihood_ratio(counts),
        incremental=(counts.both - counts.expected) / counts.main if counts.main else None,
    )


def wilson(hits: int, trials: int, z: float = Z95) -> Interval | None:
    """Bounds (0..1) of a share; None without trials. Wilson score interval (Wilson 1927); z=1.96 gives 95 %."""
    if not trials:
        return None
    share, spread = hits / trials, z * z / trials
    centre, half = share + spread / 2, z * math.sqrt((share * (1 - share) + spread / 4) / trials)
    low, high = (centre - half) / (1 + spread), (centre + half) / (1 + spread)
    return Interval(max(0.0, min(low, share)), min(1.0, max(high, share)))  # rounding must not push the share out


def lift(counts: PairCounts) -> float | None:
    """Attach rate ÷ share of the companion in all orders; None when one of the two was never bought."""
    if not counts.main or not counts.companion:
        return None
    return counts.both * counts.all / (counts.main * counts.companion)


def log_likelihood_ratio(counts: PairCounts) -> float:
    """G² of the 2×2 table (Dunning 1993): how surprising the count is if the two had nothing to do with each other."""
    neither = counts.all - counts.main - counts.companion + counts.both
    cells = (counts.both, counts.main - counts.both, counts.companion - counts.both, neither)
    edges = (counts.main, counts.companion, counts.all - counts.main, counts.all - counts.companion)
    total = sum(map(_x_log_x, cells)) - sum(map(_x_log_x, edges)) + _x_log_x(counts.all)
    return max(0.0, 2 * total)


def _x_log_x(count: int) -> float:
    return count * math.log(count) if count else 0.0


def size_aware_g2(both: float, expected: float) -> float:
    """Poisson G² of a count above what baskets of this size give by chance; 0 at or below it."""
    return 2 * (both * math.log(both / expected) - (both - expected)) if both > expected > 0 else 0.0


def poisson_tail(both: npt.ArrayLike, expected: npt.ArrayLike) -> Floats:
    """P(count ≥ both) under Poisson(expected): the p-value of "more often than chance"."""
    seen, mean = np.asarray(both, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    tail: Any = np.where(seen > 0, special.gammainc(np.maximum(seen, 1), mean), 1.0)
    return np.asarray(tail, dtype=np.float64)


def benjamini_hochberg(p_values: npt.ArrayLike, *, tests: int | None = None) -> Floats:
    """Adjusted p-values (Benjamini & Hochberg 1995): below q, the expected share of false finds is at most q.

    `tests` counts also the hypotheses whose p-values are not given because they cannot be small.
    """
    p = np.asarray(p_values, dtype=np.float64)
    many = len(p) if tests is None else tests
    if many < len(p):
        raise ValueError("fewer tests than p-values")
    order = np.argsort(p, kind="stable")
    stepped = p[order] * many / np.arange(1, len(p) + 1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(stepped[::-1])[::-1])
    return adjusted


def shrunk_excess(*, both: Floats, expected: Floats, orders_main: Floats, group: npt.NDArray[np.int64]) -> Floats:
    """Orders with both beyond chance per main order, drawn towards what the main's group (its category) shows.

    A pair seen in 30 main orders counts half of its own and half of its group's. `group` numbers (main category,
    companion) from 0.
    """
    excess = both - expected
    groups = int(group.max()) + 1 if len(group) else 0
    usual = np.bincount(group, weights=excess, minlength=groups)
    weight = np.bincount(group, weights=orders_main, minlength=groups)
    prior = np.divide(usual, weight, out=np.zeros(groups), where=weight > 0)
    shrunk: Floats = (excess + PRIOR_ORDERS * prior[group]) / (orders_main + PRIOR_ORDERS)
    return shrunk
