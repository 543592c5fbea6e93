"""Reading bundles. Portal selectors start from the supplier of the person, staff ones from the person's categories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of, supplier_of
from crossmatrix.audit.models import AuditEvent
from crossmatrix.audit.selectors import history_of
from crossmatrix.bundles.models import Bundle, BundleItem, BundleRevision, Contributor, Review
from crossmatrix.bundles.rules import (
    IN_HANDS,
    RELEASED,
    RUNNING,
    BundleState,
    Decision,
    Finding,
    ItemFacts,
    ItemRole,
    Margin,
    Other,
    Proposal,
    Saving,
    breaches,
    bundle_margin,
    bundle_saving,
    check_submission,
)
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import (
    RatioLimits,
    RatioStatus,
    RatioVerdict,
    ReasonKind,
    Verdict,
    blocked_by_type,
    judge_ratio,
)
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.selectors.slots import unsuitable_types


class UnknownBundle(Refusal):
    """No such bundle, or none of this person's: the same answer, so that nothing is told about others."""

    code = "bundle.unknown"
    sentence = N_("There is no bundle “%(bundle)s”.")


# -- the supplier's side --------------------------------------------------------------------------------------------


def own_products(user: User) -> QuerySet[Product]:
    """The supplier's products, with the columns a supplier may read: never the shop's cost."""
    return (
        Product.objects.filter(supplier=supplier_of(user) or 0)
        .exclude(status=ProductStatus.HIDDEN)
        .select_related("category")
        .defer("cost", "search", "attributes")
        .order_by("name", "pk")
    )


def search_products(user: User, words: str) -> QuerySet[Product]:
    """Own products whose words or SKU start like the query; all of them for an empty query."""
    found = own_products(user)
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(sku__istartswith=word) | Q(barcode=word))
    return found


def own_bundles(user: User) -> QuerySet[Bundle]:
    """The supplier's proposals with their newest revision, newest first."""
    return with_current(Bundle.objects.filter(supplier=supplier_of(user) or 0))


# -- the shop's side ----------------------------------------------------------------------------------------------------


def bundles_for(user: User) -> QuerySet[Bundle]:
    """Bundles a reviewer may see: an item lies in the person's categories. Drafts are the supplier's own matter."""
    paths = {
        path
        for permission in (Permission.BUNDLE_REVIEW, Permission.BUNDLE_FINANCE)
        for path in category_paths_of(user, permission)
    }
    items = BundleItem.objects.filter(revision__bundle=OuterRef("pk"), revision__submitted_at__isnull=False)
    if "" not in paths:
        inside = Q(pk__in=[])
        for path in sorted(paths):
            inside |= Q(product__category__path__startswith=path)
        items = items.filter(inside)
    return with_current(Bundle.objects.filter(Exists(items)))


def with_current(bundles: QuerySet[Bundle]) -> QuerySet[Bundle]:
    return (
        bundles.select_related("supplier", "current", "current__claimed_by", "created_by")
        .annotate(item_count=Count("current__items"))
        .order_by("-created_at", "-pk")
    )


def shown_revision(bundle: Bundle) -> BundleRevision | None:
    """What the shop's people see: the newest revision that was ever submitted."""
    return bundle.revisions.filter(submitted_at__isnull=False).order_by("-number").first()


def queue_for(user: User) -> QuerySet[Bundle]:
    """Bundles that wait for this person's decision, the most urgent first."""
    states = [BundleState.SUBMITTED, BundleState.IN_REVIEW] if user.has_perm(Permission.BUNDLE_REVIEW) else []
    if user.has_perm(Permission.BUNDLE_FINANCE):
        states = [*states, BundleState.IN_FINANCE]
    return (
        bundles_for(user)
        .filter(current__state__in=states)
        .exclude(contributors__user=user)
        .order_by("current__due_at", "pk")
    )


def bundle_named(user: User, name: str) -> Bundle:
    """The bundle of this id (whole, or its first 8 letters), among those the person may see. Raises UnknownBundle."""
    mine = own_bundles(user) if supplier_of(user) is not None else bundles_for(user)
    start = uuid_start(name)
    found = list(mine.filter(public_id__startswith=start)[:2]) if start else []
    if len(found) != 1:
        raise UnknownBundle(bundle=name)
    return found[0]


