"""The best companions of every main from all orders of a window: counting, expectation, score and choice in one pass.

Orders are a sparse matrix; mains are taken category by category, so memory stays at one category's pairs. No pair is too
rare to be weighed: what one order shows weighs little, and the type's orders weigh in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crossmatrix.insights.rules.baskets import BUCKETS
from crossmatrix.insights.rules.scoring import HALF_LIFE, Dial, own_share, score, shrunk_excess, type_excess

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KEPT = 24  # companions of a main kept for each position of the dial: what may not be offered falls out later
CELLS = 4_000_000  # pairs looked at together: bounds memory
TABLE = PIECE = 1 << 16  # pairs ranked, and lines counted, together: they fit the cache
WHOLE_BITS = 30
WHOLE, STEPS = (
    1 << WHOLE_BITS,
    1 << 10,
)  # a count and a sum of weights in one whole number: one product of matrices gives both


@dataclass(frozen=True)
class Orders:
    """Distinct (order, product) lines; orders, products, types and categories are numbered from 0."""

    order: npt.NDArray[np.integer]
    product: npt.NDArray[np.integer]
    weeks_ago: Floats  # of each order
    size: Ints  # of each order, uncounted products included
    type_of: Ints  # of each product
    category_of: Ints  # of each type


@dataclass(frozen=True)
class Listed:
    """Companions of mains (or of whole types: `main` is then the type), in no order. One row per directed pair."""

    main: Ints
    companion: Ints
    both: Ints
    orders_main: Ints
    expected: Floats  # orders with both that chance gives in orders of these sizes
    excess: Floats  # see scoring.shrunk_excess

    @property
    def usual(self) -> Floats:
        return np.divide(self.expected, self.orders_main, out=np.zeros_like(self.expected), where=self.orders_main > 0)


def expected_both(counts: Floats, other: Floats, weights: Floats) -> Floats:
    """Orders with both by chance, from orders of each by size bucket (first axis): Σ_g a_g · b_g · w_g."""
    return np.asarray(np.einsum("g...,g...,g->...", counts, other, weights), dtype=np.float64)


def bucket_of(size: Ints) -> Ints:
    return np.searchsorted(BUCKETS, size, side="right") - 1


def size_weights(size: Ints) -> Floats:
    """Per size bucket E[s(s−1)] / (E[s]² · N): turns two product counts into the pair count chance would give."""
    bucket, large = bucket_of(size), size.astype(np.float64)
    many = np.bincount(bucket, minlength=len(BUCKETS)).astype(np.float64)
    first, second = (np.bincount(bucket, values, len(BUCKETS)) for values in (large, large * (large - 1)))
    return np.divide(second * many, first * first * many, out=np.zeros(len(BUCKETS)), where=first > 0)


class Shop:
    """Orders as matrices, ready to be asked for companions."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        many, products = len(orders.size), len(orders.type_of)
        recent = np.round(STEPS * 0.5 ** (orders.weeks_ago / HALF_LIFE)).astype(np.int64)
        ones = np.ones(len(orders.order), np.int8)  # eight times less memory than what they are multiplied with
        lines = sparse.csr_matrix((ones, (orders.order, orders.product)), shape=(many, products))
        lines.sum_duplicates()
        lines.data[:] = 1
        self.by_product = lines.T.tocsr()
        self.weighed = sparse.csr_matrix(
            (np.repeat(WHOLE + recent, np.diff(lines.indptr)), lines.indices, lines.indptr), shape=lines.shape
        )
        bucket, self.weights = bucket_of(orders.size), size_weights(orders.size)
        self.by_size = _by_size(lines, bucket)
        self.narrow = self.by_size.astype(np.float32)  # good enough to choose by
        self.bought: Ints = np.bincount(lines.indices, minlength=products)
        self.recently: Floats = np.asarray(self.weighed.sum(0)).ravel() % WHOLE / STEPS
        self.reach: Ints = self.by_product @ np.diff(lines.indptr)  # lines of the orders with each product
        types = len(orders.category_of)
        by_type = np.argsort(orders.type_of, kind="stable")
        self.mains_of = np.split(by_type, np.searchsorted(orders.type_of[by_type], np.arange(1, types)))

    def lists(self, *, kept: int = KEPT, across: bool = False) -> Iterator[tuple[Listed, Listed]]:
        """The best companions of mains and of their types, part by part; `across`: only from other categories."""
        type_of, category_of = self.orders.type_of, self.orders.category_of
        for category in np.unique(category_of):
            barred = (category_of[type_of] == category) & across
            types = np.flatnonzero(category_of == category)
            parts = _parts(types, np.full(len(category_of), len(type_of)))
            pools = [self._pooled(part) for part in parts[:1]]
            above = _Pooled.all_of([*pools, *(self._pooled(part) for part in parts[1:])]).excess
            for n, part in enumerate(parts):
                if sum(len(self.mains_of[one]) for one in part):
                    yield self._types(part, pools[n] if n < len(pools) else self._pooled(part), above, barred, kept)

    def _types(
        self, types: Ints, pooled: "_Pooled", above: Floats, barred: npt.NDArray[np.bool_], kept: int
    ) -> tuple[Listed, Listed]:
        """Lists of some types of one category and of their mains; `above`: the category's excess of each product."""
        prior = type_excess(of_type=pooled.excess, of_category=above)
        usual = pooled.expected / np.maximum(pooled.orders, 1)[:, None]
        row, companion = np.nonzero(best(prior, usual, np.broadcast_to(barred, prior.shape), kept=kept))
        listed = Listed(
            types[row], companion, pooled.both[row, companion], pooled.orders[row], pooled.expected[row, companion],
            prior[row, companion],
        )  # fmt: skip
        named = sparse.csr_matrix((np.ones(len(row), np.int64), (row, companion)), shape=prior.shape)
        mains = np.concatenate([self.mains_of[one] for one in types])
        where = np.repeat(np.arange(len(types)), [len(self.mains_of[one]) for one in types])
        lists = [
            self._mains(mains[part], where[part], prior, named, barred, kept)
            for part in _parts(np.arange(len(mains)), self.reach[mains])
        ]
        return joined(lists), listed

    def _pooled(self, types: Ints) -> "_Pooled":
        """What orders with any of a type's mains show, each main's orders added up; a main is no companion of itself."""
        both = np.zeros((len(types), len(self.bought)), np.int64)
        for row, one in enumerate(types):
            mains = self.mains_of[one]
            both[row] = self._partners(mains)
            both[row, mains] -= self.bought[mains]
        by_size = np.stack([self.by_size[:, self.mains_of[one]].sum(axis=1) for one in types])
        orders = np.array([self.bought[self.mains_of[one]].sum() for one in types])
        return _Pooled(both, np.asarray(by_size * self.weights @ self.by_size), orders)

    def _partners(self, mains: Ints) -> Ints:
        """How often each product is in the orders of these mains; an order with several of them counts for each."""
        orders, products = self.by_product[mains].indices, len(self.bought)
        starts = self.weighed.indptr.astype(np.int64)[orders]
        length = self.weighed.indptr[orders + 1] - starts
        if length.sum() > self.weighed.nnz:
            often: Ints = self.by_product @ np.bincount(orders, minlength=self.weighed.shape[0])
            return often
        found = np.zeros(products, np.int64)
        for piece in _parts(np.arange(len(orders)), np.maximum(1, length * (CELLS // PIECE))):
            many = length[piece]
            place = np.repeat(starts[piece] - np.cumsum(many) + many, many) + np.arange(many.sum())
            found += np.bincount(self.weighed.indices[place], minlength=products)
        return found

    def _mains(
        self,
        mains: Ints,
        where: Ints,
        prior: Floats,
        named: sparse.csr_matrix,
        barred: npt.NDArray[np.bool_],
        kept: int,
    ) -> Listed:
        """Pairs of the mains' orders and, never bought together, those their type names: one step of weight, no order."""
        pairs = (self.by_product[mains] @ self.weighed + named[where]).tocsr()
        chosen = [
            self._chosen(pairs, rows, mains[rows], prior, where[rows], barred, kept)
            for rows in _alike(np.diff(pairs.indptr))
        ]
        row, place = (np.concatenate([np.zeros(0, np.int64), *(part[n] for part in chosen)]) for n in range(2))
        main, companion = mains[row], pairs.indices[place].astype(np.int64)
        expected = np.zeros(len(main))
        for weight, bought in zip(self.weights, self.by_size, strict=True):
            expected += weight * bought[main] * bought[companion]
        usual = expected / np.maximum(self.bought[main], 1)
        both = pairs.data[place] >> WHOLE_BITS
        excess = self._excess(main, pairs.data[place], usual, prior[where[row], companion])
        return Listed(main, companion, both, self.bought[main], expected, excess)

    def _excess(self, main: Ints, together: Ints, usual: Floats, prior: Floats) -> Floats:
        """`together`: orders with both and what they weigh by their age, in one number."""
        orders = self.bought[main].astype(np.float64)
        share = own_share(
            both=(together >> WHOLE_BITS).astype(np.float64), main=orders, recent_both=(together & (WHOLE - 1)) / STEPS,
            recent_main=self.recently[main],
        )  # fmt: skip
        return shrunk_excess(share=share, usual=usual, main=orders, prior=prior)

    def _chosen(
        self, pairs: sparse.csr_matrix, rows: Ints, mains: Ints, prior: Floats, where: Ints,
        barred: npt.NDArray[np.bool_], kept: int,
    ) -> tuple[Ints, Ints]:  # fmt: skip
        """Rows and places of the best pairs of some rows of about the same length, side by side in one table."""
        starts, length = pairs.indptr[rows].astype(np.int64), np.diff(pairs.indptr)[rows]
        column = np.arange(int(length.max()))
        outside = column >= length[:, None]
        place = np.where(outside, 0, starts[:, None] + column)
        companion = pairs.indices[place].astype(np.int64)
        usual = self._usual(mains, companion)
        said = prior.ravel()[companion + (where * prior.shape[1])[:, None]]
        excess = self._excess(mains[:, None], pairs.data[place], usual, said)
        refused = outside | (companion == mains[:, None])
        if barred.any():
            refused |= barred[companion]
        taken = best(excess, usual, refused, kept=kept)
        return np.broadcast_to(rows[:, None], taken.shape)[taken], place[taken]

    def _usual(self, mains: Ints, companion: Ints) -> Floats:
        """Chance's share of each pair; one product of matrices where pairs are dense, bucket by bucket where they are not."""
        weight = (self.by_size[:, mains] * (self.weights[:, None] / np.maximum(self.bought[mains], 1))).astype(
            np.float32
        )
        products = self.narrow.shape[1]
        if products <= len(weight) * companion.shape[1]:
            every = (weight.T @ self.narrow).ravel()
            return np.asarray(every[companion + (np.arange(len(mains)) * products)[:, None]], dtype=np.float64)
        usual = np.zeros(companion.shape, np.float32)
        for ours, theirs in zip(weight, self.narrow, strict=True):
            usual += ours[:, None] * theirs[companion]
        return usual.astype(np.float64)


def _by_size(lines: sparse.csr_matrix, bucket: Ints) -> Floats:
    """Orders of each product by size bucket."""
    products = lines.shape[1]
    found = np.zeros(len(BUCKETS) * products, np.int64)
    for low in range(0, len(bucket), PIECE):
        start, stop = lines.indptr[low], lines.indptr[min(low + PIECE, len(bucket))]
        of_line = np.repeat(bucket[low : low + PIECE], np.diff(lines.indptr[low : low + PIECE + 1]))
        found += np.bincount(of_line * products + lines.indices[start:stop], minlength=len(found))
    return found.reshape(len(BUCKETS), products).astype(np.float64)


@dataclass(frozen=True)
class _Pooled:
    """Groups × products, and the groups' own orders."""

    both: Ints
    expected: Floats
    orders: Ints

    @classmethod
    def all_of(cls, parts: Sequence["_Pooled"]) -> "_Pooled":
        """All groups as one."""
        both, expected, orders = (
            sum(getattr(part, name).sum(axis=0, keepdims=True) for part in parts)
            for name in ("both", "expected", "orders")
        )
        return cls(both, expected, orders)

    @property
    def excess(self) -> Floats:
        return np.asarray((self.both - self.expected) / np.maximum(self.orders, 1)[:, None], dtype=np.float64)


def _parts(these: Ints, cost: Ints) -> list[Ints]:
    """Consecutive pieces of about CELLS; `cost` is looked up by the value."""
    if not len(these):
        return []
    piece = np.cumsum(cost[these]) // CELLS
    return np.split(these, np.flatnonzero(np.diff(piece)) + 1)


def joined(parts: Sequence[Listed]) -> Listed:
    names = ("main", "companion", "both", "orders_main", "expected", "excess")
    return Listed(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def best(excess: Floats, usual: Floats, refused: npt.NDArray[np.bool_], *, kept: int) -> npt.NDArray[np.bool_]:
    """The best cells of each row, for every position of the dial."""
    taken = np.zeros(excess.shape, np.bool_)
    excess, width = np.where(refused, -np.inf, excess), excess.shape[1]
    for dial in Dial if width > kept else ():
        value = score(excess, usual, dial)
        fit = value >= np.partition(value, width - kept, axis=1)[:, width - kept, None]
        crowded = np.flatnonzero(np.count_nonzero(fit, axis=1) > kept)  # equals at the edge: the first ones
        if len(crowded):
            order = np.argsort(-value[crowded], axis=1, kind="stable")
            fit[crowded[:, None], order[:, kept:]] = False
        taken |= fit
    return taken & ~refused if width > kept else ~refused


def _alike(length: Ints) -> Iterator[Ints]:
    """Rows of about the same length together, so many that they stay in the cache."""
    order = np.argsort(length, kind="stable")
    order = order[np.searchsorted(length[order], 1) :]
    if len(order):
        size = np.floor(3 * np.log2(length[order])).astype(np.int64)
        full = np.cumsum(length[order]) // TABLE
        yield from np.split(order, np.flatnonzero((np.diff(size) != 0) | (np.diff(full) != 0)) + 1)


def ranked(listed: Listed, dial: Dial, *, mains: int, shown: int, popularity: Ints) -> Ints:
    """`shown` companions of each main, best first, −1 where there are fewer; equals go by popularity."""
    value = score(listed.excess, listed.usual, dial)
    order = np.lexsort((listed.companion, -popularity[listed.companion], -value, listed.main))
    main = listed.main[order]
    place = np.arange(len(main)) - np.searchsorted(main, main, side="left")
    answer = np.full((mains, shown), -1, np.int64)
    first = place < shown
    answer[main[first], place[first]] = listed.companion[order][first]
    return answer
