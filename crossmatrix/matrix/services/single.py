"""One revision moved by one person: as many at once, but what stands against it is raised."""

from datetime import datetime
from typing import Required, TypedDict, Unpack

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import PairAction
from crossmatrix.matrix.services.moves import move
from crossmatrix.matrix.services.shared import content_of


class Signed(TypedDict, total=False):
    """Who moves it and when, and what they say. `base_version` is the version they saw: another raises StalePair."""

    actor: Required[User | None]
    at: Required[datetime]
    comment: str
    source: str
    batch: str
    base_version: int | None


class UnknownField(Refusal):
    code = "comment.field"
    sentence = N_("A pair has no field “%(field)s” to comment on.")


def submit(*, revision: PairRevision, **signed: Unpack[Signed]) -> PairRevision:
    """Draft → in review. Raises IllegalMove, ReasonMissing, NotSuitable, RatioBlocked, OutOfScope, StalePair."""
    return _one(PairAction.SUBMIT, revision, signed)


def approve(*, revision: PairRevision, **signed: Unpack[Signed]) -> PairRevision:
    """In review → approved, superseding the former one. Raises OwnApproval, IllegalMove, RatioBlocked and as `submit`."""
    return _one(PairAction.APPROVE, revision, signed)


def return_(*, revision: PairRevision, comment_on: str = "", **signed: Unpack[Signed]) -> PairRevision:
    """In review → draft, with a comment on what to change, about one field or the whole.

    Raises CommentMissing, UnknownField, IllegalMove, OutOfScope."""
    if comment_on and comment_on not in {"companion", *content_of(revision).as_dict()}:
        raise UnknownField(field=comment_on)
    return _one(PairAction.RETURN, revision, signed, comment_on)


def retire(*, revision: PairRevision, **signed: Unpack[Signed]) -> PairRevision:
    """Approved → retired: the next release drops the link. Raises IllegalMove, OutOfScope."""
    return _one(PairAction.RETIRE, revision, signed)


def discard(*, revision: PairRevision, **signed: Unpack[Signed]) -> PairRevision:
    """Draft → discarded; the pair shows its former revision again. Raises IllegalMove, OutOfScope."""
    return _one(PairAction.DISCARD, revision, signed)


@transaction.atomic
def _one(action: PairAction, revision: PairRevision, signed: Signed, comment_on: str = "") -> PairRevision:
    (result,) = move(
        action=action,
        revision_ids=[revision.pk],
        actor=signed["actor"],
        at=signed["at"],
        comment=signed.get("comment", ""),
        source=signed.get("source", Source.HAND.value),
        batch=signed.get("batch", ""),
        bases={revision.pk: signed.get("base_version")},
        comment_on=comment_on,
    )
    if result.refusal is not None:
        raise result.refusal
    return PairRevision.objects.select_related("pair__main", "pair__companion").get(pk=revision.pk)