def uuid_start(text: str) -> str:
    """Beginning of an id as the database writes it, from at least 8 hexadecimal digits; "" when the text is none."""
    digits = text.replace("-", "").lower()
    if len(digits) not in range(8, 33) or not set(digits) <= set("0123456789abcdef"):
        return ""
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(part for part in parts if part)


def contributors_of(bundle: Bundle) -> set[int]:
    return set(Contributor.objects.filter(bundle=bundle).values_list("user_id", flat=True))


# -- facts the rules judge ---------------------------------------------------------------------------------------------


def items_of(revision: BundleRevision) -> list[BundleItem]:
    """Items in their order, main first, with product and category."""
    found = revision.items.select_related("product", "product__category").order_by("position", "pk")
    return sorted(found, key=lambda item: item.role != ItemRole.MAIN)


def proposal_of(revision: BundleRevision, items: Sequence[BundleItem] | None = None) -> Proposal:
    """The revision as the rules see it, with today's prices, stock, ratios and verdicts."""
    lines = items_of(revision) if items is None else items
    main = next((item.product for item in lines if item.role == ItemRole.MAIN), None)
    companions = [item.product for item in lines if main is not None and item.product_id != main.pk]
    banned = not_suitable(main, companions) if main else set()
    judge = Judge()
    return Proposal(
        name=revision.name,
        price=revision.bundle_price,
        valid_from=revision.valid_from,
        valid_to=revision.valid_to,
        funding_share=revision.funding_share,
        stock=revision.stock,
        exclusive=revision.exclusive,
        items=[
            fact(item, main=main, judge=judge, suitable=item.product_id not in banned, supplier=revision.supplier_id)
            for item in lines
        ],
    )


def fact(item: BundleItem, *, main: Product | None, judge: Judge, suitable: bool, supplier: int) -> ItemFacts:
    product = item.product
    ratio = limits = None
    if main is not None and product.pk != main.pk:
        limits = judge.limits(main.category_path, ReasonKind.ACCESSORY, product.category_path)
        ratio = judge_ratio(main_price=main.price, companion_price=product.price, limits=limits)
    return ItemFacts(
        sku=product.sku,
        name=product.name,
        quantity=item.quantity,
        role=ItemRole(item.role),
        price=product.price,
        cost=product.cost,
        stock=product.stock,
        currency=product.currency,
        own=product.supplier_id == supplier,
        sold=product.status == ProductStatus.ACTIVE,
        ratio=ratio,
        ratio_limit=None if limits is None or ratio is None else passed(ratio, limits),
        suitable=suitable,
    )


def passed(ratio: RatioVerdict, limits: RatioLimits) -> Decimal:
    """The limit that the verdict speaks of."""
    return limits.block if ratio.status is RatioStatus.BLOCK else limits.warn


def not_suitable(main: Product, companions: Sequence[Product]) -> set[int]:
    """Ids of the companions the shop ruled out beside the main product: the pair itself, or a slot of their categories."""
    marked = set(
        Pair.objects.filter(main=main, companion__in=companions, verdict=Verdict.NOT_SUITABLE).values_list(
            "companion_id", flat=True
        )
    )
    types = unsuitable_types()
    by_type = {
        product.pk
        for product in companions
        if blocked_by_type(main_path=main.category_path, companion_path=product.category_path, unsuitable=types)
        is not None
    }
    return marked | by_type


def others_of(bundle: Bundle) -> list[Other]:
    """The supplier's other bundles that are in review or agreed and not over."""
    busy = [state.value for state in IN_HANDS | RUNNING]
    revisions = (
        BundleRevision.objects.filter(supplier=bundle.supplier_id, state__in=busy)
        .exclude(bundle=bundle)
        .prefetch_related(Prefetch("items", BundleItem.objects.select_related("product")))
        .order_by("pk")
    )
    return [
        Other(
            name=revision.name,
            skus=frozenset(item.product.sku for item in revision.items.all()),
            main=next((item.product.sku for item in revision.items.all() if item.role == ItemRole.MAIN), ""),
            valid_from=revision.valid_from,
            valid_to=revision.valid_to,
        )
        for revision in revisions
        if revision.valid_from and revision.valid_to
    ]


@dataclass(frozen=True)
class Judged:
    """A revision judged on today's facts."""

    proposal: Proposal
    saving: Saving | None
    margin: Margin | None
    findings: list[Finding]

    @property
    def public(self) -> list[Finding]:
        """What the supplier may read."""
        return [finding for finding in self.findings if not finding.internal]

    @property
    def stops(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.stops]


