"""Decisions on bundles: the allowed moves, the saving, what is wrong with a proposal, when finance must look, due dates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.money import CENT
from crossmatrix.matrix.rules import Placement, RatioStatus, RatioVerdict


class BundleState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    IN_FINANCE = "in_finance"
    NEEDS_CHANGES = "needs_changes"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    LIVE = "live"
    SUSPENDED = "suspended"
    ENDED = "ended"
    SETTLED = "settled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DID_NOT_RUN = "did_not_run"
    SUPERSEDED = "superseded"  # a later revision of the same bundle took its place


class BundleAction(StrEnum):
    SUBMIT = "submit"
    CLAIM = "claim"
    TO_FINANCE = "to_finance"  # the manager agrees, finance decides
    RETURN = "return"
    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    SCHEDULE = "schedule"
    START = "start"
    NOT_RUN = "not_run"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"
    SETTLE = "settle"
    SUPERSEDE = "supersede"


class ItemRole(StrEnum):
    MAIN = "main"
    COMPANION = "companion"


class Stage(StrEnum):
    MANAGER = "manager"
    FINANCE = "finance"


class Decision(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"
    DECLINED = "declined"


class DeclineReason(StrEnum):
    NO_DEMAND = "no_demand"
    PRICE = "price"
    NOT_COMPATIBLE = "not_compatible"
    SEASON = "season"
    OWN_PLANS = "own_plans"
    STOCK = "stock"
    OTHER = "other"


S, A = BundleState, BundleAction
OPEN = frozenset({S.DRAFT, S.NEEDS_CHANGES})  # the supplier writes
IN_HANDS = frozenset({S.SUBMITTED, S.IN_REVIEW, S.IN_FINANCE})  # the shop decides: one such revision per bundle
RUNNING = frozenset({S.APPROVED, S.SCHEDULED, S.LIVE, S.SUSPENDED})  # agreed and not over: one per bundle
RELEASED = frozenset({S.APPROVED, S.SCHEDULED, S.LIVE})  # what storefronts may get
AGREED = RUNNING | {S.ENDED, S.SETTLED, S.DID_NOT_RUN}  # states that need the approvals of this very content

MOVES: dict[tuple[BundleState, BundleAction], BundleState] = {
    (S.DRAFT, A.SUBMIT): S.SUBMITTED,
    (S.DRAFT, A.WITHDRAW): S.WITHDRAWN,
    (S.SUBMITTED, A.CLAIM): S.IN_REVIEW,
    (S.SUBMITTED, A.WITHDRAW): S.WITHDRAWN,
    (S.SUBMITTED, A.EXPIRE): S.EXPIRED,
    (S.IN_REVIEW, A.APPROVE): S.APPROVED,
    (S.IN_REVIEW, A.TO_FINANCE): S.IN_FINANCE,
    (S.IN_REVIEW, A.RETURN): S.NEEDS_CHANGES,
    (S.IN_REVIEW, A.DECLINE): S.REJECTED,
    (S.IN_REVIEW, A.WITHDRAW): S.WITHDRAWN,
    (S.IN_REVIEW, A.EXPIRE): S.EXPIRED,
    (S.IN_FINANCE, A.APPROVE): S.APPROVED,
    (S.IN_FINANCE, A.RETURN): S.NEEDS_CHANGES,
    (S.IN_FINANCE, A.DECLINE): S.REJECTED,
    (S.IN_FINANCE, A.WITHDRAW): S.WITHDRAWN,
    (S.IN_FINANCE, A.EXPIRE): S.EXPIRED,
    (S.NEEDS_CHANGES, A.SUBMIT): S.SUBMITTED,
    (S.NEEDS_CHANGES, A.WITHDRAW): S.WITHDRAWN,
    (S.NEEDS_CHANGES, A.EXPIRE): S.EXPIRED,
    (S.NEEDS_CHANGES, A.SUPERSEDE): S.SUPERSEDED,
    (S.APPROVED, A.SCHEDULE): S.SCHEDULED,
    (S.APPROVED, A.SUPERSEDE): S.SUPERSEDED,
    (S.SCHEDULED, A.START): S.LIVE,
    (S.SCHEDULED, A.NOT_RUN): S.DID_NOT_RUN,
    (S.SCHEDULED, A.SUPERSEDE): S.SUPERSEDED,
    (S.LIVE, A.SUSPEND): S.SUSPENDED,
    (S.LIVE, A.END): S.ENDED,
    (S.LIVE, A.SUPERSEDE): S.SUPERSEDED,
    (S.SUSPENDED, A.RESUME): S.LIVE,
    (S.SUSPENDED, A.END): S.ENDED,
    (S.SUSPENDED, A.SUPERSEDE): S.SUPERSEDED,
    (S.ENDED, A.SETTLE): S.SETTLED,
}


class IllegalMove(Refusal):
    """The state does not allow the action."""

    code = "move.illegal"
    sentence = N_("The bundle is “%(state)s”: this is not possible any more.")


def next_state(state: BundleState, action: BundleAction) -> BundleState:
    """The state after the action. Raises IllegalMove."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise IllegalMove(state=state.value, action=action.value) from None


