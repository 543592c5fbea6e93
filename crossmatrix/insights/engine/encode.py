"""Order files into plain numbers by day: the texts are read once, everything after joins and groups integers.

Lines of an order stand beside each other in an order file, so an order is recognised where its name changes, and only
these names (a tenth of the lines) are compared as texts. An order belongs to the day of its first bought line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

TEXTS = ["order_id", "sku", "customer"]
COLUMNS = ["order_id", "ordered_at", "sku", "quantity", "amount", "customer", "is_return"]
ROWS = 500_000  # read at a time
LINES_AT_ONCE = 2_000_000  # sorted at a time: bounds memory
EPOCH = date(1970, 1, 1)
LINES = pa.schema(
    [("basket", pa.int32()), ("item", pa.int32()), ("size", pa.int32()), ("day", pa.date32()), ("amount", pa.int64())]
)
BASKETS = pa.schema([("basket", pa.int32()), ("size", pa.int32()), ("day", pa.date32()), ("customer", pa.string())])
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Day:
    """Orders of one day: each product of an order once, sorted by basket and item; baskets with size and customer."""

    day: date
    lines: pa.Table
    baskets: pa.Table
    return_lines: int


class Numbers:
    """SKUs with their numbers; a number once given stays."""

    def __init__(self, skus: pa.Array | None = None) -> None:
        self._known = skus if skus is not None else pa.array([], pa.string())

    def __len__(self) -> int:
        return len(self._known)

    def of(self, skus: pa.Array) -> Small:
        """Their numbers; unseen ones get the next free."""
        found = pc.index_in(skus, self._known)
        if found.null_count:
            unseen = pc.unique(skus.filter(found.is_null()))
            self._known = pa.concat_arrays([self._known, unseen])
            found = pc.index_in(skus, self._known)
        numbers: Small = found.to_numpy()
        return numbers

    def table(self) -> pa.Table:
        return pa.table({"item": pa.array(np.arange(len(self), dtype=np.int32)), "sku": self._known})


class _Read:
    """What the files say: runs of lines of one order and customer, and the lines by run."""

    def __init__(self, rows: int) -> None:
        self.run, self.item, self.amount = np.empty(rows, np.int32), np.empty(rows, np.int32), np.empty(rows, np.int64)
        self.rows = self.runs = 0
        self.names: list[pa.Array] = []
        self.customers: list[pa.Array] = []
        self.days: list[Small] = []
        self.returns: dict[int, int] = {}


def encode(files: Sequence[Path], *, days: set[date] | None, numbers: Numbers, first_basket: int) -> Iterator[Day]:
    """The wanted days (None: all that occur) from the files, which must hold every line of an order they touch.

    Days without an order are given too when they are wanted. Baskets are numbered on from `first_basket`.
    """
    opened = [pq.ParquetFile(file, read_dictionary=TEXTS) for file in files]
    read = _Read(sum(file.metadata.num_rows for file in opened))
    for file in opened:
        for batch in file.iter_batches(ROWS, columns=COLUMNS, use_threads=False):
            _take(read, batch, numbers)
    wanted = None if days is None else {(day - EPOCH).days for day in days}
    if not read.runs:
        yield from (_empty(day, read) for day in sorted(wanted or set()))
        return
    order_of_run, day_of_order, customer = _orders(read)
    item, amount = read.item[: read.rows], read.amount[: read.rows]
    order = order_of_run[read.run[: read.rows]]
    del read.run
    many = np.bincount(day_of_order[order] - day_of_order.min())
    present = {int(day) + int(day_of_order.min()) for day in np.flatnonzero(many)}
    todo = sorted(present if wanted is None else wanted)
    next_basket = first_basket
    for group in _groups(todo, {day: int(many[day - day_of_order.min()]) for day in present}):
        for made in _days(group, order, item, amount, day_of_order, customer, next_basket, read.returns):
            next_basket += made.baskets.num_rows
            yield made


def _take(read: _Read, batch: pa.RecordBatch, numbers: Numbers) -> None:
    when = batch["ordered_at"].cast(pa.timestamp("us")).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    day = when.astype(np.int64).astype(np.int32)
    back = pc.or_kleene(batch["is_return"], pc.less_equal(batch["quantity"], 0))
    for number, count in zip(*np.unique(day[_mask(back)], return_counts=True), strict=True):
        read.returns[int(number)] = read.returns.get(int(number), 0) + int(count)
    bought = _mask(pc.and_kleene(pc.invert(batch["is_return"]), pc.greater(batch["quantity"], 0)))
    if not bought.any():
        return
    if not bought.all():
        batch, day = batch.filter(pa.array(bought)), day[bought]
    names, customers, skus = batch["order_id"], batch["customer"], batch["sku"]
    begins = np.concatenate([[True], _differs(names) | _differs(customers)])
    starts = np.flatnonzero(begins)
    read.names.append(names.take(pa.array(starts)).cast(pa.string()))
    read.customers.append(customers.take(pa.array(starts)).cast(pa.string()))
    read.days.append(np.minimum.reduceat(day, starts))
    here = slice(read.rows, read.rows + len(day))
    read.run[here] = np.cumsum(begins, dtype=np.int32) + np.int32(read.runs - 1)
    read.item[here] = numbers.of(skus.dictionary.cast(pa.string()))[skus.indices.to_numpy()]
    read.amount[here] = pc.fill_null(batch["amount"].cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    read.runs, read.rows = read.runs + len(starts), read.rows + len(day)


def _mask(column: pa.Array) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = pc.fill_null(column, fill_value=False).to_numpy(zero_copy_only=False)
    return mask


def _differs(column: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether each value but the first is another than the one above. Equal values have equal codes in one batch."""
    codes = pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False)
    differs: npt.NDArray[np.bool_] = codes[1:] != codes[:-1]
    return differs


