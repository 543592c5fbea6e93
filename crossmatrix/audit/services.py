"""Writing history. Call inside the transaction of the change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from crossmatrix.audit.models import AuditEvent, Source

CHUNK = 5000  # rows per INSERT: bounds the statement's size


@dataclass(frozen=True)
class Entry:
    """One event of a bulk change; `subject_type` as "area.model" in lower case."""

    kind: str
    subject_type: str
    subject_id: int
    subject_label: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str = ""


def record(
    *,
    kind: str,
    subject: models.Model,
    at: datetime,
    actor: AbstractBaseUser | None,
    source: str = Source.HAND,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    batch: str = "",
) -> None:
    """Write one event. `actor` None means the system itself."""
    entry = Entry(kind, subject._meta.label_lower, subject.pk, str(subject)[:300], before, after, reason)
    record_many(entries=[entry], at=at, actor=actor, source=source, batch=batch)


def record_many(
    *,
    entries: Iterable[Entry],
    at: datetime,
    actor: AbstractBaseUser | None,
    source: str = Source.HAND,
    batch: str = "",
) -> int:
    """Write the events of one bulk change; returns how many."""
    rows = [
        AuditEvent(
            at=at, kind=entry.kind, actor_id=actor.pk if actor else None, source=source, batch=batch,
            subject_type=entry.subject_type, subject_id=entry.subject_id, subject_label=entry.subject_label,
            before=dict(entry.before) if entry.before is not None else None,
            after=dict(entry.after) if entry.after is not None else None,
            reason=entry.reason,
        )
        for entry in entries
    ]  # fmt: skip
    AuditEvent.objects.bulk_create(rows, batch_size=CHUNK)
    return len(rows)
