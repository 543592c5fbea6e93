"""What the matrix adds to the page of a product: its ranked companions and the coverage of its slots."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.rules.companions import Hidden
from crossmatrix.matrix.selectors.companions import companions_of, slot_coverage
from crossmatrix.matrix.views.spot import spot_of
from crossmatrix.ui.panels import Column, Panel

HIDDEN_WORDS = {
    Hidden.NOT_SUITABLE: N_("Not suitable"),
    Hidden.GONE: N_("No longer sold"),
    Hidden.OUT_OF_STOCK: N_("Out of stock"),
    Hidden.NOT_YET: N_("Its window has not begun"),
    Hidden.OVER: N_("Its window is over"),
    Hidden.PLACEMENT: N_("Not at this place"),
    Hidden.RATIO: N_("Too dear for this product"),
}


def companions_panel(request: HttpRequest, product: Product) -> Panel | None:
    """The ranked list with its cut line; None for people who may not see pairs."""
    if not request.user.has_perm(Permission.PAIR_VIEW):
        return None
    found = companions_of(product, today=timezone.localdate(), cap=spot_of(product).cap)
    rows = [(row, _(HIDDEN_WORDS[row.hidden]) if row.hidden else "") for row in (*found.shown, *found.waiting)]
    context: dict[str, Any] = {"companions": found, "rows": rows, "last_shown": len(found.shown)}
    context["may_edit"] = request.user.has_perm(Permission.PAIR_EDIT)
    return Panel(
        "companions", "matrix/_product_companions.html", context, Column.MIDDLE, actions="matrix/product/_open.html"
    )


def slots_panel(request: HttpRequest, product: Product) -> Panel | None:
    """Which kinds of companions are wanted and how many there are; None when nothing is wanted."""
    if not request.user.has_perm(Permission.PAIR_VIEW):
        return None
    covers = slot_coverage(product)
    if not covers:
        return None
    full = sum(cover.full for cover in covers)
    return Panel("slots", "matrix/_product_slots.html", {"covers": covers, "full": full}, Column.LEFT)
