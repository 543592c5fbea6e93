"""What the pairs of a category usually reach: beta priors fitted to their counts, borrowed from above where few are known."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from crossmatrix.insights.rules.association import Floats

ENOUGH_PAIRS = 20  # in a category, to learn from it how much its pairs differ
ENOUGH_TAKEN = 50  # orders with both among them
LOOSE_PRIOR = 10.0  # orders a prior weighs when even the whole shop has too few pairs to learn from


class Counted(Protocol):
    """Hits out of trials in a category: its path is such as "/1/5/", its parents are its prefixes."""

    @property
    def category(self) -> str: ...
    @property
    def trials(self) -> int: ...
    @property
    def hits(self) -> int: ...


@dataclass(frozen=True)
class Prior:
    """Beta distribution of the shares of a category's pairs."""

    alpha: float
    beta: float
    category: str
    pairs: int

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)


def priors_of(counted: Sequence[Counted]) -> dict[str, Prior | None]:
    """For each category the prior of the nearest one, itself or above, with enough pairs; None when there is nothing."""
    members: dict[str, list[Counted]] = defaultdict(list)
    for one in counted:
        if one.trials:
            for node in chain(one.category):
                members[node].append(one)
    fitted: dict[str, Prior | None] = {}

    def prior_at(node: str) -> Prior | None:
        if node not in fitted:
            fitted[node] = _fit(node, members[node])
        return fitted[node]

    return {
        category: next((prior for node in chain(category) if (prior := prior_at(node))), None)
        for category in {one.category for one in counted}
    }


def chain(category: str) -> Iterator[str]:
    """The path and its parents up to "" (the whole shop): "/1/5/", "/1/", ""."""
    parts = [part for part in category.split("/") if part]
    for size in range(len(parts), 0, -1):
        yield "/" + "/".join(parts[:size]) + "/"
    yield ""


def _fit(node: str, members: list[Counted]) -> Prior | None:
    hits = np.array([member.hits for member in members], dtype=np.float64)
    trials = np.array([member.trials for member in members], dtype=np.float64)
    if len(members) >= ENOUGH_PAIRS and hits.sum() >= ENOUGH_TAKEN:
        alpha, beta = fit_beta_binomial(hits, trials)
        return Prior(alpha, beta, node, len(members))
    if node == "" and len(members) > 1 and hits.sum() >= ENOUGH_TAKEN:
        mean = float(hits.sum() / trials.sum())
        return Prior(LOOSE_PRIOR * mean, LOOSE_PRIOR * (1 - mean), node, len(members)) if mean < 1 else None
    return None


def fit_beta_binomial(hits: Floats, trials: Floats) -> tuple[float, float]:
    """Most likely (α, β) of beta-binomial counts, searched on the logits of mean and logarithm of strength."""
    start = special.logit((hits.sum() + 0.5) / (trials.sum() + 1))

    def loss(point: Floats) -> float:
        mean, strength = special.expit(point[0]), np.exp(np.clip(point[1], -3, 9))
        alpha, beta = mean * strength, (1 - mean) * strength
        return float(-(special.betaln(alpha + hits, beta + trials - hits) - special.betaln(alpha, beta)).sum())

    from scipy import optimize  # noqa: PLC0415 - a second of start-up that only this fit needs

    best = optimize.minimize(
        loss, [start, 3.0], method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3, "maxiter": 400}
    ).x
    mean, strength = float(special.expit(best[0])), float(np.exp(np.clip(best[1], -3, 9)))
    return mean * strength, (1 - mean) * strength
