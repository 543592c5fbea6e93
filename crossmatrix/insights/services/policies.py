"""Policies of weak pairs: limits of a category, and who decides there."""

from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit import services as audit
from crossmatrix.catalog.models import Category
from crossmatrix.insights.models import WeakPolicy
from crossmatrix.insights.rules.policy import BOUNDS, Limits
from crossmatrix.insights.selectors.policies import FIELDS, limits_of
from crossmatrix.insights.services.weak import order_look
from crossmatrix.lib.errors import N_, Refusal


class BadLimits(Refusal):
    code = "weak_policy.invalid"
    sentence = N_("These limits cannot be: look at the bounds beside each of them.")


class OutOfBounds(Refusal):
    code = "weak_policy.invalid"
    sentence = N_("“%(name)s” must be from %(low)s to %(high)s.")


class MayNotWrite(Refusal):
    code = "weak_policy.may_not"
    sentence = N_("Policies are written by analysts and heads.")


class PolicyThere(Refusal):
    code = "weak_policy.taken"
    sentence = N_("This category has a policy already: change that one.")


@transaction.atomic
def set_weak_policy(
    *, category: Category | None, limits: Limits, actor: User, at: datetime, policy: WeakPolicy | None = None
) -> WeakPolicy:
    """Write the limits of a category subtree (None: everywhere), or rewrite `policy`; owes a new look.

    Raises MayNotWrite, OutOfBounds, BadLimits, PolicyThere.
    """
    check_may_write(actor)
    check_limits(limits)
    before = _contents(policy) if policy else None
    written = policy or WeakPolicy()
    written.category, written.decider = category, limits.decider.value
    for name in FIELDS:
        setattr(written, name, getattr(limits, name))
    try:
        with transaction.atomic():
            written.save()
    except IntegrityError as problem:
        raise (PolicyThere if "insights_one_weak_policy" in str(problem) else BadLimits) from None
    audit.record(kind="weak_policy.set", subject=written, at=at, actor=actor, before=before, after=_contents(written))
    order_look(actor=actor, at=at)
    return written


@transaction.atomic
def remove_weak_policy(*, policy: WeakPolicy, actor: User, at: datetime) -> None:
    """Take the policy away: wider ones or the defaults hold again. Owes a new look. Raises MayNotWrite."""
    check_may_write(actor)
    audit.record(kind="weak_policy.removed", subject=policy, at=at, actor=actor, before=_contents(policy))
    policy.delete()
    order_look(actor=actor, at=at)


def check_may_write(actor: User) -> None:
    """Raises MayNotWrite."""
    if not actor.has_perm(Permission.POLICY_EDIT):
        raise MayNotWrite


def check_limits(limits: Limits) -> None:
    """Raises OutOfBounds, for the first limit that cannot be."""
    for name in limits.out_of_bounds():
        low, high = BOUNDS[name]
        raise OutOfBounds(name=name, low=f"{low:g}", high=f"{high:g}")


def _contents(policy: WeakPolicy) -> dict[str, object]:
    return {"category": policy.category_id} | {
        name: str(value) if name == "decider" else value for name, value in asdict(limits_of(policy)).items()
    }
