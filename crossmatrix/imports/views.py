"""Screens of an import: upload, columns, check, result, and the list of them all."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.imports import selectors, services, tables
from crossmatrix.imports.forms import ColumnsForm, PolicyForm, UploadForm
from crossmatrix.imports.models import ImportBatch, ImportProblem
from crossmatrix.imports.rules.states import KIND_NAMES, STATE_NAMES, BatchState, Kind
from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.text import sentence

PAGE = 30
WORKING = frozenset({BatchState.RECEIVED, BatchState.READING, BatchState.APPLYING, BatchState.UNDOING})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS = {
    BatchState.RECEIVED: 1, BatchState.READING: 2, BatchState.COLUMNS: 2, BatchState.PLANNED: 3, BatchState.APPLYING: 4,
    BatchState.APPLIED: 5, BatchState.UNDOING: 5, BatchState.UNDONE: 5, BatchState.FAILED: 1, BatchState.DISCARDED: 5,
}  # fmt: skip


def found(request: HttpRequest, pk: int) -> ImportBatch:
    return get_object_or_404(selectors.batches_for(person_of(request)), pk=pk)


@require_GET
@requires(Permission.IMPORT_RUN)
def batches(request: HttpRequest) -> HttpResponse:
    pages = Paginator(selectors.batches_for(person_of(request)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    for batch in page.object_list:
        batch.state_name = _(STATE_NAMES[BatchState(batch.state)])  # type: ignore[attr-defined]  # shown, not stored
        batch.kind_name = _(KIND_NAMES[Kind(batch.kind)]) if batch.kind else "—"  # type: ignore[attr-defined]
    return render(request, "imports/list.html", {"page": page, "paginator": pages})


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_RUN)
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, now, person = form.cleaned_data["file"], timezone.now(), person_of(request)
        try:
            batch = services.receive_file(
                chunks=file.chunks(), name=file.name, kind=form.cleaned_data["kind"], actor=person, at=now
            )
            services.order_read(batch=batch, actor=person, at=now)
        except Refusal as refusal:
            form.add_error("file", sentence(refusal))
        else:
            return redirect("imports:batch", pk=batch.pk)
    context = {"form": form, "kinds": [(kind.value, _(KIND_NAMES[kind])) for kind in Kind], "step": 1}
    return render(request, "imports/upload.html", context, status=422 if form.errors else 200)


@require_GET
@requires(Permission.IMPORT_RUN)
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the state the batch is in."""
    one = found(request, pk)
    state = BatchState(one.state)
    if under_way(one, job_of(one)):
        return render(request, "imports/progress.html", progress_context(one))
    if state == BatchState.COLUMNS:
        return render(request, "imports/columns.html", columns_context(one))
    if state == BatchState.PLANNED:
        if not services.plan_is_there(one):  # a hard restart of the server empties unlogged tables
            services.order_read(batch=one, actor=person_of(request), at=timezone.now())
            return render(request, "imports/progress.html", progress_context(one))
        return show_plan(request, one)
    return render(request, "imports/result.html", result_context(one))


def base_context(one: ImportBatch) -> dict[str, Any]:
    state = BatchState(one.state)
    return {
        "batch": one, "step": STEPS[state], "state_name": _(STATE_NAMES[state]),
        "kind_name": _(KIND_NAMES[Kind(one.kind)]) if one.kind else "", **tables.kind_tokens(one),
    }  # fmt: skip


def job_of(one: ImportBatch) -> JobRun | None:
    """The newest work ordered for the batch."""
    mine = JobRun.objects.filter(task__startswith="crossmatrix.imports.", arguments={"batch": one.pk})
    return mine.order_by("-pk").first()


def under_way(one: ImportBatch, job: JobRun | None) -> bool:
    """Whether a worker is at the batch, or owes it: work that waits for its turn has not moved the state yet."""
    return BatchState(one.state) in WORKING or (job is not None and job.state in (JobState.QUEUED, JobState.RUNNING))


def progress_context(one: ImportBatch) -> dict[str, Any]:
    job = job_of(one)
    doing = BatchState(one.state) if BatchState(one.state) in WORKING else BatchState.READING
    share = min(job.progress / job.total, 1) if job and job.total else None
    message = _(job.message) if job and job.message else ""
    return {
        **base_context(one),
        "step": STEPS[doing],
        "state_name": _(STATE_NAMES[doing]),
        "job": job,
        "share": share,
        "percent": round(100 * share) if share is not None else None,
        "message": message,
    }


