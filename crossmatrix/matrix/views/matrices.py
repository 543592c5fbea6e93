"""The list of matrices, and making and changing one."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of, within
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Matrix
from crossmatrix.matrix.selectors import lookups
from crossmatrix.matrix.selectors.matrices import matrices_for
from crossmatrix.matrix.services.matrices import change_matrix, create_matrix
from crossmatrix.ui.text import sentence

STATES = ("draft", "in_review", "approved", "not_suitable")


class MatrixForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    mains = forms.ModelChoiceField(
        Category.objects.none(),
        label=_("Main products"),
        empty_label=_("Choose…"),
        help_text=_("Their category gives the rows."),
    )
    companions = forms.ModelChoiceField(
        Category.objects.none(),
        label=_("Companions"),
        required=False,
        empty_label=_("Every category"),
        help_text=_("Their category gives the columns."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories = Category.objects.order_by("full_name")
        self.fields["mains"].queryset = categories.filter(within(user, "path", Permission.PAIR_EDIT))  # type: ignore[attr-defined]  # a model choice field
        self.fields["companions"].queryset = categories  # type: ignore[attr-defined]  # a model choice field


def card(matrix: Matrix, paths: list[str]) -> dict[str, Any]:
    """A matrix with its pairs counted by state; `approved_share` of those that are not refused."""
    counts = lookups.summary(
        mains_path=matrix.mains.path, companions_path=matrix.companions.path if matrix.companions else "", paths=paths
    )
    links = sum(count for state, count in counts.items() if state in ("draft", "in_review", "approved"))
    share = counts.get("approved", 0) / links if links else 0
    shown = [(state, counts[state]) for state in STATES if counts.get(state)]
    return {"matrix": matrix, "states": shown, "links": links, "approved_share": share, "percent": round(share * 100)}


@require_GET
@requires(Permission.PAIR_VIEW)
def index(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    paths = category_paths_of(person, Permission.PAIR_VIEW)
    cards = [card(matrix, paths) for matrix in matrices_for(person)]
    return render(request, "matrix/index.html", {"cards": cards, "can_edit": person.has_perm(Permission.PAIR_EDIT)})


@require_http_methods(["GET", "POST"])
@requires(Permission.PAIR_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    return form_page(request, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.PAIR_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return form_page(request, get_object_or_404(matrices_for(person_of(request)), pk=pk))


def form_page(request: HttpRequest, matrix: Matrix | None) -> HttpResponse:
    person = person_of(request)
    initial = {"name": matrix.name, "mains": matrix.mains_id, "companions": matrix.companions_id} if matrix else None
    form = MatrixForm(request.POST or None, user=person, initial=initial)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data
        try:
            if matrix:
                change_matrix(matrix=matrix, **content, actor=person, at=timezone.now())
            else:
                matrix = create_matrix(**content, actor=person, at=timezone.now())
            return redirect("matrix:grid", pk=matrix.pk)
        except Refusal as refusal:
            form.add_error("name" if refusal.code == "matrix.name_taken" else None, sentence(refusal))
    status = 422 if form.errors else 200
    template = "matrix/_new.html" if request.headers.get("HX-Request") else "matrix/new.html"
    return render(request, template, {"form": form, "matrix": matrix}, status=status)
