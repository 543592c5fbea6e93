"""The statement `counted` for rows of this process, by sorting whole numbers: the same integers at a fraction of its cost.

The partners of a line are the lines behind it in its basket: no join. The pairs of a few items about equally often bought
are looked at together, so few that they stay in the cache, and are counted by sorting their 32-bit keys or, where they are
dense, in a small table.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from crossmatrix.insights.engine.ranked import Bytes, Ints, RankedLines, Small

COUNTS = pa.schema([("a", pa.int32()), ("b", pa.int32()), ("both_count", pa.int32())])  # narrow: millions of rows
BLOCK = 1 << 18  # pairs looked at together: their keys fit the cache
SHARE = 4_000_000  # lines picked out together bound memory; every share reads all lines once
READ = 1 << 18  # lines looked at together while they are picked
KEYS = 1 << 32
PLACE = KEYS - 1


@dataclass(frozen=True)
class _Picked:
    """Lines of some ranks, sorted by rank."""

    key: Ints  # rank and place of the line
    after: Bytes


def count_pairs(
    lines: RankedLines, *, least: int, tell: Callable[[int, int], None] = lambda done, total: None
) -> pa.Table:
    """a < b and both_count of the pairs in at least `least` baskets."""
    tables = [pairs for picked in _shares(lines, tell) for pairs in _counted(lines, picked, least)]
    return pa.concat_tables([COUNTS.empty_table(), *tables])


def _shares(lines: RankedLines, tell: Callable[[int, int], None]) -> Iterator[_Picked]:
    """Ranges of ranks with about SHARE lines that have partners."""
    many = np.zeros(len(lines.item), np.int64)
    for low in range(0, len(lines.rank), READ):
        rank = lines.rank[low : low + READ]
        many += np.bincount(rank[lines.after[low : low + READ] > 0], minlength=len(many))
    so_far = np.cumsum(many)
    edges = [0, *(np.flatnonzero(np.diff(so_far // SHARE)) + 1).tolist(), len(many)]
    for done, (first, last) in enumerate(pairwise(edges)):
        tell(done, len(edges) - 1)
        yield _picked(lines, first, last, int(many[first:last].sum()))


def _picked(lines: RankedLines, first: int, last: int, many: int) -> _Picked:
    key, so_far = np.empty(many, np.int64), 0
    for low in range(0, len(lines.rank), READ):
        rank = lines.rank[low : low + READ]
        place = np.flatnonzero((rank >= first) & (rank < last) & (lines.after[low : low + READ] > 0))
        key[so_far : so_far + len(place)] = (rank[place].astype(np.int64) << 32) | (place + low)
        so_far += len(place)
    key.sort()
    return _Picked(key, lines.after[key & PLACE])


def _counted(lines: RankedLines, picked: _Picked, least: int) -> Iterator[pa.Table]:
    """Frequent pairs, block by block of whole ranks."""
    many = len(lines.item)
    begins = np.flatnonzero(np.diff(picked.key >> 32, prepend=-1))
    rank = picked.key[begins] >> 32
    ends = np.append(begins[1:], len(picked.key))
    pairs = np.add.reduceat(picked.after, begins, dtype=np.int64) if len(begins) else begins
    so_far = np.append(0, np.cumsum(pairs))  # by rank
    at = 0
    while at < len(begins):
        until = int(np.searchsorted(so_far, so_far[at] + BLOCK, side="right")) - 1
        until = min(max(until, at + 1), int(np.searchsorted(rank, rank[at] + KEYS // many)))
        first, here = int(rank[at]), slice(int(begins[at]), int(ends[until - 1]))
        width = int(rank[until - 1]) - first + 1
        if until == at + 1 or width * (many - first) <= so_far[until] - so_far[at]:
            key, both = _dense(lines, picked, here, first, width, least)
        else:
            key, both = _sparse(lines, picked, here, first, least)
        at = until
        if len(key):
            one, other = lines.item[key // many + first], lines.item[key % many]
            yield pa.table([np.minimum(one, other), np.maximum(one, other), both.astype(np.int32)], schema=COUNTS)


def _partners(lines: RankedLines, picked: _Picked, here: slice) -> tuple[Small, Ints]:
    """The partner of every pair of these lines, and how many each line has."""
    after = picked.after[here].astype(np.int64)
    ends = np.cumsum(after)
    place = np.repeat((picked.key[here] & PLACE) + 1 - (ends - after), after)
    place += np.arange(len(place))
    return lines.rank[place], after


def _sparse(lines: RankedLines, picked: _Picked, here: slice, first: int, least: int) -> tuple[Ints, Ints]:
    """Sorted keys: a pair is frequent where the key `least` − 1 places on is the same."""
    partner, after = _partners(lines, picked, here)
    key = np.repeat((((picked.key[here] >> 32) - first) * len(lines.item)).astype(np.uint32), after)
    key += partner.astype(np.uint32)
    key.sort()
    key = key[: max(0, len(key) - least + 1)][key[: max(0, len(key) - least + 1)] == key[least - 1 :]]
    begins = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.zeros(0, np.int64)
    return key[begins].astype(np.int64), np.diff(np.append(begins, len(key))) + (least - 1)


def _dense(lines: RankedLines, picked: _Picked, here: slice, first: int, width: int, least: int) -> tuple[Ints, Ints]:
    """A table of all pairs of these ranks, filled some lines at a time."""
    many = len(lines.item)
    table = np.zeros(width * many, np.int64)
    edges = np.flatnonzero(np.diff(np.cumsum(picked.after[here], dtype=np.int64) // BLOCK)) + here.start + 1
    for start, stop in zip([here.start, *edges.tolist()], [*edges.tolist(), here.stop], strict=True):
        partner, after = _partners(lines, picked, slice(start, stop))
        key = np.repeat(((picked.key[start:stop] >> 32) - first) * many, after)
        key += partner
        table += np.bincount(key, minlength=len(table))
    found = np.flatnonzero(table >= least)
    return found, table[found]