# -- money ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Shares (0..1) and days within which a proposal is plausible, and beyond which finance must look."""

    saving_least: Decimal = Decimal("0.03")  # a smaller saving is worth a warning: shoppers do not notice it
    saving_most: Decimal = Decimal("0.60")  # a larger one is a typing error
    margin_floor: Decimal = Decimal("0.05")  # of the bundle price, after the discount
    finance_margin: Decimal = Decimal("0.10")
    finance_saving: Decimal = Decimal("0.30")
    finance_funding: Decimal = Decimal("0.30")  # the supplier pays less than this share of the discount
    window_days: int = 366
    soon_days: int = 3  # a start within the review term may come before the decision


LIMITS = Limits()


@dataclass(frozen=True)
class ItemFacts:
    """One item of a proposal with what the catalog and the matrix say about it today."""

    sku: str
    name: str = ""
    quantity: int = 1
    role: ItemRole = ItemRole.COMPANION
    price: Decimal | None = None
    cost: Decimal | None = None
    stock: int | None = None  # None: not counted (services)
    currency: str = "RUB"
    own: bool = True  # supplied by the proposer
    sold: bool = True  # active in the catalog
    ratio: RatioVerdict | None = None  # of a companion to the main item
    ratio_limit: Decimal | None = None
    suitable: bool = True  # False: the shop marked the link from the main item, or its slot, "not suitable"


@dataclass(frozen=True)
class Proposal:
    """What the supplier proposes; None is "not filled in"."""

    name: str = ""
    price: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    funding_share: Decimal | None = None  # supplier's share of the discount, 0..1
    stock: int | None = None  # sets available
    exclusive: bool = False
    items: Sequence[ItemFacts] = ()


@dataclass(frozen=True)
class Line:
    """One item as written by the supplier."""

    sku: str
    quantity: int = 1
    role: ItemRole = ItemRole.COMPANION


@dataclass(frozen=True)
class Content:
    """What a supplier writes: all critical fields of a revision and the message. None is "not filled in"."""

    name: str = ""
    bundle_price: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    funding_share: Decimal | None = None
    stock: int | None = None
    exclusive: bool = False
    placements: tuple[str, ...] = ()
    message: str = ""
    items: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Other:
    """Another bundle that is in review or agreed and not over."""

    name: str
    skus: frozenset[str]
    main: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Saving:
    """The shopper's saving; amounts in the currency of the bundle, `share` 0..1 of the regular price."""

    regular: Decimal
    price: Decimal
    amount: Decimal
    share: Decimal


def bundle_saving(*, price: Decimal | None, items: Iterable[ItemFacts]) -> Saving | None:
    """Regular price of the items against the bundle price; None while a price or every item is missing."""
    lines = list(items)
    if price is None or not lines or any(item.price is None for item in lines):
        return None
    regular = sum((item.price * item.quantity for item in lines if item.price is not None), Decimal(0))
    if regular <= 0:
        return None
    return Saving(regular, price, regular - price, ((regular - price) / regular).quantize(Decimal("0.0001")))


@dataclass(frozen=True)
class Margin:
    """What the shop keeps of one set after the discount; `share` of the bundle price."""

    amount: Decimal
    share: Decimal


