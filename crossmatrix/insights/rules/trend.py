"""Which pairs are falling: a trend over weeks that season and ordinary week noise do not explain.

Quasi-binomial score test for a slope (Cochran–Armitage with a season index and an overdispersion factor), corrected over
all pairs by Benjamini & Hochberg, and a decline large enough to matter. A secondary signal, for pairs with many orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from crossmatrix.insights.rules.association import Floats, benjamini_hochberg
from crossmatrix.insights.rules.priors import ENOUGH_PAIRS, chain

FEWEST_ORDERS = 20  # with both, in the whole window
FEWEST_WEEKS = 6
FALSE_SHARE = 0.08  # so that of the pairs called falling 94.5 % are, at week noise of CV 22 %: bench/trend.py
LAST_PART = 3  # the last third of the weeks is compared with the rest
BANDS = (1, 3, 10, 30, 100)  # expected orders a week: noise differs between rare and common pairs
MEDIAN_OF_CHI2 = 0.5


@dataclass(frozen=True)
class Weekly:
    """Orders with both and orders with the main by week, oldest first."""

    key: int
    category: str
    both: Sequence[int]
    main: Sequence[int]
    decline: float = 0.3  # smallest part that must be gone


@dataclass(frozen=True)
class Fall:
    before: float  # share in the weeks before the last ones, and in the last ones
    after: float
    gone: float  # part that is gone once the season is taken out
    weeks: int  # how many the last ones are
    z: float
    q_value: float


def falling(pairs: Sequence[Weekly]) -> dict[int, Fall]:
    """Pairs whose attach rate declines; all must have the same weeks. Fewer than six weeks say nothing."""
    pairs = [pair for pair in pairs if sum(pair.main)]
    if not pairs or len(pairs[0].both) < FEWEST_WEEKS:
        return {}
    hits = np.array([pair.both for pair in pairs], dtype=np.float64)
    trials = np.array([pair.main for pair in pairs], dtype=np.float64)
    season = season_of([pair.category for pair in pairs], hits, trials)
    expected = expected_of(hits, trials, season)
    share = np.clip(np.divide(expected, trials, out=np.zeros_like(trials), where=trials > 0), 0, 1 - 1e-9)
    variance = trials * share * (1 - share)
    enough = hits.sum(1) >= FEWEST_ORDERS
    z = slope(hits, expected, trials, variance) / np.sqrt(noise(hits, expected, variance, enough))
    q_values = np.ones(len(pairs))
    q_values[enough] = benjamini_hochberg(special.ndtr(z[enough]))
    last = max(1, hits.shape[1] // LAST_PART)
    kept = _ratio(hits[:, -last:], expected[:, -last:]) / np.maximum(_ratio(hits[:, :-last], expected[:, :-last]), 1e-9)
    return {
        pair.key: Fall(
            before=float(_ratio(hits[i, None, :-last], trials[i, None, :-last])[0]),
            after=float(_ratio(hits[i, None, -last:], trials[i, None, -last:])[0]),
            gone=float(1 - kept[i]), weeks=last, z=float(z[i]), q_value=float(q_values[i]),
        )
        for i, pair in enumerate(pairs)
        if enough[i] and q_values[i] <= FALSE_SHARE and 1 - kept[i] >= pair.decline
    }  # fmt: skip


def season_of(categories: Sequence[str], hits: Floats, trials: Floats) -> Floats:
    """What the other pairs of the nearest category with enough of them do in each week, around 1; a pair's own weeks
    are left out, so that it is never its own excuse."""
    members: dict[str, list[int]] = {}
    for i, category in enumerate(categories):
        for node in chain(category):
            members.setdefault(node, []).append(i)
    totals = {node: (hits[rows].sum(0), trials[rows].sum(0)) for node, rows in members.items()}
    season = np.ones_like(hits)
    for i, category in enumerate(categories):
        node = next((node for node in chain(category) if len(members[node]) >= ENOUGH_PAIRS), "")
        x, n = totals[node][0] - hits[i], totals[node][1] - trials[i]
        if x.sum() > 0:
            rate = np.divide(x, n, out=np.zeros_like(x), where=n > 0)
            season[i] = np.maximum(rate / (x.sum() / n.sum()), 1e-3)
    return season


def expected_of(hits: Floats, trials: Floats, season: Floats) -> Floats:
    """Orders with both by week, had the pair kept its mean share times the season."""
    weighted = trials * season
    return np.asarray(weighted * (hits.sum(1) / np.maximum(weighted.sum(1), 1e-9))[:, None], dtype=np.float64)


def slope(hits: Floats, expected: Floats, trials: Floats, variance: Floats) -> Floats:
    """Score statistic of a linear trend in weeks, standard normal without one and without extra noise."""
    weeks = np.arange(hits.shape[1])
    centred = weeks - ((trials * weeks).sum(1) / np.maximum(trials.sum(1), 1))[:, None]
    spread = (variance * centred**2).sum(1)
    return np.asarray(((hits - expected) * centred).sum(1) / np.sqrt(np.maximum(spread, 1e-12)), dtype=np.float64)


def noise(hits: Floats, expected: Floats, variance: Floats, enough: npt.NDArray[np.bool_]) -> Floats:
    """Overdispersion φ ≥ 1: the median of Pearson's χ²/(weeks − 1) among pairs of about the same number of orders.

    Too few of them to know: the pair's own, which is never too kind to it.
    """
    free = hits.shape[1] - 1
    pearson = (np.divide((hits - expected) ** 2, variance, out=np.zeros_like(hits), where=variance > 0)).sum(1) / free
    typical = 2 * special.gammaincinv(free / 2, MEDIAN_OF_CHI2) / free  # the median without overdispersion
    band = np.digitize(expected.mean(1), BANDS)
    found = np.maximum(pearson, 1.0)
    for one in np.unique(band):
        alike = (band == one) & enough
        if alike.sum() > ENOUGH_PAIRS:
            found[band == one] = max(1.0, float(np.median(pearson[alike])) / typical)
    return np.asarray(found, dtype=np.float64)


def _ratio(over: Floats, under: Floats) -> Floats:
    return np.asarray(over.sum(1) / np.maximum(under.sum(1), 1e-9), dtype=np.float64)
