"""Writing history. Call inside the transaction of the change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models

from crossmatrix.audit.models import Source

COLUMNS = "at, kind, actor_id, source, subject_type, subject_id, subject_label, batch, before, after, reason"


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
    actor_id = actor.pk if actor else None
    rows = [
        (
            at, entry.kind, actor_id, source, entry.subject_type, entry.subject_id, entry.subject_label, batch,
            stored(entry.before), stored(entry.after), entry.reason,
        )
        for entry in entries
    ]  # fmt: skip
    with connection.cursor() as cursor, cursor.copy(f"COPY audit_auditevent ({COLUMNS}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return len(rows)


def stored(content: Mapping[str, Any] | None) -> str | None:
    return None if content is None else orjson.dumps(dict(content)).decode()