def bundle_margin(*, price: Decimal | None, funding_share: Decimal | None, items: Iterable[ItemFacts]) -> Margin | None:
    """bundle price + funded part of the discount - cost; None while the saving or a cost is unknown, or the price is 0."""
    lines = list(items)
    saving = bundle_saving(price=price, items=lines)
    if saving is None or saving.price <= 0 or any(item.cost is None for item in lines):
        return None
    cost = sum((item.cost * item.quantity for item in lines if item.cost is not None), Decimal(0))
    funded = (max(saving.amount, Decimal(0)) * (funding_share or Decimal(0))).quantize(CENT, rounding=ROUND_HALF_UP)
    kept = saving.price + funded - cost
    return Margin(kept, (kept / saving.price).quantize(Decimal("0.0001")))


# -- what is wrong -------------------------------------------------------------------------------------------------------


class Severity(StrEnum):
    ERROR = "error"  # the proposal cannot be submitted
    WARN = "warn"


@dataclass(frozen=True)
class Finding:
    """One problem of a proposal. `field` names where to show it: a form field, "items", or "item:SKU"."""

    field: str
    code: str
    sentence: str
    severity: Severity = Severity.ERROR
    values: Mapping[str, Any] = made(default_factory=dict)
    internal: bool = False  # speaks of the shop's cost or margin: never shown to a supplier, never stops a submission

    @property
    def stops(self) -> bool:
        return self.severity is Severity.ERROR and not self.internal


class InvalidProposal(Refusal):
    """The proposal has errors; carries all of them at once."""

    code = "bundle.invalid"
    sentence = N_("The proposal has errors: %(count)d.")

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        super().__init__(count=len(self.findings))


def check_submission(
    proposal: Proposal, *, today: date, others: Sequence[Other] = (), limits: Limits = LIMITS
) -> list[Finding]:
    """Every problem of a proposal at once, errors first; an empty list is a clean proposal."""
    found = [
        *check_name(proposal),
        *check_items(proposal),
        *check_prices(proposal, limits),
        *check_window(proposal, today, limits),
        *check_stock(proposal),
        *check_links(proposal),
        *check_overlap(proposal, others),
    ]
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def check_name(proposal: Proposal) -> list[Finding]:
    if proposal.name.strip():
        return []
    return [Finding("name", "name.missing", N_("Give the bundle a name: shoppers will see it."))]


def check_items(proposal: Proposal) -> list[Finding]:
    items, found = proposal.items, list[Finding]()
    if len({item.sku for item in items}) < 2:
        found.append(Finding("items", "items.few", N_("A bundle needs at least two different products.")))
    if items and sum(item.role is ItemRole.MAIN for item in items) != 1:
        found.append(Finding("items", "main.one", N_("Mark exactly one product as the main one.")))
    skus = [item.sku for item in items]
    for item in items:
        where, values = f"item:{item.sku}", {"sku": item.sku}
        if not item.own:
            found.append(Finding(where, "item.unknown", N_("%(sku)s is not among your products."), values=values))
            continue
        if skus.count(item.sku) > 1 and skus.index(item.sku) == items.index(item):
            found.append(
                Finding(where, "item.twice", N_("%(sku)s is listed twice: raise its quantity instead."), values=values)
            )
        if item.quantity < 1:
            found.append(
                Finding(where, "quantity.low", N_("The quantity of %(sku)s must be at least 1."), values=values)
            )
        if not item.sold:
            found.append(Finding(where, "item.not_sold", N_("%(sku)s is no longer sold."), values=values))
        if item.price is None or item.price <= 0:
            found.append(Finding(where, "price.unknown", N_("%(sku)s has no price in the shop yet."), values=values))
    if len({item.currency for item in items if item.own}) > 1:
        found.append(Finding("items", "currency.mixed", N_("The products have prices in different currencies.")))
    return found


