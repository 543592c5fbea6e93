"""From an upload to a plan. The file is opened by a child process only; here are its answers written down."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.imports import selectors
from crossmatrix.imports.engine import events, links, orders, plan, products, ratios
from crossmatrix.imports.models import ImportBatch, ImportJournal, ImportProblem, MappingProfile
from crossmatrix.imports.reader.guard import ChildLimits, run_child
from crossmatrix.imports.resources import unit_of
from crossmatrix.imports.rules.columns import Unit, fingerprint, normalise_header
from crossmatrix.imports.rules.guards import remarks
from crossmatrix.imports.rules.problems import PROBLEMS, BadFile
from crossmatrix.imports.rules.states import Absent, BatchAction, BatchState, Kind, Policy, next_state
from crossmatrix.imports.services.progress import Progress, Quiet
from crossmatrix.insights import services as insights
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.errors import N_, Refusal

READ_TASK = "crossmatrix.imports.tasks.read"
QUEUE = "import"
FOLDER = "imports"  # below MEDIA_ROOT
CHUNK = 1 << 20
NAMES_SHOWN = 5


class BadSpreadsheet(Refusal):
    """The file as a whole cannot be taken; carries the reader's code and sentence."""

    code = "file.unreadable"
    sentence = PROBLEMS["file.unreadable"]


class KindUnavailable(Refusal):
    code = "kind.unavailable"
    sentence = PROBLEMS["kind.unavailable"]


class BatchMoved(Refusal):
    code = "batch.moved"
    sentence = N_("Somebody else moved this import meanwhile. Look at what it is now.")


def bad_spreadsheet(code: str, params: Mapping[str, Any]) -> BadSpreadsheet:
    return BadSpreadsheet(PROBLEMS.get(code, PROBLEMS["file.unreadable"]), code=code, **params)


def unit_of_kind(kind: str) -> Unit:
    """The columns of a kind of file."""
    return unit_of(Kind(kind))


def ensure_available(kind: str) -> None:
    """Raises KindUnavailable."""
    if kind and kind not in set(Kind):
        raise KindUnavailable(kind=kind)


# -- receiving --------------------------------------------------------------------------------------------------------


def stored_file(batch: ImportBatch) -> Path:
    return Path(settings.MEDIA_ROOT) / batch.path


@transaction.atomic
def receive_file(
    *,
    chunks: Iterable[bytes],
    name: str,
    actor: User | None,
    at: datetime,
    kind: str = "",
    options: Mapping[str, Any] | None = None,
) -> ImportBatch:
    """Store the bytes under a random name and note who brought them. Nothing is opened. Raises KindUnavailable, BadSpreadsheet."""
    ensure_available(kind)
    path = f"{FOLDER}/{secrets.token_hex(16)}"
    target = Path(settings.MEDIA_ROOT) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with target.open("wb") as out:
            target.chmod(0o600)
            for chunk in chunks:
                size += len(chunk)
                if size > settings.UPLOAD_MAX_BYTES:
                    raise bad_spreadsheet("file.too_big", {"limit": settings.UPLOAD_MAX_BYTES >> 20})
                digest.update(chunk)
                out.write(chunk)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return ImportBatch.objects.create(
        kind=kind, name=Path(name).name[:255] or "?", path=path, size=size, sha256=digest.hexdigest(), actor=actor,
        created_at=at, options=dict(options or {}),
    )  # fmt: skip


def order_read(*, batch: ImportBatch, actor: User | None, at: datetime) -> JobRun:
    """Owe the reading of the file. Raises IllegalMove."""
    next_state(BatchState(batch.state), BatchAction.READ)
    return jobs.order(READ_TASK, at=at, actor=actor, queue=QUEUE, batch=batch.pk)


