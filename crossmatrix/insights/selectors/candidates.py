"""Companions that could stand beside a main today: found in the orders, allowed, on sale, in stock, at a fair price."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.insights.models import PairStat, Suggestion
from crossmatrix.insights.rules.suggesting import Candidate, worth_suggesting
from crossmatrix.insights.rules.words import SuggestionSource, SuggestionState
from crossmatrix.insights.selectors.evidence import numbers_of, stats
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import (
    PairState,
    RatioStatus,
    RatioVerdict,
    ReasonKind,
    Verdict,
    blocked_by_type,
)
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.selectors.slots import unsuitable_types

IN_WORK = (PairState.DRAFT.value, PairState.IN_REVIEW.value, PairState.APPROVED.value)


@dataclass(frozen=True)
class Found:
    """An allowed candidate with what it would cost and how it sells; `told`: what suggestions know beyond that."""

    stat: PairStat
    main: Product
    companion: Product
    ratio: RatioVerdict
    source: SuggestionSource = SuggestionSource.MINED
    told: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: what is frozen in flags and suggestions and what the commands print."""
        numbers = numbers_of(self.stat)
        return {
            "companion": self.companion.sku, "name": self.companion.name, "product": self.companion.pk,
            "score": self.stat.score, "source": self.source.value, "attach_rate": numbers.attach_rate,
            "low": numbers.low, "high": numbers.high, "lift": numbers.lift, "incremental": numbers.incremental,
            "adjusted_lift": numbers.adjusted_lift, "orders_both": self.stat.orders_both,
            "orders_main": self.stat.orders_main, "customers_both": self.stat.customers_both,
            "price": str(self.companion.price) if self.companion.price is not None else None,
            "currency": self.companion.currency, "stock": self.companion.stock,
            "ratio": float(self.ratio.ratio) if self.ratio.ratio is not None else None,
            "verdict": self.ratio.status.value, "from": self.stat.refresh.from_date.isoformat() if self.stat.refresh.from_date else None,
            "to": self.stat.refresh.to_date.isoformat() if self.stat.refresh.to_date else None, **self.told,
        }  # fmt: skip


def on_sale(products: QuerySet[Product]) -> QuerySet[Product]:
    """Products that can be sold today; a service without counted stock always can."""
    return products.filter(status=ProductStatus.ACTIVE).filter(Q(stock__isnull=True) | Q(stock__gt=0))


class Permitted:
    """What stands against candidates of these mains, read once for all of them."""

    def __init__(self, mains: Collection[int], *, and_later: bool) -> None:
        self.judge, self.unsuitable = Judge(), unsuitable_types()
        taken = Pair.objects.filter(main_id__in=mains).filter(
            Q(verdict=Verdict.NOT_SUITABLE.value) | Q(current__state__in=IN_WORK)
        )
        self.taken = set(taken.values_list("main_id", "companion_id"))
        if and_later:
            waiting = Suggestion.objects.filter(
                main_id__in=mains, state=SuggestionState.LATER, later_until__gt=timezone.localdate()
            )
            self.taken |= set(waiting.values_list("main_id", "companion_id"))

    def judged(self, stat: PairStat, main: Product, companion: Product) -> Found | None:
        """The candidate with its price ratio; None when something forbids it."""
        main_path = main.category.path if main.category else ""
        companion_path = companion.category.path if companion.category else ""
        if main.pk == companion.pk or (main.pk, companion.pk) in self.taken:
            return None
        if blocked_by_type(main_path=main_path, companion_path=companion_path, unsuitable=self.unsuitable) is not None:
            return None
        ratio = self.judge.verdict(
            category_path=main_path,
            kind=ReasonKind.ACCESSORY.value,
            main_price=main.price,
            companion_price=companion.price,
            companion_path=companion_path,
        )
        return None if ratio.status == RatioStatus.BLOCK else Found(stat, main, companion, ratio)


def worth(stat: PairStat) -> bool:
    return worth_suggesting(
        Candidate(
            q_value=stat.q_value,
            orders_both=stat.orders_both,
            expected=stat.expected,
            customers_both=stat.customers_both,
        )
    )


def candidates(mains: Sequence[Product], *, and_later: bool = False) -> dict[int, list[Found]]:
    """Allowed candidates by main, best score first; only pairs bought together more often than chance would."""
    found = (
        stats()
        .filter(main__in=mains, score__gt=0, companion__in=on_sale(Product.objects.all()))
        .select_related("refresh", "companion__category")
        .order_by("main_id", "-score", "companion_id")
    )
    by_id = {main.pk: main for main in mains}
    permitted = Permitted(list(by_id), and_later=and_later)
    answer: dict[int, list[Found]] = defaultdict(list)
    for stat in found:
        candidate = permitted.judged(stat, by_id[stat.main_id], stat.companion)
        if candidate is not None:
            answer[stat.main_id].append(candidate)
    return answer
