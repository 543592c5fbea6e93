"""Companions a product does not have yet: suggestions with their evidence, and a search by hand."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.catalog.selectors import ranked, readable_products, search
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import normalise_sku
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import TEXT_MAX, LinkDraft, Verdict
from crossmatrix.matrix.selectors import beside
from crossmatrix.matrix.selectors.beside import Suggested, Suggester
from crossmatrix.matrix.selectors.slots import DefaultReasons
from crossmatrix.matrix.services.cells import NothingThere
from crossmatrix.matrix.services.sends import send
from crossmatrix.matrix.views.editor import editable, new_key, product_of, tried
from crossmatrix.ui.htmx import toast, trigger, wants_part
from crossmatrix.ui.numbers import percent
from crossmatrix.ui.text import sentence

LATER = timedelta(days=30)
FOUND = 12  # products a search by hand offers
DECISIONS = {
    "accept": N_("Added as a draft, with its evidence."),
    "refuse": N_("Marked as not suitable: it will not be suggested again."),
    "later": N_("Put off for 30 days."),
}


CONFIDENCE = {3: N_("High confidence"), 2: N_("Medium confidence"), 1: N_("Few data")}


def finder() -> Suggester:
    found = beside.suggester()
    if found is None:
        raise NothingThere
    return found


def default_reason(slots: DefaultReasons, main: Product, companion: Product, one: Suggested | None = None) -> str:
    """The reason of the slot between the two categories, or what the orders say."""
    if main.category and companion.category and (slot := slots.of(main.category.path, companion.category.path)):
        return slot[0]
    if one is not None and one.attach_rate:
        return _("Bought in %(share)s of the orders with the product") % {"share": percent(one.attach_rate)}
    return one.why[:TEXT_MAX] if one is not None else ""


def beside_context(request: HttpRequest, main: Product, *, problem: str = "", focus: bool = False) -> dict[str, Any]:
    """The suggestions, of one source when asked, each with its evidence in words."""
    user = person_of(request)
    asked = finder()
    order, source = request.GET.get("dial", ""), request.GET.get("source", "")
    found = asked.suggest(main, user, order=order)
    sources = Counter((one.source, one.source_name) for one in found)
    slots = DefaultReasons()
    cards = [
        {
            "one": one,
            "words": _(CONFIDENCE[one.sure]),
            "reason": one.fills or default_reason(slots, main, one.companion, one),
        }
        for one in found
        if source in ("", one.source)
    ]
    return {
        "product": main, "cards": cards, "count": len(found), "source": source, "sources": sources.items(),
        "orders": asked.orders(), "order": order, "query": request.GET.urlencode(),
        "may_edit": user.has_perm(Permission.PAIR_EDIT), "problem": problem, "focus": focus,
    }  # fmt: skip


@require_GET
@requires(Permission.EVIDENCE_VIEW)
def suggestions(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "matrix/product/_beside.html", beside_context(request, product_of(pk)))


@require_POST
@requires(Permission.PAIR_EDIT)
def decide(request: HttpRequest, pk: int, companion: int) -> HttpResponse:
    """Accept, refuse or put off one suggestion; the next one is drawn open."""
    main, other = editable(request, pk), get_object_or_404(readable_products(), pk=companion)
    action, reason = request.POST.get("action", ""), request.POST.get("reason", "").strip()
    try:
        decided(request, main, other, action, reason)
    except Refusal as refusal:
        if not wants_part(request):
            messages.error(request, sentence(refusal))
            return redirect("matrix:product", pk=main.pk)
        context = beside_context(request, main, problem=sentence(refusal))
        return render(request, "matrix/product/_beside.html", context, status=422)
    text = f"{other.name}: {_(DECISIONS[action])}"
    if not wants_part(request):
        messages.success(request, text)
        return redirect("matrix:product", pk=main.pk)
    answer = render(request, "matrix/product/_beside.html", beside_context(request, main, focus=True))
    if action != "later":
        trigger(answer, "companions-changed")
    return toast(answer, text)


def decided(request: HttpRequest, main: Product, other: Product, action: str, reason: str) -> None:
    """Take the decision. Raises Refusal."""
    user, at = person_of(request), timezone.now()
    if action not in DECISIONS:
        raise Refusal(_("Unknown action."), code="action.unknown")
    if action == "later":
        finder().put_off(main, other, until=timezone.localdate(at) + LATER, actor=user, at=at)
        return
    deed = finder().accept if action == "accept" else finder().refuse

    def write(batch: str) -> dict[str, Any]:
        deed(main, other, reason=reason, actor=user, at=at, batch=batch)
        return {"changed": 1}

    send(key=new_key(main), actor=user, at=at, write=write)


@require_GET
@requires(Permission.PAIR_EDIT)
def find(request: HttpRequest, pk: int) -> HttpResponse:
    """Products to add by hand, with what stands against each."""
    main, words = product_of(pk), request.GET.get("q", "").strip()[:200]
    found = list(ranked(search(readable_products().exclude(pk=main.pk), words), words)[:FOUND]) if words else []
    pairs = {pair.companion_id: pair for pair in Pair.objects.filter(main=main, companion__in=found)}
    rows = [(one, pairs.get(one.pk)) for one in found]
    return render(
        request,
        "matrix/product/_found.html",
        {"rows": rows, "words": words, "not_suitable": Verdict.NOT_SUITABLE.value},
    )


@require_POST
@requires(Permission.PAIR_EDIT)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A companion by hand, as a draft: `companion` (id) or `q` (its SKU), `reason`."""
    main, user, at, form = editable(request, pk), person_of(request), timezone.now(), request.POST

    def work() -> str:
        chosen = form.get("companion", "")
        if chosen.isdecimal():
            companion = readable_products().filter(pk=chosen).first()
        else:
            sku = normalise_sku(form.get("q", ""))
            companion = readable_products().filter(sku__in=[sku, sku.upper()]).first()
        if companion is None:
            raise Refusal(_("Choose a product from the list, or type its whole SKU."), code="sku.unknown")
        reason = form.get("reason", "").strip() or default_reason(DefaultReasons(), main, companion)
        draft = LinkDraft(main.pk, companion.pk, reason=reason)

        def write(batch: str) -> dict[str, Any]:
            services.set_pair(draft=draft, actor=user, at=at, batch=batch, base_version=base_of(main, companion))
            return {"changed": 1}

        send(key=new_key(main), actor=user, at=at, write=write)
        return _("%(name)s is added as a draft.") % {"name": companion.name}

    return tried(request, main, work)


def base_of(main: Product, companion: Product) -> int | None:
    """A pair in work is not written over: version 0 stands for an empty cell; what was retired may come again."""
    pair = Pair.objects.filter(main=main, companion=companion).select_related("current").first()
    in_work = pair is not None and pair.current is not None and pair.current.state in ("draft", "in_review", "approved")
    if in_work:
        raise Refusal(_("This companion is in the list already."), code="pair.exists")
    return None
