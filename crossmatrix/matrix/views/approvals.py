"""The inbox of approvals: what changed, what stands against it, one key per decision."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.selectors import capped_count
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import Change, Due, LinkContent, changes, due_of
from crossmatrix.matrix.rules.cards import Floor
from crossmatrix.matrix.rules.names import FIELD_NAMES
from crossmatrix.matrix.selectors.cards import floors_of
from crossmatrix.matrix.selectors.pairs import as_lines, in_review_for, waiting_count, waiting_for
from crossmatrix.matrix.selectors.providers import evidence_detail
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.services.moves import preview_change
from crossmatrix.matrix.services.shared import content_of
from crossmatrix.matrix.views.queue import COUNTED
from crossmatrix.matrix.views.review_rows import review_rows
from crossmatrix.ui.htmx import wants_part
from crossmatrix.ui.panels import panels
from crossmatrix.ui.text import sentence

SHOWN = 80  # rows of the inbox: a screen shows twelve; what is decided makes room for the next


@dataclass(frozen=True)
class Detail:
    """One revision as its approver needs it."""

    revision: PairRevision
    changed: list[Change]
    first: bool  # nothing was approved before
    own: bool
    stands_against: str  # why approving would be refused now
    limits: Any
    evidence: Any
    floor: Floor | None  # what shops said of it
    due: Due | None


def detail_of(person: User, revision: PairRevision) -> Detail:
    pair = revision.pair
    former = pair.approved
    (answer,) = preview_change(action="approve", revision_ids=[revision.pk], actor=person)
    path = pair.main.category_path
    return Detail(
        revision=revision,
        changed=changes(content_of(former) if former else None, content_of(revision)),
        first=former is None,
        own=person.pk in revision.contributors,
        stands_against=sentence(answer.refusal) if answer.refusal else "",
        limits=Judge().limits(path, revision.kind, pair.companion.category_path),
        evidence=evidence_detail(pair.main_id, pair.companion_id),
        floor=floors_of(pair.main_id, [pair.companion_id], today=timezone.localdate()).get(pair.companion_id),
        due=due_of(revision.submitted_at) if revision.submitted_at else None,
    )


@require_GET
@requires(Permission.PAIR_APPROVE)
def inbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    return inbox_page(request, pk)


def inbox_page(request: HttpRequest, pk: int | None, problem: str = "", status: int = 200) -> HttpResponse:
    """List and detail; htmx asks for both at once, so that the marked row and the detail never differ."""
    person = person_of(request)
    queue = as_lines(in_review_for(person))
    rows = list(queue[:SHOWN])
    if pk is not None and all(row.pk != pk for row in rows):
        rows.append(get_object_or_404(queue, pk=pk))
    marked = next((row for row in rows if row.pk == pk), None) or next(
        (row for row in rows if person.pk not in row.contributors), rows[0] if rows else None
    )
    chosen = in_review_for(person).filter(pk=marked.pk).first() if marked else None
    mine = waiting_count(person, COUNTED)
    context = {
        "listed": review_rows(rows, marked),
        "total": capped_count(in_review_for(person), COUNTED),
        "mine": mine,
        "mine_said": min(mine, COUNTED),  # "1 000+" takes the words of a thousand, not of a thousand and one
        "detail": detail_of(person, chosen) if chosen else None,
        "panels": panels("pair", request, chosen.pair) if chosen else [],
        "problem": problem,
        "fields": [(field, gettext(FIELD_NAMES[field])) for field in LinkContent().as_dict()],
        "place": rows.index(marked) + 1 if marked else 0,
    }
    template = "matrix/_approvals.html" if wants_part(request) else "matrix/approvals.html"
    return render(request, template, context, status=status)


def following(person: User, revision: PairRevision) -> int | None:
    """The next one the person may decide, after this one in the queue, else the first."""
    queue = waiting_for(person)
    later = queue.filter(submitted_at__gte=revision.submitted_at).exclude(pk=revision.pk).first()
    found = later or queue.exclude(pk=revision.pk).first()
    return found.pk if found else None


@require_POST
@requires(Permission.PAIR_APPROVE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    revision = get_object_or_404(in_review_for(person), pk=pk)
    after = following(person, revision)
    signed: dict[str, Any] = {"revision": revision, "actor": person, "at": timezone.now()}
    comment = request.POST.get("comment", "")
    base = request.POST.get("version", "")
    signed["base_version"] = int(base) if base.isdigit() else None
    try:
        if request.POST.get("action") == "return":
            services.return_(comment=comment, comment_on=request.POST.get("field", ""), **signed)
            messages.success(request, _("Returned with your comment."))
        else:
            services.approve(comment=comment, **signed)
            messages.success(request, _("Approved."))
    except Refusal as refusal:
        stale = isinstance(refusal, services.StalePair)
        return inbox_page(request, pk, sentence(refusal), status=409 if stale else 422)
    return redirect("matrix:approval", pk=after) if after else redirect("matrix:approvals")


@require_POST
@requires(Permission.PAIR_APPROVE)
def approve_many(request: HttpRequest) -> HttpResponse:
    """Approve the ticked rows; every refused one says why."""
    person = person_of(request)
    wanted = [int(value) for value in request.POST.getlist("row") if value.isdigit()]
    ids = list(in_review_for(person).filter(pk__in=wanted).values_list("pk", flat=True))
    results = services.bulk_change(
        action="approve", revision_ids=ids, actor=person, at=timezone.now(), batch=f"bulk:{uuid4().hex}"
    )
    revisions = PairRevision.objects.select_related("pair__main", "pair__companion").in_bulk(ids)
    rows = [(revisions[one.revision_id], sentence(one.refusal) if one.refusal else "") for one in results]
    good = sum(not why for _, why in rows)
    if ids and good == len(rows):
        text = ngettext("%(count)s pair approved.", "%(count)s pairs approved.", good) % {"count": good}
        messages.success(request, text)
        return redirect(reverse("matrix:approvals"))
    context = {"rows": sorted(rows, key=lambda row: not row[1]), "good": good, "bad": len(rows) - good}
    return render(request, "matrix/approvals_done.html", context)