def check_prices(proposal: Proposal, limits: Limits) -> list[Finding]:
    found = list[Finding]()
    share = proposal.funding_share
    if share is None or not 0 <= share <= 1:
        found.append(
            Finding(
                "funding_share", "funding.range", N_("Say which share of the discount you pay, from 0 to 100 percent.")
            )
        )
    if proposal.price is None or proposal.price <= 0:
        found.append(Finding("price", "price.missing", N_("Name the price of the bundle, more than 0.")))
        return found
    saving = bundle_saving(price=proposal.price, items=proposal.items)
    if saving is None:
        return found
    values = {"regular": saving.regular, "price": saving.price, "share": saving.share}
    if saving.amount <= 0:
        found.append(
            Finding(
                "price",
                "saving.none",
                N_("The shopper saves nothing: bought one by one, the items cost %(regular)s."),
                values=values,
            )
        )
    elif saving.share > limits.saving_most:
        found.append(
            Finding(
                "price", "saving.implausible", N_("A saving of %(share)s is not plausible; at most %(most)s."),
                values=values | {"most": limits.saving_most},
            )
        )  # fmt: skip
    elif saving.share < limits.saving_least:
        found.append(
            Finding(
                "price",
                "saving.small",
                N_("A saving of %(share)s is hardly noticed by shoppers."),
                Severity.WARN,
                values,
            )
        )
    margin = bundle_margin(price=proposal.price, funding_share=share, items=proposal.items)
    if margin is None:
        found.append(
            Finding(
                "price",
                "margin.unknown",
                N_("The margin is unknown: a product has no cost."),
                Severity.WARN,
                internal=True,
            )
        )
    elif margin.share < limits.margin_floor:
        found.append(
            Finding(
                "price", "margin.low", N_("After the discount the margin is %(margin)s, below the floor of %(floor)s."),
                values={"margin": margin.share, "floor": limits.margin_floor}, internal=True,
            )
        )  # fmt: skip
    return found


def check_window(proposal: Proposal, today: date, limits: Limits) -> list[Finding]:
    start, end, found = proposal.valid_from, proposal.valid_to, list[Finding]()
    if start is None:
        found.append(Finding("valid_from", "window.missing", N_("Name the first day.")))
    elif start < today:
        found.append(Finding("valid_from", "window.past", N_("The first day is in the past."), values={"start": start}))
    elif start < today + timedelta(days=limits.soon_days):
        found.append(
            Finding(
                "valid_from",
                "window.soon",
                N_("The review takes up to 3 working days: the start may be late."),
                Severity.WARN,
            )
        )
    if end is None:
        found.append(Finding("valid_to", "window.missing", N_("Name the last day.")))
    elif start is not None and end < start:
        found.append(Finding("valid_to", "window.reversed", N_("The last day is before the first day.")))
    elif start is not None and (end - start).days >= limits.window_days:
        found.append(
            Finding(
                "valid_to",
                "window.long",
                N_("The term is longer than a year."),
                Severity.WARN,
                {"days": (end - start).days},
            )
        )
    return found


def check_stock(proposal: Proposal) -> list[Finding]:
    sets = proposal.stock
    if sets is None or sets < 1:
        return [Finding("stock", "stock.missing", N_("Say how many sets you can supply, at least 1."))]
    return [
        Finding(
            f"item:{item.sku}", "stock.short", N_("%(sets)d sets need %(need)d of %(sku)s; %(stock)d are in stock."),
            values={"sku": item.sku, "sets": sets, "need": sets * item.quantity, "stock": item.stock},
        )
        for item in proposal.items
        if item.own and item.stock is not None and item.stock < sets * item.quantity
    ]  # fmt: skip


def check_links(proposal: Proposal) -> list[Finding]:
    """The shop's judgement of each companion beside the main item."""
    found = list[Finding]()
    for item in proposal.items:
        where, values = f"item:{item.sku}", {"sku": item.sku}
        if not item.suitable:
            found.append(
                Finding(
                    where,
                    "link.not_suitable",
                    N_("The shop does not offer %(sku)s with the main product."),
                    values=values,
                )
            )
        if item.ratio is None or item.ratio.status not in (RatioStatus.WARN, RatioStatus.BLOCK):
            continue
        severity = Severity.ERROR if item.ratio.status is RatioStatus.BLOCK else Severity.WARN
        found.append(
            Finding(
                where, f"ratio.{item.ratio.status.value}",
                N_("%(sku)s costs %(ratio)s of the main product; the limit is %(limit)s."), severity,
                values | {"ratio": item.ratio.ratio, "limit": item.ratio_limit},
            )
        )  # fmt: skip
    return found


