"""The product view: one main with its companions in order, what to add, what is missing, what it brings."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.catalog.rules import KIND_NAMES as PRODUCT_KINDS
from crossmatrix.catalog.rules import margin_of
from crossmatrix.catalog.selectors import readable_products
from crossmatrix.catalog.views import sees_cost
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules.comments import Place
from crossmatrix.matrix.selectors import beside
from crossmatrix.matrix.selectors.comments import may_read, path_of
from crossmatrix.matrix.selectors.companions import slot_coverage
from crossmatrix.matrix.selectors.editor import (
    Line,
    key_prefix,
    last_undo,
    last_write,
    may_rank,
    plan_of,
    sends_of,
)
from crossmatrix.matrix.services.bulk import BulkAction, change_pairs
from crossmatrix.matrix.services.ranking import rank_companions
from crossmatrix.matrix.services.sends import send
from crossmatrix.matrix.views.charts import effect_chart
from crossmatrix.matrix.views.discussions import discussion_of
from crossmatrix.matrix.views.inspector import inspector_context
from crossmatrix.matrix.views.spot import carried, spot_asked
from crossmatrix.matrix.views.walk import list_before, walk
from crossmatrix.ui.htmx import toast, wants_part
from crossmatrix.ui.text import sentence

ORDERS: dict[str, Callable[[Line], float]] = {
    "share": lambda line: -(line.attach_rate or 0.0),
    "margin": lambda line: -(line.margin or 0.0),
}


def product_of(pk: int) -> Product:
    return get_object_or_404(readable_products(), pk=pk)


def editable(request: HttpRequest, pk: int) -> Product:
    """The product, for people who edit pairs of its category."""
    product = product_of(pk)
    if not may_rank(person_of(request), product):
        raise PermissionDenied
    return product


def address_query(request: HttpRequest) -> str:
    """The query that the page's forms carry along."""
    query = request.GET.copy()
    query.pop("whole", None)
    return query.urlencode()


def new_key(main: Product) -> str:
    return f"{key_prefix(main.pk)}{uuid4().hex}"


# -- reading ------------------------------------------------------------------------------------------------------
@require_GET
@requires(Permission.PAIR_VIEW)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    product = product_of(pk)
    if wants_part(request):
        context = list_context(request, product)
        if "whole" in request.GET:  # after a write at the side: with everything that speaks of the list
            return render(request, "matrix/product/_changed.html", context | left_context(request, product))
        return render(request, "matrix/product/_companions.html", context)
    if "list" not in request.GET and (came_from := list_before(request)):
        query = request.GET.copy()
        query["list"] = came_from
        return redirect(f"{request.path}?{query.urlencode(safe='/')}")
    return whole_page(request, product)


def whole_page(request: HttpRequest, product: Product, problem: str = "", status: int = 200) -> HttpResponse:
    user = person_of(request)
    context = list_context(request, product) | left_context(request, product) | {"problem": problem}
    context["walk"] = found = walk(user, product, request.GET.get("list", ""))
    context["walk_query"] = carried(request, found.query)
    finder = beside.suggester()
    context["finds"] = finder is not None and user.has_perm(Permission.EVIDENCE_VIEW)
    return render(request, "matrix/product/page.html", context, status=status)


def list_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """The list of companions and the buttons that speak of it."""
    user, spot, order = person_of(request), spot_asked(request, product), request.GET.get("order", "")
    plan = plan_of(product, today=timezone.localdate(), placement=spot.place, cap=spot.cap)
    may_edit = may_rank(user, product)
    sends = sends_of(product.pk, user) if may_edit else []
    lines = sorted(plan.lines, key=ORDERS[order]) if order in ORDERS else plan.lines
    seen = [(line.pair.pk, line.pair.version) for line in lines]
    return {
        "product": product, "plan": plan, "lines": lines, "order": order if order in ORDERS else "", "spot": spot,
        "may_edit": may_edit, "undo": last_write(sends), "redo": last_undo(sends),
        "seen": " ".join(f"{pk}:{version}" for pk, version in seen), "sees_cost": sees_cost(user),
        "here": address_query(request), "list_address": request.GET.get("list", ""),
    }  # fmt: skip


def left_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """What stands under the main's picture."""
    covers = slot_coverage(product)
    companions = list(Pair.objects.filter(main=product, approved__isnull=False).values_list("companion_id", flat=True))
    effect = beside.effect_of(product.pk, companions)
    costs = sees_cost(person_of(request))
    return {
        "covers": covers, "full": sum(cover.full for cover in covers), "effect": effect, "costs": costs,
        "addition": round(effect.addition) if effect and effect.addition is not None else None,
        "chart": effect_chart(product, effect) if effect else None, "product_kind": _(PRODUCT_KINDS[product.kind]),
        "margin": margin_of(product.price, product.cost) if costs else None,
    }  # fmt: skip


@require_GET
@requires(Permission.PAIR_VIEW)
def beside_pair(request: HttpRequest, pk: int, companion: int) -> HttpResponse:
    """One companion beside the ranking: evidence, checks, discussion, history, as the grid shows a cell."""
    product, person = product_of(pk), person_of(request)
    context = inspector_context(person, product, companion)
    place = Place(product.pk, context["companion"].pk)
    talk = discussion_of(person, place) if may_read(person, path_of(place)) else None
    return render(request, "matrix/_inspector.html", context | {"talk": talk})