def _orders(read: _Read) -> tuple[Small, Small, pa.Array]:
    """Order number of each run, and of each order its day and its customer (or its own name without one)."""
    names = pa.concat_arrays(read.names).dictionary_encode()
    of_run = names.indices.to_numpy().astype(np.int32)
    many = len(names.dictionary)
    days = np.full(many, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(days, of_run, np.concatenate(read.days))
    runs = pa.table({"order": of_run, "customer": pa.concat_arrays(read.customers)})
    if many < len(of_run):  # an order in several runs: the greatest customer
        runs = runs.take(pc.sort_indices(runs, [("order", "ascending"), ("customer", "ascending", "at_start")]))
        last = np.append(np.diff(runs["order"].to_numpy()) != 0, True)
        runs = runs.filter(pa.array(last))
        customer = runs["customer"].combine_chunks()
    else:
        customer = runs["customer"].combine_chunks().take(pa.array(np.argsort(of_run, kind="stable")))
    return of_run, days, pc.coalesce(customer, names.dictionary)


def _groups(days: list[int], lines: dict[int, int]) -> Iterator[list[int]]:
    """Days that are sorted together: about LINES_AT_ONCE lines, at least one day."""
    group: list[int] = []
    many = 0
    for day in days:
        if group and many + lines.get(day, 0) > LINES_AT_ONCE:
            yield group
            group, many = [], 0
        group.append(day)
        many += lines.get(day, 0)
    if group:
        yield group


def _days(
    group: list[int], order: Small, item: Small, amount: Ints, day_of_order: Small, customer: pa.Array,
    first_basket: int, returns: dict[int, int],
) -> Iterator[Day]:  # fmt: skip
    chosen = np.zeros(int(max(day_of_order.max(), group[-1])) - int(min(day_of_order.min(), group[0])) + 1, bool)
    low = int(min(day_of_order.min(), group[0]))
    chosen[np.array(group) - low] = True
    orders = np.flatnonzero(chosen[day_of_order - low])
    orders = orders[np.argsort(day_of_order[orders], kind="stable")]
    place = np.full(len(day_of_order), -1, np.int32)
    place[orders] = np.arange(len(orders), dtype=np.int32)
    mine = np.flatnonzero(place[order] >= 0)
    key = (place[order[mine]].astype(np.int64) << 32) | item[mine]
    by_key = np.argsort(key, kind="stable")
    key, paid = key[by_key], amount[mine[by_key]]
    begins = np.flatnonzero(np.append(True, np.diff(key) != 0)) if len(key) else np.zeros(0, np.int64)
    paid = np.add.reduceat(paid, begins) if len(key) else paid
    key = key[begins]
    basket = (key >> 32).astype(np.int32)
    size = np.bincount(basket, minlength=len(orders)).astype(np.int32)
    day_of_basket = day_of_order[orders]
    lines = pa.table(
        [
            basket + np.int32(first_basket), (key & 0x7FFFFFFF).astype(np.int32), size[basket],
            pa.array(day_of_basket[basket], pa.int32()).cast(pa.date32()), paid,
        ],
        schema=LINES,
    )  # fmt: skip
    baskets = pa.table(
        [
            np.arange(first_basket, first_basket + len(orders), dtype=np.int32), size,
            pa.array(day_of_basket, pa.int32()).cast(pa.date32()), customer.take(pa.array(orders)).cast(pa.string()),
        ],
        schema=BASKETS,
    )  # fmt: skip
    ends = np.searchsorted(day_of_basket, group, side="right")
    starts = np.searchsorted(day_of_basket, group, side="left")
    line_of = np.append(0, np.cumsum(size))
    for day, start, end in zip(group, starts.tolist(), ends.tolist(), strict=True):
        yield Day(
            day=EPOCH + timedelta(days=day), lines=lines.slice(line_of[start], line_of[end] - line_of[start]),
            baskets=baskets.slice(start, end - start), return_lines=returns.get(day, 0),
        )  # fmt: skip


def _empty(day: int, read: _Read) -> Day:
    return Day(EPOCH + timedelta(days=day), LINES.empty_table(), BASKETS.empty_table(), read.returns.get(day, 0))
