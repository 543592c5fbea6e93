"""manage.py pair: one link at a time by its two SKUs."""

from argparse import ArgumentParser
from datetime import date
from typing import Any
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.accounts.selectors import person
from crossmatrix.audit.selectors import history_of
from crossmatrix.catalog.models import Product
from crossmatrix.lib.text import normalise_sku
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import LinkDraft, PairState, Placement, ReasonKind, Verdict
from crossmatrix.matrix.selectors.editor import key_prefix
from crossmatrix.matrix.selectors.extending import similar_mains
from crossmatrix.matrix.selectors.pairs import link_rows
from crossmatrix.matrix.services.extend import extend_pair, preview_extension
from crossmatrix.matrix.services.moves import UnknownRevision
from crossmatrix.ui.cli import Options, VerbCommand, verb


def product(sku: str) -> Product:
    found = Product.objects.filter(sku=normalise_sku(sku)).first()
    if found is None:
        raise services.UnknownProduct(sku=sku)
    return found


def actor_of(options: Options) -> User | None:
    return person(options["actor"]) if options["actor"] else None


def pair_of(options: Options) -> Pair:
    """The pair of the two SKUs. Raises UnknownProduct, UnknownRevision."""
    main, companion = product(options["main"]), product(options["companion"])
    pair = (
        Pair.objects.filter(main=main, companion=companion)
        .select_related("main", "companion", "current", "approved")
        .first()
    )
    if pair is None:
        raise UnknownRevision
    return pair


def current_of(options: Options) -> PairRevision:
    pair = pair_of(options)
    if pair.current is None:
        raise UnknownRevision
    return pair.current


def answer(pair: Pair, revision: PairRevision | None) -> dict[str, Any]:
    """The revision as --json prints it."""
    unsuitable = pair.verdict == Verdict.NOT_SUITABLE
    return {
        "main": pair.main.sku,
        "companion": pair.companion.sku,
        "state": revision.state if revision else None,
        "ratio": float(revision.ratio) if revision and revision.ratio is not None else None,
        "verdict": Verdict.NOT_SUITABLE.value if unsuitable else (revision.ratio_status if revision else pair.verdict),
        "suitable": not unsuitable,
        "revision": revision.number if revision else None,
        "rank": revision.rank if revision else None,
        "reason": pair.verdict_reason if unsuitable else (revision.reason if revision else ""),
        "kind": revision.kind if revision else None,
        "version": pair.version,
    }


def of(revision: PairRevision) -> dict[str, Any]:
    pair = Pair.objects.select_related("main", "companion").get(pk=revision.pair_id)
    return answer(pair, revision)


def two_skus(parser: ArgumentParser) -> None:
    parser.add_argument("main", help="SKU of the main product")
    parser.add_argument("companion", help="SKU of the companion")
    parser.add_argument("--actor", default="", help="e-mail of the person who does it")
    parser.add_argument("--base", type=int, default=None, help="version of the pair you saw; 0 for none")


def extend_arguments(parser: ArgumentParser) -> None:
    two_skus(parser)
    parser.add_argument("--apply", action="store_true", help="write the drafts")


def with_comment(parser: ArgumentParser) -> None:
    two_skus(parser)
    parser.add_argument("--comment", default="")


def set_arguments(parser: ArgumentParser) -> None:
    two_skus(parser)
    parser.add_argument("--reason", required=True)
    parser.add_argument("--kind", choices=[kind.value for kind in ReasonKind])
    parser.add_argument("--rank", type=int)
    parser.add_argument("--offer-text")
    parser.add_argument("--placement", action="append", choices=[one.value for one in Placement])
    parser.add_argument("--from", dest="valid_from", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--to", dest="valid_to", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--override-reason", help="why a blocked price ratio is all right")


def unsuitable_arguments(parser: ArgumentParser) -> None:
    two_skus(parser)
    parser.add_argument("--reason", required=True)


def show_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("main")
    parser.add_argument("companion")


def list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--main", default="", help="SKU of the main product")
    states = [PairState.DRAFT, PairState.IN_REVIEW, PairState.APPROVED, PairState.RETIRED, Verdict.NOT_SUITABLE]
    parser.add_argument("--state", default="", choices=["", *[state.value for state in states]])


