from argparse import ArgumentParser
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.accounts.selectors import person, supplier_of
from crossmatrix.bundles import selectors, services
from crossmatrix.bundles.formats import said
from crossmatrix.bundles.models import Bundle
from crossmatrix.bundles.rules import BundleState, Content, DeclineReason, Finding, InvalidProposal, ItemRole, Line
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import normalise_sku
from crossmatrix.ui.cli import Options, Problems, VerbCommand, verb

ITEM = N_("Write an item as SKU:QUANTITY, not “%(text)s”.")


def item(text: str, role: ItemRole) -> Line:
    """SKU:QTY; without a quantity it is 1. A SKU may hold colons itself: the last one counts."""
    sku, colon, quantity = text.rpartition(":")
    if not colon:
        return Line(normalise_sku(text), 1, role)
    if not sku or not quantity.isascii() or not quantity.isdigit() or int(quantity) < 1:
        raise Refusal(ITEM, code="item.unreadable", text=text)
    return Line(normalise_sku(sku), int(quantity), role)


def money(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        value = Decimal(text.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise Refusal(N_("“%(text)s” is not a number."), code="number.unreadable", text=text)
    return value


def day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(N_("Write a day as 2026-12-31, not “%(text)s”."), code="date.unreadable", text=text) from None


def told(finding: Finding) -> dict[str, Any]:
    return {"field": finding.field, "code": finding.code, "severity": finding.severity.value, "message": said(finding)}


def summary(bundle: Bundle, actor: User) -> dict[str, Any]:
    """One bundle as JSON; its findings as far as the actor may read them."""
    bundle = Bundle.objects.select_related("supplier", "current").get(pk=bundle.pk)
    revision = bundle.current
    assert revision is not None  # noqa: S101 - a bundle is made together with its first revision
    judged = selectors.judge(revision, at=timezone.now())
    own = supplier_of(actor) is not None
    saving = judged.saving
    return {
        "bundle": str(bundle.public_id),
        "name": revision.name,
        "supplier": bundle.supplier.code,
        "state": revision.state,
        "revision": revision.number,
        "price": revision.bundle_price,
        "regular_price": saving.regular if saving else None,
        "saving": saving.amount if saving else None,
        "saving_share": saving.share if saving else None,
        "funding_share": revision.funding_share,
        "valid_from": revision.valid_from,
        "valid_to": revision.valid_to,
        "stock": revision.stock,
        "due_at": revision.due_at.isoformat() if revision.due_at else None,
        "finance_reasons": [] if own else revision.finance_reasons,
        "items": [
            {"sku": line.product.sku, "quantity": line.quantity, "role": line.role}
            for line in selectors.items_of(revision)
        ],
        "findings": [told(finding) for finding in (judged.public if own else judged.findings)],
    }


def named(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", help="id of the bundle, or its first 8 digits")
    parser.add_argument("--actor", required=True, metavar="EMAIL")


def commented(parser: ArgumentParser) -> None:
    named(parser)
    parser.add_argument("--comment", default="", help="read by the supplier")
    parser.add_argument("--note", default="", help="read by the shop only")


class Command(VerbCommand):
    help = "Suppliers' proposals of sets, and the shop's decisions on them."

    @verb("draft", help="Propose a set; the first item is the main one unless --main names it.")
    def draft(self, options: Options) -> Any:
        actor = person(options["actor"])
        lines = [item(text, ItemRole.COMPANION) for text in options["items"]]
        main = normalise_sku(options["main"]) if options["main"] else (lines[0].sku if lines else "")
        content = Content(
            name=options["name"], bundle_price=money(options["price"]), valid_from=day(options["start"]), valid_to=day(options["end"]),
            funding_share=money(options["funding"]), stock=options["stock"], exclusive=options["exclusive"],
            placements=tuple(options["placement"]), message=options["message"],
            items=tuple(Line(line.sku, line.quantity, ItemRole.MAIN if line.sku == main else ItemRole.COMPANION) for line in lines),
        )  # fmt: skip
        if options["bundle"]:
            bundle = selectors.bundle_named(actor, options["bundle"])
            services.edit(bundle=bundle, content=content, actor=actor, at=timezone.now())
        else:
            bundle = services.draft(content=content, actor=actor, at=timezone.now())
        return summary(bundle, actor)

    @draft.arguments
    def draft_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - a declaration, not a method
        parser.add_argument("items", nargs="*", metavar="SKU:QTY")
        parser.add_argument("--actor", required=True, metavar="EMAIL")
        parser.add_argument("--bundle", metavar="ID", help="change this bundle instead of proposing a new one")
        parser.add_argument("--name", default="")
        parser.add_argument("--main", metavar="SKU")
        parser.add_argument("--price")
        parser.add_argument("--from", dest="start", metavar="DAY")
        parser.add_argument("--to", dest="end", metavar="DAY")
        parser.add_argument("--funding", default="0.5", help="supplier's share of the discount, 0..1")
        parser.add_argument("--stock", type=int, help="sets available")
        parser.add_argument("--exclusive", action="store_true")
        parser.add_argument("--placement", action="append", default=[])
        parser.add_argument("--message", default="")

    @verb("submit", help="Check everything and hand it to the shop; with errors exit 3 and all of them.")
    def submit(self, options: Options) -> Any:
        actor = person(options["actor"])
        bundle = selectors.bundle_named(actor, options["bundle"])
        try:
            services.submit(bundle=bundle, actor=actor, at=timezone.now())
        except InvalidProposal as invalid:
            raise Problems(
                {
                    "bundle": str(bundle.public_id),
                    "state": bundle.current.state if bundle.current else "",
                    "findings": [told(f) for f in invalid.findings],
                }
            ) from invalid
        return summary(bundle, actor)

    submit.arguments(named)

    @verb("list", help="Bundles the actor may see.")
    def list_bundles(self, options: Options) -> Any:
        actor = person(options["actor"])
        found = selectors.own_bundles(actor) if supplier_of(actor) is not None else selectors.bundles_for(actor)
        if options["state"]:
            found = found.filter(current__state=options["state"])
        return [
            {
                "bundle": str(bundle.public_id), "name": bundle.name, "supplier": bundle.supplier.code,
                "state": bundle.current.state if bundle.current else "", "revision": bundle.current.number if bundle.current else 0,
            }
            for bundle in found
        ]  # fmt: skip

    @list_bundles.arguments
    def list_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - a declaration, not a method
        parser.add_argument("--actor", required=True, metavar="EMAIL")
        parser.add_argument("--state", choices=[state.value for state in BundleState])

    @verb("show", help="One bundle with its figures and findings.")
    def show_bundle(self, options: Options) -> Any:
        actor = person(options["actor"])
        return summary(selectors.bundle_named(actor, options["bundle"]), actor)

    show_bundle.arguments(named)

    @verb("claim", help="Take it for review.")
    def claim(self, options: Options) -> Any:
        return self.decide(options, services.claim)

    claim.arguments(named)

    @verb("approve", help="Agree to its present content.")
    def approve(self, options: Options) -> Any:
        return self.decide(options, services.approve, comment=options["comment"], note=options["note"])

    approve.arguments(commented)

    @verb("return", help="Send it back with what to change.")
    def return_(self, options: Options) -> Any:
        return self.decide(options, services.return_, comment=options["comment"], note=options["note"])

    return_.arguments(commented)

    @verb("decline", help="Say no for good.")
    def decline(self, options: Options) -> Any:
        words = {name: options[name] for name in ("reason", "comment", "note")}
        return self.decide(options, services.decline, **words)

    @decline.arguments
    def decline_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - a declaration, not a method
        commented(parser)
        parser.add_argument("--reason", required=True, choices=[reason.value for reason in DeclineReason])

    @verb("withdraw", help="Take the proposal back.")
    def withdraw(self, options: Options) -> Any:
        return self.decide(options, services.withdraw)

    withdraw.arguments(named)

    @verb("advance", help="Do what is due by date: schedule, start, suspend, end, expire.")
    def advance(self, options: Options) -> Any:
        return services.advance_due(at=timezone.now())

    def decide(self, options: Options, service: Any, **words: Any) -> dict[str, Any]:
        actor = person(options["actor"])
        bundle = selectors.bundle_named(actor, options["bundle"])
        service(bundle=bundle, actor=actor, at=timezone.now(), **words)
        return summary(bundle, actor)
