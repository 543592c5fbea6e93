"""What happened, in a matrix, in one batch, to one pair; and taking batches back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.selectors import history_of
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Matrix
from crossmatrix.matrix.rules.names import FIELD_NAMES
from crossmatrix.matrix.selectors import history
from crossmatrix.matrix.selectors.matrices import matrices_for
from crossmatrix.matrix.selectors.pairs import pairs_for
from crossmatrix.matrix.services import reverts
from crossmatrix.matrix.services.undone import Undone
from crossmatrix.matrix.templatetags.pairs import value_of, word
from crossmatrix.ui import htmx
from crossmatrix.ui.text import sentence

PER_PAGE = 50
SIDES = ("pair", "slot")
SHOWN_FIELDS = ("reason", "kind", "offer_text", "rank", "verdict", "verdict_reason", "state", "wanted")


def matrix_of(request: HttpRequest, pk: int) -> Matrix:
    return get_object_or_404(matrices_for(person_of(request)), pk=pk)


def cursor_of(request: HttpRequest) -> tuple[datetime, int] | None:
    at, number = parse_datetime(request.GET.get("at", "")), request.GET.get("id", "")
    return (at, int(number)) if at is not None and at.tzinfo and number.isdecimal() and len(number) < 19 else None


@require_GET
@requires(Permission.PAIR_VIEW)
def grid_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Batches of changes in a matrix, newest first: a page, or what the drawer of the grid shows."""
    matrix, person = matrix_of(request, pk), person_of(request)
    batches, after = history.batches_of(matrix, person, before=cursor_of(request))
    context = {
        "matrix": matrix, "batches": batches, "first": cursor_of(request) is None,
        "after": urlencode({"at": after[0].isoformat(), "id": after[1]}) if after else "",
        "drawer": htmx.wants_part(request), "days": settings.UNDO_DAYS,
    }  # fmt: skip
    return render(request, "matrix/_history_batches.html" if context["drawer"] else "matrix/history.html", context)


