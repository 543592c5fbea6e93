"""A product as shoppers meet it, its sales card for the shop floor, and its page on paper."""

from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.catalog.selectors import products_for, ranked, search
from crossmatrix.catalog.views import sees_cost
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import Placement, ReasonKind, Verdict
from crossmatrix.matrix.selectors.companions import slot_coverage
from crossmatrix.matrix.selectors.editor import Offered, may_rank, offered, plan_of
from crossmatrix.matrix.views.editor import product_of

TABS = {
    Placement.PRODUCT_PAGE: N_("Product page"),
    Placement.CART: N_("Cart"),
    Placement.AFTER_PURCHASE: N_("Letter"),
}
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


def day_asked(request: HttpRequest) -> date:
    """The day of the address, else today."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()


@require_GET
@requires(Permission.PAIR_VIEW)
def shop(request: HttpRequest, pk: int) -> HttpResponse:
    """What the shopper sees at one place on one day: by what is approved, or by the plan."""
    product, today = product_of(pk), timezone.localdate()
    place = request.GET.get("place", "")
    place = place if place in TABS else Placement.PRODUCT_PAGE.value
    planned, day = request.GET.get("as") == "plan", day_asked(request)
    seen = offered(product, placement=place, today=day, planned=planned)
    context = {
        "product": product, "seen": seen, "place": place, "tabs": [(key.value, _(name)) for key, name in TABS.items()],
        "planned": planned, "day": day, "today": today, "total": total_of(product, seen),
    }  # fmt: skip
    return render(request, "matrix/product/shop.html", context)


def total_of(product: Product, seen: Offered) -> Any:
    """Price of the main with everything offered; None when a price is missing."""
    prices = [product.price, *(companion.price for companion, _ in seen.lines)]
    return None if any(price is None for price in prices) else sum(price for price in prices if price is not None)


@require_GET
@requires(Permission.CARD_VIEW)
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """For the shop floor: a question, and one or two companions with what to say."""
    product = product_of(pk)
    seen = offered(product, placement=Placement.STORE, today=timezone.localdate(), cap=CARD_ITEMS)
    items = [(companion, revision, phrase_of(companion, revision)) for companion, revision in seen.lines]
    question = _(QUESTIONS[ReasonKind(items[0][1].kind)]) if items else ""
    context = {
        "product": product, "items": items, "question": question, "may_plan": person_of(request).has_perm(Permission.PAIR_VIEW)
    }  # fmt: skip
    return render(request, "matrix/product/card.html", context)


def phrase_of(companion: Product, revision: PairRevision) -> str:
    """What to say: the words for the shopper, or the reason as a sentence with the companion's name."""
    if revision.offer_text:
        return revision.offer_text
    return f"{companion.name}. {revision.reason}" if revision.reason else companion.name


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


@require_GET
@requires(Permission.PAIR_VIEW)
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The product with its companions on one sheet."""
    product, user = product_of(pk), person_of(request)
    context = {
        "product": product, "plan": plan_of(product, today=timezone.localdate(), placement=Placement.PRODUCT_PAGE),
        "covers": slot_coverage(product), "printed_at": timezone.now(), "costs": sees_cost(user),
        "may_edit": may_rank(user, product),
    }  # fmt: skip
    return render(request, "matrix/product/print.html", context)