@require_GET
@requires(Permission.IMPORT_RUN)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Polled every second; when the work has ended the page moves on."""
    one = found(request, pk)
    context = progress_context(one)
    job = context["job"]
    if not under_way(one, job) or (job and job.state == JobState.FAILED):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("imports:batch", args=[pk])
        if job and job.state == JobState.FAILED and BatchState(one.state) in WORKING:
            return render(request, "imports/_progress.html", {**context, "broken": True})
        return answer
    return render(request, "imports/_progress.html", context)


# -- columns ----------------------------------------------------------------------------------------------------------


def columns_context(one: ImportBatch, problem: str = "") -> dict[str, Any]:
    kind = Kind(one.kind) if one.kind else None
    specs = services.unit_of_kind(kind).specs if kind else ()
    fields = [{"name": spec.name, "title": _(spec.title), "required": spec.required} for spec in specs]
    titles = {spec.name: _(spec.title) for spec in specs}
    columns = []
    for column in one.layout.get("columns", []):
        sure = column["how"] in ("memory", "auto", "hand")
        taken = column["field"] if sure else ""  # a mere likeness is offered, the person takes it
        likely = [column["field"], *column["others"]]
        offered = [
            {"name": name, "title": titles[name]} for name in dict.fromkeys(likely) if name in titles and name != taken
        ]
        attribute = taken[5:] if taken.startswith("attr:") else ""
        columns.append(
            {
                **column,
                "field": taken,
                "perhaps": offered[0] if column["how"] == "suggest" and offered else None,
                "tone": "ok" if taken else "warn" if column["how"] == "suggest" else "none",
                "offered": offered,
                "attribute": attribute,
            }
        )
    missing = [titles[name] for name in one.layout.get("missing", []) if name in titles]
    return {
        **base_context(one), "step": 2, "fields": fields, "columns": columns, "missing": missing, "problem": problem,
        "kinds": [(k.value, _(KIND_NAMES[k])) for k in Kind], "sheets": one.layout.get("sheets", []), "head": head_rows(one),
        "wide": one.layout.get("layout") in ("wide", "lists"), "remarks": tables.remarks(one), "has_attributes": kind == Kind.CATALOG,
    }  # fmt: skip


def head_rows(one: ImportBatch) -> list[dict[str, Any]]:
    first, last = one.layout.get("first_row", 0), one.header_row or 0
    return [
        {"number": number, "cells": cells, "header": first <= number <= last}
        for number, cells in one.layout.get("head", [])
    ]


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_RUN)
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    one = found(request, pk)
    if request.method == "GET":
        return render(request, "imports/columns.html", columns_context(one))
    form = ColumnsForm(request.POST)
    if not form.is_valid():
        return render(
            request, "imports/columns.html", columns_context(one, _("Check the sheet and the header row.")), status=422
        )
    data = form.cleaned_data
    chosen = form.by_index()
    taken = [name for name in chosen.values() if name and not name.startswith("attr:")]
    doubled = {name for name in taken if taken.count(name) > 1}
    if doubled and "confirm" in request.POST:
        titles = tables.field_titles(one)
        names = ", ".join(sorted(titles.get(name, name) for name in doubled))
        return render(
            request,
            "imports/columns.html",
            columns_context(one, _("Two columns cannot both be: %(names)s.") % {"names": names}),
            status=422,
        )
    try:
        services.choose(
            batch=one, actor=person_of(request), at=timezone.now(), kind=data["kind"] or None,
            sheet=data["sheet"] if data["sheet"] != one.sheet and data["sheet"] else None,
            header_row=data["header_row"] if data["header_row"] != one.header_row else None,
            by_index=chosen if "confirm" in request.POST else None,
        )  # fmt: skip
    except Refusal as refusal:
        return render(request, "imports/columns.html", columns_context(one, sentence(refusal)), status=409)
    return redirect("imports:batch", pk=pk)


# -- the plan -----------------------------------------------------------------------------------------------------------


def plan_context(request: HttpRequest, one: ImportBatch, problem: str = "") -> dict[str, Any]:
    tab = request.GET.get("tab", "all")
    tab = tab if tab in tables.TABS else "all"
    search = request.GET.get("q", "").strip()[:200]
    number = request.GET.get("page", "1")
    page = tables.plan_page(
        one,
        tab=tab,
        search=search,
        number=int(number) if number.isdecimal() and 0 < len(number) < 7 and int(number) else 1,
    )
    counts = one.counts
    changes = counts["new"] + counts["changed"] + counts["absent"]
    mapped = sum(1 for c in one.layout.get("columns", []) if c["field"])
    return {
        **base_context(one), "tab": tab, "search": search, "page": page, "tabs": tables.tabs(one, tab), "stack": tables.stack(one),
        "remarks": tables.remarks(one), "changes": changes, "mapped": mapped, "problem": problem,
        "absent": one.options.get("absent", "keep"), "staged": counts["staged"], "shown_fields": policy_fields(one),
        "by_field": [(tables.field_titles(one).get(name, name), count) for name, count in counts.get("by_field", {}).items()],
    }  # fmt: skip


EMPTIABLE = ("category", "supplier", "brand", "price", "cost", "stock", "barcode", "url", "image")


def policy_fields(one: ImportBatch) -> list[dict[str, str]]:
    """Columns whose empty cells may be given a meaning."""
    titles = tables.field_titles(one)
    chosen = one.options.get("policies", {})
    staged = one.counts["staged"]["fields"]
    return [
        {"name": name, "title": titles[name], "policy": chosen.get(name, "overwrite")}
        for name in EMPTIABLE
        if one.kind == Kind.CATALOG and name in staged
    ]


def show_plan(request: HttpRequest, one: ImportBatch, problem: str = "", status: int = 200) -> HttpResponse:
    template = "imports/_plan.html" if request.htmx else "imports/plan.html"  # type: ignore[attr-defined]  # django-htmx
    return render(request, template, plan_context(request, one, problem), status=status)


@require_POST
@requires(Permission.IMPORT_RUN)
def policies(request: HttpRequest, pk: int) -> HttpResponse:
    one = found(request, pk)
    form = PolicyForm(request.POST)
    try:
        services.set_policies(
            batch=one,
            at=timezone.now(),
            absent=form.data.get("absent") if form.is_valid() else None,
            policies=form.policies(),
        )
    except Refusal as refusal:
        return moved_on(request, pk, refusal)
    return show_plan(request, found(request, pk))


@require_POST
@requires(Permission.IMPORT_RUN)
def accept(request: HttpRequest, pk: int, problem: int) -> HttpResponse:
    """Take the suggested code, in one row or everywhere."""
    one = found(request, pk)
    bad = get_object_or_404(ImportProblem, pk=problem, batch=one)
    try:
        services.accept_suggestion(batch=one, problem=bad, everywhere="everywhere" in request.POST, at=timezone.now())
    except Refusal as refusal:
        return moved_on(request, pk, refusal)
    return show_plan(request, found(request, pk))


def moved_on(request: HttpRequest, pk: int, refusal: Refusal) -> HttpResponse:
    """Somebody else took the batch further: say so and show where it is."""
    messages.error(request, sentence(refusal))
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("imports:batch", args=[pk])
        return answer
    return redirect("imports:batch", pk=pk)


def taken_further(request: HttpRequest, pk: int, order: Callable[..., object]) -> HttpResponse:
    """The batch after the person ordered this of it, or a word on why not."""
    try:
        order(batch=found(request, pk), actor=person_of(request), at=timezone.now())
    except Refusal as refusal:
        return moved_on(request, pk, refusal)
    return redirect("imports:batch", pk=pk)


@require_POST
@requires(Permission.IMPORT_RUN)
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    return taken_further(request, pk, services.confirm_batch)


@require_POST
@requires(Permission.IMPORT_RUN)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    return taken_further(request, pk, services.order_undo)


@require_POST
@requires(Permission.IMPORT_RUN)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        services.discard(batch=found(request, pk), actor=person_of(request), at=timezone.now())
    except Refusal as refusal:
        return moved_on(request, pk, refusal)
    messages.info(request, _("The import was discarded. Nothing was changed."))
    return redirect("imports:list")


# -- after ------------------------------------------------------------------------------------------------------------


def translated(detail: dict[str, Any]) -> str:
    text: str = detail.get("sentence") or detail["code"]
    return _(text)


def result_context(one: ImportBatch) -> dict[str, Any]:
    outcome = one.outcome
    refused = [
        {
            "label": r["label"],
            "text": _(r["sentence"]) % r["params"] if r.get("sentence") else tables.said(r["code"], r["params"]),
        }
        for r in outcome.get("refused", [])[:200]
    ]
    undone = outcome.get("undo", {})
    why = {"edited": _("edited since"), "in_use": _("in use since")}
    details = [
        {"label": d["label"], "text": why.get(d["code"]) or translated(d)} for d in undone.get("details", [])[:200]
    ]
    failure = tables.said(one.error_code, one.error_params) if one.error_code else ""
    may_undo = services.can_undo(one)
    return {
        **base_context(one), "outcome": outcome, "refused": refused, "undone": undone, "details": details, "failure": failure,
        "counts": one.counts, "may_undo": may_undo, "too_late": one.state == BatchState.APPLIED and not may_undo, "written": outcome.get("created", 0) + outcome.get("changed", 0) + outcome.get("retired", 0),
    }  # fmt: skip


@require_GET
@requires(Permission.IMPORT_RUN)
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own workbook with a problem column."""
    one = found(request, pk)
    try:
        data = services.error_workbook(batch=one)
    except Refusal as refusal:
        return moved_on(request, pk, refusal)
    name = one.name.rsplit(".", 1)[0][:100]
    return attachment(data, _("%(name)s – to correct.xlsx") % {"name": name})


@require_GET
@requires(Permission.IMPORT_RUN)
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The stored upload, only ever as an attachment."""
    one = found(request, pk)
    path = services.stored_file(one)
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=one.name, content_type="application/octet-stream")


@require_GET
@requires(Permission.IMPORT_RUN)
def template(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in set(Kind):
        raise Http404
    return attachment(services.template_workbook(kind=Kind(kind)), f"{kind}.xlsx")


def attachment(data: bytes, name: str) -> HttpResponse:
    from django.utils.http import content_disposition_header  # noqa: PLC0415 - only here

    answer = HttpResponse(data, content_type=XLSX)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
