"""The writers of bundles. Each moves one revision, in one transaction, with its event; the clock's moves are system's."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission, may_decide
from crossmatrix.accounts.selectors import supplier_of
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.bundles import selectors
from crossmatrix.bundles.formats import said, to_json
from crossmatrix.bundles.models import Bundle, BundleItem, BundleRevision, Contributor, Review
from crossmatrix.bundles.rules import (
    IN_HANDS,
    OPEN,
    RUNNING,
    BundleAction,
    BundleState,
    Clock,
    Content,
    Decision,
    DeclineReason,
    IllegalMove,
    InvalidProposal,
    ItemRole,
    Line,
    Stage,
    due_after,
    due_move,
    finance_reasons,
    next_state,
)
from crossmatrix.catalog.models import Product
from crossmatrix.jobs import services as jobs
from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import LinkDraft, PairState, RatioStatus, ReasonKind

ADVANCE_DUE = "crossmatrix.bundles.tasks.advance_due"
CONTENT = (
    "name",
    "bundle_price",
    "valid_from",
    "valid_to",
    "funding_share",
    "stock",
    "exclusive",
    "placements",
    "message",
)


class NotPermitted(Refusal):
    code = "actor.denied"
    sentence = N_("Your role does not allow this.")


class OwnApproval(Refusal):
    code = "approve.own"
    sentence = N_("You wrote this bundle, or speak for its supplier: another person has to decide.")


class DecidedBefore(Refusal):
    code = "approve.twice"
    sentence = N_("You have already decided as the manager: finance is another person.")


class StaleBundle(Refusal):
    """Somebody moved or wrote it first; show the present state and let the person choose."""

    code = "stale"
    sentence = N_("Somebody changed this bundle meanwhile. Nothing was written; look at the present state.")


class InHands(Refusal):
    code = "bundle.in_hands"
    sentence = N_("The shop is deciding on this bundle. Withdraw it first, then propose another.")


class CommentMissing(Refusal):
    code = "comment.missing"
    sentence = N_("Say in a comment what is to be changed.")


class ReasonMissing(Refusal):
    code = "reason.missing"
    sentence = N_("Choose a reason and say in words why it is declined.")


class Unchanged(Refusal):
    code = "submit.unchanged"
    sentence = N_("Nothing was changed since it came back. Change the proposal, or answer in the message.")


class CannotBeSold(Refusal):
    code = "bundle.broken"
    sentence = N_("The bundle could not be sold today: %(why)s")


class UnknownProducts(Refusal):
    code = "sku.unknown"
    sentence = N_("Not among your products: %(skus)s.")


# -- the supplier writes ------------------------------------------------------------------------------------------------


@transaction.atomic
def draft(*, content: Content, actor: User, at: datetime) -> Bundle:
    """A new proposal of the actor's supplier; may be incomplete. Raises NotPermitted, UnknownProducts."""
    supplier = speaks_for(actor)
    bundle = Bundle.objects.create(supplier_id=supplier, name=clean_text(content.name), created_by=actor, created_at=at)
    revision = BundleRevision(
        bundle=bundle, supplier_id=supplier, number=1, created_by=actor, created_at=at, moved_at=at,
    )  # fmt: skip
    write_content(revision, content)
    point_to(bundle, revision)
    contribute(bundle, actor)
    audit.record(kind="bundle.drafted", subject=bundle, at=at, actor=actor, after=standing(revision))
    return bundle


@transaction.atomic
def edit(*, bundle: Bundle, content: Content, actor: User, at: datetime, version: int | None = None) -> BundleRevision:
    """Write the content. A returned revision stays as it was reviewed: its change is a new revision, and so is a change
    of an agreed bundle, which stays in force until the new one is approved.

    `version`: of the revision the writer saw. Raises StaleBundle, InHands, IllegalMove, UnknownProducts, NotPermitted."""
    revision = own_current(bundle, actor)
    state = BundleState(revision.state)
    if version is not None and version != revision.version:
        raise StaleBundle
    if state in IN_HANDS:
        raise InHands
    if state not in OPEN | RUNNING:
        raise IllegalMove(state=state.value, action="edit")
    before = facts(revision)
    if revision.submitted_at is not None:
        if content == content_of(revision):
            return revision
        revision = successor(revision, actor, at)
    else:
        revision.version += 1
    write_content(revision, content)
    if facts(revision) != before:
        audit.record(
            kind="bundle.edited", subject=bundle, at=at, actor=actor,
            before=before, after=facts(revision) | standing(revision),
        )  # fmt: skip
    point_to(bundle, revision)
    contribute(bundle, actor)
    return revision


