"""The grid of a matrix: its page, its windows of cells, and what people do in it."""

import io
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.formats import table_of, write_sheet
from crossmatrix.matrix.models import Matrix, OpBatch
from crossmatrix.matrix.rules import ReasonKind
from crossmatrix.matrix.selectors import axes, grid, lookups, sends
from crossmatrix.matrix.selectors.axes import Layout, Level, Scope
from crossmatrix.matrix.selectors.grid import LayoutLost
from crossmatrix.matrix.selectors.matrices import matrices_for
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.views.words import grid_words
from crossmatrix.ui.text import sentence

TILE_ROWS, TILE_COLUMNS = 64, 32  # of the tiles the script asks for; the first one travels with the page
# what matrix.js imports, named beforehand: the browser asks for all at once instead of one after the other
MODULES = (
    "xgrid",
    "xgrid-window",
    "xgrid-clipboard",
    "matrix-ops",
    "matrix-paint",
    "matrix-panels",
    "toasts",
    "dialogs",
    "htmx-glue",
)
MAX_OPS = 5000  # of one request; the client sends longer lists in several
FILTERS = ("draft", "in_review", "approved", "not_suitable", "warn", "block", "empty")


def answer(body: Any, status: int = 200) -> HttpResponse:
    reply = HttpResponse(
        orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS), content_type="application/json", status=status
    )
    reply["Cache-Control"] = "no-store"
    return reply


def refused(refusal: Refusal, status: int = 422) -> HttpResponse:
    return answer({"code": refusal.code, "text": sentence(refusal)}, status)


def matrix_of(request: HttpRequest, pk: int) -> Matrix:
    return get_object_or_404(matrices_for(person_of(request)), pk=pk)


def numbers(text: str) -> tuple[int, ...]:
    """The whole numbers of "3,17"; anything else is left out."""
    return tuple(int(part) for part in text.split(",") if part.strip().isdecimal() and len(part) < 19)


def scope_of(query: QueryDict, matrix: Matrix) -> Scope:
    """What the address asks for; a category that is outside the matrix is as if it were not named."""
    rows = next(iter(numbers(query.get("rows", ""))), None)
    if rows is not None and not Category.objects.filter(pk=rows, path__startswith=matrix.mains.path).exists():
        rows = None
    state = query.get("state", "")
    return Scope(
        level=Level.SKU if query.get("level") == Level.SKU else Level.TYPE,
        rows=rows,
        columns=numbers(query.get("cols", "")),
        state=state if state in FILTERS else "",
        query=query.get("q", "").strip()[:200],
        closed=numbers(query.get("closed", "")),
    )


def address_of(scope: Scope, **changes: Any) -> str:
    """The query that leads to the view, with some parts changed."""
    query = QueryDict(mutable=True)
    parts = {
        "level": scope.level.value, "rows": scope.rows or "", "cols": ",".join(map(str, scope.columns)), "state": scope.state,
        "q": scope.query, "closed": ",".join(map(str, scope.closed)), **changes,
    }  # fmt: skip
    query.update({name: str(value) for name, value in parts.items() if value not in ("", None)})
    return query.urlencode(safe=",")


def layout_body(layout: Layout) -> dict[str, Any]:
    """The layout as the script gets it."""
    judge = Judge()
    paths = dict(Category.objects.filter(pk__in=[group.id for group in layout.groups]).values_list("pk", "path"))
    limits = {}
    for group in layout.groups:
        found = judge.limits(paths.get(group.id, ""), ReasonKind.ACCESSORY)
        limits[group.id] = [float(found.warn), float(found.block)]
    return {
        "key": layout.key, "level": layout.level.value, "rows": layout.rows, "cols": layout.columns, "members": layout.members,
        "bands": [asdict(band) for band in layout.bands], "groups": [asdict(group) for group in layout.groups], "limits": limits,
    }  # fmt: skip


# -- reading ------------------------------------------------------------------------------------------------------


@require_GET
@requires(Permission.PAIR_VIEW)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    person, matrix = person_of(request), matrix_of(request, pk)
    scope = scope_of(request.GET, matrix)
    layout = axes.build_layout(matrix=matrix, scope=scope, user=person)
    row_category = Category.objects.filter(pk=scope.rows).first() if scope.rows else None
    counts = lookups.summary(
        mains_path=(row_category or matrix.mains).path, companions_path=companions_path(matrix), paths=layout.paths
    )
    return render(
        request,
        "matrix/grid.html",
        {
            "matrix": matrix, "scope": scope, "layout": layout, "row_category": row_category, "counts": counts,
            "pairs": sum(counts.values()),
            "can_edit": person.has_perm(Permission.PAIR_EDIT),
            "modules": MODULES,
            "config": page_config(matrix, scope, layout, person, counts),
            "lost": [name for name in ("rows", "cols") if request.GET.get(name) and not getattr(scope, {"cols": "columns"}.get(name, name))],
            "to_types": address_of(scope, level="type", rows="", cols="", state="", q="", closed=""),
            "to_products": address_of(scope, level="sku", closed=""),
            "here": address_of(scope),
            "states": FILTERS,
            "column_choice": column_choice(matrix, scope) if scope.level is Level.SKU else [],
        },
    )  # fmt: skip


