"""Taking any batch of changes back: a diff against now, shown first; later edits of others stay unless overruled."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from crossmatrix.accounts.models import User
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import OpBatch
from crossmatrix.matrix.selectors.history import desk_of, events_named, taken_back
from crossmatrix.matrix.services.slots import undo_slots
from crossmatrix.matrix.services.undo import undo_links
from crossmatrix.matrix.services.undone import Undone

NAME = 64  # characters of a batch's name


class UndoExpired(Refusal):
    code = "undo.expired"
    sentence = N_("Changes are taken back for %(days)s days; this one is older. Write the cells anew instead.")


class AlreadyUndone(Refusal):
    code = "undo.done"
    sentence = N_("This change was already undone.")


class NothingToUndo(Refusal):
    code = "undo.nothing"
    sentence = N_("There is nothing of this change that could be taken back here.")


def undo_until(done_at: datetime) -> datetime:
    """The last moment at which a change of `done_at` is taken back."""
    return done_at + timedelta(days=settings.UNDO_DAYS)


def check_age(*, done_at: datetime, at: datetime) -> None:
    """Raises UndoExpired."""
    if at > undo_until(done_at):
        raise UndoExpired(days=settings.UNDO_DAYS)


def done_at(batch: str) -> datetime:
    """When the batch was written. Raises NothingToUndo."""
    newest = events_named(batch).order_by("-pk").values_list("at", flat=True).first()
    if newest is None:
        raise NothingToUndo
    return newest


def check(batch: str, at: datetime) -> None:
    """Raises NothingToUndo, UndoExpired, AlreadyUndone."""
    check_age(done_at=done_at(batch), at=at)
    if batch in taken_back([batch]):
        raise AlreadyUndone


@transaction.atomic
def foresee(*, batch: str, actor: User, at: datetime) -> Undone:
    """What taking the batch back would do now, cell by cell (the first 500 named). Writes nothing."""
    check(batch, at)
    return both(batch, actor=actor, at=at, dry=True)


def both(batch: str, *, actor: User, at: datetime, **how: Any) -> Undone:
    also: Mapping[str, Collection[int]] = how.pop("also", {})
    pairs = undo_links(batch=batch, actor=actor, at=at, also=also.get("pair", ()), **how)
    types = undo_slots(batch=batch, actor=actor, at=at, also=also.get("slot", ()), **how)
    for kind, undone in (("pair", pairs), ("slot", types)):
        for row in undone.details:
            row["subject"] = kind
    return Undone(
        pairs.reversed + types.reversed,
        pairs.kept + types.kept,
        pairs.failed + types.failed,
        pairs.details + types.details,
    )


@transaction.atomic
def revert(*, batch: str, actor: User, at: datetime, also: Mapping[str, Collection[int]] | None = None) -> Undone | str:
    """Take a batch back, whoever made it and wherever; answers with what was done, or the address of the job that does it.

    Raises NothingToUndo, UndoExpired, AlreadyUndone, and what the batch's own desk raises."""
    check(batch, at)
    desk = desk_of(batch)
    if desk is not None:
        return desk.revert(batch, actor, at)
    send = OpBatch.objects.filter(key=batch.removeprefix("ops:")).first() if batch.startswith("ops:") else None
    if send is not None:
        return undo_send(send=send, actor=actor, at=at, also=also)[1]
    hold(batch)
    if batch in taken_back([batch]):
        raise AlreadyUndone
    return both(batch, actor=actor, at=at, undo_batch=f"undo:{batch}"[:NAME], also=also or {})


def hold(batch: str) -> None:
    """Two people who take the same batch back wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"revert:{batch}"])


def undo_send(
    *, send: OpBatch, actor: User, at: datetime, also: Mapping[str, Collection[int]] | None = None
) -> tuple[OpBatch, Undone]:
    """Take a send of the grid back; the new send is what brings it again. Call in a transaction.

    Raises AlreadyUndone, UndoExpired."""
    check_age(done_at=send.at, at=at)
    if OpBatch.objects.filter(pk=send.pk, undone_at__isnull=True).update(undone_at=at) != 1:
        raise AlreadyUndone
    key = f"undo-{send.pk}-{at:%H%M%S%f}"
    made = OpBatch.objects.create(key=key, matrix=send.matrix, actor=actor, at=at, answer={"key": key})
    undone = both(f"ops:{send.key}"[:NAME], actor=actor, at=at, undo_batch=f"ops:{key}"[:NAME], also=also or {})
    made.answer = {
        "key": key, "undo": key, "at": at.isoformat(), "reversed": undone.reversed, "kept": undone.kept,
        "failed": undone.failed, "details": undone.details,
    }  # fmt: skip
    made.save(update_fields=["answer"])
    return made, undone
