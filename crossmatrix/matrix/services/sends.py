"""One deed of a person outside the grid: written once under its key, undone as a whole like a send of the grid."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.matrix.services.cells import batch_name, claim_key


@transaction.atomic
def send(*, key: str, actor: User, at: datetime, write: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Let `write(batch)` do its work and keep its answer; the same key again returns that answer and writes nothing.

    `write` says in "changed" how many pairs it wrote. Its Refusal takes everything back. Raises KeyTaken."""
    kept, mine = claim_key(key, None, actor, at)
    if mine:
        kept.answer = {"key": key, "undo": key, "at": at.isoformat()} | write(batch_name(key))
        kept.save(update_fields=["answer"])
    return dict(kept.answer)
