"""What the pages of a batch have in common."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crossmatrix.accounts.guards import person_of
from crossmatrix.imports import selectors, tables
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.rules.states import KIND_NAMES, STATE_NAMES, BatchState, Kind
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.text import sentence

STEPS = {
    BatchState.RECEIVED: 1, BatchState.READING: 2, BatchState.COLUMNS: 2, BatchState.PLANNED: 3, BatchState.APPLYING: 4,
    BatchState.APPLIED: 5, BatchState.UNDOING: 5, BatchState.UNDONE: 5, BatchState.FAILED: 1, BatchState.DISCARDED: 5,
}  # fmt: skip


def found(request: HttpRequest, pk: int) -> ImportBatch:
    return get_object_or_404(selectors.batches_for(person_of(request)), pk=pk)


def base_context(one: ImportBatch) -> dict[str, Any]:
    state = BatchState(one.state)
    return {
        "batch": one, "step": STEPS[state], "state_name": _(STATE_NAMES[state]),
        "kind_name": _(KIND_NAMES[Kind(one.kind)]) if one.kind else "", **tables.kind_tokens(one),
    }  # fmt: skip


def moved_on(request: HttpRequest, pk: int, refusal: Refusal) -> HttpResponse:
    """Somebody else took the batch further: say so and show where it is."""
    messages.error(request, sentence(refusal))
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("imports:batch", args=[pk])
        return answer
    return redirect("imports:batch", pk=pk)
