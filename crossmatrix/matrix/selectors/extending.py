"""Mains like the one of a pair, to which the pair could be extended."""

from dataclasses import dataclass

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import RatioStatus, RatioVerdict, Verdict
from crossmatrix.matrix.rules.extending import Fit, FitVerdict, Item, judge_fit, likeness
from crossmatrix.matrix.selectors.companions import content_of, is_open
from crossmatrix.matrix.selectors.ratios import Judge

LOOKED_AT = 1000  # products of the category that are compared
OFFERED = 100  # rows a person goes through


@dataclass(frozen=True)
class Similar:
    """A main like the pair's, with what speaks for and against extending the pair to it."""

    product: Product
    likeness: int
    fit: FitVerdict
    ratio: RatioVerdict

    @property
    def advised(self) -> bool:
        """Whether its row starts ticked."""
        return self.fit.fit is not Fit.DOES_NOT and self.ratio.status is not RatioStatus.BLOCK


@dataclass(frozen=True)
class Alike:
    rows: list[Similar]
    paired: int  # products of the category that have the pair already
    refused: int  # or are marked as not suitable with it


def item_of(product: Product) -> Item:
    return Item(product.name, product.brand, product.attributes)


def similar_mains(pair: Pair, user: User, *, brand: bool = False) -> Alike:
    """Products on sale in the category of the pair's main, the most alike first; `brand`: of its brand only."""
    main, companion = pair.main, pair.companion
    if main.category_id is None or main.category is None:
        return Alike([], 0, 0)
    shelf = (
        Product.objects.filter(within(user, "category__path", Permission.PAIR_EDIT))
        .filter(category=main.category_id, status=ProductStatus.ACTIVE)
        .exclude(pk__in=[main.pk, companion.pk])
        .select_related("category")
        .order_by("sku")
    )
    if brand and main.brand:
        shelf = shelf.filter(brand__iexact=main.brand)
    others = list(shelf[:LOOKED_AT])
    pairs = {
        one.main_id: one
        for one in Pair.objects.filter(companion=companion, main__in=others).select_related("current", "approved")
    }
    refused = {pk for pk, one in pairs.items() if one.verdict == Verdict.NOT_SUITABLE}
    paired = {pk for pk, one in pairs.items() if pk not in refused and is_open(one)}
    judge, kind, known, own = Judge(), content_of(pair).kind, item_of(companion), item_of(main)
    rows = []
    for other in others:
        if other.pk in refused or other.pk in paired:
            continue
        candidate = item_of(other)
        ratio = judge.verdict(
            category_path=main.category.path,
            kind=kind,
            main_price=other.price,
            companion_price=companion.price,
            companion_path=companion.category_path,
        )
        fit = judge_fit(main=own, companion=known, other=candidate)
        rows.append(Similar(other, likeness(own, candidate), fit, ratio))
    rows.sort(key=lambda row: (not row.advised, -row.likeness, row.product.sku))
    return Alike(rows[:OFFERED], len(paired), len(refused))
