"""Ratio policies as data, and today's judgement by them."""

from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet

from crossmatrix.matrix.models import RatioPolicy
from crossmatrix.matrix.rules import PolicyRow, RatioLimits, RatioVerdict, ReasonKind, judge_ratio, limits_for


def policies() -> QuerySet[RatioPolicy]:
    """Every policy, widest first."""
    return RatioPolicy.objects.select_related("category").order_by("category__full_name", "kind", "pk")


def default_limits() -> RatioLimits:
    """The limits where no policy fits."""
    return RatioLimits(warn=settings.RATIO_WARN_ABOVE, block=settings.RATIO_BLOCK_ABOVE)


class Judge:
    """Ratio limits read once and remembered per category path and kind: for judging many links."""

    def __init__(self) -> None:
        self.rows = [
            PolicyRow(
                category_path=policy.category.path if policy.category else "",
                kind=ReasonKind(policy.kind) if policy.kind else None,
                limits=RatioLimits(warn=policy.warn_above, block=policy.block_above),
            )
            for policy in policies()
        ]
        self.default = default_limits()
        self.known: dict[tuple[str, str], RatioLimits] = {}

    def limits(self, category_path: str, kind: str) -> RatioLimits:
        key = category_path, kind
        if key not in self.known:
            self.known[key] = limits_for(
                category_path=category_path, kind=ReasonKind(kind), policies=self.rows, default=self.default
            )
        return self.known[key]

    def verdict(
        self, *, category_path: str, kind: str, main_price: Decimal | None, companion_price: Decimal | None
    ) -> RatioVerdict:
        return judge_ratio(
            main_price=main_price, companion_price=companion_price, limits=self.limits(category_path, kind)
        )
