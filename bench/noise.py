"""What is called significant where nothing is there, and what is found where something was planted.

The product's own expectation, Poisson tail and Benjamini–Hochberg beside the rules other tools use. Shuffled: products of
Complete Journey dealt anew to its orders, sizes and totals kept, so every pair is chance. Planted: evidence_data.synthetic.
"""

import tempfile
from pathlib import Path

import numpy as np
from scipy import sparse, stats

from bench.evidence_data import planted_pairs, synthetic
from bench.suggestions_protocol import load
from crossmatrix.insights.rules.association import benjamini_hochberg, poisson_tail
from crossmatrix.insights.rules.listing import bucket_of, size_weights
from crossmatrix.insights.rules.suggesting import FALSE_SHARE

MIN_BOTH = 10
BLOCK = 512


class Pairs:
    """Unordered pairs bought together at least MIN_BOTH times, with what chance gives and what each rule says."""

    def __init__(self, order: np.ndarray, product: np.ndarray) -> None:
        orders, products = int(order.max()) + 1, int(product.max()) + 1
        lines = sparse.csr_matrix((np.ones(len(order), np.int64), (order, product)), shape=(orders, products))
        lines.sum_duplicates()
        lines.data[:] = 1
        size = np.diff(lines.indptr)
        bought = np.asarray(lines.sum(0)).ravel()
        kept = np.flatnonzero(bought >= MIN_BOTH)
        lines, self.bought, self.kept = lines[:, kept].tocsr(), bought[kept].astype(np.float64), kept
        weights = size_weights(size[size > 0])
        bucket = bucket_of(np.maximum(size, 1))
        member = sparse.csr_matrix((np.ones(orders), (bucket, np.arange(orders))), shape=(len(weights), orders))
        by_size = np.asarray((member @ lines).todense())
        by_product = lines.T.tocsr()
        found = []
        for start in range(0, len(kept), BLOCK):
            both = sparse.triu((by_product[start : start + BLOCK] @ lines).tocoo(), k=start + 1)
            often = both.data >= MIN_BOTH
            found.append(np.stack([both.row[often] + start, both.col[often], both.data[often]]))
        self.a, self.b, self.both = np.concatenate(found, axis=1)
        self.all, self.tests = orders, len(kept) * (len(kept) - 1) // 2
        self.expected = np.zeros(len(self.a))
        for counts, weight in zip(by_size, weights, strict=True):
            self.expected += weight * counts[self.a] * counts[self.b]

    def rules(self) -> dict[str, np.ndarray]:
        """Rule → which of the pairs it calls real."""
        a, b, both = self.bought[self.a], self.bought[self.b], self.both.astype(np.float64)
        lift = both * self.all / (a * b)
        cells = [both, a - both, b - both, self.all - a - b + both]
        edges = [a, b, self.all - a, self.all - b]
        surprise = 2 * (sum(map(_x_log_x, cells)) - sum(map(_x_log_x, edges)) + _x_log_x(np.full(1, float(self.all))))
        chi = np.where(lift > 1, stats.chi2.sf(surprise, 1), 1.0)
        ours = benjamini_hochberg(poisson_tail(both, self.expected), tests=self.tests)
        return {
            "ours: size-aware Poisson, BH 5 %": (ours <= FALSE_SHARE) & (both > self.expected),
            "LLR (chi-square), BH 5 %": benjamini_hochberg(chi, tests=self.tests) <= FALSE_SHARE,
            "lift >= 2, both >= 10": (lift >= 2) & (both >= 10),
            "lift >= 3, both >= 30": (lift >= 3) & (both >= 30),
        }


def _x_log_x(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values * np.log(np.maximum(values, 1e-30)), 0.0)


def shuffled() -> None:
    """Goal: ours calls nothing significant."""
    split = load("test")
    order = np.unique(split.fit["basket_id"].to_numpy(), return_inverse=True)[1]
    product = np.unique(split.fit["product_id"].to_numpy(), return_inverse=True)[1]
    chance = np.random.default_rng(0)
    dealt = product.copy()
    chance.shuffle(dealt)
    for name, items in (("as bought", product), ("shuffled, where every pair is chance", dealt)):
        pairs = Pairs(order, items)
        print(f"journey {name}: {len(pairs.a):,} pairs, {pairs.tests:,} tests")
        for rule, said in pairs.rules().items():
            print(f"  {rule:34} {int(said.sum()):>8,}", flush=True)


def planted(orders: int = 400_000) -> None:
    """Goal: at most 5 % of what ours finds is not planted, and 95 % of the planted pairs often enough bought are found."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "planted.parquet"
        lines = synthetic(orders, path)
        table = pq.read_table(path, columns=["order_id", "sku"])
        order = pc.utf8_slice_codeunits(table["order_id"], 1).cast("int64").to_numpy()
        product = pc.utf8_slice_codeunits(table["sku"], 1).cast("int64").to_numpy()
    pairs = Pairs(order, product)
    main, companion = planted_pairs()
    many = int(product.max()) + 1
    truth = np.unique(np.minimum(main, companion) * many + np.maximum(main, companion))
    key = pairs.kept[np.minimum(pairs.a, pairs.b)] * many + pairs.kept[np.maximum(pairs.a, pairs.b)]
    real = np.isin(key, truth)
    print(
        f"planted: {lines:,} lines, {len(pairs.a):,} pairs of both >= {MIN_BOTH}, {int(real.sum()):,} planted among them"
    )
    for rule, said in pairs.rules().items():
        false = 1 - (said & real).sum() / max(1, int(said.sum()))
        print(
            f"  {rule:34} {int(said.sum()):>9,}  FDR {false:.3f}  recall {(said & real).sum() / real.sum():.3f}",
            flush=True,
        )
