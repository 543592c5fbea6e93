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
TABLE = 250_000  # cells ranked together: they fit the cache
WHOLE_BITS = 30
WHOLE, STEPS = (
    1 << WHOLE_BITS,
    1 << 10,
)  # a count and a sum of weights in one whole number: one product of matrices gives both


@dataclass(frozen=True)
class Orders:
    """Distinct (order, product) lines; orders, products, types and categories are numbered from 0."""

    order: Ints
    product: Ints
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
        ones = np.ones(len(orders.order), np.int64)
        lines = sparse.csr_matrix((ones, (orders.order, orders.product)), shape=(many, products))
        lines.sum_duplicates()
        lines.data[:] = 1
        self.by_product = lines.T.tocsr().astype(
            np.int8
        )  # ones: eight times less memory than what it is multiplied with
        self.weighed = sparse.csr_matrix(
            (np.repeat(WHOLE + recent, np.diff(lines.indptr)), lines.indices, lines.indptr), shape=lines.shape
        )
        bucket, self.weights = bucket_of(orders.size), size_weights(orders.size)
        member = sparse.csr_matrix((np.ones(many), (bucket, np.arange(many))), shape=(len(BUCKETS), many))
        self.by_size: Floats = np.asarray((member @ lines).todense(), dtype=np.float64)
        self.bought: Ints = np.asarray(lines.sum(0), dtype=np.int64).ravel()
        self.recently: Floats = np.asarray(self.weighed.sum(0)).ravel() % WHOLE / STEPS
        self.reach: Ints = self.by_product @ np.diff(lines.indptr)  # lines of the orders with each product

    def lists(self, *, kept: int = KEPT, across: bool = False) -> Iterator[tuple[Listed, Listed]]:
        """The best companions of mains and of their types, part by part; `across`: only from other categories."""
        type_of, category_of = self.orders.type_of, self.orders.category_of
        types = np.argsort(category_of, kind="stable")
        by_type = np.argsort(type_of, kind="stable")
        first = np.searchsorted(type_of[by_type], np.arange(len(category_of) + 1))
        products = np.arange(len(type_of))
        for category in np.unique(category_of):
            inside = category_of[type_of] == category
            above = self._pooled(products[inside], np.zeros(int(inside.sum()), np.int64)).excess[0]
            barred = inside if across else np.zeros(len(type_of), bool)
            for part in _parts(types[category_of[types] == category], np.full(len(category_of), len(type_of))):
                mains = np.concatenate([by_type[first[one] : first[one + 1]] for one in part])
                if len(mains):
                    yield self._types(part, mains, above, barred, kept)

    def _types(
        self, types: Ints, mains: Ints, above: Floats, barred: npt.NDArray[np.bool_], kept: int
    ) -> tuple[Listed, Listed]:
        """Lists of some types of one category and of their mains; `above`: the category's excess of each product."""
        where = np.searchsorted(np.sort(types), self.orders.type_of[mains])
        types = np.sort(types)
        pooled = self._pooled(mains, where, many=len(types))
        prior = type_excess(of_type=pooled.excess, of_category=np.broadcast_to(above, pooled.excess.shape))
        usual = pooled.expected / np.maximum(pooled.orders, 1)[:, None]
        starts = np.arange(len(types) + 1) * len(above)
        cells = best(starts, prior.ravel(), usual.ravel(), np.tile(barred, len(types)), kept=kept)
        row, companion = np.divmod(cells, len(above))
        listed = Listed(
            types[row], companion, pooled.both[row, companion], pooled.orders[row], pooled.expected[row, companion],
            prior[row, companion],
        )  # fmt: skip
        named = sparse.csr_matrix((np.ones(len(row), np.int64), (row, companion)), shape=prior.shape)
        lists = [
            self._mains(mains[part], where[part], prior, named, barred, kept)
            for part in _parts(np.arange(len(mains)), self.reach[mains])
        ]
        return joined(lists), listed

    def _pooled(self, mains: Ints, group: Ints, *, many: int = 1) -> "_Pooled":
        """What orders with any of a group's mains show, each main's orders added up; a main is no companion of itself."""
        pool = sparse.csr_matrix(
            (np.ones(len(mains), np.int64), (group, np.arange(len(mains)))), shape=(many, len(mains))
        )
        both = np.asarray((pool @ self.by_product[mains] @ self.weighed).todense()) // WHOLE
        both[group, mains] -= self.bought[mains]
        by_size = pool @ self.by_size[:, mains].T
        return _Pooled(both, np.asarray(by_size * self.weights @ self.by_size), pool @ self.bought[mains])

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
        row = np.repeat(np.arange(len(mains)), np.diff(pairs.indptr))
        main, companion = mains[row], pairs.indices.astype(np.int64)
        both, recent = (pairs.data >> WHOLE_BITS).astype(np.float64), (pairs.data & WHOLE - 1) / STEPS
        expected = self._expected(mains, row, companion)
        orders = self.bought[main].astype(np.float64)
        usual = expected / np.maximum(orders, 1)
        share = own_share(both=both, main=orders, recent_both=recent, recent_main=self.recently[main])
        excess = shrunk_excess(share=share, usual=usual, main=orders, prior=prior[where[row], companion])
        chosen = best(pairs.indptr, excess, usual, (main == companion) | barred[companion], kept=kept)
        return Listed(
            main[chosen], companion[chosen], both[chosen].astype(np.int64), self.bought[main[chosen]], expected[chosen],
            excess[chosen],
        )  # fmt: skip

    def _expected(self, mains: Ints, row: Ints, companion: Ints) -> Floats:
        """Chance's count of each pair; one product of matrices where pairs are dense, bucket by bucket where they are not."""
        weighed = self.by_size[:, mains] * self.weights[:, None]
        cells = len(mains) * self.by_size.shape[1]
        if cells <= 2 * CELLS and cells <= len(self.weights) * len(row):
            return np.asarray((weighed.T @ self.by_size)[row, companion], dtype=np.float64)
        expected = np.zeros(len(row))
        for ours, theirs in zip(weighed, self.by_size, strict=True):
            expected += ours[row] * theirs[companion]
        return expected


