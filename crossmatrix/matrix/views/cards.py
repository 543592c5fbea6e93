"""Sales cards for the shop floor: a question, one or two companions with what to say, and what came of it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.catalog.selectors import products_for, ranked, search
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import CardAnswer, PairRevision
from crossmatrix.matrix.rules import Placement, ReasonKind, Verdict
from crossmatrix.matrix.rules.cards import NOTE_MAX, Declined, Floor
from crossmatrix.matrix.selectors.cards import answers_of, floors_of
from crossmatrix.matrix.selectors.editor import offered
from crossmatrix.matrix.services.cards import answer_card, withdraw_answer
from crossmatrix.matrix.views.editor import product_of
from crossmatrix.ui.htmx import wants_part
from crossmatrix.ui.text import sentence

CARD_ITEMS = 2  # on the shop floor nobody listens to a third
CARDS = 50
QUESTIONS = {
    ReasonKind.REQUIRED: N_("Do you have everything to use it today?"),
    ReasonKind.ACCESSORY: N_("Shall I show what people usually take with it?"),
    ReasonKind.THEME: N_("What do you want it for: for yourself or as a gift?"),
    ReasonKind.SEASONAL: N_("Are you taking it for the season?"),
    ReasonKind.POPULAR: N_("Do you know what most people take with it?"),
    ReasonKind.IMPULSE: N_("Shall I add a small thing to go with it?"),
}


@dataclass(frozen=True)
class Item:
    """One companion of a card."""

    companion: Product
    revision: PairRevision
    phrase: str
    floor: Floor | None  # what shops said of it, for people who see evidence
    key: str  # of the next tap on it


@require_GET
@requires(Permission.CARD_VIEW)
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """For the shop floor: a question, and one or two companions with what to say."""
    product, person, today = product_of(pk), person_of(request), timezone.localdate()
    seen = offered(product, placement=Placement.STORE, today=today, cap=CARD_ITEMS)
    may_plan = person.has_perm(Permission.PAIR_VIEW)
    floors = floors_of(product.pk, [one.pk for one, _ in seen.lines], today=today) if may_plan else {}
    items = [
        Item(one, revision, phrase_of(one, revision), floors.get(one.pk), uuid4().hex) for one, revision in seen.lines
    ]
    question = _(QUESTIONS[ReasonKind(items[0].revision.kind)]) if items else ""
    context = answering(request) | {"product": product, "items": items, "question": question, "may_plan": may_plan}
    return render(request, "matrix/product/card.html", context)


def answering(request: HttpRequest) -> dict[str, Any]:
    """What the buttons of an offer need."""
    return {
        "may_answer": person_of(request).has_perm(Permission.CARD_ANSWER),
        "reasons": [one.value for one in Declined], "other": Declined.OTHER.value, "longest": NOTE_MAX,
    }  # fmt: skip


def phrase_of(companion: Product, revision: PairRevision) -> str:
    """What to say: the words for the shopper, or the reason as a sentence with the companion's name."""
    if revision.offer_text:
        return revision.offer_text
    return f"{companion.name}. {revision.reason}" if revision.reason else companion.name


@require_POST
@requires(Permission.CARD_ANSWER)
def answer(request: HttpRequest, pk: int, companion: int) -> HttpResponse:
    """What came of an offer: `outcome` or the reason `why` it was declined, `note`, `revision` shown, `key` of the tap."""
    product, other, form = product_of(pk), product_of(companion), request.POST
    shown = form.get("revision", "")
    revision = int(shown) if shown.isdecimal() and len(shown) < 19 else 0
    try:
        said = answer_card(
            main=product.pk, companion=other.pk, revision=revision, outcome=form.get("outcome", ""),
            why=form.get("why", ""), note=form.get("note", ""), key=form.get("key", "")[:36] or uuid4().hex,
            actor=person_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return told(request, product, other, revision=revision, problem=sentence(refusal), status=422)
    return told(request, product, other, revision=revision, said=said)


@require_POST
@requires(Permission.CARD_ANSWER)
def withdraw(request: HttpRequest, pk: int, companion: int, said: int) -> HttpResponse:
    """Take one's own tap back: the offer stands there again."""
    product, other = product_of(pk), product_of(companion)
    mine = get_object_or_404(answers_of(person_of(request)), pk=said, main=product, companion=other)
    try:
        withdraw_answer(answer=mine, actor=person_of(request), at=timezone.now())
    except Refusal as refusal:
        return told(request, product, other, revision=mine.revision_id, problem=sentence(refusal), status=422)
    return told(request, product, other, revision=mine.revision_id)


def told(
    request: HttpRequest, product: Product, other: Product, *, revision: int, said: CardAnswer | None = None,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The buttons of the offer as they stand now; without htmx back to the card."""
    if not wants_part(request):
        if problem:
            messages.error(request, problem)
        elif said is not None:
            messages.success(request, _("Noted, thank you."))
        return redirect("matrix:card", pk=product.pk)
    context = answering(request) | {
        "product": product, "one": other, "revision": revision, "said": said, "problem": problem, "focus": True,
        "key": uuid4().hex,
    }  # fmt: skip
    return render(request, "matrix/product/_answer.html", context, status=status)


@require_GET
@requires(Permission.CARD_VIEW)
def cards(request: HttpRequest) -> HttpResponse:
    """Products that have something to offer, to find on a phone."""
    user, words = person_of(request), request.GET.get("q", "").strip()[:200]
    live = Q(companion_pairs__approved__isnull=False, companion_pairs__verdict=Verdict.SUITABLE)
    products = products_for(user).filter(status=ProductStatus.ACTIVE)
    if words:
        products = ranked(search(products, words), words)
    found = products.annotate(offers=Count("companion_pairs", filter=live)).filter(offers__gt=0)
    if not words:
        found = found.order_by("-offers", "sku")
    return render(request, "matrix/product/cards.html", {"found": found[:CARDS], "words": words, "limit": CARDS})