def move(batch: ImportBatch, action: BatchAction, **changes: Any) -> None:
    """Take the action if the batch is still where we saw it. Raises IllegalMove, BatchMoved."""
    was = BatchState(batch.state)
    becomes = next_state(was, action)
    if ImportBatch.objects.filter(pk=batch.pk, state=was).update(state=becomes, **changes) != 1:
        raise BatchMoved
    batch.state = becomes.value
    for name, value in changes.items():
        setattr(batch, name, value)


# -- reading ----------------------------------------------------------------------------------------------------------


def read_batch(
    *, batch: ImportBatch, at: datetime, progress: Progress | None = None, go_on: str = "remembered"
) -> None:
    """Understand the file in a child process, stage its rows and plan them.

    `go_on`: "always" plans with what was recognised, "remembered" only when these headers were confirmed before;
    otherwise the batch waits in `columns`. A file that cannot be read leaves the batch `failed` with its sentence.
    Raises BadSpreadsheet.
    """
    told = progress or Quiet()
    move(batch, BatchAction.READ, error_code="", error_params={})
    told.checkpoint(progress=0, message=N_("Opening the file"))
    try:
        if not stored_file(batch).exists():
            raise BadFile("file.gone")
        answer = run_child(
            read_order(batch, go_on),
            limits=ChildLimits(),
            heard=lambda done, total: told.checkpoint(progress=done, total=total, message=N_("Reading rows")),
        )
    except BadFile as bad:
        move(batch, BatchAction.FAIL, error_code=bad.code, error_params=bad.params)
        raise bad_spreadsheet(
            bad.code, {name: value for name, value in bad.params.items() if name != "detail"}
        ) from bad
    learn(batch, answer)
    if "staged" not in answer:
        move(batch, BatchAction.ASK)
        return
    told.checkpoint(message=N_("Comparing with what we have"))
    plan_batch(batch=batch, at=at)


def read_order(batch: ImportBatch, go_on: str) -> dict[str, Any]:
    """What the child is told; the database address goes through its standard input, never through the process list."""
    options = batch.options
    kinds = [Kind(batch.kind)] if batch.kind else list(Kind)
    return {
        "command": "read",
        "path": str(stored_file(batch)),
        "dsn": dsn(),
        "kind": batch.kind,
        "units": [
            {"kind": unit.kind, "specs": [spec.as_json() for spec in unit.specs]}
            for unit in (unit_of(kind) for kind in kinds)
        ],
        "sheet": options.get("sheet", ""),
        "header_row": options.get("header_row"),
        "mapping": options.get("mapping", {}),
        "by_index": options.get("by_index", {}),
        "layout": options.get("layout", ""),
        "dialect": options.get("dialect", {}),
        "memories": selectors.memories(batch.kind),
        "go_on": go_on,
        "stage": batch.stage_table,
        "batch": batch.pk,
    }


def dsn() -> str:
    """Address of the database this process works on (the test database in tests)."""
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - only the worker needs it

    of = connection.settings_dict
    return make_conninfo(
        dbname=of["NAME"], user=of["USER"] or None, password=of["PASSWORD"] or None, host=of["HOST"] or None,
        port=of["PORT"] or None, application_name="crossmatrix-import",
    )  # fmt: skip


def learn(batch: ImportBatch, answer: Mapping[str, Any]) -> None:
    """Write down what the child understood."""
    batch.kind = answer["kind"]
    batch.sheet, batch.header_row = answer["sheet"][:200], answer["header_row"]
    batch.layout = {name: value for name, value in answer.items() if name != "staged"}
    batch.counts = {"staged": answer["staged"]} if "staged" in answer else {}
    batch.remarks = [{**warning, "severity": "warn"} for warning in answer["warnings"]]
    batch.save(update_fields=["kind", "sheet", "header_row", "layout", "counts", "remarks"])


