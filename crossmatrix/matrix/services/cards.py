"""Telling what came of an offer of a sales card, and taking a mistaken tap back."""

from datetime import datetime, timedelta

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import CardAnswer, PairRevision
from crossmatrix.matrix.rules import PairState
from crossmatrix.matrix.rules.cards import read_answer

TAKE_BACK = timedelta(hours=12)  # a shift: later it has been read as evidence
OFFERED = (PairState.APPROVED, PairState.SUPERSEDED, PairState.RETIRED)  # a card may lie open while its pair moves on


class NotOffered(Refusal):
    code = "card.gone"
    sentence = N_("This companion is no longer on the card. Open the card again.")


class TooLate(Refusal):
    code = "card.late"
    sentence = N_("It was told too long ago to be taken back.")


@transaction.atomic
def answer_card(
    *, main: int, companion: int, revision: int, outcome: str, why: str = "", note: str = "", key: str, actor: User,
    at: datetime,
) -> CardAnswer:  # fmt: skip
    """Keep what came of one offer; the same `key` again is the same tap. Raises NotOffered, OutcomeUnknown, WhyMissing, NoteMissing."""
    said = read_answer(outcome=outcome, why=why, note=note)
    shown = PairRevision.objects.filter(
        pk=revision, pair__main_id=main, pair__companion_id=companion, state__in=OFFERED
    ).first()
    if shown is None:
        raise NotOffered
    made = CardAnswer(
        main_id=main, companion_id=companion, revision=shown, outcome=said.outcome, why=said.why, note=said.note,
        person=actor, at=at, key=key,
    )  # fmt: skip
    CardAnswer.objects.bulk_create([made], ignore_conflicts=True)
    kept = CardAnswer.objects.filter(key=key, person=actor, main_id=main, companion_id=companion).first()
    if kept is None:
        raise NotOffered  # somebody else's key: a card that was not theirs
    return kept


def withdraw_answer(*, answer: CardAnswer, actor: User, at: datetime) -> None:
    """Take one's own tap back; twice is once. Raises TooLate."""
    if answer.person_id != actor.pk or at - answer.at > TAKE_BACK:
        raise TooLate
    CardAnswer.objects.filter(pk=answer.pk, withdrawn_at__isnull=True).update(withdrawn_at=at)