def companions_path(matrix: Matrix) -> str:
    return matrix.companions.path if matrix.companions else ""


def column_choice(matrix: Matrix, scope: Scope) -> list[tuple[Category, bool]]:
    """Categories that can give columns, and whether each is chosen."""
    chosen = set(scope.columns)
    found = (
        Category.objects.filter(path__startswith=companions_path(matrix), products__isnull=False)
        .distinct()
        .order_by("full_name")
    )
    return [(category, category.pk in chosen) for category in found]


def page_config(matrix: Matrix, scope: Scope, layout: Layout, person: User, counts: dict[str, int]) -> dict[str, Any]:
    """Everything the script of the page needs to start."""
    urls = {
        name: reverse(f"matrix:grid_{name}", args=[matrix.pk])
        for name in ("layout", "tile", "ops", "undo", "redo", "submit", "find", "cell")
    }
    return {
        "id": matrix.pk,
        "urls": urls | {"page": reverse("matrix:grid", args=[matrix.pk])},
        "query": address_of(scope),
        "layout": layout_body(layout),
        "tile": first_tile(layout),
        "drafts": counts.get("draft", 0),
        "edit": person.has_perm(Permission.PAIR_EDIT),
        "approve": person.has_perm(Permission.PAIR_APPROVE),
        "me": {"id": person.pk, "name": str(person)},
        "language": get_language(),
        "currency": "₽",
        "words": grid_words(),
    }


def first_tile(layout: Layout) -> dict[str, Any] | None:
    """The window that most people look at first, so that it needs no request of its own."""
    if not layout.rows or not layout.columns:
        return None
    try:
        return grid.tile(layout=layout, r0=0, r1=TILE_ROWS, c0=0, c1=TILE_COLUMNS)
    except LayoutLost:
        return None


@require_GET
@requires(Permission.PAIR_VIEW)
def layout_json(request: HttpRequest, pk: int) -> HttpResponse:
    matrix = matrix_of(request, pk)
    return answer(
        layout_body(axes.build_layout(matrix=matrix, scope=scope_of(request.GET, matrix), user=person_of(request)))
    )


def kept_layout(request: HttpRequest, matrix: Matrix) -> Layout | None:
    """The view a tile belongs to; built again when the cache let it go; None when the catalog changed meanwhile."""
    key, person = request.GET.get("k", ""), person_of(request)
    layout = axes.layout_by_key(key=key, matrix=matrix, user=person)
    if layout is not None:
        return layout
    layout = axes.build_layout(matrix=matrix, scope=scope_of(request.GET, matrix), user=person)
    return layout if layout.key == key else None


