"""Which pairs are rarely taken, without crying wolf: empirical Bayes over the pairs of a category.

A pair's share is compared with what pairs of its category usually reach, after drawing it towards them as far as its own
orders are few. The list keeps its expected share of fine pairs below a bound (Bayesian false discovery rate: Newton et al.
2004). Below the minimum of orders the answer is "too few orders", never "weak".
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import special

from crossmatrix.insights.rules.association import Floats, benjamini_hochberg

ENOUGH_PAIRS = 20  # in a category, to learn from it how much its pairs differ
ENOUGH_TAKEN = 50  # orders with both among them
LOOSE_PRIOR = 10.0  # orders a prior weighs when even the whole shop has too few pairs to learn from
GATE_SHARE = 0.1  # false share of the strict list, the only one that may act by itself


class WeakVerdict(StrEnum):
    FINE = "fine"
    RARELY_TAKEN = "rarely_taken"
    TOO_FEW_ORDERS = "too_few_orders"


@dataclass(frozen=True)
class Thresholds:
    min_orders: int  # of the main
    share_of_usual: float = 0.5
    false_share: float = 0.1


@dataclass(frozen=True)
class Placement:
    """A companion offered with a main: `category` is a path such as "/1/5/", its parents are its prefixes."""

    key: int
    category: str
    orders_main: int
    orders_both: int
    thresholds: Thresholds


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


@dataclass(frozen=True)
class Judgement:
    verdict: WeakVerdict
    probability: float | None = None  # that the true share is below the threshold
    threshold: float | None = None
    usual: float | None = None  # mean share of the category the pair was compared with
    compared_pairs: int = 0
    compared_category: str = ""
    share: float | None = None  # best guess of the true share, with its 95 % bounds
    low: float | None = None
    high: float | None = None
    certain: bool = False  # also passes the strict gate


def judge_weakness(placements: Sequence[Placement]) -> dict[int, Judgement]:
    """Judge all pairs on offer together, by key; the list of the rarely taken is meant to be taken anew each time."""
    priors = priors_of(placements)
    judged: dict[int, Judgement] = {}
    rest: dict[float, list[Placement]] = defaultdict(list)
    for placement in placements:
        if placement.orders_main < max(1, placement.thresholds.min_orders) or priors[placement.category] is None:
            judged[placement.key] = Judgement(WeakVerdict.TOO_FEW_ORDERS)
        else:
            rest[placement.thresholds.false_share].append(placement)
    for false_share, together in rest.items():
        judged |= _judge(together, priors, false_share)
    return judged


def _judge(placements: list[Placement], priors: Mapping[str, Prior | None], false_share: float) -> dict[int, Judgement]:
    found = [prior for placement in placements if (prior := priors[placement.category])]
    taken = np.array([placement.orders_both for placement in placements], dtype=np.float64)
    left = np.array([placement.orders_main for placement in placements], dtype=np.float64) - taken
    alpha, beta = np.array([p.alpha for p in found]) + taken, np.array([p.beta for p in found]) + left
    threshold = np.array([p.mean * q.thresholds.share_of_usual for p, q in zip(found, placements, strict=True)])
    weak = special.betainc(alpha, beta, threshold)
    low, high = special.betaincinv(alpha, beta, 0.025), special.betaincinv(alpha, beta, 0.975)
    listed = review_list(weak, false_share)
    strict = benjamini_hochberg(at_most(taken, taken + left, threshold)) <= GATE_SHARE
    return {
        placement.key: Judgement(
            verdict=WeakVerdict.RARELY_TAKEN if listed[i] else WeakVerdict.FINE,
            probability=float(weak[i]),
            threshold=float(threshold[i]),
            usual=found[i].mean,
            compared_pairs=found[i].pairs,
            compared_category=found[i].category,
            share=float(alpha[i] / (alpha[i] + beta[i])),
            low=float(low[i]),
            high=float(high[i]),
            certain=bool(listed[i] and strict[i]),
        )
        for i, placement in enumerate(placements)
    }


def at_most(hits: Floats, trials: Floats, share: Floats) -> Floats:
    """P(Bin(trials, share) ≤ hits) by the regularised incomplete beta, as scipy.stats.binom.cdf, without its weight."""
    misses = np.maximum(trials - hits, 1)
    return np.asarray(np.where(hits >= trials, 1.0, special.betainc(misses, hits + 1, 1 - share)), dtype=np.float64)


def review_list(weak: npt.ArrayLike, false_share: float) -> npt.NDArray[np.bool_]:
    """The longest list whose mean probability of being fine stays at or below `false_share`."""
    fine = 1 - np.asarray(weak, dtype=np.float64)
    order = np.argsort(fine, kind="stable")
    means = np.cumsum(fine[order]) / np.arange(1, len(fine) + 1)
    fitting = np.flatnonzero(means <= false_share)
    listed = np.zeros(len(fine), dtype=np.bool_)
    if len(fitting):
        listed[order[: fitting[-1] + 1]] = True
    return listed


def priors_of(placements: Sequence[Placement]) -> dict[str, Prior | None]:
    """For each category the prior of the nearest one, itself or above, with enough pairs; None when there is nothing."""
    members: dict[str, list[Placement]] = defaultdict(list)
    for placement in placements:
        if placement.orders_main:
            for node in chain(placement.category):
                members[node].append(placement)
    fitted: dict[str, Prior | None] = {}

    def prior_at(node: str) -> Prior | None:
        if node not in fitted:
            fitted[node] = _fit(node, members[node])
        return fitted[node]

    return {
        category: next((prior for node in chain(category) if (prior := prior_at(node))), None)
        for category in {placement.category for placement in placements}
    }


def chain(category: str) -> Iterator[str]:
    """The path and its parents up to "" (the whole shop): "/1/5/", "/1/", ""."""
    parts = [part for part in category.split("/") if part]
    for size in range(len(parts), 0, -1):
        yield "/" + "/".join(parts[:size]) + "/"
    yield ""


def _fit(node: str, members: list[Placement]) -> Prior | None:
    hits = np.array([member.orders_both for member in members], dtype=np.float64)
    trials = np.array([member.orders_main for member in members], dtype=np.float64)
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
