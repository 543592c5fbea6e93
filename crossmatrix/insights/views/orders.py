"""The orders behind a pair's numbers: the newest ones on the page, all of them as a workbook."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.insights.formats import orders_workbook
from crossmatrix.insights.selectors.orders_behind import SHOWN, orders_behind
from crossmatrix.insights.views.evidence import check_scope

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def products(request: HttpRequest, main: int, companion: int) -> tuple[Product, Product]:
    """Both sides of the pair. Raises PermissionDenied outside the person's categories."""
    one = get_object_or_404(Product.objects.select_related("category"), pk=main)
    check_scope(person_of(request), one)
    return one, get_object_or_404(Product, pk=companion)


@requires(Permission.EVIDENCE_VIEW)
def orders(request: HttpRequest, main: int, companion: int) -> HttpResponse:
    """The part of the page that lists them."""
    one, other = products(request, main, companion)
    context = {"main": one, "companion": other, "behind": orders_behind(one, other), "shown": SHOWN}
    return render(request, "insights/_orders.html", context)


@requires(Permission.EVIDENCE_VIEW)
def export(request: HttpRequest, main: int, companion: int) -> HttpResponse:
    one, other = products(request, main, companion)
    behind = orders_behind(one, other, limit=None)
    if behind is None:
        return HttpResponse(status=404)
    name = f"orders_{one.pk}_{other.pk}_{behind.first:%Y%m%d}_{behind.last:%Y%m%d}.xlsx"
    return HttpResponse(
        orders_workbook(one, other, behind),
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