def successor(revision: BundleRevision, actor: User, at: datetime) -> BundleRevision:
    """The next revision: it goes on from "needs changes" with its deadline, or starts as a draft beside what runs."""
    returned = revision.state == BundleState.NEEDS_CHANGES
    if returned:
        move(revision, BundleAction.SUPERSEDE, actor=actor, at=at, quiet=True)
    last = revision.bundle.revisions.order_by("-number").values_list("number", flat=True)[0]
    return BundleRevision(
        bundle=revision.bundle, supplier_id=revision.supplier_id, number=last + 1,
        state=(BundleState.NEEDS_CHANGES if returned else BundleState.DRAFT).value,
        due_at=revision.due_at if returned else None, created_by=actor, created_at=at, moved_at=at,
    )  # fmt: skip


def write_content(revision: BundleRevision, content: Content) -> None:
    """Save the revision with this content and these items; the revision is not submitted yet."""
    products = products_of(revision.supplier_id, content.items)
    for name in CONTENT:
        setattr(revision, name, getattr(content, name))
    revision.name, revision.placements = clean_text(content.name), list(content.placements)
    revision.currency = next((products[line.sku].currency for line in content.items), "RUB")
    revision.save()
    revision.items.all().delete()
    BundleItem.objects.bulk_create(
        BundleItem(
            revision=revision,
            supplier_id=revision.supplier_id,
            product=products[line.sku],
            quantity=line.quantity,
            role=line.role.value,
            position=position,
        )
        for position, line in enumerate(merged(content.items))
    )


def merged(lines: Iterable[Line]) -> list[Line]:
    """Each SKU once: quantities add up, a line that is the main one makes it so; the first main only."""
    found: dict[str, Line] = {}
    main = next((line.sku for line in lines if line.role is ItemRole.MAIN), None)
    for line in lines:
        before = found[line.sku].quantity if line.sku in found else 0
        role = ItemRole.MAIN if line.sku == main else ItemRole.COMPANION
        found[line.sku] = Line(line.sku, before + max(line.quantity, 1), role)
    return list(found.values())


def products_of(supplier: int, lines: Sequence[Line]) -> dict[str, Product]:
    """The supplier's products by SKU. A foreign SKU and one that is not there are refused alike."""
    wanted = {line.sku for line in lines}
    found = {product.sku: product for product in Product.objects.filter(supplier=supplier, sku__in=wanted)}
    if missing := sorted(wanted - set(found)):
        raise UnknownProducts(skus=", ".join(missing))
    return found


@transaction.atomic
def submit(*, bundle: Bundle, actor: User, at: datetime) -> BundleRevision:
    """Judge everything, freeze the revision and hand it to the shop, due in 3 working days.
    Raises InvalidProposal with every error at once, IllegalMove, Unchanged, NotPermitted."""
    revision = own_current(bundle, actor)
    next_state(BundleState(revision.state), BundleAction.SUBMIT)
    if revision.submitted_at is not None:
        raise Unchanged
    items = selectors.items_of(revision)
    judged = selectors.judge(revision, at=at, items=items)
    if judged.stops:
        raise InvalidProposal(judged.stops)
    for item in items:
        item.unit_price = item.product.price
    BundleItem.objects.bulk_update(items, ["unit_price"])
    revision.findings = [to_json(finding) for finding in judged.findings]
    revision.regular_price = judged.saving.regular if judged.saving else None
    revision.finance_reasons = [reason.value for reason in finance_reasons(judged.proposal)]
    revision.digest = content_digest(
        facts(revision) | {"items": [[i.product.sku, i.quantity, i.role, i.unit_price] for i in items]}
    )
    revision.submitted_by, revision.submitted_at = actor, at
    BundleRevision.objects.filter(pk=revision.pk).update(
        findings=revision.findings, regular_price=revision.regular_price, finance_reasons=revision.finance_reasons,
        digest=revision.digest, submitted_by=actor, submitted_at=at,
    )  # fmt: skip
    contribute(bundle, actor)
    move(revision, BundleAction.SUBMIT, actor=actor, at=at)
    return revision


@transaction.atomic
def withdraw(*, bundle: Bundle, actor: User, at: datetime, comment: str = "") -> BundleRevision:
    """Take the proposal back before it is agreed. Raises IllegalMove, NotPermitted."""
    revision = own_current(bundle, actor)
    move(revision, BundleAction.WITHDRAW, actor=actor, at=at, comment=comment)
    settle_current(bundle)
    return revision


# -- the shop decides -----------------------------------------------------------------------------------------------------


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


