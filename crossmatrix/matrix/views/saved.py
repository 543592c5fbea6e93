"""Saved views: the menu of a matrix or of the pair list that keeps filters by name.

A page shows the menu by `{% include "matrix/_saved_views.html" %}` with the context of `saved_menu`.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import SavedView
from crossmatrix.matrix.selectors.matrices import matrices_for
from crossmatrix.matrix.selectors.saved import saved_views
from crossmatrix.matrix.services.saved import forget_view, keep_view
from crossmatrix.ui.text import sentence


def address_of_page(page: str, person: User) -> str:
    """Where the page is; 404 when there is no such page or the person may not open it."""
    if page == "pairs":
        return reverse("matrix:pairs")
    kind, _, number = page.partition(":")
    if kind != "matrix" or not number.isdecimal() or len(number) > 18:
        raise Http404
    return reverse("matrix:grid", args=[get_object_or_404(matrices_for(person), pk=int(number)).pk])


def saved_menu(person: User, page: str, query: str) -> dict[str, Any]:
    """The context of the menu; `query` is the address's own, without the question mark."""
    views = list(saved_views(person, page))
    return {
        "saved_page": page,
        "saved_query": query,
        "saved_views": views,
        "saved_now": next((view for view in views if view.query == query), None),
    }


def menu(request: HttpRequest, page: str, query: str, *, problem: str = "") -> HttpResponse:
    context = saved_menu(person_of(request), page, query) | {"saved_problem": problem, "saved_open": True}
    return render(request, "matrix/_saved_views.html", context, status=422 if problem else 200)


@require_POST
@requires(Permission.PAIR_VIEW)
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the query of a page under a name; answers the menu."""
    person, page, query = person_of(request), request.POST.get("page", ""), request.POST.get("query", "")
    address = address_of_page(page, person)
    problem = ""
    try:
        keep_view(
            person=person, page=page, name=request.POST.get("name", ""), query=query,
            shared=request.POST.get("shared") == "on", at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        problem = sentence(refusal)
    if not request.headers.get("HX-Request"):
        return redirect(f"{address}?{query}")
    return menu(request, page, query, problem=problem)


@require_GET
@requires(Permission.PAIR_VIEW)
def open_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The address of a view that can be sent: it follows what its owner changes."""
    person = person_of(request)
    view = get_object_or_404(SavedView, pk=pk)
    if view.person_id != person.pk and not view.shared:
        raise Http404
    return redirect(f"{address_of_page(view.page, person)}?{view.query}")


@require_POST
@requires(Permission.PAIR_VIEW)
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view of one's own; answers the menu."""
    view = get_object_or_404(SavedView, pk=pk, person=person_of(request))
    page, query = view.page, request.POST.get("query", "")
    forget_view(view=view)
    if not request.headers.get("HX-Request"):
        return redirect(f"{address_of_page(page, person_of(request))}?{query}")
    return menu(request, page, query)
