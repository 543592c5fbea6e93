"""Lists of doubtful pairs whose error rate is known before anybody reads them."""

import numpy as np
import numpy.typing as npt
from scipy import special

from crossmatrix.insights.rules.association import Floats, benjamini_hochberg

LIKELIER = 0.5  # a pair that is more likely fine than not is never listed, however certain the others are
GATE_SHARE = 0.1  # false share of the strict list, the only one that may act by itself


def review_list(wrong: npt.ArrayLike, false_share: float, stake: npt.ArrayLike | None = None) -> npt.NDArray[np.bool_]:
    """Which pairs to list, from the probability that each is truly wrong: the mean probability of being fine stays at
    or below `false_share` (Bayesian false discovery rate: Newton et al. 2004), and nobody is listed who is likelier fine.

    Pairs below the bound by themselves leave room for doubtful ones; it goes where the most is at `stake` for the doubt
    taken (the order of Basu, Cai, Das and Sun 2018 for weighted errors). Without stakes every pair matters the same.
    """
    likely = np.asarray(wrong, dtype=np.float64)
    weight = np.ones(len(likely)) if stake is None else np.asarray(stake, dtype=np.float64)
    doubt = (1 - likely) - false_share
    listed: npt.NDArray[np.bool_] = (likely >= LIKELIER) & (doubt <= 0)
    room = -float(doubt[listed].sum())
    waiting = np.flatnonzero((likely >= LIKELIER) & ~listed)
    order = waiting[np.argsort(-(weight[waiting] * likely[waiting]) / doubt[waiting], kind="stable")]
    spent = np.cumsum(doubt[order])
    listed[order[: int(np.searchsorted(spent, room + 1e-12, side="right"))]] = True
    return listed


def strict_list(p_values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Pairs certain enough for anything automatic: Benjamini & Hochberg 1995 over exact tail probabilities."""
    return np.asarray(benjamini_hochberg(p_values) <= GATE_SHARE, dtype=np.bool_)


def at_most(hits: Floats, trials: Floats, share: Floats) -> Floats:
    """P(Bin(trials, share) ≤ hits) by the regularised incomplete beta, as scipy.stats.binom.cdf, without its weight."""
    misses = np.maximum(trials - hits, 1)
    return np.asarray(np.where(hits >= trials, 1.0, special.betainc(misses, hits + 1, 1 - share)), dtype=np.float64)


def at_least(hits: Floats, trials: Floats, share: Floats) -> Floats:
    """P(Bin(trials, share) ≥ hits)."""
    return np.asarray(
        np.where(hits <= 0, 1.0, special.betainc(np.maximum(hits, 1), np.maximum(trials - hits, 0) + 1, share)),
        dtype=np.float64,
    )
