"""Source files of a data set, brought in through the import engine like anybody's."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from crossmatrix.accounts.models import User
from crossmatrix.imports import services as imports
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.rules.states import BatchState
from crossmatrix.imports.services.apply import start_apply
from crossmatrix.lib.errors import N_, Refusal

CHUNK = 1 << 20


class SourceNotUnderstood(Refusal):
    code = "demo.source"
    sentence = N_("The demo's own file %(name)s was not understood; the import stopped at “%(state)s”.")


def bring(path: Path, *, kind: str, actor: User, at: datetime, apply: bool = True) -> ImportBatch:
    """Receive, read, plan and (unless told otherwise) apply a file; rows with problems stay out and stay listed.

    Raises SourceNotUnderstood when the columns were not recognised by themselves.
    """
    batch = imports.receive_file(chunks=pieces(path), name=path.name, kind=kind, actor=actor, at=at)
    imports.read_batch(batch=batch, at=at, go_on="always")
    if batch.state != BatchState.PLANNED:
        raise SourceNotUnderstood(name=path.name, state=batch.state)
    if apply:
        start_apply(batch=batch, actor=actor, partial=True)
        imports.apply_batch(batch=batch, at=at)
    return batch


def pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
