"""Quality of suggestions on weeks to come, and silence on noise: python -m bench.suggestions [--valid] [--noise].

The lists come from the product's own `rules.listing`, which a refresh runs and `manage.py suggest` reads. Protocol: see
suggestions_protocol.py. TEST is for the closing figures only; parameters are chosen on VALID (`--valid`).
Goals on TEST: distinctive excess ≥ 0.36 (≥ 0.21 across categories) at nDCG ≥ 0.12; balanced excess ≥ 0.34 at nDCG ≥ 0.145;
safe nDCG ≥ 0.176. Goals on noise: nothing significant in shuffled orders; FDR ≤ 5 % at recall ≥ 95 % on planted pairs.
"""

import argparse
import resource
import time

import numpy as np

from bench.suggestions_protocol import SHOWN, Ints, Judge, Split, filled, load
from crossmatrix.insights.rules.listing import Listed, Orders, Shop, joined, ranked
from crossmatrix.insights.rules.scoring import Dial

COLUMNS = ("hit", "recall", "ndcg", "macro", "excess")


def orders_of(split: Split) -> Orders:
    """The fit weeks as the product reads orders: everything bought counts for an order's size, the catalogue for pairs."""
    orders, order = np.unique(split.fit["basket_id"].to_numpy(), return_inverse=True)
    week = np.zeros(len(orders))
    week[order] = split.fit["week"].to_numpy()
    item = split.fit["product_id"].to_numpy()
    known = np.isin(item, split.products)
    category_of = np.zeros(int(split.type.max()) + 1, np.int64)
    category_of[split.type] = split.category
    return Orders(
        order=order[known], product=np.searchsorted(split.products, item[known]), weeks_ago=split.weeks - week,
        size=np.bincount(order), type_of=split.type, category_of=category_of,
    )  # fmt: skip


def confidence(split: Split, *, across: bool) -> Ints:
    """The five companions most often bought with each main; equals by popularity."""
    seen = split.seen
    popular = np.asarray(seen.sum(0)).ravel()
    by_product = seen.T.tocsr()
    lists = np.full((len(popular), SHOWN), -1, np.int64)
    for start in range(0, len(popular), 512):
        both = np.asarray((by_product[start : start + 512] @ seen).todense())
        mains = np.arange(start, start + len(both))
        value = both + popular / (10 * len(split.households) + seen.shape[0])
        value[np.arange(len(both)), mains] = -1
        value[both == 0] = -1
        if across:
            value[split.category[mains][:, None] == split.category[None, :]] = -1
        top = np.argsort(-value, axis=1, kind="stable")[:, :SHOWN]
        lists[mains] = np.where(np.take_along_axis(value, top, 1) > 0, top, -1)
    return lists


def quality(which: str) -> None:
    """The dial's three positions beside popularity and confidence, on both tasks."""
    split = load(which)
    shop = Shop(orders_of(split))
    nobody = np.full((len(split.products), SHOWN), -1, np.int64)
    print(
        f"{which.upper()}: fit {split.seen.shape[0]:,} orders, {len(split.products):,} products, "
        f"scored {split.future.shape[0]:,} orders"
    )
    for across in (False, True):
        judge = Judge(split, across=across)
        print(f"\n{'xcat' if across else 'all'}: {len(judge.order):,} queries, {len(np.unique(judge.main)):,} mains")
        print(
            f"{'':14}" + "".join(f"{name:>8}" for name in COLUMNS) + "  excess 95 %      nDCG 95 %       own  distinct"
        )
        begun = time.process_time()
        listed: Listed = joined([lists for lists, _types in shop.lists(across=across)])
        cpu = time.process_time() - begun
        methods = {"popularity": nobody, "confidence": confidence(split, across=across)} | {
            str(dial): ranked(listed, dial, mains=len(nobody), shown=SHOWN, popularity=shop.bought) for dial in Dial
        }
        for name, lists in methods.items():
            full, own = filled(lists, split, across=across)
            row, band = judge.row(full), judge.intervals(full)
            print(
                f"{name:14}" + "".join(f"{row[column]:8.4f}" for column in COLUMNS)
                + f"  {band['excess'][0]:.3f}..{band['excess'][1]:.3f}  {band['ndcg'][0]:.4f}..{band['ndcg'][1]:.4f}"
                + f"  {own:5.2f}  {row['distinct']:.0f}",
                flush=True,
            )  # fmt: skip
        print(f"lists of all mains: {cpu:.1f} CPU-s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--valid", action="store_true", help="the weeks parameters are chosen on, instead of TEST")
    parser.add_argument("--noise", action="store_true", help="shuffled and planted orders instead")
    options = parser.parse_args()
    if options.noise:
        from bench.noise import planted, shuffled

        shuffled()
        planted()
    else:
        quality("valid" if options.valid else "test")


if __name__ == "__main__":
    main()
