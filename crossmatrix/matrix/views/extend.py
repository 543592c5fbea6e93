"""Extending a pair to similar products: a verdict for each before anything is written."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.selectors.companions import content_of, is_open
from crossmatrix.matrix.selectors.editor import may_rank
from crossmatrix.matrix.selectors.extending import similar_mains
from crossmatrix.matrix.selectors.pairs import pairs_for
from crossmatrix.matrix.services.extend import Extension, extend_pair, preview_extension
from crossmatrix.matrix.views.drafts import take_back
from crossmatrix.matrix.views.editor import new_key
from crossmatrix.ui.text import sentence


def pair_of(request: HttpRequest, pk: int) -> Pair:
    """The pair, for people who edit pairs of its main."""
    pair = get_object_or_404(pairs_for(person_of(request)), pk=pk)
    if not may_rank(person_of(request), pair.main):
        raise PermissionDenied
    return pair


@require_http_methods(["GET", "POST"])
@requires(Permission.PAIR_EDIT)
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Products like the main with ticks; POST writes the drafts and shows what became of each."""
    pair, user = pair_of(request, pk), person_of(request)
    if request.method == "POST":
        return extended(request, pair, user)
    return render(request, "matrix/product/extend.html", choice(request, pair, user))


def choice(request: HttpRequest, pair: Pair, user: User, problem: str = "") -> dict[str, Any]:
    brand = bool(pair.main.brand) and request.GET.get("brand") == "1"
    closed = not is_open(pair) or pair.verdict == "not_suitable"
    alike = None if closed else similar_mains(pair, user, brand=brand)
    rows = alike.rows if alike else []
    refusals = {} if closed else preview_extension(
        pair=pair, main_ids=[row.product.pk for row in rows], actor=user, at=timezone.now()
    )  # fmt: skip
    shown = [(row, sentence(refusals[row.product.pk]) if row.product.pk in refusals else "") for row in rows]
    shown.sort(key=lambda one: bool(one[1]))  # what cannot be written stands below what can
    return {
        "pair": pair, "revision": None if closed else content_of(pair), "rows": shown, "alike": alike, "brand": brand,
        "advised": sum(row.advised and not why for row, why in shown), "problem": problem, "closed": closed,
    }  # fmt: skip


def extended(request: HttpRequest, pair: Pair, user: User) -> HttpResponse:
    wanted = [int(value) for value in request.POST.getlist("main") if value.isdecimal()]
    if not wanted:
        context = choice(request, pair, user, _("Tick at least one product."))
        return render(request, "matrix/product/extend.html", context, status=422)
    reason = request.POST.get("reason", "").strip() or None
    try:
        done = extend_pair(
            pair=pair, main_ids=wanted, actor=user, at=timezone.now(), key=new_key(pair.main), reason=reason
        )
    except Refusal as refusal:
        return render(request, "matrix/product/extend.html", choice(request, pair, user, sentence(refusal)), status=422)
    return render(request, "matrix/product/extended.html", {"pair": pair, "done": done, "rows": told(pair, done)})


def told(pair: Pair, done: Extension) -> list[tuple[Product, Pair | None, str]]:
    """Refused ones first: they are what a person has to look at."""
    ids = [row.main_id for row in done.rows]
    products = Product.objects.select_related("category").in_bulk(ids)
    made = {one.main_id: one for one in Pair.objects.filter(companion=pair.companion_id, main__in=ids)}
    rows = [
        (products[row.main_id], made.get(row.main_id), sentence(row.refusal) if row.refusal else "")
        for row in done.rows
        if row.main_id in products
    ]
    return sorted(rows, key=lambda row: not row[2])


@require_POST
@requires(Permission.PAIR_EDIT)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one extension by its key."""
    pair = pair_of(request, pk)
    take_back(request)
    return redirect("matrix:pair_extend", pk=pair.pk)