def judge(revision: BundleRevision, *, at: datetime, items: Sequence[BundleItem] | None = None) -> Judged:
    proposal = proposal_of(revision, items)
    return Judged(
        proposal=proposal,
        saving=bundle_saving(price=proposal.price, items=proposal.items),
        margin=bundle_margin(price=proposal.price, funding_share=proposal.funding_share, items=proposal.items),
        findings=check_submission(proposal, today=timezone.localdate(at), others=others_of(revision.bundle)),
    )


def breaches_of(revision: BundleRevision) -> list[Finding]:
    """Why the agreed revision may not be sold today."""
    return breaches(proposal_of(revision))


# -- history ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HistoryLine:
    """One event. `actor` None: the system; `mine`: one of the supplier's people."""

    at: datetime
    kind: str
    state: str
    revision: int
    actor: User | None
    mine: bool
    comment: str
    note: str = ""


def history(bundle: Bundle, *, for_supplier: bool) -> list[HistoryLine]:
    """Events of a bundle, newest first. For a supplier without names of the shop's people and without their notes."""
    events = list(history_of(bundle).filter(kind__startswith="bundle."))
    own = set(User.objects.filter(memberships__supplier=bundle.supplier_id).values_list("pk", flat=True))
    return [line(event, own=own, for_supplier=for_supplier) for event in events]


def line(event: AuditEvent, *, own: set[int], for_supplier: bool) -> HistoryLine:
    after = event.after or {}
    mine = event.actor_id in own
    return HistoryLine(
        at=event.at,
        kind=event.kind,
        state=after.get("state", ""),
        revision=after.get("revision", 1),
        actor=event.actor if mine or not for_supplier else None,
        mine=mine,
        comment=event.reason,
        note="" if for_supplier else after.get("note", ""),
    )


def last_word(revision: BundleRevision) -> Review | None:
    """The newest decision against the bundle up to this revision; its comment is written for the supplier."""
    return (
        Review.objects.filter(
            revision__bundle=revision.bundle_id,
            revision__number__lte=revision.number,
            decision__in=[Decision.RETURNED, Decision.DECLINED],
        )
        .order_by("-at", "-pk")
        .first()
    )


def former(revision: BundleRevision) -> BundleRevision | None:
    """The revision the shop saw before this one."""
    return (
        BundleRevision.objects.filter(bundle=revision.bundle_id, number__lt=revision.number, submitted_at__isnull=False)
        .order_by("-number")
        .first()
    )


# -- what storefronts get ------------------------------------------------------------------------------------------------


def released_bundles(at: datetime) -> list[dict[str, Any]]:
    """Payloads of the agreed bundles whose window is not over, by id; JSON-ready, amounts as text.

    A bundle that starts later is included with its window: a storefront that holds the release shows it in time.
    """
    today = timezone.localdate(at)
    revisions = (
        BundleRevision.objects.filter(state__in=[state.value for state in RELEASED], valid_to__gte=today)
        .select_related("bundle", "supplier")
        .prefetch_related(Prefetch("items", BundleItem.objects.select_related("product").order_by("position", "pk")))
        .order_by("bundle__public_id")
    )
    return [payload(revision, revision.items.all()) for revision in revisions]


def payload(revision: BundleRevision, items: Iterable[BundleItem]) -> dict[str, Any]:
    lines = list(items)
    regular = sum((item.unit_price or Decimal(0)) * item.quantity for item in lines)
    price = revision.bundle_price or Decimal(0)
    return {
        "id": str(revision.bundle.public_id),
        "revision": revision.number,
        "digest": revision.digest,
        "name": revision.name,
        "supplier": revision.supplier.code,
        "price": str(price),
        "regular_price": str(regular),
        "saving": str(regular - price),
        "currency": revision.currency,
        "valid_from": iso(revision.valid_from),
        "valid_to": iso(revision.valid_to),
        "stock": revision.stock,
        "placements": revision.placements,
        "items": [
            {"sku": item.product.sku, "name": item.product.name, "quantity": item.quantity, "role": item.role, "price": str(item.unit_price)}
            for item in lines
        ],
    }  # fmt: skip


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def in_order(proposal: Proposal, items: Sequence[BundleItem]) -> list[ItemFacts]:
    """The facts of each item, side by side with it."""
    by_sku = {item.sku: item for item in proposal.items}
    return [by_sku[item.product.sku] for item in items]