def check_overlap(proposal: Proposal, others: Sequence[Other]) -> list[Finding]:
    if proposal.valid_from is None or proposal.valid_to is None:
        return []
    skus = frozenset(item.sku for item in proposal.items)
    main = next((item.sku for item in proposal.items if item.role is ItemRole.MAIN), "")
    found = list[Finding]()
    for other in others:
        if other.valid_from > proposal.valid_to or proposal.valid_from > other.valid_to:
            continue
        values = {"name": other.name, "start": other.valid_from, "end": other.valid_to}
        if other.skus == skus:
            found.append(
                Finding(
                    "items",
                    "overlap.same",
                    N_("“%(name)s” has the same products from %(start)s to %(end)s."),
                    values=values,
                )
            )
        elif other.main == main and len(other.skus & skus) > 1:
            found.append(
                Finding(
                    "items", "overlap.partly", N_("“%(name)s” offers some of these products from %(start)s to %(end)s."),
                    Severity.WARN, values,
                )
            )  # fmt: skip
    return found


class FinanceReason(StrEnum):
    MARGIN = "margin"
    DISCOUNT = "discount"
    FUNDING = "funding"
    EXCLUSIVITY = "exclusivity"


def finance_reasons(proposal: Proposal, *, limits: Limits = LIMITS) -> list[FinanceReason]:
    """Why finance must agree after the category manager; empty: the manager decides alone."""
    saving = bundle_saving(price=proposal.price, items=proposal.items)
    margin = bundle_margin(price=proposal.price, funding_share=proposal.funding_share, items=proposal.items)
    passed = {
        FinanceReason.MARGIN: margin is not None and margin.share < limits.finance_margin,
        FinanceReason.DISCOUNT: saving is not None and saving.share > limits.finance_saving,
        FinanceReason.FUNDING: (proposal.funding_share or Decimal(0)) < limits.finance_funding,
        FinanceReason.EXCLUSIVITY: proposal.exclusive,
    }
    return [reason for reason, is_passed in passed.items() if is_passed]


def breaches(proposal: Proposal) -> list[Finding]:
    """Why an agreed bundle may not be sold today: not even one set in stock, a product gone, no saving left, a loss."""
    found = [finding for finding in check_items(proposal) if finding.stops]
    found += [finding for finding in check_stock(replace(proposal, stock=1)) if finding.stops]
    found += [finding for finding in check_links(proposal) if finding.code == "link.not_suitable"]
    saving = bundle_saving(price=proposal.price, items=proposal.items)
    if saving is not None and saving.amount <= 0:
        found.append(Finding("price", "saving.none", N_("The items have become as cheap one by one.")))
    margin = bundle_margin(price=proposal.price, funding_share=proposal.funding_share, items=proposal.items)
    if margin is not None and margin.amount < 0:
        found.append(Finding("price", "margin.loss", N_("Each set is sold at a loss."), internal=True))
    return found


# -- time --------------------------------------------------------------------------------------------------------------

REVIEW_DAYS = 3  # working days
FINANCE_DAYS = 2  # working days
CHANGES_DAYS = 5  # calendar days of the supplier
SATURDAY = 5


def after_working_days(start: datetime, days: int) -> datetime:
    """The same time of day so many working days later; Saturdays and Sundays do not count."""
    moment = start
    while days > 0:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment


def due_after(state: BundleState, at: datetime) -> datetime | None:
    """When the step that begins at `at` is due; None for states nobody has to leave by a date."""
    if state in (S.SUBMITTED, S.IN_REVIEW):
        return after_working_days(at, REVIEW_DAYS)
    if state is S.IN_FINANCE:
        return after_working_days(at, FINANCE_DAYS)
    if state is S.NEEDS_CHANGES:
        return at + timedelta(days=CHANGES_DAYS)
    return None


@dataclass(frozen=True)
class Clock:
    """What the clock looks at: the step's deadline, the window, and whether the bundle has breaches today."""

    due_at: datetime | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    broken: bool = False


def due_move(state: BundleState, clock: Clock, *, at: datetime, today: date) -> BundleAction | None:
    """What the clock does to a bundle now, one step at a time; None: nothing."""
    over = clock.valid_to is not None and clock.valid_to < today
    late = state is S.NEEDS_CHANGES and clock.due_at is not None and clock.due_at <= at
    begun = clock.valid_from is not None and clock.valid_from <= today
    due: dict[BundleState, BundleAction | None] = {
        S.NEEDS_CHANGES: A.EXPIRE if over or late else None,
        **dict.fromkeys(IN_HANDS, A.EXPIRE if over else None),
        S.APPROVED: A.SCHEDULE,
        S.SCHEDULED: (A.NOT_RUN if clock.broken or over else A.START) if begun else None,
        S.LIVE: A.END if over else A.SUSPEND if clock.broken else None,
        S.SUSPENDED: A.END if over else None if clock.broken else A.RESUME,
    }
    return due.get(state)


