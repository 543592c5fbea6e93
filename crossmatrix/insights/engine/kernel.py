"""The statement `counted` for rows of this process, by sorting whole numbers: the same integers at a fraction of its cost.

A basket's lines stand beside each other, so the partners of a line are the lines behind it: no join. Items are numbered by
how often they are bought; the pairs of a few neighbours are looked at together, so few that they stay in the cache, and
are counted by sorting their 32-bit keys or, where they are dense, in a small table.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

COUNTS = pa.schema([("a", pa.int32()), ("b", pa.int32()), ("both_count", pa.int32())])  # narrow: millions of rows
BLOCK = 1 << 18  # pairs looked at together: their keys fit the cache
SHARE, SHARES = (
    16_000_000,
    16,
)  # pairs whose lines are picked out together bound memory; every share reads all lines once
READ = 1 << 20  # lines read at a time
KEYS = 1 << 32
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class _Lines:
    """Lines basket by basket; a rank is an item's number by how often it is bought, sorted within the basket."""

    rank: Small
    after: Bytes  # lines of the same basket behind each
    item: Small  # of each rank


@dataclass(frozen=True)
class _Picked:
    """Lines of some ranks, sorted by rank."""

    place: Ints
    rank: Ints
    after: Ints


def count_pairs(
    baskets: pa.Table, *, least: int, tell: Callable[[int, int], None] = lambda done, total: None
) -> pa.Table:
    """a < b and both_count of the pairs in at least `least` baskets; `baskets`: basket, item, each line once."""
    lines = _by_rank(baskets)
    del baskets
    tables = [pairs for picked in _shares(lines, tell) for pairs in _counted(lines, picked, least)]
    return pa.concat_tables([COUNTS.empty_table(), *tables])


def _by_rank(baskets: pa.Table) -> _Lines:
    basket, item = (baskets[name].combine_chunks().to_numpy() for name in ("basket", "item"))
    starts = np.flatnonzero(np.append(True, basket[1:] != basket[:-1])) if len(basket) else np.zeros(0, np.int64)
    if len(np.unique(basket[starts])) < len(starts):  # not beside each other after all
        order = np.argsort(basket, kind="stable")
        return _by_rank(baskets.take(pa.array(order)))
    bought = np.bincount(item)
    by_rank = np.argsort(-bought, kind="stable")[: np.count_nonzero(bought)].astype(np.int32)
    rank_of = np.empty(len(bought), np.int32)
    rank_of[by_rank] = np.arange(len(by_rank), dtype=np.int32)
    ends = np.append(starts[1:], len(basket))
    size = ends - starts
    rank = np.empty(len(item), np.int32)
    after = np.empty(len(item), np.min_scalar_type(int(size.max(initial=1))))
    del basket
    for low, high in _pieces(starts, ends):
        here = slice(int(starts[low]), int(ends[high - 1]))
        key = np.repeat(np.arange(high - low, dtype=np.int64) << 32, size[low:high]) | rank_of[item[here]]
        key.sort()
        rank[here] = key & 0xFFFFFFFF
        after[here] = np.repeat(ends[low:high], size[low:high]) - np.arange(here.start + 1, here.stop + 1)
    return _Lines(rank, after, by_rank)


