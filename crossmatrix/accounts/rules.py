"""Roles and what they permit. The scope (which categories, which supplier) is the selectors' matter."""

from collections.abc import Iterable
from enum import StrEnum

from crossmatrix.lib.errors import N_


class Permission(StrEnum):
    PRODUCT_VIEW = "product.view"
    PRODUCT_EDIT = "product.edit"
    IMPORT_RUN = "import.run"
    PAIR_VIEW = "pair.view"
    PAIR_EDIT = "pair.edit"
    PAIR_APPROVE = "pair.approve"
    REVIEW_CHASE = "review.chase"  # hears of reviews that are overdue
    POLICY_EDIT = "policy.edit"
    EVIDENCE_VIEW = "evidence.view"
    EVIDENCE_REFRESH = "evidence.refresh"
    FLAG_DECIDE = "flag.decide"
    BUNDLE_PROPOSE = "bundle.propose"
    BUNDLE_REVIEW = "bundle.review"
    BUNDLE_FINANCE = "bundle.finance"
    RELEASE_VIEW = "release.view"
    RELEASE_CUT = "release.cut"
    CHANNEL_EDIT = "channel.edit"
    CARD_VIEW = "card.view"
    CARD_ANSWER = "card.answer"  # tells what came of an offer in the shop
    JOB_VIEW = "job.view"
    PEOPLE_EDIT = "people.edit"


class Role(StrEnum):
    CATEGORY_MANAGER = "category_manager"
    HEAD = "head"
    ANALYST = "analyst"
    SUPPLIER = "supplier"
    STAFF = "staff"
    INTEGRATOR = "integrator"
    ADMIN = "admin"


P = Permission
READ = frozenset({P.PRODUCT_VIEW, P.PAIR_VIEW, P.EVIDENCE_VIEW, P.RELEASE_VIEW, P.CARD_VIEW})
MANAGE = READ | {
    P.PRODUCT_EDIT,
    P.IMPORT_RUN,
    P.PAIR_EDIT,
    P.PAIR_APPROVE,
    P.FLAG_DECIDE,
    P.BUNDLE_REVIEW,
    P.RELEASE_CUT,
    P.JOB_VIEW,
}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.CATEGORY_MANAGER: MANAGE | {P.EVIDENCE_REFRESH},
    Role.HEAD: MANAGE | {P.POLICY_EDIT, P.EVIDENCE_REFRESH, P.REVIEW_CHASE},
    Role.ANALYST: READ | {P.IMPORT_RUN, P.EVIDENCE_REFRESH, P.POLICY_EDIT, P.BUNDLE_FINANCE, P.JOB_VIEW},
    Role.SUPPLIER: frozenset({P.BUNDLE_PROPOSE}),
    Role.STAFF: frozenset({P.PRODUCT_VIEW, P.CARD_VIEW, P.CARD_ANSWER}),
    Role.INTEGRATOR: READ | {P.CHANNEL_EDIT, P.RELEASE_CUT, P.JOB_VIEW},
    Role.ADMIN: frozenset(Permission) - {P.BUNDLE_PROPOSE},
}

LENT = frozenset({P.PAIR_APPROVE, P.FLAG_DECIDE, P.BUNDLE_REVIEW, P.REVIEW_CHASE})  # what a deputy decides for another

ROLE_NAMES: dict[Role, str] = {
    Role.CATEGORY_MANAGER: N_("Category manager"),
    Role.HEAD: N_("Head of category"),
    Role.ANALYST: N_("Analyst"),
    Role.SUPPLIER: N_("Supplier"),
    Role.STAFF: N_("Store staff"),
    Role.INTEGRATOR: N_("Integrator"),
    Role.ADMIN: N_("Administrator"),
}


def permits(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of the roles holds the permission."""
    return any(permission in ROLES[role] for role in roles)


def may_decide(*, decider: int | None, contributors: Iterable[int | None]) -> bool:
    """Four eyes: whoever wrote or edited a thing does not decide on it. The database holds the same rule."""
    return decider is not None and decider not in set(contributors)
