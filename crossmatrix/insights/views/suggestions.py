"""Suggestions beside a product: accept, not suitable, later."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.insights import services
from crossmatrix.insights.selectors.suggestions import suggest
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.panels import Column, Panel
from crossmatrix.ui.text import sentence

LATER = timedelta(days=30)


def product_panel(request: HttpRequest, product: Product) -> Panel | None:
    """The right side of the product page; nothing for people who may not see evidence. Finding suggestions takes longer
    than the page itself: they come when it stands."""
    if not request.user.has_perm(Permission.EVIDENCE_VIEW):
        return None
    return Panel(
        key="suggestions", template="insights/_suggestions_wait.html", context={"product": product}, column=Column.RIGHT,
        css=("css/insights.css",),
    )  # fmt: skip


@require_GET
@requires(Permission.EVIDENCE_VIEW)
def beside(request: HttpRequest, main: int) -> HttpResponse:
    """What the panel of the product page asks for."""
    product = get_object_or_404(Product.objects.select_related("category"), pk=main)
    context = {
        "suggestions": suggest(main=product), "product": product, "may_edit": request.user.has_perm(Permission.PAIR_EDIT)
    }  # fmt: skip
    return render(request, "insights/_suggestions.html", context)


@require_POST
@requires(Permission.PAIR_EDIT)
def decide(request: HttpRequest, main: int, companion: int) -> HttpResponse:
    """Take the decision of the form and come back to the product."""
    product = get_object_or_404(Product.objects.select_related("category"), pk=main)
    other = get_object_or_404(Product, pk=companion)
    user, at, reason = person_of(request), timezone.now(), request.POST.get("reason", "").strip()
    try:
        match request.POST.get("action"):
            case "accept":
                services.accept_suggestion(main=product, companion=other, reason=reason, actor=user, at=at)
                messages.success(request, _("Accepted as a draft, with its evidence."))
            case "not_suitable":
                services.reject_suggestion(main=product, companion=other, reason=reason, actor=user, at=at)
                messages.success(request, _("Marked as not suitable: it will not be suggested again."))
            case "later":
                services.put_off_suggestion(
                    main=product, companion=other, until=timezone.localdate(at) + LATER, actor=user, at=at
                )
                messages.success(request, _("Put off for 30 days."))
            case unknown:
                raise Refusal(code="suggestion.action", action=str(unknown))
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return redirect("catalog:product", product.pk)
