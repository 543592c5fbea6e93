"""The supplier's side: draft, edit, submit, withdraw."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.bundles import selectors
from crossmatrix.bundles.formats import to_json
from crossmatrix.bundles.models import Bundle, BundleItem, BundleRevision
from crossmatrix.bundles.rules import (
    IN_HANDS,
    OPEN,
    RUNNING,
    BundleAction,
    BundleState,
    Content,
    IllegalMove,
    InvalidProposal,
    ItemRole,
    Line,
    finance_reasons,
    next_state,
)
from crossmatrix.bundles.services.refusals import InHands, StaleBundle, Unchanged, UnknownProducts
from crossmatrix.bundles.services.shared import (
    CONTENT,
    content_of,
    contribute,
    facts,
    move,
    own_current,
    point_to,
    settle_current,
    speaks_for,
    standing,
)
from crossmatrix.catalog.models import Product
from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.text import clean_text


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
