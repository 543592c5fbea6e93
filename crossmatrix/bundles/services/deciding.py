"""The shop's side: claim, approve, return, decline."""

from datetime import datetime

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.bundles import selectors
from crossmatrix.bundles.formats import said
from crossmatrix.bundles.models import Bundle, BundleRevision, Review
from crossmatrix.bundles.rules import (
    RUNNING,
    BundleAction,
    BundleState,
    Decision,
    DeclineReason,
    Stage,
    next_state,
)
from crossmatrix.bundles.services.clock import ADVANCE_DUE
from crossmatrix.bundles.services.pairs import link_pairs
from crossmatrix.bundles.services.refusals import (
    CannotBeSold,
    CommentMissing,
    DecidedBefore,
    NotPermitted,
    ReasonMissing,
    StaleBundle,
)
from crossmatrix.bundles.services.shared import current_for_shop, move, permitted, settle_current
from crossmatrix.jobs import services as jobs


@transaction.atomic
def claim(*, bundle: Bundle, actor: User, at: datetime) -> BundleRevision:
    """Take it for review. Raises OwnApproval, NotPermitted, IllegalMove."""
    revision = current_for_shop(bundle, actor, Permission.BUNDLE_REVIEW)
    move(revision, BundleAction.CLAIM, actor=actor, at=at, claimed_by=actor, due_at=revision.due_at)
    return revision


@transaction.atomic
def approve(
    *, bundle: Bundle, actor: User, at: datetime, comment: str = "", note: str = "", digest: str = ""
) -> BundleRevision:
    """Agree to exactly this content: as the manager, or as finance when limits are passed and the manager agreed.

    The last approval supersedes the version in force, writes the pairs main → companion into the matrix and lets the
    clock schedule it. `digest`: of the content the person saw.
    Raises OwnApproval, NotPermitted, IllegalMove, CannotBeSold, StaleBundle, DecidedBefore."""
    revision = taken(bundle, actor, at)
    stage = stage_of(revision)
    if digest and digest != revision.digest:
        raise StaleBundle
    to_finance = stage is Stage.MANAGER and bool(revision.finance_reasons)
    action = BundleAction.TO_FINANCE if to_finance else BundleAction.APPROVE
    next_state(BundleState(revision.state), action)
    if broken := selectors.breaches_of(revision):
        raise CannotBeSold(why=" ".join(said(finding) for finding in broken))
    decide(revision, stage, Decision.APPROVED, actor=actor, at=at, comment=comment, note=note)
    if not to_finance:
        supersede_running(revision, actor=actor, at=at)
    move(revision, action, actor=actor, at=at, comment=comment, note=note)
    if not to_finance:
        link_pairs(revision, actor=actor, at=at)
        jobs.order(ADVANCE_DUE, at=at)
    return revision


@transaction.atomic
def return_(*, bundle: Bundle, actor: User, at: datetime, comment: str, note: str = "") -> BundleRevision:
    """Send it back with what to change; the supplier has 5 days. Raises CommentMissing and as `approve`."""
    revision = taken(bundle, actor, at)
    next_state(BundleState(revision.state), BundleAction.RETURN)
    if not comment.strip():
        raise CommentMissing
    decide(revision, stage_of(revision), Decision.RETURNED, actor=actor, at=at, comment=comment, note=note)
    move(revision, BundleAction.RETURN, actor=actor, at=at, comment=comment, note=note)
    return revision


@transaction.atomic
def decline(*, bundle: Bundle, actor: User, at: datetime, reason: str, comment: str, note: str = "") -> BundleRevision:
    """Say no for good: `reason` of DeclineReason and a text. Raises ReasonMissing and as `approve`."""
    revision = taken(bundle, actor, at)
    next_state(BundleState(revision.state), BundleAction.DECLINE)
    if reason not in set(DeclineReason) or not comment.strip():
        raise ReasonMissing
    decide(
        revision, stage_of(revision), Decision.DECLINED, actor=actor, at=at, comment=comment, note=note, reason=reason
    )
    move(revision, BundleAction.DECLINE, actor=actor, at=at, comment=comment, note=note, decline_reason=reason)
    settle_current(bundle)
    return revision


def taken(bundle: Bundle, actor: User, at: datetime) -> BundleRevision:
    """The revision in the decider's hands; one that nobody took yet is taken first."""
    revision = current_for_shop(bundle, actor, None)
    if revision.state == BundleState.SUBMITTED:
        permitted(actor, Permission.BUNDLE_REVIEW)
        move(revision, BundleAction.CLAIM, actor=actor, at=at, claimed_by=actor, due_at=revision.due_at)
    elif revision.state in (BundleState.IN_REVIEW, BundleState.IN_FINANCE):
        permitted(actor, PERMISSIONS[stage_of(revision)])
    elif not (actor.has_perm(Permission.BUNDLE_REVIEW) or actor.has_perm(Permission.BUNDLE_FINANCE)):
        raise NotPermitted
    return revision


PERMISSIONS = {Stage.MANAGER: Permission.BUNDLE_REVIEW, Stage.FINANCE: Permission.BUNDLE_FINANCE}


def stage_of(revision: BundleRevision) -> Stage:
    return Stage.FINANCE if revision.state == BundleState.IN_FINANCE else Stage.MANAGER


def decide(
    revision: BundleRevision,
    stage: Stage,
    decision: Decision,
    *,
    actor: User,
    at: datetime,
    comment: str,
    note: str,
    reason: str = "",
) -> None:
    if revision.reviews.filter(reviewer=actor).exists():
        raise DecidedBefore
    Review.objects.create(
        revision=revision, stage=stage.value, reviewer=actor, decision=decision.value, reason=reason,
        comment=comment.strip(), note=note.strip(), digest=revision.digest, at=at,
    )  # fmt: skip


def supersede_running(revision: BundleRevision, *, actor: User, at: datetime) -> None:
    """The version in force makes room for its approved successor."""
    running = revision.bundle.revisions.select_for_update().filter(state__in=[state.value for state in RUNNING]).first()
    if running is not None:
        move(running, BundleAction.SUPERSEDE, actor=actor, at=at, quiet=True)
