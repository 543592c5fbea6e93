"""What every writer of bundles needs: the move itself, whose bundle it is, the locks, the facts for history."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission, may_decide
from crossmatrix.accounts.selectors import supplier_of
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.bundles import selectors
from crossmatrix.bundles.models import Bundle, BundleRevision, Contributor
from crossmatrix.bundles.rules import (
    RUNNING,
    BundleAction,
    BundleState,
    Content,
    ItemRole,
    Line,
    due_after,
    next_state,
)
from crossmatrix.bundles.services.refusals import NotPermitted, OwnApproval, StaleBundle

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
