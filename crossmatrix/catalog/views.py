"""Pages of the catalog."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.audit.selectors import history_of
from crossmatrix.catalog import selectors, services
from crossmatrix.catalog.filters import ProductFilter
from crossmatrix.catalog.forms import ProductForm, RetireForm
from crossmatrix.catalog.models import Product
from crossmatrix.catalog.rules import KIND_NAMES, PROBLEM_NAMES, PROBLEM_REASONS, margin_of
from crossmatrix.catalog.tables import body, columns_for, page_of
from crossmatrix.ui.panels import Column, panels
from crossmatrix.ui.text import sentence

COLUMNS_KEY = "catalog.columns"  # where the session keeps the chosen columns
HISTORY_ROWS = 8
FILTERS = ("category", "supplier", "status", "kind", "stock", "price_min", "price_max", "problem")


def sees_cost(user: User) -> bool:
    """Purchase prices are for people who manage or count, not for the shop floor."""
    return user.has_perm(Permission.PRODUCT_EDIT) or user.has_perm(Permission.EVIDENCE_REFRESH)


@require_GET
@requires(Permission.PRODUCT_VIEW)
def products(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    if "columns" in request.GET:
        return _choose_columns(request)
    narrowed = ProductFilter(request.GET, queryset=selectors.products_for(user))
    rows = narrowed.qs if narrowed.form.is_valid() else selectors.products_for(user).none()
    text, sort = request.GET.get("q", ""), request.GET.get("sort", "")
    number = request.GET.get("page", "1")
    page = page_of(rows, number=int(number) if number.isdecimal() and len(number) < 6 else 1, sort=sort, text=text)
    shown, offered = columns_for(chosen=request.session.get(COLUMNS_KEY), sees_cost=sees_cost(user))
    context: dict[str, Any] = {
        "page": page, "body": body(page.rows, shown), "filter": narrowed, "text": text, "sort": sort, "columns": shown, "offered": offered,
        "keys": {column.key for column in shown}, "narrowed": any(request.GET.get(f) for f in FILTERS),
    }  # fmt: skip
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return render(request, "catalog/_list.html", context)
    chosen = narrowed.form.cleaned_data.get("category") if narrowed.form.is_valid() else None
    context |= {"tree": selectors.category_tree(user), "category": chosen, "tree_query": _rest_of_query(request)}
    return render(request, "catalog/products.html", context)


def _rest_of_query(request: HttpRequest) -> str:
    """What a link of the tree keeps of the present address: encoded once, not once for each category."""
    query = request.GET.copy()
    for name in ("category", "page"):
        query.pop(name, None)
    return f"&{query.urlencode()}" if query else ""


def _choose_columns(request: HttpRequest) -> HttpResponse:
    request.session[COLUMNS_KEY] = request.GET.getlist("column")
    query = request.GET.copy()
    for name in ("columns", "column"):
        query.pop(name, None)
    return redirect(f"{request.path}?{query.urlencode()}")


@require_GET
@requires(Permission.PRODUCT_VIEW)
def product(request: HttpRequest, pk: int) -> HttpResponse:
    user = person_of(request)
    shown = get_object_or_404(selectors.readable_products(), pk=pk)
    return render(request, "catalog/product.html", _product_context(request, user, shown))


def _product_context(request: HttpRequest, user: User, shown: Product) -> dict[str, Any]:
    parts = panels("product", request, shown)
    mine = selectors.may_edit(user, shown)
    prices = selectors.price_history(shown)
    costs = sees_cost(user) and selectors.products_for(user).filter(pk=shown.pk).exists()
    return {
        "product": shown,
        "margin": margin_of(shown.price, shown.cost) if costs else None,
        "sees_cost": costs,
        "may_edit": mine,
        "neighbours": selectors.neighbours(shown),
        "prices": prices,
        "price_line": [change.price_after for change in prices],
        "history": history_of(shown)[:HISTORY_ROWS],
        "kind": _(KIND_NAMES[shown.kind]),
        "columns": {column.value: [part for part in parts if part.column is column] for column in Column},
        "panels": parts,
        "css": dict.fromkeys(path for part in parts for path in part.css),
        "js": dict.fromkeys(path for part in parts for path in part.js),
    }


@require_http_methods(["GET", "POST"])
@requires(Permission.PRODUCT_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, shown = _editable(request, pk)
    categories = None if category_paths_of(user, Permission.PRODUCT_EDIT) == [""] else _own_categories(user)
    form = ProductForm(request.POST or None, initial=ProductForm.start(shown), categories=categories)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_product(
                product=pk, version=form.cleaned_data["version"], changes=form.changes(), actor=user, at=timezone.now()
            )
        except services.StaleProduct as stale:
            form.add_error(None, sentence(stale))
            # the person has now been told: the next save counts
            form.data = {**{name: form.data[name] for name in form.data}, "version": str(shown.version)}
            status = 409
        else:
            messages.success(request, _("Saved."))
            return redirect("catalog:product", pk=pk)
    elif request.method == "POST":
        status = 422
    return render(request, "catalog/edit.html", {"product": shown, "form": form, "stale": status == 409}, status=status)


def _own_categories(user: User) -> list[int]:
    return [branch.category.pk for branch in selectors.category_tree(user)]


@require_POST
@requires(Permission.PRODUCT_EDIT)
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    user, _shown = _editable(request, pk)
    form = RetireForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the product is discontinued."))
        return redirect("catalog:product", pk=pk)
    try:
        services.retire_product(product=pk, actor=user, at=timezone.now(), **form.cleaned_data)
    except services.StaleProduct as stale:
        messages.error(request, sentence(stale))
    else:
        messages.success(request, _("The product is discontinued. Its pairs will be flagged as weak."))
    return redirect("catalog:product", pk=pk)


def _editable(request: HttpRequest, pk: int) -> tuple[User, Product]:
    user = person_of(request)
    shown = get_object_or_404(selectors.readable_products(), pk=pk)
    if not selectors.may_edit(user, shown):
        raise PermissionDenied
    return user, shown


@require_GET
@requires(Permission.PRODUCT_VIEW)
def quality(request: HttpRequest) -> HttpResponse:
    found, kept_at = selectors.quality(person_of(request), at=timezone.now())
    faults = [
        {"fault": fault, "label": _(PROBLEM_NAMES[fault.problem]), "why": _(PROBLEM_REASONS[fault.problem])}
        for fault in found
    ]
    page = {"faults": faults, "cap": selectors.COUNT_CAP, "kept_at": kept_at}
    return render(request, "catalog/quality.html", page)