@transaction.atomic
def plan_batch(*, batch: ImportBatch, at: datetime) -> None:
    """Compare the staged rows with what we have and store the plan. The batch must be `reading`."""
    scope = category_paths_of(batch.actor, Permission.IMPORT_RUN) if batch.actor else [""]
    found = [remark for remark in batch.remarks if not remark.get("planned")]
    if batch.kind == Kind.CATALOG:
        counts, figures, made = products.make(batch, scope=scope)
        found += [
            {"code": r.code, "severity": r.severity, "params": r.params, "planned": True} for r in remarks(figures)
        ]
        found += [
            {
                "code": f"guard.new_{'categories' if column == 'category' else 'suppliers'}", "severity": "warn", "planned": True,
                "params": {"count": len(names), "names": ", ".join(names[:NAMES_SHOWN]) + ("…" if len(names) > NAMES_SHOWN else "")},
            }
            for column, names in made.items() if names
        ]  # fmt: skip
    elif batch.kind == Kind.MATRIX:
        counts, level = links.make(batch, scope=scope)
        batch.layout = {**batch.layout, "level": level}
        dear, pairs = ratios.too_dear(batch) if level == "sku" else (0, "")
        if dear:
            remark = {"code": "guard.too_dear", "params": {"count": dear, "pairs": pairs}}
            found.append({**remark, "severity": "warn", "planned": True})
    elif batch.kind == Kind.EVENTS:
        counts, unseen = events.make(batch, scope=scope, today=timezone.localdate(at))
        if unseen:
            found.append(
                {"code": "guard.views_without_stock", "severity": "warn", "planned": True, "params": {"count": unseen}}
            )
    else:
        repeated = orders.check(batch)
        table, numbers = orders.lines(batch)
        counts = orders.make(batch, insights.known_lines(table), numbers, repeated)
    earlier = selectors.same_file(batch)
    if earlier and earlier.applied_at:
        found.append(
            {
                "code": "guard.same_file",
                "severity": "warn",
                "planned": True,
                "params": {"batch": earlier.pk, "date": f"{earlier.applied_at:%d.%m.%Y}"},
            }
        )
    batch.remarks = found
    batch.counts = {**asdict(counts), "staged": batch.counts["staged"]}
    batch.save(update_fields=["layout", "remarks", "counts"])
    move(batch, BatchAction.PLAN, planned_at=at)


def plan_is_there(batch: ImportBatch) -> bool:
    """Whether the plan's rows still exist; a hard restart of the server empties unlogged tables."""
    counted = sum(batch.counts.get(name, 0) for name in ("new", "changed", "absent", "error"))
    return plan.exists(batch.plan_table) and plan.rows(f'SELECT count(*) FROM "{batch.plan_table}"')[0][0] == counted


def plan_again(batch: ImportBatch, at: datetime) -> None:
    """The same rows under other decisions. Raises IllegalMove, BatchMoved."""
    if not plan.exists(batch.stage_table):
        raise BatchMoved
    move(batch, BatchAction.READ)
    plan_batch(batch=batch, at=at)


# -- decisions of people ------------------------------------------------------------------------------------------------


@transaction.atomic
def choose(
    *, batch: ImportBatch, actor: User | None, at: datetime, kind: str | None = None, sheet: str | None = None,
    header_row: int | None = None, by_index: Mapping[int, str] | None = None, remember: bool = True,
) -> JobRun:  # fmt: skip
    """Note the person's sheet, header row and columns, remember the columns for these headers, and read on."""
    ensure_available(kind or "")
    options = dict(batch.options)
    changed_table = (sheet is not None and sheet != batch.sheet) or (
        header_row is not None and header_row != batch.header_row
    )
    changed_kind = kind is not None and kind != batch.kind
    if sheet is not None:
        options["sheet"] = sheet
    if header_row is not None:
        options["header_row"] = header_row
    if changed_table or changed_kind:
        options.pop("by_index", None)
        options.pop("fixes", None)
    elif by_index is not None:
        options["by_index"] = {str(index): name for index, name in by_index.items()}
        if remember:
            remember_mapping(batch, by_index, actor=actor, at=at)
    batch.options = options
    if kind:
        batch.kind = kind
    batch.save(update_fields=["options", "kind"])
    return order_read(batch=batch, actor=actor, at=at)


