"""What people decide about weak pairs."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.policy import Decider
from crossmatrix.insights.rules.words import Decision
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft

PAIR = "matrix.pair"


class FlagClosed(Refusal):
    code = "flag.closed"
    sentence = N_("This flag is closed already: somebody decided it, or its cause is gone.")


class NoteMissing(Refusal):
    code = "flag.note"
    sentence = N_("Say why: the next person who looks will want to know.")


class NoReplacement(Refusal):
    code = "flag.no_replacement"
    sentence = N_("There is no replacement to take. Choose a product or another decision.")


class BadDate(Refusal):
    code = "flag.date"
    sentence = N_("The day must be in the future.")


class FlagOutOfScope(Refusal):
    code = "flag.out_of_scope"
    sentence = N_("You may not decide on “%(main)s”: it is outside your categories.")


class HeadDecides(Refusal):
    code = "flag.head_decides"
    sentence = N_("In this category the head of the category decides on weak pairs.")


@transaction.atomic
def decide_flag(
    *,
    flag: WeakFlag,
    decision: Decision,
    actor: User,
    at: datetime,
    note: str = "",
    until: date | None = None,
    companion: Product | None = None,
) -> WeakFlag:
    """Keep (with a reason; until a day it stays open but out of the way), replace, retire or mark not suitable.

    Replacing writes the other companion at the same rank, sends it to review and retires this one.
    Raises FlagClosed, FlagOutOfScope, HeadDecides, NoteMissing, BadDate, NoReplacement and what the matrix refuses.
    """
    locked = WeakFlag.objects.select_for_update(of=("self",)).get(pk=flag.pk)
    pair = Pair.objects.select_related("main__category", "companion", "approved").get(pk=locked.pair_id)
    if locked.closed_at is not None:
        raise FlagClosed
    check_may_decide(locked, pair, actor)
    note = note.strip()[:500]
    if decision in (Decision.KEEP, Decision.NOT_SUITABLE) and not note:
        raise NoteMissing
    if until is not None and until <= timezone.localdate(at):
        raise BadDate
    match decision:
        case Decision.REPLACE:
            companion = companion or _best(locked)
            _replace(pair, locked, companion, actor, at, note)
        case Decision.RETIRE:
            _retire(pair, actor, at, note)
        case Decision.NOT_SUITABLE:
            matrix.mark_unsuitable(
                main_id=pair.main_id, companion_id=pair.companion_id, reason=note, actor=actor, at=at
            )
            if pair.approved is not None:
                _retire(pair, actor, at, note)
    _sign(locked, decision, actor, at, note, until if decision == Decision.KEEP else None, companion)
    return locked


def check_may_decide(flag: WeakFlag, pair: Pair, actor: User) -> None:
    """Raises FlagOutOfScope outside the person's categories, HeadDecides where the policy leaves it to the head."""
    path = pair.main.category.path if pair.main.category else ""
    if not any(path.startswith(prefix) for prefix in category_paths_of(actor, Permission.FLAG_DECIDE)):
        raise FlagOutOfScope(main=pair.main.sku)
    if flag.decider == Decider.HEAD and not actor.has_perm(Permission.POLICY_EDIT):
        raise HeadDecides


def _best(flag: WeakFlag) -> Product:
    found = Product.objects.filter(sku__in=[row["companion"] for row in flag.replacements[:1]]).first()
    if found is None:
        raise NoReplacement
    return found


def _replace(pair: Pair, flag: WeakFlag, companion: Product, actor: User, at: datetime, note: str) -> None:
    former = pair.approved
    if former is None:
        raise FlagClosed
    frozen = next((row for row in flag.replacements if row["companion"] == companion.sku), None)
    draft = LinkDraft(
        pair.main_id, companion.pk, reason=former.reason, kind=former.kind, rank=former.rank,
        placements=former.placements, valid_from=former.valid_from, valid_to=_still(former.valid_to, at),
    )  # fmt: skip
    revision = matrix.set_pair(draft=draft, actor=actor, at=at, source=Source.SUGGESTION, evidence=frozen)
    matrix.submit(revision=revision, actor=actor, at=at)
    _retire(pair, actor, at, note)
    audit.record_many(
        entries=[audit.Entry("weak.replaces", PAIR, revision.pair_id, after={"replaces": str(pair)[:300]})],
        at=at, actor=actor,
    )  # fmt: skip


def _still(last: date | None, at: datetime) -> date | None:
    """A window that is over does not go on to the replacement."""
    return last if last is None or last >= timezone.localdate(at) else None


def _retire(pair: Pair, actor: User, at: datetime, note: str) -> None:
    if pair.approved is None:
        raise FlagClosed
    matrix.retire(revision=pair.approved, actor=actor, at=at, comment=note)


def _sign(
    flag: WeakFlag,
    decision: Decision,
    actor: User,
    at: datetime,
    note: str,
    until: date | None,
    companion: Product | None,
) -> None:
    """Write the decision; when the pair goes, its other open flags go with it."""
    flag.decision, flag.decided_by, flag.decided_at, flag.note = decision.value, actor, at, note
    flag.keep_until, flag.closed_at = until, None if until else at
    flag.replaced_with = companion if decision == Decision.REPLACE else None
    flag.save()
    if decision != Decision.KEEP:
        WeakFlag.objects.filter(pair_id=flag.pair_id, closed_at__isnull=True).update(
            decision=decision.value, decided_by=actor, decided_at=at, note=note, closed_at=at, keep_until=None
        )
    audit.record_many(
        entries=[
            audit.Entry(
                "weak.decided", PAIR, flag.pair_id,
                after={
                    "cause": flag.cause, "decision": decision.value, "until": until.isoformat() if until else None,
                    "companion": companion.sku if companion else None,
                },
                reason=note,
            )
        ],
        at=at, actor=actor,
    )  # fmt: skip
