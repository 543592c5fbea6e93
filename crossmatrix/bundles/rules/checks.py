"""What is wrong with a proposal, all at once, and when finance must look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from crossmatrix.bundles.rules.money import LIMITS, Limits, Other, Proposal, bundle_margin, bundle_saving
from crossmatrix.bundles.rules.states import ItemRole
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.rules import RatioStatus


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
