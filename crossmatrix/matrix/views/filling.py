"""The condition while it is typed, and filling a slot with concrete pairs."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Category, Product
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Slot
from crossmatrix.matrix.rules.condition import BadCondition
from crossmatrix.matrix.selectors.filling import LOOKED_AT, attribute_names, filling_of, match
from crossmatrix.matrix.selectors.slots import slots_for
from crossmatrix.matrix.services.filling import Filled, fill_slot
from crossmatrix.matrix.services.shared import Key
from crossmatrix.matrix.views.drafts import take_back
from crossmatrix.ui.text import sentence


@require_GET
@requires(Permission.PAIR_EDIT)
def matching(request: HttpRequest) -> HttpResponse:
    """How many products a condition brings together, or where it cannot be read. A fragment."""
    asked = {name: request.GET.get(name, "") for name in ("main_category", "companion_category")}
    found = Category.objects.in_bulk([int(pk) for pk in asked.values() if pk.isdecimal() and len(pk) < 10])
    sides = [found.get(int(pk)) if pk.isdecimal() and len(pk) < 10 else None for pk in asked.values()]
    main, companion = sides
    text = request.GET.get("condition", "").strip()
    context: dict[str, Any] = {"limit": LOOKED_AT, "text": text}
    if main is not None and companion is not None:
        context |= {"mains": attribute_names(main.path), "companions": attribute_names(companion.path)}
        if text:
            try:
                context["matched"] = match(text, main.path, companion.path)
            except BadCondition as refusal:
                context["problem"], context["around"] = sentence(refusal), around(text, refusal)
    return render(request, "matrix/_slot_match.html", context)


def around(text: str, refusal: BadCondition) -> tuple[str, str, str]:
    """The text before the mistake, the word it was found at, and the rest."""
    begin, word = int(str(refusal.values["at"])) - 1, str(refusal.values["word"])
    end = begin + len(word) if text[begin:].startswith(word) and word else begin + 1
    return text[:begin], text[begin:end] or "…", text[end:]


@require_http_methods(["GET", "POST"])
@requires(Permission.PAIR_EDIT)
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Proposals for the slot's gaps with ticks; POST writes the ticked ones and shows what became of each."""
    person = person_of(request)
    slot = get_object_or_404(slots_for(person), pk=pk)
    if request.method != "POST":
        return render(request, "matrix/slot_fill.html", proposals(slot, person))
    keys = [(int(one), int(other)) for one, _sep, other in wanted(request) if one.isdecimal() and other.isdecimal()]
    if not keys:
        return render(
            request, "matrix/slot_fill.html", proposals(slot, person, _("Tick at least one pair.")), status=422
        )
    key = f"fill:{slot.pk}:{uuid4().hex}"
    try:
        filled = fill_slot(slot=slot, keys=keys, actor=person, at=timezone.now(), key=key)
    except Refusal as refusal:
        return render(request, "matrix/slot_fill.html", proposals(slot, person, sentence(refusal)), status=422)
    context = {"slot": slot, "rows": told(filled), "written": sum(one.refusal is None for one in filled), "key": key}
    return render(request, "matrix/slot_filled.html", context)


def wanted(request: HttpRequest) -> list[tuple[str, str, str]]:
    return [value.partition(":") for value in request.POST.getlist("pair") if len(value) < 24]


def proposals(slot: Slot, person: User, problem: str = "") -> dict[str, Any]:
    return {"slot": slot, "filling": filling_of(slot, person), "problem": problem}


def told(filled: list[Filled]) -> list[tuple[Product, Product, str]]:
    """Main, companion, why not; refused ones first."""
    products: dict[int, Product] = Product.objects.in_bulk({pk for one in filled for pk in one.key})
    rows = [
        (products[one.key[0]], products[one.key[1]], sentence(one.refusal) if one.refusal else "")
        for one in filled
        if _both(one.key, products)
    ]
    return sorted(rows, key=lambda row: not row[2])


def _both(key: Key, products: dict[int, Product]) -> bool:
    return key[0] in products and key[1] in products


@require_POST
@requires(Permission.PAIR_EDIT)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one filling by its key."""
    take_back(request)
    return redirect("matrix:slot_fill", pk=pk)
