"""Shop events of a batch written and taken back; the judgement of weak pairs looks at them next."""

from datetime import datetime
from typing import Any

from crossmatrix.imports.models import ImportBatch, ImportJournal
from crossmatrix.insights import services as insights

DETAILS_KEPT = 1000
JOURNAL = ImportJournal._meta.db_table


def write_events(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    applied = insights.apply_exposures(
        plan=insights.PlannedExposures(plan=batch.plan_table, journal=JOURNAL, number=batch.pk)
    )
    if applied.created or applied.changed:
        insights.order_look(actor=batch.applied_by, at=at)
    return {
        "created": applied.created, "changed": applied.changed, "refused_count": len(applied.refused),
        "refused": [
            {"label": label, "code": "row.changed_since", "params": {}} for label in applied.refused[:DETAILS_KEPT]
        ],
    }  # fmt: skip


def undo_events(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    undone = insights.restore_exposures(journal=JOURNAL, number=batch.pk)
    if undone.reversed:
        insights.order_look(actor=batch.undone_by, at=at)
    details = [{"label": label, "outcome": "kept", "code": "edited"} for label in undone.kept]
    return {"reversed": undone.reversed, "kept": undone.kept_count, "failed": 0, "details": details}
