"""Ranks for a list that a person put in order: as few of them change as possible, since each change is a new draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from crossmatrix.matrix.rules.content import RANK_DEFAULT

RANK_MAX = 10_000
STEP = 10  # between ranks that are given out anew: room for what is put between later
PINNED = 1000  # how much worse it is to move a pinned companion than any number of others


@dataclass(frozen=True)
class Placed:
    """A companion in the wanted order. `tie` decides between equal ranks, as releases do (by SKU)."""

    key: int
    rank: int
    tie: str
    pinned: bool = False  # in review: its rank must not change


def new_ranks(order: Sequence[Placed]) -> dict[int, int]:
    """Key → rank of those whose rank has to change so that sorting by (rank, tie) gives the order.

    The longest run of companions that already stand right keeps its ranks; the others get whole numbers between
    their neighbours. Pinned ones are kept whenever the order allows it."""
    kept = kept_places(order)
    ranks: dict[int, int] = {}
    edges = [-1, *kept, len(order)]
    for left, right in pairwise(edges):
        between = order[left + 1 : right]
        low = order[left].rank if left >= 0 else 0
        high = order[right].rank if right < len(order) else RANK_MAX + 1
        for item, rank in zip(between, spread(len(between), low, high), strict=True):
            if item.rank != rank:
                ranks[item.key] = rank
    return ranks


def kept_places(order: Sequence[Placed]) -> list[int]:
    """Places that keep their rank: the heaviest chain that is in order and leaves room for whole numbers between."""
    count = len(order)
    best: list[tuple[int, int]] = []  # for each place: weight of the best chain that ends here, the place before
    for here in range(count):
        weight, before = (1, -1) if order[here].rank > here else (-1, -1)  # ranks 1… for all that stand above
        for there in range(here):
            if best[there][0] > 0 and follows(order[there], order[here], here - there - 1) and best[there][0] >= weight:
                weight, before = best[there][0] + 1, there
        best.append((weight + (PINNED if order[here].pinned and weight > 0 else 0), before))
    ends = [
        (weight, place)
        for place, (weight, _) in enumerate(best)
        if weight > 0 and RANK_MAX - order[place].rank >= count - place - 1
    ]
    chain: list[int] = []
    place = max(ends, default=(0, -1))[1]
    while place >= 0:
        chain.append(place)
        place = best[place][1]
    return chain[::-1]


def follows(upper: Placed, lower: Placed, between: int) -> bool:
    """Whether both may keep their ranks with so many companions between them."""
    if between:
        return lower.rank - upper.rank > between
    return (upper.rank, upper.tie) < (lower.rank, lower.tie)


def spread(count: int, low: int, high: int) -> list[int]:
    """So many whole numbers above `low` and below `high`, in steps where there is room."""
    if not count:
        return []
    if high > RANK_MAX:  # nothing kept below: count on from the last in even steps
        start = low or RANK_DEFAULT - STEP
        step = STEP if start + count * STEP <= RANK_MAX else 1
        start = start if start + count * step <= RANK_MAX else low
        return [start + step * number for number in range(1, count + 1)]
    room = high - low
    return [low + room * number // (count + 1) for number in range(1, count + 1)]
