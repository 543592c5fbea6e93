"""The list, the upload, and the page of a batch: whatever its state asks for."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.imports import selectors, services
from crossmatrix.imports.forms import UploadForm
from crossmatrix.imports.rules.states import KIND_NAMES, STATE_NAMES, BatchState, Kind
from crossmatrix.imports.views.columns import columns_context
from crossmatrix.imports.views.plan import show_plan
from crossmatrix.imports.views.progress import job_of, progress_context, under_way
from crossmatrix.imports.views.result import result_context
from crossmatrix.imports.views.shared import found
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.status import look
from crossmatrix.ui.text import sentence

PAGE = 30
SHAPED_AS = {BatchState.COLUMNS.value: BatchState.PLANNED.value}  # both wait for a person


@require_GET
@requires(Permission.IMPORT_RUN)
def batches(request: HttpRequest) -> HttpResponse:
    pages = Paginator(selectors.batches_for(person_of(request)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    for batch in page.object_list:
        batch.state_name = _(STATE_NAMES[BatchState(batch.state)])  # type: ignore[attr-defined]  # shown, not stored
        batch.shape = look(SHAPED_AS.get(batch.state, batch.state)).shape  # type: ignore[attr-defined]
        batch.kind_full = _(KIND_NAMES[Kind(batch.kind)]) if batch.kind else "—"  # type: ignore[attr-defined]
        batch.kind_name = batch.kind_full.partition(":")[0]  # type: ignore[attr-defined]
    return render(request, "imports/list.html", {"page": page, "paginator": pages})


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_RUN)
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, now, person = form.cleaned_data["file"], timezone.now(), person_of(request)
        try:
            batch = services.receive_file(
                chunks=file.chunks(), name=file.name, kind=form.cleaned_data["kind"], actor=person, at=now
            )
            services.order_read(batch=batch, actor=person, at=now)
        except Refusal as refusal:
            form.add_error("file", sentence(refusal))
        else:
            return redirect("imports:batch", pk=batch.pk)
    context = {"form": form, "kinds": [(kind.value, _(KIND_NAMES[kind])) for kind in Kind], "step": 1}
    return render(request, "imports/upload.html", context, status=422 if form.errors else 200)


@require_GET
@requires(Permission.IMPORT_RUN)
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the state the batch is in."""
    one = found(request, pk)
    state = BatchState(one.state)
    if under_way(one, job_of(one)):
        return render(request, "imports/progress.html", progress_context(one))
    if state == BatchState.COLUMNS:
        return render(request, "imports/columns.html", columns_context(one))
    if state == BatchState.PLANNED:
        if not services.plan_is_there(one):  # a hard restart of the server empties unlogged tables
            services.order_read(batch=one, actor=person_of(request), at=timezone.now())
            return render(request, "imports/progress.html", progress_context(one))
        return show_plan(request, one)
    return render(request, "imports/result.html", result_context(one))