def _pieces(starts: Ints, ends: Ints) -> Iterator[tuple[int, int]]:
    """Baskets of about READ lines."""
    piece = np.flatnonzero(np.diff(starts // READ)) + 1
    edges = [0, *piece.tolist(), len(starts)]
    return ((low, high) for low, high in pairwise(edges) if high > low)


def _shares(lines: _Lines, tell: Callable[[int, int], None]) -> Iterator[_Picked]:
    """Ranges of ranks whose lines make about SHARE pairs."""
    pairs = np.zeros(len(lines.item))
    for low in range(0, len(lines.rank), READ):
        here = slice(low, low + READ)
        pairs += np.bincount(lines.rank[here], weights=lines.after[here], minlength=len(lines.item))
    so_far = np.cumsum(pairs)
    share = max(SHARE, so_far[-1] / SHARES) if len(pairs) else SHARE
    edges = [0, *(np.flatnonzero(np.diff(so_far // share)) + 1).tolist(), len(pairs)]
    for done, (first, last) in enumerate(pairwise(edges)):
        tell(done, len(edges) - 1)
        parts = []
        for low in range(0, len(lines.rank), READ):
            rank = lines.rank[low : low + READ]
            place = np.flatnonzero((rank >= first) & (rank < last) & (lines.after[low : low + READ] > 0))
            parts.append((rank[place].astype(np.int64) << 32) | (place + low))
        key = np.concatenate([np.zeros(0, np.int64), *parts])
        del parts
        key.sort()
        place = key & 0xFFFFFFFF
        yield _Picked(place, key >> 32, lines.after[place].astype(np.int64))


def _counted(lines: _Lines, picked: _Picked, least: int) -> Iterator[pa.Table]:
    """Frequent pairs, block by block of whole ranks."""
    many = len(lines.item)
    begins = np.flatnonzero(np.append(True, np.diff(picked.rank) != 0)) if len(picked.rank) else np.zeros(0, np.int64)
    ends = np.append(begins[1:], len(picked.rank))
    so_far = np.append(0, np.cumsum(picked.after))
    at = 0
    while at < len(begins):
        until = int(np.searchsorted(so_far[ends], so_far[begins[at]] + BLOCK, side="right"))
        until = min(
            max(until, at + 1), int(np.searchsorted(picked.rank[begins], picked.rank[begins[at]] + KEYS // many))
        )
        first, here = int(picked.rank[begins[at]]), slice(int(begins[at]), int(ends[until - 1]))
        width = int(picked.rank[here.stop - 1]) - first + 1
        pairs = int(so_far[here.stop] - so_far[here.start])
        if until == at + 1 or width * (many - first) <= pairs:
            key, both = _dense(lines, picked, here, first, width, least)
        else:
            key, both = _sparse(lines, picked, here, first, least)
        at = until
        if len(key):
            one, other = lines.item[key // many + first], lines.item[key % many]
            yield pa.table([np.minimum(one, other), np.maximum(one, other), both.astype(np.int32)], schema=COUNTS)


def _partners(lines: _Lines, picked: _Picked, here: slice) -> tuple[Small, Ints]:
    """The partner of every pair of these lines, and how many each line has."""
    after = picked.after[here]
    ends = np.cumsum(after)
    place = np.repeat(picked.place[here] + 1 - (ends - after), after)
    place += np.arange(len(place))
    return lines.rank[place], after


def _sparse(lines: _Lines, picked: _Picked, here: slice, first: int, least: int) -> tuple[Ints, Ints]:
    """Sorted keys: a pair is frequent where the key `least` − 1 places on is the same."""
    partner, after = _partners(lines, picked, here)
    key = np.repeat(((picked.rank[here] - first) * len(lines.item)).astype(np.uint32), after)
    key += partner.astype(np.uint32)
    key.sort()
    key = key[: max(0, len(key) - least + 1)][key[: max(0, len(key) - least + 1)] == key[least - 1 :]]
    begins = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.zeros(0, np.int64)
    return key[begins].astype(np.int64), np.diff(np.append(begins, len(key))) + (least - 1)


def _dense(lines: _Lines, picked: _Picked, here: slice, first: int, width: int, least: int) -> tuple[Ints, Ints]:
    """A table of all pairs of these ranks, filled some lines at a time."""
    many = len(lines.item)
    table = np.zeros(width * many, np.int64)
    edges = np.flatnonzero(np.diff(np.cumsum(picked.after[here]) // BLOCK)) + here.start + 1
    for start, stop in zip([here.start, *edges.tolist()], [*edges.tolist(), here.stop], strict=True):
        partner, after = _partners(lines, picked, slice(start, stop))
        key = np.repeat((picked.rank[start:stop] - first) * many, after)
        key += partner
        table += np.bincount(key, minlength=len(table))
    found = np.flatnonzero(table >= least)
    return found, table[found]
