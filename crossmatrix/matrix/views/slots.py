"""Type-level cells as a list and a form."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.selectors import history_of
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.filters import SlotFilter
from crossmatrix.matrix.forms import SlotForm
from crossmatrix.matrix.models import Slot
from crossmatrix.matrix.rules import SlotDraft, Verdict
from crossmatrix.matrix.rules.comments import Place
from crossmatrix.matrix.selectors.slots import slots_for
from crossmatrix.matrix.tables import SlotTable
from crossmatrix.matrix.views.discussions import discussion_of
from crossmatrix.ui.lists import list_page
from crossmatrix.ui.text import sentence


@require_GET
@requires(Permission.PAIR_VIEW)
def slot_list(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    filters = SlotFilter(request.GET, queryset=slots_for(person))
    return list_page(
        request, "matrix/slots.html", table=SlotTable(filters.qs), filters=filters,
        can_edit=person.has_perm(Permission.PAIR_EDIT),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.PAIR_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    asked = {name: request.GET.get(name) for name in ("main_category", "companion_category")}
    form = SlotForm(request.POST or None, user=person, initial=asked)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        draft = form.draft(said["main_category"].pk, said["companion_category"].pk)
        try:
            slot = services.set_slot(draft=draft, actor=person, at=timezone.now(), base_version=vacant(draft))
        except services.StalePair:
            form.add_error(None, _("This slot exists already: open it in the list and change it there."))
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("matrix:slot", pk=slot.pk)
    return render(request, "matrix/slot.html", {"form": form, "slot": None}, status=422 if form.errors else 200)


def vacant(draft: SlotDraft) -> int:
    """The version of a cell that may be filled as new: a cleared one counts as empty."""
    cleared = Slot.objects.filter(
        main_category=draft.main_category_id, companion_category=draft.companion_category_id, verdict=Verdict.UNDECIDED
    ).first()
    return cleared.version if cleared else 0


@require_http_methods(["GET", "POST"])
@requires(Permission.PAIR_VIEW)
def slot(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    found = get_object_or_404(slots_for(person), pk=pk)
    can_edit = person.has_perm(Permission.PAIR_EDIT)
    fields = ("verdict", "reason", "kind", "offer_text", "wanted", "condition")
    initial = {name: getattr(found, name) for name in fields} | {"base_version": found.version}
    form = SlotForm((request.POST or None) if can_edit else None, user=person, slot=found, initial=initial)
    if form.is_bound and form.is_valid():
        draft = form.draft(found.main_category_id, found.companion_category_id)
        try:
            services.set_slot(
                draft=draft, actor=person, at=timezone.now(), base_version=form.cleaned_data["base_version"]
            )
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("matrix:slot", pk=pk)
    context = {"form": form, "slot": found, "history": history_of(found)[:30], "can_edit": can_edit}
    context["talk"] = discussion_of(person, Place(found.main_category_id, found.companion_category_id, by_type=True))
    return render(request, "matrix/slot.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.PAIR_EDIT)
def clear(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    found = get_object_or_404(slots_for(person), pk=pk)
    draft = SlotDraft(found.main_category_id, found.companion_category_id, verdict=Verdict.UNDECIDED.value)
    try:
        services.set_slot(draft=draft, actor=person, at=timezone.now(), base_version=found.version)
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return redirect("matrix:slot", pk=pk)
    messages.success(request, _("The slot was cleared."))
    return redirect("matrix:slots")
