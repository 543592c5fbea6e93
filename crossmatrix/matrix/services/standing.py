"""Which version a thing stands at once undone writes are left out: what lets Ctrl+Z be pressed twice on one cell."""

from collections.abc import Mapping

from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix.models import OpBatch

DEPTH = 200  # undos and redos in a row that are followed


def standing_versions(*, subject: str, kind: str, versions: Mapping[int, int]) -> dict[int, set[int]]:
    """Thing id → versions with the content of now: an undo brings back the one before the batch it took back.

    `versions` are the versions of now, `kind` names the events of undos."""
    now, same = dict(versions), {pk: {version} for pk, version in versions.items()}
    for _ in range(DEPTH):
        made_by = _undone_by(subject, kind, now)
        batches = _taken_back(set(made_by.values()))
        steps = {pk: batches[batch] for pk, batch in made_by.items() if batch in batches}
        before = _versions_before(subject, steps)
        if not before:
            break
        for pk, version in before.items():
            same[pk].add(version)
        now = before
    return same


def _undone_by(subject: str, kind: str, versions: Mapping[int, int]) -> dict[int, str]:
    """Thing id → batch of the undo that made this very version."""
    events = AuditEvent.objects.filter(subject_type=subject, kind=kind, subject_id__in=versions).exclude(batch="")
    return {
        pk: batch
        for pk, batch, after in events.values_list("subject_id", "batch", "after")
        if after and after.get("version") == versions[pk]
    }


def _taken_back(batches: set[str]) -> dict[str, str]:
    """Batch of an undo → batch it took back."""
    sends = {int(batch.split("-")[1]): batch for batch in batches if batch.startswith("ops:undo-")}
    keys = dict(OpBatch.objects.filter(pk__in=sends).values_list("pk", "key"))
    found = {batch: f"ops:{keys[pk]}"[:64] for pk, batch in sends.items() if pk in keys}
    return found | {batch: batch.removeprefix("undo:") for batch in batches if batch.startswith("undo:")}


def _versions_before(subject: str, steps: Mapping[int, str]) -> dict[int, int]:
    """Thing id → its version before the batch wrote it first."""
    events = (
        AuditEvent.objects.filter(subject_type=subject, subject_id__in=steps, batch__in=set(steps.values()))
        .order_by("-pk")
        .values_list("subject_id", "batch", "before")
    )
    return {
        pk: before["version"] for pk, batch, before in events if steps[pk] == batch and before and "version" in before
    }
