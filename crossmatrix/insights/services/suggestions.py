"""What people decide about suggestions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import Suggestion
from crossmatrix.insights.rules.scoring import Dial
from crossmatrix.insights.rules.words import SuggestionState
from crossmatrix.insights.selectors.suggestions import suggestions, told
from crossmatrix.insights.selectors.waiting import proposals
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import LinkDraft, ReasonKind
from crossmatrix.matrix.services.sends import send


class NoSuggestion(Refusal):
    code = "suggestion.gone"
    sentence = N_("This is no longer suggested: the orders, the stock or the matrix changed.")


class LaterWhen(Refusal):
    code = "suggestion.date"
    sentence = N_("The day must be in the future.")


@transaction.atomic
def accept_suggestion(
    *,
    main: Product,
    companion: Product,
    reason: str,
    actor: User,
    at: datetime,
    kind: str = ReasonKind.ACCESSORY.value,
    batch: str = "",
) -> PairRevision:
    """Write the pair as a draft with the evidence of this moment. Raises NoSuggestion and what the matrix refuses."""
    evidence = _evidence(main, companion)
    draft = LinkDraft(main.pk, companion.pk, reason=reason, kind=kind)
    revision = matrix.set_pair(
        draft=draft, actor=actor, at=at, source=Source.SUGGESTION, batch=batch, evidence=evidence
    )
    _decide(main, companion, SuggestionState.ACCEPTED, evidence, actor, at, reason)
    return revision


@transaction.atomic
def reject_suggestion(
    *, main: Product, companion: Product, reason: str, actor: User, at: datetime, batch: str = ""
) -> None:
    """Mark the pair as not suitable: it is never suggested again until that is withdrawn."""
    evidence = _evidence(main, companion)
    matrix.mark_unsuitable(
        main_id=main.pk,
        companion_id=companion.pk,
        reason=reason,
        actor=actor,
        at=at,
        source=Source.SUGGESTION,
        batch=batch,
    )
    _decide(main, companion, SuggestionState.NOT_SUITABLE, evidence, actor, at, reason)


@transaction.atomic
def put_off_suggestion(*, main: Product, companion: Product, until: date, actor: User, at: datetime) -> None:
    """Do not suggest the pair before the day. Raises LaterWhen, NoSuggestion."""
    if until <= timezone.localdate(at):
        raise LaterWhen
    _decide(main, companion, SuggestionState.LATER, _evidence(main, companion), actor, at, "", until)


@dataclass(frozen=True)
class Filled:
    """What became of one proposed pair: `refusal` says why it was left out."""

    main: Product
    companion: Product
    refusal: Refusal | None


def fill_open_slots(
    *, mains: Sequence[Product], keys: Collection[tuple[int, int]], actor: User, at: datetime, key: str
) -> list[Filled]:
    """Accept the proposed pairs of these mains' open slots as drafts, each with its evidence; one batch, one undo.

    What is no longer proposed, or refused by the matrix, is left out and named. `key` again writes nothing.
    """
    filled: list[Filled] = []

    def write(batch: str) -> dict[str, Any]:
        for one in proposals(mains).rows:
            if (one.found.main.pk, one.found.companion.pk) not in keys:
                continue
            draft = LinkDraft(
                one.found.main.pk, one.found.companion.pk, reason=one.slot.reason, kind=one.slot.kind,
                offer_text=one.slot.offer_text,
            )  # fmt: skip
            refusal = None
            try:
                matrix.set_pair(
                    draft=draft, actor=actor, at=at, source=Source.SUGGESTION, batch=batch, evidence=one.row
                )
            except Refusal as problem:
                refusal = problem
            else:
                _decide(
                    one.found.main, one.found.companion, SuggestionState.ACCEPTED, one.row, actor, at, one.slot.reason
                )
            filled.append(Filled(one.found.main, one.found.companion, refusal))
        return {"changed": sum(one.refusal is None for one in filled)}

    send(key=key, actor=actor, at=at, write=write)
    return filled


def _evidence(main: Product, companion: Product) -> dict[str, Any]:
    allowed = suggestions([main], dial=Dial.SAFE, and_later=False)[main.pk]
    found = next((one for one in allowed if one.companion.pk == companion.pk), None)
    if found is None:
        raise NoSuggestion
    return told(found)


def _decide(
    main: Product,
    companion: Product,
    state: SuggestionState,
    evidence: dict[str, Any],
    actor: User,
    at: datetime,
    reason: str,
    until: date | None = None,
) -> None:
    suggestion, _ = Suggestion.objects.update_or_create(
        main=main, companion=companion,
        defaults={
            "state": state.value, "source": evidence["source"], "score": evidence["score"],
            "evidence": evidence, "reason": reason[:500], "later_until": until, "decided_by": actor, "decided_at": at,
        },
    )  # fmt: skip
    audit.record(
        kind=f"suggestion.{state.value}", subject=suggestion, at=at, actor=actor, source=Source.SUGGESTION,
        after={"main": main.sku, "companion": companion.sku, "until": until.isoformat() if until else None}, reason=reason,
    )  # fmt: skip
