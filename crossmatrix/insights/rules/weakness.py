"""Which pairs are rarely taken, and which come back too often, without crying wolf: empirical Bayes over a category.

A pair's share is compared with what pairs of its category usually reach, after drawing it towards them as far as its own
orders are few. Below the minimum of orders the answer is "too few orders", never "weak".
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from crossmatrix.insights.rules.association import Floats
from crossmatrix.insights.rules.priors import Prior, priors_of
from crossmatrix.insights.rules.review import at_least, at_most, review_list, strict_list


class WeakVerdict(StrEnum):
    FINE = "fine"
    WEAK = "weak"
    TOO_FEW = "too_few"


class Tail(StrEnum):
    LOW = "low"  # wrong is a share below the threshold: rarely taken
    HIGH = "high"  # wrong is a share above it: returned


@dataclass(frozen=True)
class Placement:
    """A companion offered with a main: `hits` of `trials` (orders with both of orders with the main; or bought of shown).

    The threshold is `part` of what is usual in the category unless `bar` names it; `stake` is what a wrong pair costs, in any one unit.
    """

    key: int
    category: str
    trials: int
    hits: int
    least: int  # trials below which nothing is said
    part: float = 0.5
    false_share: float = 0.1
    stake: float | None = None  # None: its trials
    bar: float | None = None  # the threshold itself, where money decides instead of the usual


@dataclass(frozen=True)
class Judgement:
    verdict: WeakVerdict
    probability: float | None = None  # that the true share is beyond the threshold
    threshold: float | None = None
    usual: float | None = None  # mean share of the category the pair was compared with
    compared_pairs: int = 0
    compared_category: str = ""
    share: float | None = None  # best guess of the true share, with its 95 % bounds
    low: float | None = None
    high: float | None = None
    certain: bool = False  # also passes the strict gate


def judge(placements: Sequence[Placement], *, tail: Tail = Tail.LOW) -> dict[int, Judgement]:
    """Judge all pairs on offer together, by key; the list is meant to be taken anew each time."""
    priors = priors_of(placements)
    judged: dict[int, Judgement] = {}
    rest: dict[float, list[Placement]] = defaultdict(list)
    for placement in placements:
        if placement.trials < max(1, placement.least) or priors[placement.category] is None:
            judged[placement.key] = Judgement(WeakVerdict.TOO_FEW)
        else:
            rest[placement.false_share].append(placement)
    for false_share, together in rest.items():
        judged |= _judge(together, priors, false_share, tail)
    return judged


def _judge(
    placements: list[Placement], priors: Mapping[str, Prior | None], false_share: float, tail: Tail
) -> dict[int, Judgement]:
    found = [prior for placement in placements if (prior := priors[placement.category])]
    hits = np.array([placement.hits for placement in placements], dtype=np.float64)
    trials = np.array([placement.trials for placement in placements], dtype=np.float64)
    alpha = np.array([prior.alpha for prior in found]) + hits
    beta = np.array([prior.beta for prior in found]) + trials - hits
    threshold = np.minimum(
        np.array([_bar(placement, prior) for prior, placement in zip(found, placements, strict=True)]), 1.0
    )
    wrong, p_values = _tails(hits, trials, alpha, beta, threshold, tail)
    low, high = special.betaincinv(alpha, beta, 0.025), special.betaincinv(alpha, beta, 0.975)
    stake = [placement.trials if placement.stake is None else placement.stake for placement in placements]
    listed, strict = review_list(wrong, false_share, stake), strict_list(p_values)
    return {
        placement.key: Judgement(
            verdict=WeakVerdict.WEAK if listed[i] else WeakVerdict.FINE,
            probability=float(wrong[i]),
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


def _bar(placement: Placement, prior: Prior) -> float:
    return prior.mean * placement.part if placement.bar is None else placement.bar


def _tails(
    hits: Floats, trials: Floats, alpha: Floats, beta: Floats, threshold: Floats, tail: Tail
) -> tuple[Floats, Floats]:
    """Probability of being wrong given the counts, and the exact tail of the counts at the threshold."""
    below = np.asarray(special.betainc(alpha, beta, threshold), dtype=np.float64)
    if tail == Tail.LOW:
        return below, at_most(hits, trials, threshold)
    return 1 - below, at_least(hits, trials, threshold)