def link_pairs(revision: BundleRevision, *, actor: User, at: datetime) -> list[PairRevision]:
    """Approved pairs main → companion, written by the supplier's submitter and approved by the shop's decider.

    A link the shop has its own words on (draft, in review, approved by hand) is left alone."""
    items = selectors.items_of(revision)
    main = next(item.product for item in items if item.role == ItemRole.MAIN)
    facts_by_sku = {item.sku: item for item in selectors.proposal_of(revision, items).items}
    batch = batch_of(revision.bundle)
    linked = []
    for rank, item in enumerate((item for item in items if item.product_id != main.pk), start=1):
        if has_own_words(main.pk, item.product_id, batch):
            continue
        ratio = facts_by_sku[item.product.sku].ratio
        blocked = ratio is not None and ratio.status is RatioStatus.BLOCK
        with translation.override(settings.LANGUAGE_CODE):
            link = LinkDraft(
                main.pk, item.product_id, kind=ReasonKind.ACCESSORY.value, rank=rank,
                reason=gettext("Bundle “%(name)s”") % {"name": revision.name},
                offer_text=gettext("Cheaper together: %(name)s") % {"name": revision.name},
                placements=list(revision.placements), valid_from=revision.valid_from, valid_to=revision.valid_to,
                override_reason=gettext("Sold together at a discount") if blocked else "",
            )  # fmt: skip
        told: dict[str, Any] = {"at": at, "source": Source.BUNDLE.value, "batch": batch}
        pair = matrix.set_pair(draft=link, actor=revision.submitted_by, **told)
        if pair.state == PairState.DRAFT:
            pair = matrix.submit(revision=pair, actor=revision.submitted_by, **told)
            pair = matrix.approve(revision=pair, actor=actor, **told)
        linked.append(pair)
    return linked


def batch_of(bundle: Bundle) -> str:
    return f"bundle:{bundle.public_id}"


def has_own_words(main: int, companion: int, batch: str) -> bool:
    """Whether somebody else's revision of the link lives."""
    pair = Pair.objects.select_related("current").filter(main=main, companion=companion).first()
    if pair is None or pair.current is None:
        return False
    return pair.current.batch != batch and pair.current.state != PairState.RETIRED


def retire_pairs(bundle: Bundle, *, at: datetime) -> int:
    """Take the links this bundle brought out of the next release; returns how many."""
    living = PairRevision.objects.filter(batch=batch_of(bundle), state=PairState.APPROVED).order_by("pair_id")
    for revision in living:
        matrix.retire(
            revision=revision,
            actor=None,
            at=at,
            comment=str(bundle),
            source=Source.SYSTEM.value,
            batch=batch_of(bundle),
        )
    return len(living)


# -- the clock -------------------------------------------------------------------------------------------------------------