def remember_mapping(
    batch: ImportBatch, by_index: Mapping[int, str], *, actor: User | None, at: datetime, name: str = ""
) -> None:
    """The next file with these headers is read the same way."""
    titles = [column["title"] for column in batch.layout.get("columns", [])]
    said = {
        normalise_header(title): by_index.get(index, "")
        for index, title in enumerate(titles)
        if normalise_header(title)
    }
    mark = fingerprint(titles)
    if mark and batch.kind:
        MappingProfile.objects.update_or_create(
            digest=content_digest({"kind": batch.kind, "headers": mark}),
            defaults={
                "kind": batch.kind,
                "fingerprint": mark,
                "mapping": said,
                "actor": actor,
                "used_at": at,
                "name": name[:120],
            },
        )


@transaction.atomic
def set_policies(
    *, batch: ImportBatch, at: datetime, absent: str | None = None, policies: Mapping[str, str] | None = None
) -> None:
    """What silence and empty cells mean for this batch; the plan is made anew. Raises IllegalMove."""
    options = dict(batch.options)
    if absent is not None:
        options["absent"] = Absent(absent).value
    if policies is not None:
        options["policies"] = {name: Policy(value).value for name, value in policies.items()}
    batch.options = options
    batch.save(update_fields=["options"])
    plan_again(batch, at)


@transaction.atomic
def accept_suggestion(*, batch: ImportBatch, problem: ImportProblem, everywhere: bool, at: datetime) -> int:
    """Take the suggested code in place of the unknown one, in this row or in all; returns the rows it helps."""
    good = problem.params.get("suggestion")
    if not good or not problem.field:
        return 0
    fix = {"field": problem.field, "bad": problem.value, "good": good, **({} if everywhere else {"row": problem.row})}
    helped = ImportProblem.objects.filter(batch=batch, field=problem.field, value=problem.value, code=problem.code)
    count = helped.count() if everywhere else 1
    batch.options = {**batch.options, "fixes": [*batch.options.get("fixes", []), fix]}
    batch.save(update_fields=["options"])
    plan_again(batch, at)
    return count


@transaction.atomic
def discard(*, batch: ImportBatch, actor: User | None, at: datetime) -> None:
    """Give the batch up; the stored file stays for the record. Raises IllegalMove, BatchMoved."""
    move(batch, BatchAction.DISCARD)
    plan.drop(batch)
    audit.record(kind="import.discarded", subject=batch, at=at, actor=actor, source=Source.IMPORT, batch=batch.tag)


KEPT_FOR = timedelta(days=7)  # a plan nobody confirmed; its page reads the stored file again when it is opened later
JOURNAL_KEPT = timedelta(days=90)  # so long an import can be undone
OVER = (BatchState.APPLIED, BatchState.UNDOING, BatchState.UNDONE, BatchState.FAILED, BatchState.DISCARDED)


def clean_up(*, at: datetime) -> int:
    """Drop the staged rows and plans of batches that are over or forgotten, and the journals nobody will undo from.

    Returns how many batches had rows or plans.
    """
    ImportJournal.objects.filter(
        batch__in=ImportBatch.objects.filter(applied_at__lt=at - JOURNAL_KEPT).exclude(state=BatchState.UNDOING)
    ).delete()
    stored = plan.stored_numbers()
    alive = ImportBatch.objects.filter(pk__in=stored).exclude(state__in=OVER)
    kept = set(
        alive.filter(Q(planned_at__gte=at - KEPT_FOR) | Q(created_at__gte=at - KEPT_FOR)).values_list("pk", flat=True)
    )
    kept |= set(alive.filter(state__in=(BatchState.READING, BatchState.APPLYING)).values_list("pk", flat=True))
    for number in sorted(stored - kept):
        plan.drop(ImportBatch(pk=number))
    return len(stored - kept)
