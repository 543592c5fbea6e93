"""What a replacement is worth: expected attach rate × margin × what stays sold × stock, against the pair it would replace.

P(better) comes from draws of both posteriors; below 0.8 the honest answer is "propose a test" (EVIDENCE 5.3).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

DRAWS = 2000
SURELY_BETTER = 0.8
HOPELESS = 0.2  # below this chance of being better it is not even worth a test
LEAD_DAYS = 14  # until stock is filled up again
ENOUGH_PLACEMENTS = 20  # to learn how attach rates of offered pairs follow from what orders show
LOOSE = 10.0  # orders that the guess before any orders weighs
FLOOR = 1e-4


@dataclass(frozen=True)
class Calibration:
    """logit(attach rate once offered) = intercept + slope · logit(incremental attach): fitted on what is on offer."""

    intercept: float = 0.0
    slope: float = 1.0

    def mean(self, incremental: float) -> float:
        return float(
            special.expit(self.intercept + self.slope * special.logit(min(max(incremental, FLOOR), 1 - FLOOR)))
        )


@dataclass(frozen=True)
class Placed:
    """An existing placement: what orders suggested (incremental attach) and what came of it."""

    incremental: float
    trials: int
    hits: int


def calibrated(placements: Sequence[Placed]) -> Calibration | None:
    """Binomial regression by Newton's method; None below twenty placements that were ever taken."""
    known = [one for one in placements if one.trials and one.incremental > FLOOR]
    if len(known) < ENOUGH_PLACEMENTS or not any(one.hits for one in known):
        return None
    x = special.logit(np.clip([one.incremental for one in known], FLOOR, 1 - FLOOR))
    n = np.array([one.trials for one in known], dtype=np.float64)
    # every placement counts about the same: without a cap one bestseller would be the whole regression
    weight = np.minimum(n, 200.0)
    share = np.array([(one.hits + 0.5) / (one.trials + 1) for one in known])
    point = np.array([0.0, 1.0])
    design = np.column_stack([np.ones_like(x), x])
    for _ in range(25):
        mean = special.expit(design @ point)
        gradient = design.T @ (weight * (share - mean))
        hessian = design.T @ (design * (weight * mean * (1 - mean))[:, None]) + np.eye(2) * 1e-6
        step = np.linalg.solve(hessian, gradient)
        point = point + np.clip(step, -1, 1)
        if float(np.abs(step).max()) < 1e-8:
            break
    intercept, slope = float(point[0]), float(point[1])
    return Calibration(intercept, slope) if slope > 0 and math.isfinite(intercept) else None


@dataclass(frozen=True)
class Worth:
    """A companion beside a main: beta posterior of its attach rate and what one order with it brings."""

    alpha: float
    beta: float
    unit: float  # margin of one piece, times what stays sold, times stock; or its price when costs are not known

    @property
    def attach(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @property
    def value(self) -> float:
        """Expected money per main order."""
        return self.attach * self.unit

    def interval(self) -> tuple[float, float]:
        """95 % of the attach rate."""
        low, high = special.betaincinv(self.alpha, self.beta, [0.025, 0.975])
        return float(low), float(high)


def worth_of(*, trials: int, hits: int, prior_mean: float, prior_weight: float, unit: float) -> Worth:
    weight = max(prior_weight, 1.0)
    mean = min(max(prior_mean, FLOOR), 1 - FLOOR)
    return Worth(weight * mean + hits, weight * (1 - mean) + trials - hits, unit)


def cover(stock: int | None, sold_per_day: float) -> float:
    """Part of the lead time that the stock lasts, at most 1; uncounted stock always lasts."""
    if stock is None or sold_per_day <= 0:
        return 1.0
    return min(1.0, stock / sold_per_day / LEAD_DAYS)


def chance_of_better(new: Worth, old: Worth | None, *, seed: int) -> float:
    """P(V_new > V_old) by 2,000 draws; certain when the old one cannot be sold at all (None)."""
    if old is None or old.unit <= 0:
        return 1.0 if new.unit > 0 else 0.0
    chance = np.random.default_rng(seed)
    ours: npt.NDArray[np.float64] = chance.beta(new.alpha, new.beta, DRAWS) * new.unit
    theirs = chance.beta(old.alpha, old.beta, DRAWS) * old.unit
    return float((ours > theirs).mean())
