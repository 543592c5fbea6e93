"""A product as shoppers meet it, and its page on paper."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.catalog.views import sees_cost
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.rules import Placement
from crossmatrix.matrix.selectors.companions import slot_coverage
from crossmatrix.matrix.selectors.editor import Offered, may_rank, offered, plan_of
from crossmatrix.matrix.views.editor import product_of
from crossmatrix.matrix.views.spot import spot_asked

TABS = {
    Placement.PRODUCT_PAGE: N_("Product page"),
    Placement.CART: N_("Cart"),
    Placement.AFTER_PURCHASE: N_("Letter"),
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
    spot = spot_asked(request, product, [place.value for place in TABS])
    planned, day = request.GET.get("as") == "plan", day_asked(request)
    seen = offered(product, placement=spot.place, today=day, planned=planned, cap=spot.cap)
    context = {
        "product": product, "seen": seen, "spot": spot, "place": spot.place, "tabs": [(key, _(TABS[Placement(key)])) for key in spot.places],
        "planned": planned, "day": day, "today": today, "total": total_of(product, seen),
    }  # fmt: skip
    return render(request, "matrix/product/shop.html", context)


def total_of(product: Product, seen: Offered) -> Any:
    """Price of the main with everything offered; None when a price is missing."""
    prices = [product.price, *(companion.price for companion, _ in seen.lines)]
    return None if any(price is None for price in prices) else sum(price for price in prices if price is not None)


@require_GET
@requires(Permission.PAIR_VIEW)
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The product with its companions on one sheet."""
    product, user = product_of(pk), person_of(request)
    spot = spot_asked(request, product)
    context = {
        "product": product, "plan": plan_of(product, today=timezone.localdate(), placement=spot.place, cap=spot.cap), "spot": spot,
        "covers": slot_coverage(product), "printed_at": timezone.now(), "costs": sees_cost(user),
        "may_edit": may_rank(user, product),
    }  # fmt: skip
    return render(request, "matrix/product/print.html", context)