def whole(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not text.isdecimal() or len(text) > 9:
        raise Http404
    return int(text)


@require_GET
@requires(Permission.PAIR_VIEW)
def tile_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Labels and cells of rows r0..r1 × columns c0..c1 of the view `k`; 409 when its rows are others now."""
    matrix = matrix_of(request, pk)
    r0, r1, c0, c1 = (whole(request, name) for name in ("r0", "r1", "c0", "c1"))
    return of_view(request, matrix, lambda layout: grid.tile(layout=layout, r0=r0, r1=r1, c0=c0, c1=c1))


def of_view(request: HttpRequest, matrix: Matrix, make: Callable[[Layout], Any]) -> HttpResponse:
    """What `make` says of the view `k`; 409 when its rows are others now. A view the cache let go half is built again."""
    for _attempt in range(2):
        layout = kept_layout(request, matrix)
        if layout is None:
            break
        try:
            return answer(make(layout))
        except LayoutLost:
            axes.forget(layout)
    return answer({"code": "view.changed", "text": _("The rows of this view are others now.")}, 409)


@require_GET
@requires(Permission.PAIR_VIEW)
def find_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Rows and columns of the view whose name or SKU has the words: [["row", number, label], …], first 200."""
    words = request.GET.get("q", "").strip()[:200]
    return of_view(request, matrix_of(request, pk), lambda layout: {"found": lookups.find(layout, words)})


@require_GET
@requires(Permission.PAIR_VIEW)
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The view as a workbook: the sheet as on the screen, and all its links one a row."""
    matrix = matrix_of(request, pk)
    layout = axes.build_layout(matrix=matrix, scope=scope_of(request.GET, matrix), user=person_of(request))
    file = io.BytesIO()
    write_sheet(file, layout=layout)
    reply = HttpResponse(
        file.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    reply["Content-Disposition"] = f'attachment; filename="matrix-{matrix.pk}-{timezone.localdate():%Y-%m-%d}.xlsx"'
    return reply


PRINT_ROWS, PRINT_COLUMNS = 960, 24  # of a printed view


@require_GET
@requires(Permission.PAIR_VIEW)
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The view as a plain table: a virtual grid prints only what is in its window."""
    matrix = matrix_of(request, pk)
    scope = scope_of(request.GET, matrix)
    layout = axes.build_layout(matrix=matrix, scope=scope, user=person_of(request))
    columns, rows = table_of(layout, rows=PRINT_ROWS, columns=PRINT_COLUMNS)
    return render(
        request,
        "matrix/print.html",
        {
            "matrix": matrix, "layout": layout, "here": address_of(scope), "columns": columns, "rows": rows,
            "capped": layout.rows > PRINT_ROWS or layout.columns > PRINT_COLUMNS, "shown_rows": PRINT_ROWS, "shown_columns": PRINT_COLUMNS,
        },
    )  # fmt: skip


# -- writing ------------------------------------------------------------------------------------------------------


class BadRequest(Refusal):
    code = "request.invalid"


def body_of(request: HttpRequest) -> dict[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise BadRequest(_("The request could not be read.")) from None
    if not isinstance(body, dict):
        raise BadRequest(_("The request could not be read."))
    return body


def key_from(body: dict[str, Any]) -> str:
    key = body.get("key")
    if not isinstance(key, str) or not 8 <= len(key) <= 64:
        raise BadRequest(_("The request could not be read."))
    return key


@require_POST
@requires(Permission.PAIR_EDIT)
def ops(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a list of cell operations; each gets its own answer, and the cell as it is now."""
    matrix = matrix_of(request, pk)
    try:
        body = body_of(request)
        wanted = body.get("ops")
        if not isinstance(wanted, list) or len(wanted) > MAX_OPS or not all(isinstance(op, dict) for op in wanted):
            raise BadRequest(_("The request could not be read."))
        written = services.write_cells(
            matrix=matrix, ops=wanted, key=key_from(body), actor=person_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        return refused(refusal)
    return answer({**written, "cells": fresh_cells(wanted)})


def fresh_cells(wanted: list[dict[str, Any]]) -> list[list[Any]]:
    """The named cells as they are now; in place of row and column their ids."""
    pairs = {
        (op["main"], op["companion"])
        for op in wanted
        if isinstance(op.get("main"), int) and isinstance(op.get("companion"), int)
    }
    slots = {
        (op["main_category"], op["companion_category"])
        for op in wanted
        if isinstance(op.get("main_category"), int) and isinstance(op.get("companion_category"), int)
    }
    return [*grid.cells_of_pairs(pairs).values(), *grid.cells_of_slots(slots).values()]


@require_POST
@requires(Permission.PAIR_EDIT)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the person's latest send in this matrix that still stands."""
    matrix = matrix_of(request, pk)
    return take_back(request, sends.undoable(matrix, person_of(request)))


@require_POST
@requires(Permission.PAIR_EDIT)
def redo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the person's latest undo, if nothing was written since."""
    matrix = matrix_of(request, pk)
    return take_back(request, sends.redoable(matrix, person_of(request)))


def take_back(request: HttpRequest, send: OpBatch | None) -> HttpResponse:
    if send is None:
        return answer({"reversed": 0, "kept": 0, "failed": 0, "details": []})
    try:
        return answer(services.undo(op_batch=send, actor=person_of(request), at=timezone.now()))
    except Refusal as refusal:
        return refused(refusal)


@require_POST
@requires(Permission.PAIR_EDIT)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Send drafts for approval: the named pairs, or with `all` every draft of the view."""
    matrix, person = matrix_of(request, pk), person_of(request)
    try:
        body = body_of(request)
        if body.get("all"):
            layout = axes.build_layout(
                matrix=matrix, scope=scope_of(QueryDict(str(body.get("query", ""))), matrix), user=person
            )
            drafts = lookups.drafts_of(layout)
        else:
            drafts = lookups.drafts_among(
                [tuple(pair) for pair in body.get("pairs", []) if isinstance(pair, list) and len(pair) == 2]
            )
        results = services.bulk_change(
            action="submit", revision_ids=[row[2] for row in drafts], actor=person, at=timezone.now()
        )
    except Refusal as refusal:
        return refused(refusal)
    labels = {revision: (main, companion) for main, companion, revision in drafts}
    return answer(
        {
            "done": sum(1 for result in results if result.refusal is None),
            "refused": [
                {
                    "main": labels[result.revision_id][0],
                    "companion": labels[result.revision_id][1],
                    "text": sentence(result.refusal),
                }
                for result in results
                if result.refusal is not None
            ],
        }
    )
