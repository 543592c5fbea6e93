"""The grid of a matrix: its page, its windows of cells, and what people do in it."""

import io
from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import orjson
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Category, Product
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.formats import write_sheet
from crossmatrix.matrix.models import Matrix
from crossmatrix.matrix.rules import ReasonKind
from crossmatrix.matrix.selectors import axes, grid, lookups
from crossmatrix.matrix.selectors.axes import Layout, Level, Scope
from crossmatrix.matrix.selectors.grid import LayoutLost
from crossmatrix.matrix.selectors.matrices import matrices_for
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.views.saved import saved_menu
from crossmatrix.matrix.views.scope import address_of, chips_of, names_of, scope_of
from crossmatrix.matrix.views.words import grid_words
from crossmatrix.ui.text import sentence

Near = Mapping[str, tuple[int, int]]
TILE_ROWS, TILE_COLUMNS = 64, 32  # of the tiles the script asks for; the first one travels with the page
# what matrix.js imports, named beforehand: the browser asks for all at once instead of one after the other
MODULES = (
    "xgrid",
    "xgrid-window",
    "xgrid-clipboard",
    "matrix-ops",
    "matrix-paint",
    "matrix-panels",
    "matrix-menu",
    "toasts",
    "dialogs",
    "htmx-glue",
)


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


def limits_of(layout: Layout) -> dict[str, list[float]]:
    """The ratio limits of the cells: "default", and what policies say otherwise by "main category:companion category:kind"."""
    judge = Judge()
    told = {"default": [float(judge.default.warn), float(judge.default.block)]}
    if not judge.rows or layout.level is Level.TYPE:
        return told
    bands = [band.id for band in layout.bands]
    ids = {*bands, *(group.id for group in layout.groups)}
    paths = dict(Category.objects.filter(pk__in=ids).values_list("pk", "path"))
    by_companion = any(row.companion_path for row in judge.rows)
    for group in layout.groups:
        for kind in ReasonKind:
            for band in bands if by_companion else [0]:
                found = judge.limits(paths.get(group.id, ""), kind, paths.get(band, ""))
                if found != judge.default:
                    told[f"{group.id}:{band or '*'}:{kind}"] = [float(found.warn), float(found.block)]
    return told


def layout_body(layout: Layout) -> dict[str, Any]:
    """The layout as the script gets it."""
    return {
        "key": layout.key, "level": layout.level.value, "rows": layout.rows, "cols": layout.columns, "members": layout.members,
        "bands": [asdict(band) for band in layout.bands], "groups": [asdict(group) for group in layout.groups],
        "limits": limits_of(layout),
    }  # fmt: skip


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
            "to_types": address_of(Scope()),
            "to_products": address_of(scope, level="sku", closed=""),
            "unfiltered": address_of(Scope(level=scope.level, rows=scope.rows)),
            "here": address_of(scope),
            **filter_form(matrix, scope, person),
            "column_choice": column_choice(matrix, scope) if scope.level is Level.SKU else [],
        },
    )  # fmt: skip


def filter_form(matrix: Matrix, scope: Scope, person: User) -> dict[str, Any]:
    """What the filters of an SKU view offer, and which are on."""
    if scope.level is not Level.SKU:
        return {"chips": []}
    owners = lookups.writers()
    return {
        "owners": owners,
        "chips": chips_of(scope, person=person, owners=owners),
        "choices": {name: names_of(name).items() for name in ("state", "ratio", "coverage", "mark", "sort", "colsort")},
        **saved_menu(person, f"matrix:{matrix.pk}", address_of(scope)),
        "row_categories": Category.objects.filter(path__startswith=matrix.mains.path).order_by("full_name"),
    }


def companions_path(matrix: Matrix) -> str:
    return matrix.companions.path if matrix.companions else ""


def column_choice(matrix: Matrix, scope: Scope) -> list[tuple[Category, bool]]:
    """Categories that can give columns, and whether each is chosen."""
    chosen = set(scope.columns)
    found = Category.objects.filter(
        Exists(Product.objects.filter(category=OuterRef("pk"))), path__startswith=companions_path(matrix)
    ).order_by("full_name")
    return [(category, category.pk in chosen) for category in found]


def page_config(matrix: Matrix, scope: Scope, layout: Layout, person: User, counts: dict[str, int]) -> dict[str, Any]:
    """Everything the script of the page needs to start."""
    urls = {
        name: reverse(f"matrix:grid_{name}", args=[matrix.pk])
        for name in ("layout", "tile", "ops", "undo", "redo", "submit", "find", "cell")
    }
    return {
        "id": matrix.pk,
        "urls": urls
        | {"page": reverse("matrix:grid", args=[matrix.pk]), "product": f"{reverse('matrix:matrices')}products/"},
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


def kept_layout(request: HttpRequest, pk: int, near: Near) -> Layout | None:
    """The view a tile belongs to; built again when the cache let it go; None when the catalog changed meanwhile."""
    key, person = request.GET.get("k", ""), person_of(request)
    layout = axes.layout_by_key(key=key, matrix=pk, user=person, near=near)
    if layout is not None:
        return layout
    matrix = matrix_of(request, pk)
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
    r0, r1, c0, c1 = (whole(request, name) for name in ("r0", "r1", "c0", "c1"))
    near = {"rows": (r0, min(r1, r0 + grid.MAX_ROWS)), "columns": (c0, min(c1, c0 + grid.MAX_COLUMNS))}
    return of_view(request, pk, lambda layout: grid.tile(layout=layout, r0=r0, r1=r1, c0=c0, c1=c1), near)


def of_view(
    request: HttpRequest, pk: int, make: Callable[[Layout], Any], near: Near = MappingProxyType({})
) -> HttpResponse:
    """What `make` says of the view `k`; 409 when its rows are others now. A view the cache let go half is built again.

    `near`: the entries of its axes that `make` will ask for."""
    for _attempt in range(2):
        layout = kept_layout(request, pk, near)
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
    return of_view(request, pk, lambda layout: {"found": lookups.find(layout, words)})


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
