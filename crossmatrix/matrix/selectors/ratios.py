"""Ratio policies as data, and today's judgement by them."""

from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet

from crossmatrix.matrix.models import RatioPolicy
from crossmatrix.matrix.rules import PolicyRow, RatioLimits, RatioVerdict, ReasonKind, judge_ratio, limits_for


def policies() -> QuerySet[RatioPolicy]:
    """Every policy, widest first."""
    return RatioPolicy.objects.select_related("category", "companion_category").order_by(
        "category__full_name", "companion_category__full_name", "kind", "pk"
    )


def default_limits() -> RatioLimits:
    """The limits where no policy fits."""
    return RatioLimits(warn=settings.RATIO_WARN_ABOVE, block=settings.RATIO_BLOCK_ABOVE)


class Judge:
    """Ratio limits read once and remembered per paths and kind: for judging many links."""

    def __init__(self) -> None:
        self.rows = [
            PolicyRow(
                category_path=policy.category.path if policy.category else "",
                kind=ReasonKind(policy.kind) if policy.kind else None,
                limits=RatioLimits(warn=policy.warn_above, block=policy.block_above),
                companion_path=policy.companion_category.path if policy.companion_category else "",
            )
            for policy in policies()
        ]
        self.default = default_limits()
        self.known: dict[tuple[str, str, str], RatioLimits] = {}

    def limits(self, category_path: str, kind: str, companion_path: str = "") -> RatioLimits:
        key = category_path, kind, companion_path
        if key not in self.known:
            self.known[key] = limits_for(
                category_path=category_path,
                kind=ReasonKind(kind),
                policies=self.rows,
                default=self.default,
                companion_path=companion_path,
            )
        return self.known[key]

    def verdict(
        self,
        *,
        category_path: str,
        kind: str,
        main_price: Decimal | None,
        companion_price: Decimal | None,
        companion_path: str = "",
    ) -> RatioVerdict:
        limits = self.limits(category_path, kind, companion_path)
        return judge_ratio(main_price=main_price, companion_price=companion_price, limits=limits)
