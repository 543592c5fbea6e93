"""Which column is what."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.imports import services, tables
from crossmatrix.imports.forms import ColumnsForm
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.rules.states import KIND_NAMES, Kind
from crossmatrix.imports.views.shared import base_context, found
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.text import sentence


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
