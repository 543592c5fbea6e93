"""Weak-pair policies as limits, the nearest category first."""

from collections.abc import Mapping

from django.conf import settings
from django.db.models import QuerySet

from crossmatrix.insights.models import WeakPolicy
from crossmatrix.insights.rules.policy import Decider, Limits
from crossmatrix.insights.rules.priors import chain

FIELDS = (
    "min_orders", "share_of_usual", "false_share", "decline", "returns_times", "least_margin", "promo_share",
    "unseen_days", "urgent_days", "check_days", "note_days", "least_gain",
)  # fmt: skip


def policies() -> QuerySet[WeakPolicy]:
    """Every policy, widest first."""
    return WeakPolicy.objects.select_related("category").order_by("category__full_name", "pk")


def default_limits() -> Limits:
    """What holds where no policy does."""
    return Limits(min_orders=settings.WEAK_MIN_ORDERS)


def limits_of(policy: WeakPolicy) -> Limits:
    return Limits(**{name: getattr(policy, name) for name in FIELDS}, decider=Decider(policy.decider))


def limits_by_path() -> dict[str, Limits]:
    """Limits by category path; "" always has some."""
    rows = {"": default_limits()}
    for policy in policies():
        rows[policy.category.path if policy.category else ""] = limits_of(policy)
    return rows


def nearest(rows: Mapping[str, Limits], path: str) -> Limits:
    """The limits of the category or of the nearest one above it."""
    return next(rows[node] for node in chain(path) if node in rows)
