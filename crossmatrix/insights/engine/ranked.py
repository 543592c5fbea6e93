"""The lines of a window in five bytes each: what is counted is held in memory whole, what it is read from never is.

Items are numbered by how often they are bought, so that the partners of a line are the lines behind it in its basket.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

READ = 1 << 18  # lines read and sorted at a time: they fit the cache
COLUMNS = ("basket", "item", "size")
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.unsignedinteger]


class Apart(Exception):
    """The lines of some basket do not stand beside each other."""


@dataclass(frozen=True)
class RankedLines:
    """Lines basket by basket; a rank is an item's number by how often it is bought, sorted within the basket."""

    rank: Small
    after: Bytes  # lines of the same basket behind each
    item: Small  # of each rank

    @property
    def generated(self) -> int:
        """How many unordered pairs there are to count."""
        return int(self.after.sum(dtype=np.int64))


def ranked(pieces: Iterable[pa.RecordBatch], items: pa.Table, *, lines: int, largest: int) -> RankedLines:
    """`pieces`: basket, item, size (lines of the whole basket), each line once · `items`: item and order_count of those counted.

    `lines`: how many are counted at most; baskets of more than `largest` are left out. Raises Apart.
    """
    item, bought = (items[name].to_numpy() for name in ("item", "order_count"))
    item = item[np.lexsort((item, -bought))].astype(np.int32)
    rank_of = np.full(int(item.max(initial=0)) + 2, -1, np.int32)  # the last one stands for all above
    rank_of[item] = np.arange(len(item), dtype=np.int32)
    rank, after = np.empty(lines, np.int32), np.empty(lines, np.min_scalar_type(largest))
    read = 0
    for basket, numbers, size in _whole_baskets(pieces):
        starts = np.flatnonzero(np.append(True, basket[1:] != basket[:-1]))
        sizes = np.diff(np.append(starts, len(basket)))
        if (sizes != size[starts]).any():
            raise Apart
        found = rank_of[np.minimum(numbers, len(rank_of) - 1)]
        counted = (found >= 0) & (size <= largest)
        order = np.repeat(np.arange(len(starts), dtype=np.int64) << 32, sizes)
        key = (order | found) if counted.all() else order[counted] | found[counted]
        key.sort()
        here = slice(read, read + len(key))
        rank[here] = key & 0xFFFFFFFF
        many = np.bincount(key >> 32, minlength=len(starts))
        after[here] = np.repeat(np.cumsum(many), many) - np.arange(1, len(key) + 1)
        read = here.stop
    return RankedLines(rank[:read], after[:read], item)


def _whole_baskets(pieces: Iterable[pa.RecordBatch]) -> Iterator[list[Small]]:
    """Columns of the pieces, cut where a basket ends."""
    rest = [np.zeros(0, np.int32)] * len(COLUMNS)
    for piece in pieces:
        now = [np.append(left, piece[name].to_numpy()) for left, name in zip(rest, COLUMNS, strict=True)]
        others = np.flatnonzero(now[0] != now[0][-1]) if len(now[0]) else now[0]
        end = int(others[-1]) + 1 if len(others) else 0
        if end:
            yield [column[:end] for column in now]
        rest = [column[end:] for column in now]
    if len(rest[0]):
        yield rest