class Command(VerbCommand):
    help = "Links of a main product and a companion."

    @verb("set", help="Write one link as a draft and judge its price ratio.")
    def set_pair(self, options: Options) -> Any:
        draft = LinkDraft(
            main_id=product(options["main"]).pk,
            companion_id=product(options["companion"]).pk,
            reason=options["reason"],
            kind=options["kind"],
            rank=options["rank"],
            offer_text=options["offer_text"],
            placements=options["placement"],
            valid_from=options["valid_from"],
            valid_to=options["valid_to"],
            override_reason=options["override_reason"],
        )
        revision = services.set_pair(
            draft=draft, actor=actor_of(options), at=timezone.now(), base_version=options["base"]
        )
        return of(revision)

    set_pair.arguments(set_arguments)

    @verb("submit", help="Send the draft for approval.")
    def submit(self, options: Options) -> Any:
        return of(
            services.submit(
                revision=current_of(options), actor=actor_of(options), at=timezone.now(), base_version=options["base"]
            )
        )

    submit.arguments(two_skus)

    @verb("approve", help="Approve what is in review; never one's own.")
    def approve(self, options: Options) -> Any:
        return of(
            services.approve(
                revision=current_of(options),
                actor=person(options["actor"]),
                at=timezone.now(),
                comment=options["comment"],
                base_version=options["base"],
            )
        )

    approve.arguments(with_comment)

    @verb("return", help="Return what is in review, with a comment.")
    def return_(self, options: Options) -> Any:
        return of(
            services.return_(
                revision=current_of(options),
                actor=person(options["actor"]),
                at=timezone.now(),
                comment=options["comment"],
                base_version=options["base"],
            )
        )

    return_.arguments(with_comment)

    @verb("retire", help="Take an approved link out; the next release drops it.")
    def retire(self, options: Options) -> Any:
        pair = pair_of(options)
        revision = pair.approved or current_of(options)
        return of(
            services.retire(
                revision=revision,
                actor=actor_of(options),
                at=timezone.now(),
                comment=options["comment"],
                base_version=options["base"],
            )
        )

    retire.arguments(with_comment)

    @verb("discard", help="Throw the draft away.")
    def discard(self, options: Options) -> Any:
        return of(
            services.discard(
                revision=current_of(options), actor=actor_of(options), at=timezone.now(), base_version=options["base"]
            )
        )

    discard.arguments(two_skus)

    @verb("unsuitable", help="Say that the companion does not suit, and why.")
    def unsuitable(self, options: Options) -> Any:
        pair = services.mark_unsuitable(
            main_id=product(options["main"]).pk, companion_id=product(options["companion"]).pk,
            reason=options["reason"], actor=actor_of(options), at=timezone.now(), base_version=options["base"],
        )  # fmt: skip
        return answer(pair, pair.current)

    unsuitable.arguments(unsuitable_arguments)

    @verb("suitable", help="Withdraw “not suitable”.")
    def suitable(self, options: Options) -> Any:
        pair = services.withdraw_unsuitable(
            pair=pair_of(options), actor=actor_of(options), at=timezone.now(), base_version=options["base"]
        )
        return answer(pair, pair.current)

    suitable.arguments(two_skus)

    @verb("extend", help="Products the link could be extended to; with --apply drafts for those that are advised.")
    def extend(self, options: Options) -> Any:
        pair, at = pair_of(options), timezone.now()
        actor = person(options["actor"] or "")
        rows = similar_mains(pair, actor).rows
        refusals = preview_extension(pair=pair, main_ids=[row.product.pk for row in rows], actor=actor, at=at)
        wanted = [row.product.pk for row in rows if row.advised and row.product.pk not in refusals]
        key = f"{key_prefix(pair.main_id)}{uuid4().hex}"
        written = 0
        if options["apply"]:
            written = extend_pair(pair=pair, main_ids=wanted, actor=actor, at=at, key=key).written
        return {
            "main": pair.main.sku, "companion": pair.companion.sku, "written": written, "undo": key if written else None,
            "rows": [
                {
                    "main": row.product.sku, "advised": row.product.pk in wanted, "likeness": row.likeness,
                    "fit": row.fit.fit.value, "verdict": row.ratio.status.value,
                    "ratio": float(row.ratio.ratio) if row.ratio.ratio is not None else None,
                    "refused": refusals[row.product.pk].code if row.product.pk in refusals else None,
                }
                for row in rows
            ],
        }  # fmt: skip

    extend.arguments(extend_arguments)

    @verb("show", help="One link with its revisions and history.")
    def show_pair(self, options: Options) -> Any:
        pair = pair_of(options)
        return answer(pair, pair.current) | {
            "revisions": [
                {"revision": one.number, "state": one.state, "reason": one.reason, "kind": one.kind, "rank": one.rank}
                for one in pair.revisions.order_by("number")
            ],
            "history": [
                {"at": event.at.isoformat(), "kind": event.kind, "actor": event.actor.email if event.actor else None}
                for event in history_of(pair)
            ],
        }

    show_pair.arguments(show_arguments)

    @verb("list", help="Links, of one main or in one state.")
    def list_pairs(self, options: Options) -> Any:
        rows = link_rows([product(options["main"]).pk] if options["main"] else None)
        if options["state"] == Verdict.NOT_SUITABLE:
            rows = rows.filter(verdict=Verdict.NOT_SUITABLE)
        elif options["state"]:
            rows = rows.filter(~Q(verdict=Verdict.NOT_SUITABLE), current__state=options["state"])
        fields = ("current__number", "current__ratio", "current__ratio_status")
        return [
            {
                "main": row["main__sku"],
                "companion": row["companion__sku"],
                "state": row["current__state"],
                "ratio": float(row["current__ratio"]) if row["current__ratio"] is not None else None,
                "verdict": row["verdict"] if row["verdict"] == Verdict.NOT_SUITABLE else row["current__ratio_status"],
                "revision": row["current__number"],
                "rank": row["current__rank"],
                "reason": row["verdict_reason"] or row["current__reason"],
            }
            for row in rows.values("main__sku", "companion__sku", "verdict", "verdict_reason", "current__state",
                                   "current__rank", "current__reason", *fields)
        ]  # fmt: skip

    list_pairs.arguments(list_arguments)
