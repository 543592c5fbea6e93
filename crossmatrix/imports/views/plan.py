"""The plan: what an import would change, what its empty cells mean, and the word that lets it happen, or undoes it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.imports import services, tables
from crossmatrix.imports.forms import PolicyForm
from crossmatrix.imports.models import ImportBatch, ImportProblem
from crossmatrix.imports.rules.states import Kind
from crossmatrix.imports.views.shared import base_context, found, moved_on
from crossmatrix.lib.errors import Refusal


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
