"""Workbooks handed out: the person's own with its problems, the upload as it came, an empty one, the catalog as it is."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.filters import ProductFilter
from crossmatrix.catalog.selectors import products_for
from crossmatrix.catalog.views import sees_cost
from crossmatrix.imports import services
from crossmatrix.imports.rules.states import Kind
from crossmatrix.imports.views.shared import found, moved_on
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.text import sentence

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@requires(Permission.IMPORT_RUN)
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own workbook with a problem column."""
    one = found(request, pk)
    try:
        data = services.error_workbook(batch=one)
    except Refusal as refusal:
        return moved_on(request, pk, refusal)
    name = one.name.rsplit(".", 1)[0][:100]
    return attachment(data, _("%(name)s – to correct.xlsx") % {"name": name})


@require_GET
@requires(Permission.IMPORT_RUN)
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The stored upload, only ever as an attachment."""
    one = found(request, pk)
    path = services.stored_file(one)
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=one.name, content_type="application/octet-stream")


@require_GET
@requires(Permission.IMPORT_RUN)
def template(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in set(Kind):
        raise Http404
    return attachment(services.template_workbook(kind=Kind(kind)), f"{kind}.xlsx")


@require_GET
@requires(Permission.PRODUCT_VIEW)
def catalog(request: HttpRequest) -> HttpResponse:
    """The products of the list, narrowed as its address says, to be edited in Excel and imported again."""
    person = person_of(request)
    narrowed = ProductFilter(request.GET, queryset=products_for(person))
    if not narrowed.form.is_valid():
        raise Http404
    try:
        data = services.catalog_workbook(products=narrowed.qs.order_by("sku"), costs=sees_cost(person))
    except services.TooManyProducts as refusal:
        messages.error(request, sentence(refusal))
        return redirect(f"{reverse('catalog:products')}?{request.GET.urlencode()}")
    return attachment(data, _("catalog %(day)s.xlsx") % {"day": f"{timezone.localdate():%Y-%m-%d}"})


def attachment(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=XLSX)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