@require_GET
@requires(Permission.PAIR_VIEW)
def batch(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The changes of one batch in a matrix: who, when, from what to what, why."""
    matrix, person = matrix_of(request, pk), person_of(request)
    events, count = history.changes_of(matrix, person, name)
    if not events:
        raise Http404
    context = batch_context(request, matrix, name) | {"events": events, "count": count, "newest": events[-1]}
    return render(request, "matrix/_history_batch.html" if context["drawer"] else "matrix/history_batch.html", context)


def batch_context(request: HttpRequest, matrix: Matrix, name: str) -> dict[str, Any]:
    until, refused = None, ""
    try:
        until = reverts.undo_until(reverts.done_at(name))
        reverts.check(name, timezone.now())
    except Refusal as refusal:
        refused = sentence(refusal)
    return {
        "matrix": matrix, "name": name, "drawer": htmx.wants_part(request), "until": until, "refused": refused,
        "origin": history.origins_of([name]).get(name), "days": settings.UNDO_DAYS,
        "may": person_of(request).has_perm(Permission.PAIR_EDIT),
    }  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A cell of a preview: how it stands now, what it goes back to, or why it stays."""

    title: str
    key: str  # "pair:17"
    outcome: str
    why: str
    sides: list[tuple[str, str, str]]  # field, now, then
    may: bool


def lines_of(undone: Undone) -> Iterator[Line]:
    for row in undone.details:
        now, back = row.get("now", {}), row.get("back", {})
        fields = [name for name in SHOWN_FIELDS if name in now and (name in back or row["outcome"] == "kept")]
        sides = [
            (
                word(name, "field") if name in FIELD_NAMES else name,
                shown(name, now.get(name)),
                shown(name, back.get(name)),
            )
            for name in fields
        ]
        sides = [side for side in sides if side[1] or side[2]]
        yield Line(
            f"{row['main']} → {row['companion']}", f"{row['subject']}:{row.get('thing', '')}", row["outcome"],
            worded(row), sides, bool(row.get("may")),
        )  # fmt: skip


def worded(row: Mapping[str, Any]) -> str:
    """The sentence of a detail in the reader's language."""
    text: str = row["sentence"]
    return gettext(text)


def shown(field: str, value: Any) -> str:
    """A value for people: states by their word, the rest as everywhere."""
    if field == "state":
        return word(str(value), "state") if value else ""
    if field == "verdict" and value in ("undecided", None):
        return ""
    return value_of(field, value)


@require_http_methods(["GET", "POST"])
@requires(Permission.PAIR_EDIT)
def revert(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """First what taking the batch back would do to each cell, writing nothing; then, posted, the doing."""
    matrix, person = matrix_of(request, pk), person_of(request)
    if not history.changes_of(matrix, person, name)[0]:
        raise Http404
    if request.method == "POST":
        return carry_out(request, matrix, name)
    context = batch_context(request, matrix, name)
    if not context["refused"]:
        undone = reverts.foresee(batch=name, actor=person, at=timezone.now())
        lines = sorted(lines_of(undone), key=lambda line: line.outcome == "reversed")
        context |= {"undone": undone, "lines": lines, "all": undone.reversed + undone.kept + undone.failed}
    return render(
        request, "matrix/_history_revert.html" if context["drawer"] else "matrix/history_revert.html", context
    )


def carry_out(request: HttpRequest, matrix: Matrix, name: str) -> HttpResponse:
    also: dict[str, list[int]] = {side: [] for side in SIDES}
    for key in request.POST.getlist("also"):
        side, _colon, number = key.partition(":")
        if side in also and number.isdecimal() and len(number) < 19:
            also[side].append(int(number))
    part = htmx.wants_part(request)
    try:
        done = reverts.revert(batch=name, actor=person_of(request), at=timezone.now(), also=also)
    except Refusal as refusal:
        context = batch_context(request, matrix, name) | {"refused": sentence(refusal)}
        template = "matrix/_history_revert.html" if part else "matrix/history_revert.html"
        return render(request, template, context, status=409)
    if isinstance(done, str):
        text, goes = _("The import is being taken back."), done
    else:
        text, goes = told(done), reverse("matrix:grid_history", args=[matrix.pk])
    if not part:
        messages.success(request, text)
        return redirect(goes)
    if isinstance(done, str):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = goes
        return answer
    answer = render(
        request,
        "matrix/_history_done.html",
        {"matrix": matrix, "undone": done, "text": text, "lines": list(left_of(done))},
    )
    return htmx.trigger(answer, "reverted", {"text": text, "bad": not done.reversed})


def left_of(undone: Undone) -> Iterator[Line]:
    for row in undone.details:
        yield Line(f"{row['main']} → {row['companion']}", "", row["outcome"], worded(row), [], may=False)


def told(undone: Undone) -> str:
    """ "Taken back: 12 cells, 1 stays as others wrote it"."""
    n = undone.reversed
    parts = [ngettext("Taken back: %(n)s cell", "Taken back: %(n)s cells", n) % {"n": n}]
    if undone.kept:
        parts.append(
            ngettext("%(n)s stays, edited since", "%(n)s stay, edited since", undone.kept) % {"n": undone.kept}
        )
    if undone.failed:
        parts.append(ngettext("%(n)s could not be", "%(n)s could not be", undone.failed) % {"n": undone.failed})
    return ", ".join(parts)


@require_GET
@requires(Permission.PAIR_VIEW)
def pair_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened to one pair."""
    pair = get_object_or_404(pairs_for(person_of(request)), pk=pk)
    page = Paginator(history_of(pair), PER_PAGE).get_page(request.GET.get("page"))
    matrix = next(
        (
            one
            for one in matrices_for(person_of(request))
            if pair.main.category and pair.companion.category
            and pair.main.category.path.startswith(one.mains.path)
            and (one.companions is None or pair.companion.category.path.startswith(one.companions.path))
        ),
        None,
    )  # fmt: skip
    context = {
        "pair": pair,
        "page": page,
        "paginator": page.paginator,
        "field": "page",
        "matrix": matrix,
        "events": page,
    }
    return render(request, "matrix/pair_history.html", context)
