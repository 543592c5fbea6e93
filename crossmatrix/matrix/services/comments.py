"""Saying something about a cell, settling a discussion, reading a mention."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from crossmatrix.accounts.models import User
from crossmatrix.audit.services import Entry, record_many
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Comment, Mention
from crossmatrix.matrix.rules.comments import Place, mentions_in, read_comment
from crossmatrix.matrix.selectors.comments import labels_for, may_read, path_of, where

SUBJECT = "matrix.comment"


class NoSuchCell(Refusal):
    """The cell does not exist, or not for this person; both look the same from outside."""

    code = "cell.unknown"
    sentence = N_("There is no such cell in your categories.")


def check(place: Place, actor: User) -> None:
    if not may_read(actor, path_of(place)):
        raise NoSuchCell


@transaction.atomic
def say(*, place: Place, text: str, author: User, at: datetime) -> Comment:
    """Add a comment; whoever is named by "@name" and may read it finds it among their mentions.

    Raises NoSuchCell, CommentEmpty, CommentTooLong."""
    check(place, author)
    kept = read_comment(text)
    comment = Comment.objects.create(**where(place), author=author, text=kept, created_at=at)
    named = [pk for pk in mentions_in(kept, labels_for(place)) if pk != author.pk]
    Mention.objects.bulk_create([Mention(comment=comment, person_id=pk) for pk in named])
    note("comment.added", [comment.pk], actor=author, at=at)
    return comment


@transaction.atomic
def resolve(*, place: Place, actor: User, at: datetime) -> int:
    """Settle the discussion: its open comments count as done. A new comment opens it again. Raises NoSuchCell."""
    check(place, actor)
    ids = list(
        Comment.objects.select_for_update().filter(**where(place), resolved_at=None).values_list("pk", flat=True)
    )
    Comment.objects.filter(pk__in=ids).update(resolved_at=at, resolved_by=actor)
    note("comment.resolved", ids, actor=actor, at=at)
    return len(ids)


@transaction.atomic
def reopen(*, place: Place, actor: User, at: datetime) -> int:
    """Open again what was settled last. Raises NoSuchCell."""
    check(place, actor)
    comments = Comment.objects.filter(**where(place))
    last = comments.aggregate(last=Max("resolved_at"))["last"]
    ids = list(comments.select_for_update().filter(resolved_at=last).values_list("pk", flat=True)) if last else []
    Comment.objects.filter(pk__in=ids).update(resolved_at=None, resolved_by=None)
    note("comment.reopened", ids, actor=actor, at=at)
    return len(ids)


def note(kind: str, ids: Collection[int], *, actor: User, at: datetime) -> None:
    record_many(entries=[Entry(kind, SUBJECT, pk) for pk in ids], actor=actor, at=at)


def mark_read(*, person: User, at: datetime, mentions: Collection[int] | None = None) -> int:
    """The person has seen these mentions, or all of theirs."""
    unread = Mention.objects.filter(person=person, read_at=None)
    return (unread if mentions is None else unread.filter(pk__in=mentions)).update(read_at=at)


def mark_unread(*, person: User, mentions: Collection[int]) -> int:
    """Keep these mentions for later."""
    return Mention.objects.filter(person=person, pk__in=mentions).update(read_at=None)


def see(*, place: Place, person: User, at: datetime) -> int:
    """The person looks at the discussion: their mentions in it are read. Writes only where one was unread."""
    named = {f"comment__{name}": value for name, value in where(place).items()}
    unread = list(Mention.objects.filter(person=person, read_at=None, **named).values_list("pk", flat=True))
    return mark_read(person=person, at=at, mentions=unread) if unread else 0