# -- writing ------------------------------------------------------------------------------------------------------
def changed(
    request: HttpRequest, product: Product, text: str, *, problem: str = "", status: int = 200, focus: int | None = None
) -> HttpResponse:
    """The list and what speaks of it, drawn anew; without htmx back to the page with a message."""
    if not wants_part(request):
        (messages.error if problem else messages.success)(request, problem or text)
        return redirect(f"{reverse('matrix:product', args=[product.pk])}?{request.GET.urlencode()}")
    context = list_context(request, product) | left_context(request, product)
    answer = render(
        request, "matrix/product/_changed.html", context | {"problem": problem, "focus": focus}, status=status
    )
    if problem:
        return answer
    return toast(answer, text)


def tried(request: HttpRequest, product: Product, work: Callable[[], str], *, focus: int | None = None) -> HttpResponse:
    """Do it and draw anew; a refusal leaves everything as it was and says why."""
    try:
        return changed(request, product, work(), focus=focus)
    except Refusal as refusal:
        status = 409 if isinstance(refusal, services.StalePair) else 422
        return changed(request, product, "", problem=sentence(refusal), status=status, focus=focus)


def read_order(text: str) -> list[tuple[int, int]]:
    """ "12:3 15:1" as (pair, version) pairs; what is no number is left out."""
    found = []
    for part in text.split():
        pair, _sign, version = part.partition(":")
        if pair.isdecimal() and version.isdecimal() and len(part) < 30:
            found.append((int(pair), int(version)))
    return found


def moved(order: list[tuple[int, int]], pair: int, place: int) -> list[tuple[int, int]]:
    """The order with one pair put to the place (1 is first)."""
    one = [item for item in order if item[0] == pair]
    rest = [item for item in order if item[0] != pair]
    at = max(0, min(place - 1, len(rest)))
    return [*rest[:at], *one, *rest[at:]]


@require_POST
@requires(Permission.PAIR_EDIT)
def rank(request: HttpRequest, pk: int) -> HttpResponse:
    """`order`: the pairs with the versions seen, first shown first; with `pair` and `place` that one is moved in it."""
    product, form = editable(request, pk), request.POST
    order = read_order(form.get("order", ""))
    if form.get("pair", "").isdecimal() and form.get("place", "").isdecimal():
        order = moved(order, int(form["pair"]), int(form["place"][:6]))
    focus = int(form["pair"]) if form.get("pair", "").isdecimal() else None

    def work() -> str:
        answer = rank_companions(
            main=product, order=order, actor=person_of(request), at=timezone.now(), key=new_key(product)
        )
        return ranked_words(answer)

    return tried(request, product, work, focus=focus)


def ranked_words(answer: dict[str, Any]) -> str:
    """What the new order means for the shops."""
    if not answer["changed"]:
        return _("The order is as it was.")
    text = ngettext("%(n)s draft with a new rank.", "%(n)s drafts with a new rank.", answer["changed"])
    text %= {"n": answer["changed"]}
    if answer["live"]:
        text += " " + _("The shops keep the approved order until the drafts are approved.")
    return text


@require_POST
@requires(Permission.PAIR_EDIT)
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the person's last write here, or with `redo` bring it again."""
    product, user = editable(request, pk), person_of(request)
    sends = sends_of(product.pk, user)
    redo = "redo" in request.POST
    last = last_undo(sends) if redo else last_write(sends)

    def work() -> str:
        if last is None:
            return _("There is nothing to undo.")
        answer = services.undo(op_batch=last, actor=user, at=timezone.now())
        if answer["kept"] or answer["failed"]:
            return _("Undone in part: what somebody edited or decided since stays.")
        return _("Done again.") if redo else _("Undone.")

    return tried(request, product, work)


DEEDS = {
    BulkAction.SUBMIT: N_("Sent for approval."),
    BulkAction.DISCARD: N_("The draft was discarded."),
    BulkAction.RETIRE: N_("Retired: the next release drops the link."),
    BulkAction.UNSUITABLE: N_("Marked as not suitable: it will not be suggested again."),
    BulkAction.WITHDRAW: N_("The mark was withdrawn."),
}


@require_POST
@requires(Permission.PAIR_EDIT)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One deed on one companion: `action`, `pair`, `comment`."""
    product, user, at = editable(request, pk), person_of(request), timezone.now()
    action = request.POST.get("action", "")
    pair = get_object_or_404(Pair, main=product, pk=request.POST.get("pair") or 0)

    def work() -> str:
        if action not in DEEDS:
            raise Refusal(_("Unknown action."), code="action.unknown")

        def write(batch: str) -> dict[str, Any]:
            (result,) = change_pairs(
                action=action, pair_ids=[pair.pk], actor=user, at=at, comment=request.POST.get("comment", ""),
                batch=batch,
            )  # fmt: skip
            if result.refusal is not None:
                raise result.refusal
            return {"changed": int(result.changed)}

        send(key=new_key(product), actor=user, at=at, write=write)
        return _(DEEDS[BulkAction(action)])

    return tried(request, product, work)


@require_POST
@requires(Permission.PAIR_EDIT)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Send every draft of the product for approval; what is refused says why and stays."""
    product, user, at = editable(request, pk), person_of(request), timezone.now()
    drafts = plan_of(product, today=timezone.localdate()).drafts
    names = {line.revision.pk: line.companion.name for line in drafts}
    refused: list[str] = []

    def write(batch: str) -> dict[str, Any]:
        results = services.bulk_change(action="submit", revision_ids=list(names), actor=user, at=at, batch=batch)
        refused.extend(f"{names[row.revision_id]}: {sentence(row.refusal)}" for row in results if row.refusal)
        return {"changed": sum(row.ok for row in results)}

    done = send(key=new_key(product), actor=user, at=at, write=write)["changed"]
    text = ngettext("%(n)s draft sent for approval.", "%(n)s drafts sent for approval.", done) % {"n": done}
    if refused:
        return changed(request, product, text, problem=" ".join([text, *refused]), status=200 if done else 422)
    return changed(request, product, text)