@dataclass(frozen=True)
class _Pooled:
    """Groups × products, and the groups' own orders."""

    both: Ints
    expected: Floats
    orders: Ints

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


def best(starts: Ints, excess: Floats, usual: Floats, refused: npt.NDArray[np.bool_], *, kept: int) -> Ints:
    """Places of the best cells of each row, for every position of the dial; rows begin at `starts`."""
    length = np.diff(starts)
    taken = np.repeat(length <= kept, length)
    values = [np.where(refused, np.inf, -score(excess, usual, dial)) for dial in Dial]
    for rows in _alike(length, kept):
        width = int(length[rows].max())
        place = starts[rows][:, None] + np.arange(width)
        outside = np.arange(width) >= length[rows][:, None]
        np.minimum(place, len(taken) - 1, out=place)
        for value in values:
            cells = value[place]
            cells[outside] = np.inf
            top = np.argpartition(cells, kept - 1, axis=1)[:, :kept]
            fit = np.isfinite(np.take_along_axis(cells, top, 1))
            taken[np.take_along_axis(place, top, 1)[fit]] = True
    return np.flatnonzero(taken & ~refused)


def _alike(length: Ints, kept: int) -> Iterator[Ints]:
    """Rows with more cells than are kept, those of about the same length together: they are looked at as one table."""
    by_length = np.argsort(length)
    long = by_length[np.searchsorted(length[by_length], kept, side="right") :]
    if len(long):
        size = np.floor(4 * np.log2(length[long])).astype(np.int64)
        full = np.cumsum(length[long]) // TABLE
        yield from np.split(long, np.flatnonzero((np.diff(size) != 0) | (np.diff(full) != 0)) + 1)


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