def advance_due(*, at: datetime) -> dict[str, int]:
    """Whatever is due by date or stock, at most three steps for each bundle; returns how often each action was done.
    Run twice at one moment, the second run does nothing."""
    states = [*IN_HANDS, *RUNNING, BundleState.NEEDS_CHANGES]
    ids = (
        BundleRevision.objects.filter(state__in=[state.value for state in states])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    done: dict[str, int] = {}
    for pk in list(ids):
        for _ in range(3):  # approved → scheduled → live
            action = advance(pk, at=at)
            if action is None:
                break
            done[action.value] = done.get(action.value, 0) + 1
    return done


@transaction.atomic
def advance(pk: int, *, at: datetime) -> BundleAction | None:
    """One due step of one revision; None when nothing is due."""
    revision = BundleRevision.objects.select_for_update(of=("self",)).select_related("bundle").get(pk=pk)
    state = BundleState(revision.state)
    broken = selectors.breaches_of(revision) if state in RUNNING else []
    clock = Clock(revision.due_at, revision.valid_from, revision.valid_to, broken=bool(broken))
    action = due_move(state, clock, at=at, today=timezone.localdate(at))
    if action is None:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        why = " ".join(said(finding) for finding in broken if not finding.internal)
        inside = " ".join(said(finding) for finding in broken if finding.internal)
    told = (why, inside) if action in (BundleAction.NOT_RUN, BundleAction.SUSPEND) else ("", "")
    move(revision, action, actor=None, at=at, comment=told[0], note=told[1])
    if action is BundleAction.NOT_RUN:
        retire_pairs(revision.bundle, at=at)
    if action in (BundleAction.EXPIRE, BundleAction.NOT_RUN):
        settle_current(revision.bundle)
    return action


# -- shared ----------------------------------------------------------------------------------------------------------------


def move(
    revision: BundleRevision, action: BundleAction, *, actor: User | None, at: datetime, comment: str = "", note: str = "",
    quiet: bool = False, decline_reason: str = "", **changes: Any,
) -> None:  # fmt: skip
    """The only way a state changes: by the table, only from the state that was read, with its event.
    `quiet`: a step that only makes room for another one, which tells of it."""
    was = BundleState(revision.state)
    becomes = next_state(was, action)
    changes = {"due_at": due_after(becomes, at), "moved_at": at, **changes}
    moved = BundleRevision.objects.filter(pk=revision.pk, state=was.value).update(state=becomes.value, **changes)
    if moved != 1:
        raise StaleBundle
    revision.state = becomes.value
    for name, value in changes.items():
        setattr(revision, name, value)
    if quiet:
        return
    extra = {name: value for name, value in (("note", note), ("reason", decline_reason)) if value}
    audit.record(
        kind=f"bundle.{action.value}", subject=revision.bundle, at=at, actor=actor, reason=comment.strip(),
        source=(Source.HAND if actor else Source.SYSTEM).value,
        before={"state": was.value}, after=standing(revision) | extra,
    )  # fmt: skip


def own_current(bundle: Bundle, actor: User) -> BundleRevision:
    """The newest revision, locked, for one of its supplier's people. Raises NotPermitted, UnknownBundle."""
    if speaks_for(actor) != bundle.supplier_id:
        raise selectors.UnknownBundle(bundle=str(bundle.public_id))
    return locked_current(bundle)


def current_for_shop(bundle: Bundle, actor: User, permission: Permission | None) -> BundleRevision:
    """The newest revision, locked, for somebody of the shop who did not write it. Raises OwnApproval, NotPermitted."""
    ours = supplier_of(actor) == bundle.supplier_id
    if ours or not may_decide(decider=actor.pk, contributors=selectors.contributors_of(bundle)):
        raise OwnApproval
    if permission is not None:
        permitted(actor, permission)
    return locked_current(bundle)


def locked_current(bundle: Bundle) -> BundleRevision:
    # the bundle first: whoever waited reads the pointer of after the wait
    current = Bundle.objects.select_for_update().values_list("current_id", flat=True).get(pk=bundle.pk)
    return BundleRevision.objects.select_for_update(of=("self",)).select_related("bundle").get(pk=current)


def permitted(actor: User, permission: Permission) -> None:
    if not actor.has_perm(permission):
        raise NotPermitted


def speaks_for(actor: User) -> int:
    supplier = supplier_of(actor)
    if supplier is None or not actor.has_perm(Permission.BUNDLE_PROPOSE):
        raise NotPermitted
    return supplier


def contribute(bundle: Bundle, actor: User) -> None:
    Contributor.objects.bulk_create([Contributor(bundle=bundle, user=actor)], ignore_conflicts=True)


def point_to(bundle: Bundle, revision: BundleRevision) -> None:
    Bundle.objects.filter(pk=bundle.pk).update(current=revision, name=revision.name)
    bundle.current, bundle.name = revision, revision.name


def settle_current(bundle: Bundle) -> None:
    """After a change that came to nothing, the version in force is the current one again."""
    running = bundle.revisions.filter(state__in=[state.value for state in RUNNING]).first()
    if running is not None:
        point_to(bundle, running)


def standing(revision: BundleRevision) -> dict[str, Any]:
    return {"state": revision.state, "revision": revision.number}


def content_of(revision: BundleRevision) -> Content:
    """What the supplier wrote, as it was written."""
    return Content(
        name=revision.name, bundle_price=revision.bundle_price, valid_from=revision.valid_from, valid_to=revision.valid_to,
        funding_share=revision.funding_share, stock=revision.stock, exclusive=revision.exclusive,
        placements=tuple(revision.placements), message=revision.message,
        items=tuple(
            Line(item.product.sku, item.quantity, ItemRole(item.role))
            for item in revision.items.select_related("product").order_by("position", "pk")
        ),
    )  # fmt: skip


def facts(revision: BundleRevision) -> dict[str, Any]:
    """The content JSON-ready: for history and for the digest."""
    content = content_of(revision)
    plain = {name: getattr(content, name) for name in CONTENT}
    plain |= {
        "bundle_price": amount(content.bundle_price), "funding_share": amount(content.funding_share),
        "valid_from": selectors.iso(content.valid_from), "valid_to": selectors.iso(content.valid_to),
        "placements": list(content.placements),
        "items": [f"{line.sku}:{line.quantity}:{line.role.value}" for line in content.items],
    }  # fmt: skip
    return plain


def amount(value: Decimal | None) -> str | None:
    """As the database gives it back, so that a value does not differ from itself."""
    return None if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
