"""From a plan to the data and back. One transaction each: a worker that dies leaves nothing half done."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.catalog import services as catalog
from crossmatrix.catalog.models import Category, Product
from crossmatrix.imports.engine import orders, plan
from crossmatrix.imports.models import ImportBatch, ImportJournal
from crossmatrix.imports.rules.states import BatchAction, BatchState, Kind, RowState, next_state
from crossmatrix.imports.services.batches import JOURNAL_KEPT, QUEUE, BatchMoved, move, plan_is_there
from crossmatrix.imports.services.events import undo_events, write_events
from crossmatrix.imports.services.progress import Progress, Quiet
from crossmatrix.insights import services as insights
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft, SlotDraft

APPLY_TASK, UNDO_TASK = "crossmatrix.imports.tasks.apply", "crossmatrix.imports.tasks.undo"
RATIOS_TASK = "crossmatrix.matrix.tasks.recheck_ratios"
DETAILS_KEPT = 1000
JOURNALLED = (Kind.CATALOG, Kind.EVENTS)  # undone from the journal, which is kept for a while
DEATHS_OUTLIVED = 25  # one transaction has no checkpoint to go on from; its worker may be killed this often


class PlanLost(Refusal):
    """The server was restarted hard and the unlogged plan is gone; nothing was written."""

    code = "plan.lost"
    sentence = N_("The plan was lost by a restart of the server. Nothing was written; read the file again.")


class PartialNotAllowed(Refusal):
    code = "rows.bad"
    sentence = N_("%(count)s rows have errors. Correct them, or say that the other rows may be applied.")


class UndoTooLate(Refusal):
    code = "undo.too_late"
    sentence = N_(
        "What stood here before this import is kept for %(days)s days and is gone by now; it cannot be undone any more."
    )


@transaction.atomic
def confirm_batch(*, batch: ImportBatch, actor: User | None, at: datetime, partial: bool = True) -> JobRun:
    """Owe the writing of what the plan shows. Raises IllegalMove, BatchMoved, PartialNotAllowed."""
    start_apply(batch=batch, actor=actor, partial=partial)
    return jobs.order(APPLY_TASK, at=at, actor=actor, queue=QUEUE, max_attempts=DEATHS_OUTLIVED, batch=batch.pk)


def start_apply(*, batch: ImportBatch, actor: User | None, partial: bool) -> None:
    if batch.counts.get("error") and not partial:
        raise PartialNotAllowed(count=batch.counts["error"])
    move(batch, BatchAction.APPLY, applied_by=actor)


def locked(number: int) -> ImportBatch:
    return (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("actor", "applied_by", "undone_by")
        .get(pk=number)
    )


def apply_batch(*, batch: ImportBatch, at: datetime, progress: Progress | None = None) -> None:
    """Write exactly what the plan shows. Done already: nothing happens. Raises PlanLost, BatchMoved, IllegalMove."""
    told = progress or Quiet()
    told.checkpoint(
        progress=0, total=batch.counts.get("new", 0) + batch.counts.get("changed", 0), message=N_("Writing")
    )
    try:
        with transaction.atomic():
            mine = locked(batch.pk)
            if mine.state == BatchState.APPLIED:
                return
            next_state(BatchState(mine.state), BatchAction.COMMIT)
            ensure_plan(mine)
            outcome = WRITERS[Kind(mine.kind)](mine, at)
            move(mine, BatchAction.COMMIT, applied_at=at, outcome=outcome)
            audit.record(
                kind="import.applied",
                subject=mine,
                at=at,
                actor=mine.applied_by,
                source=Source.IMPORT,
                batch=mine.tag,
                after=brief(outcome),
            )
            if mine.kind == Kind.CATALOG and outcome.get("price_changed"):
                jobs.order(RATIOS_TASK, at=at, actor=mine.applied_by)
            if mine.kind == Kind.CATALOG and outcome.get("changed"):
                jobs.happened("catalog.changed", at=at, actor=mine.applied_by)
            told.confirm()
    except PlanLost:
        with transaction.atomic():
            lost = locked(batch.pk)
            move(lost, BatchAction.FAIL)
        raise
    batch.refresh_from_db()
    plan.drop(batch)


def ensure_plan(batch: ImportBatch) -> None:
    if not plan_is_there(batch):
        raise PlanLost


def brief(outcome: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outcome.items() if not isinstance(value, list)}


def write_catalog(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    applied = catalog.apply_products(plan=planned(batch), actor=batch.applied_by, at=at)
    return {
        "created": applied.created, "changed": applied.changed, "price_changed": applied.price_changed,
        "refused_count": len(applied.refused),
        "refused": [{"label": sku, "code": "row.changed_since", "params": {}} for sku in applied.refused[:DETAILS_KEPT]],
    }  # fmt: skip


def planned(batch: ImportBatch) -> catalog.PlannedProducts:
    return catalog.PlannedProducts(
        plan=batch.plan_table, journal=ImportJournal._meta.db_table, number=batch.pk, tag=batch.tag
    )


# -- matrices ---------------------------------------------------------------------------------------------------------


def plan_rows(batch: ImportBatch, states: str) -> Iterator[dict[str, Any]]:
    names = ("label", "label2", "state", "target_id", "version", "changes")
    import json  # noqa: PLC0415 - only here: Django leaves jsonb of raw queries as text

    for row in plan.rows(
        f'SELECT {", ".join(names)} FROM "{batch.plan_table}" WHERE state = ANY(%s::"char"[]) ORDER BY seq',
        [list(states)],
    ):
        item = dict(zip(names, row, strict=True))
        changes = item["changes"]
        item["changes"] = json.loads(changes) if isinstance(changes, str) else changes or {}
        item["state"] = item["state"] if isinstance(item["state"], str) else item["state"].decode()
        yield item


def write_matrix(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    return write_types(batch, at) if batch.layout.get("level") == "type" else write_links(batch, at)


def write_links(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    found = list(plan_rows(batch, RowState.NEW + RowState.CHANGED))
    codes = {row["label"] for row in found} | {row["label2"] for row in found}
    ids = dict(Product.objects.filter(sku__in=codes).values_list("sku", "pk"))
    versions = dict(
        Pair.objects.select_for_update()
        .filter(pk__in=[row["target_id"] for row in found if row["target_id"]])
        .order_by("main_id", "companion_id")
        .values_list("pk", "version")
    )
    known = {
        (main, companion)
        for main, companion in Pair.objects.filter(
            main__sku__in=[r["label"] for r in found if not r["target_id"]]
        ).values_list("main_id", "companion_id")
    }
    drafts: list[LinkDraft] = []
    rows: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for row in found:
        main, companion = ids.get(row["label"]), ids.get(row["label2"])
        stale = versions.get(row["target_id"]) != row["version"] if row["target_id"] else (main, companion) in known
        if main is None or companion is None or stale:
            refused.append({"label": f"{row['label']} → {row['label2']}", "code": "row.changed_since", "params": {}})
            continue
        drafts.append(draft_of(main, companion, row["changes"]))
        rows.append(row)
    applied = matrix.apply_links(links=drafts, actor=batch.applied_by, at=at, batch=batch.tag)
    for index, refusal in applied.refusals.items():
        refused.append(
            {
                "label": f"{rows[index]['label']} → {rows[index]['label2']}",
                "code": refusal.code,
                "sentence": refusal.sentence,
                "params": jsonable(refusal.values),
            }
        )
    retired = retire_absent(batch, at, refused)
    return {
        "created": applied.created, "changed": applied.changed, "same": applied.same, "retired": retired,
        "refused_count": len(refused), "refused": refused[:DETAILS_KEPT],
    }  # fmt: skip


def jsonable(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, (str, int, float)) else str(value) for name, value in values.items()}


def draft_of(main: int, companion: int, changes: dict[str, list[Any]]) -> LinkDraft:
    new = {name: pair[1] for name, pair in changes.items()}
    return LinkDraft(
        main_id=main, companion_id=companion, reason=new.get("reason"), kind=new.get("kind"), rank=new.get("rank"),
        offer_text=new.get("offer_text"), placements=new.get("placements"), valid_from=day(new.get("valid_from")),
        valid_to=day(new.get("valid_to")), verdict=new.get("verdict"), verdict_reason=new.get("verdict_reason"),
    )  # fmt: skip


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def retire_absent(batch: ImportBatch, at: datetime, refused: list[dict[str, Any]]) -> int:
    """Links the file leaves out, when the person asked for it: approved ones retire, drafts are discarded."""
    done = 0
    for row in plan_rows(batch, RowState.ABSENT):
        pair = Pair.objects.select_related("current").get(pk=row["target_id"])
        label = f"{row['label']} → {row['label2']}"
        if pair.version != row["version"] or pair.current is None:
            refused.append({"label": label, "code": "row.changed_since", "params": {}})
            continue
        verb = matrix.retire if pair.current.state == "approved" else matrix.discard
        try:
            verb(revision=pair.current, actor=batch.applied_by, at=at, source=Source.IMPORT.value, batch=batch.tag)
            done += 1
        except Refusal as refusal:
            refused.append(
                {"label": label, "code": refusal.code, "sentence": refusal.sentence, "params": jsonable(refusal.values)}
            )
    return done


def write_types(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    found = list(plan_rows(batch, RowState.NEW + RowState.CHANGED))
    names = {row["label"] for row in found} | {row["label2"] for row in found}
    ids = dict(Category.objects.filter(full_name__in=names).values_list("full_name", "pk"))
    drafts = []
    for row in found:
        new = {name: pair[1] for name, pair in row["changes"].items()}
        drafts.append(
            SlotDraft(
                main_category_id=ids[row["label"]],
                companion_category_id=ids[row["label2"]],
                verdict=new.get("verdict"),
                reason=new.get("reason"),
                kind=new.get("kind"),
                offer_text=new.get("offer_text"),
            )
        )
    applied = matrix.apply_slots(slots=drafts, actor=batch.applied_by, at=at, batch=batch.tag)
    refused = [
        {
            "label": f"{found[i]['label']} × {found[i]['label2']}",
            "code": r.code,
            "sentence": r.sentence,
            "params": jsonable(r.values),
        }
        for i, r in applied.refusals.items()
    ]
    return {
        "created": applied.created, "changed": applied.changed, "same": applied.same,
        "refused_count": len(refused), "refused": refused[:DETAILS_KEPT],
    }  # fmt: skip


def write_orders(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    table, _numbers = orders.lines(batch)
    ingested = insights.ingest_orders(lines=table, batch=batch.tag, at=at)
    return {"created": ingested.added, "changed": 0, "same": ingested.same, "refused_count": 0, "refused": []}


WRITERS = {
    Kind.CATALOG: write_catalog, Kind.MATRIX: write_matrix, Kind.ORDERS: write_orders, Kind.EVENTS: write_events,
}  # fmt: skip


# -- undo ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def order_undo(*, batch: ImportBatch, actor: User | None, at: datetime) -> JobRun:
    """Owe the undo. Raises IllegalMove, BatchMoved, UndoTooLate."""
    start_undo(batch=batch, actor=actor)
    return jobs.order(UNDO_TASK, at=at, actor=actor, queue=QUEUE, max_attempts=DEATHS_OUTLIVED, batch=batch.pk)


def can_undo(batch: ImportBatch) -> bool:
    """Whether the batch is applied and what it overwrote is still on record."""
    if batch.state != BatchState.APPLIED:
        return False
    wrote = batch.kind in JOURNALLED and bool(batch.outcome.get("created") or batch.outcome.get("changed"))
    return not wrote or batch.journal.exists()  # links and orders are undone from history, which stays


def start_undo(*, batch: ImportBatch, actor: User | None) -> None:
    if batch.state == BatchState.APPLIED and not can_undo(batch):
        raise UndoTooLate(days=JOURNAL_KEPT.days)
    move(batch, BatchAction.UNDO, undone_by=actor)


def undo_batch(*, batch: ImportBatch, at: datetime, progress: Progress | None = None) -> None:
    """Put everything back as it was before the batch, except what was edited since; done already: nothing happens."""
    told = progress or Quiet()
    told.checkpoint(progress=0, message=N_("Putting back"))
    with transaction.atomic():
        mine = locked(batch.pk)
        if mine.state == BatchState.UNDONE:
            return
        next_state(BatchState(mine.state), BatchAction.RESTORE)
        undone = UNDOERS[Kind(mine.kind)](mine, at)
        outcome = {**mine.outcome, "undo": undone}
        move(mine, BatchAction.RESTORE, undone_at=at, outcome=outcome)
        audit.record(
            kind="import.undone",
            subject=mine,
            at=at,
            actor=mine.undone_by,
            source=Source.IMPORT,
            batch=f"{mine.tag}:undo",
            after=brief(undone),
        )
        if mine.kind == Kind.CATALOG and mine.outcome.get("price_changed"):
            jobs.order(RATIOS_TASK, at=at, actor=mine.undone_by)
        if mine.kind == Kind.CATALOG:
            jobs.happened("catalog.changed", at=at, actor=mine.undone_by)
        told.confirm()
    batch.refresh_from_db()


def undo_catalog(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    undone = catalog.restore_products(
        journal=ImportJournal._meta.db_table, number=batch.pk, tag=batch.tag, actor=batch.undone_by, at=at
    )
    details = [{"label": kept.label, "outcome": "kept", "code": kept.why} for kept in undone.kept]
    return {"reversed": undone.reversed, "kept": undone.kept_count, "failed": 0, "details": details}


def undo_matrix(batch: ImportBatch, at: datetime) -> dict[str, Any]:
    undo = matrix.undo_slots if batch.layout.get("level") == "type" else matrix.undo_links
    undone = undo(
        batch=batch.tag, actor=batch.undone_by, at=at, undo_batch=f"{batch.tag}:undo", source=Source.IMPORT.value
    )
    details = [
        {
            "label": f"{item.get('main', '')} → {item.get('companion', '')}", "outcome": item["outcome"],
            "code": item["code"], "sentence": item.get("sentence", ""),
        }
        for item in undone.details[:DETAILS_KEPT]
    ]  # fmt: skip
    return {**{k: v for k, v in asdict(undone).items() if k != "details"}, "details": details}


def undo_orders(batch: ImportBatch, _at: datetime) -> dict[str, Any]:
    return {"reversed": insights.forget_orders(batch=batch.tag), "kept": 0, "failed": 0, "details": []}


UNDOERS = {
    Kind.CATALOG: undo_catalog, Kind.MATRIX: undo_matrix, Kind.ORDERS: undo_orders, Kind.EVENTS: undo_events,
}  # fmt: skip

__all__ = [
    "BatchMoved", "PartialNotAllowed", "PlanLost", "UndoTooLate", "apply_batch", "can_undo", "confirm_batch", "order_undo", "undo_batch",
]  # fmt: skip