# -- words ---------------------------------------------------------------------------------------------------------------

NEXT_STEPS: dict[BundleState, str] = {  # for the supplier
    S.DRAFT: N_("Fill it in and submit it to the shop."),
    S.SUBMITTED: N_("The shop takes it for review. You need not do anything."),
    S.IN_REVIEW: N_("A category manager is deciding. You need not do anything."),
    S.IN_FINANCE: N_("The manager agrees, finance is checking. You need not do anything."),
    S.NEEDS_CHANGES: N_("Read the comment, change the proposal and submit it again, or it will expire."),
    S.APPROVED: N_("It is agreed and will be scheduled tonight at the latest."),
    S.SCHEDULED: N_("It starts by itself on the first day if the goods are in stock."),
    S.LIVE: N_("It is on sale. Keep the goods in stock."),
    S.SUSPENDED: N_("It is not shown now: check stock and prices. It comes back by itself."),
    S.ENDED: N_("The sale is over; the shop settles the accounts."),
    S.SETTLED: N_("The accounts are settled. Nothing is left to do."),
    S.REJECTED: N_("The decision is final. You may propose another bundle."),
    S.WITHDRAWN: N_("You withdrew it. You may propose another bundle."),
    S.EXPIRED: N_("The deadline passed. You may propose another bundle."),
    S.DID_NOT_RUN: N_("A check failed on the first day. You may propose another bundle."),
    S.SUPERSEDED: N_("A newer version took its place."),
}

DECLINE_WORDS: dict[DeclineReason, str] = {
    DeclineReason.NO_DEMAND: N_("No demand for this set"),
    DeclineReason.PRICE: N_("The price does not suit us"),
    DeclineReason.NOT_COMPATIBLE: N_("The products do not fit together"),
    DeclineReason.SEASON: N_("Wrong season"),
    DeclineReason.OWN_PLANS: N_("Clashes with the shop's own plans"),
    DeclineReason.STOCK: N_("Supply is not certain"),
    DeclineReason.OTHER: N_("Another reason"),
}

FINANCE_WORDS: dict[FinanceReason, str] = {
    FinanceReason.MARGIN: N_("the margin is low"),
    FinanceReason.DISCOUNT: N_("the discount is large"),
    FinanceReason.FUNDING: N_("the shop pays most of the discount"),
    FinanceReason.EXCLUSIVITY: N_("it is exclusive"),
}

EVENT_WORDS: dict[str, str] = {
    "bundle.drafted": N_("Draft made"),
    "bundle.edited": N_("Changed"),
    "bundle.submit": N_("Submitted to the shop"),
    "bundle.claim": N_("Taken for review"),
    "bundle.to_finance": N_("Agreed by the manager, passed to finance"),
    "bundle.return": N_("Returned for changes"),
    "bundle.approve": N_("Approved"),
    "bundle.decline": N_("Declined"),
    "bundle.withdraw": N_("Withdrawn"),
    "bundle.expire": N_("Expired"),
    "bundle.schedule": N_("Scheduled"),
    "bundle.start": N_("On sale"),
    "bundle.not_run": N_("Did not run"),
    "bundle.suspend": N_("Suspended"),
    "bundle.resume": N_("On sale again"),
    "bundle.end": N_("Ended"),
    "bundle.settle": N_("Settled"),
}

FIELD_WORDS: dict[str, str] = {
    "name": N_("Name"),
    "bundle_price": N_("Bundle price"),
    "valid_from": N_("First day"),
    "valid_to": N_("Last day"),
    "funding_share": N_("Supplier's share of the discount"),
    "stock": N_("Sets available"),
    "exclusive": N_("Only in this shop"),
    "placements": N_("Where to show it"),
    "message": N_("Message to the shop"),
    "items": N_("Products"),
}

PLACEMENT_WORDS: dict[Placement, str] = {
    Placement.PRODUCT_PAGE: N_("Product page"),
    Placement.CART: N_("Cart"),
    Placement.CHECKOUT: N_("Checkout"),
    Placement.AFTER_PURCHASE: N_("After purchase"),
    Placement.STORE: N_("Store"),
}
