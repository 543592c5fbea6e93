"""The list of pairs, many at once, and the page of one pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.selectors import history_of
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.filters import PairFilter
from crossmatrix.matrix.forms import BulkEditForm, LinkForm, NewLinkForm, initial_of
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import PairAction, PairState, Verdict
from crossmatrix.matrix.rules.comments import Place
from crossmatrix.matrix.selectors import tally
from crossmatrix.matrix.selectors.cards import floors_of
from crossmatrix.matrix.selectors.pairs import listed_pairs, pairs_for, state_counts
from crossmatrix.matrix.selectors.providers import evidence_detail, published_among
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.services.bulk import BulkAction, PairResult, change_pairs, preview_pairs
from crossmatrix.matrix.services.cells import NothingThere
from crossmatrix.matrix.tables import PairRows, PairTable
from crossmatrix.matrix.views.discussions import discussion_of
from crossmatrix.matrix.views.saved import saved_menu
from crossmatrix.ui.htmx import trigger, wants_part
from crossmatrix.ui.lists import CAP, list_page
from crossmatrix.ui.panels import panels
from crossmatrix.ui.text import sentence

BULK_MAX = 2000  # pairs of one bulk change: its answer is a list a person reads
COUNTED = 1000  # pairs of a search: its words are looked for in both products of each
HISTORY = 50  # events shown on the page of a pair


@require_GET
@requires(Permission.PAIR_VIEW)
def pair_list(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    rows, counts = listed_pairs(person), state_counts(person)
    filters = PairFilter(request.GET, queryset=rows)
    found = PairRows(
        filters.qs, rows=rows, at_least=surely(request.GET, counts), cap=COUNTED if request.GET.get("q") else CAP
    )
    return list_page(
        request,
        "matrix/pairs.html",
        table=PairTable(found),
        filters=filters,
        counts=None if wants_part(request) else counts,
        counted_at=None if wants_part(request) else tally.counted_at(tally.PAIRS),
        can_edit=person.has_perm(Permission.PAIR_EDIT),
        can_approve=person.has_perm(Permission.PAIR_APPROVE),
        can_policy=person.has_perm(Permission.POLICY_EDIT),
        **saved_menu(person, "pairs", kept_query(request.GET)),
    )


def surely(asked: QueryDict, counts: Mapping[str, int]) -> int:
    """How many pairs an unnarrowed list has by the sums of its page, and one of a state; 0 when it has to be counted."""
    narrowed = {name for name, value in asked.items() if value} - {"sort", "page", "columns"}
    if narrowed == {"state"}:
        return counts.get(asked.get("state", ""), 0)
    return 0 if narrowed else sum(counts.values())


def kept_query(asked: QueryDict) -> str:
    """What of an address is a filter: empty fields and the number of the page are not."""
    kept = QueryDict(mutable=True)
    for name in sorted(asked):
        values = [value for value in asked.getlist(name) if value]
        if values and name != "page":
            kept.setlist(name, values)
    return kept.urlencode()


# -- many at once ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class BulkRow:
    """A pair of the bulk dialog with what will become or became of it."""

    pair: Pair
    changed: bool
    why: str


def bulk_rows(person: User, results: Sequence[PairResult]) -> list[BulkRow]:
    """Refused rows first: they are what a person has to look at."""
    pairs = pairs_for(person).in_bulk([result.pair_id for result in results])
    rows = [
        BulkRow(pairs[result.pair_id], result.changed, sentence(result.refusal) if result.refusal else "")
        for result in results
        if result.pair_id in pairs
    ]
    return sorted(rows, key=lambda row: not row.why)


@require_POST
@requires(Permission.PAIR_EDIT, Permission.PAIR_APPROVE)
def bulk(request: HttpRequest) -> HttpResponse:
    """First the answers for each row, writing nothing; with `apply` the change itself."""
    person = person_of(request)
    action = request.POST.get("action", "")
    if action not in set(BulkAction):
        return HttpResponse(_("Unknown action."), status=422, content_type="text/plain; charset=utf-8")
    wanted = [int(value) for value in request.POST.getlist("row") if value.isdigit()][:BULK_MAX]
    ids = list(pairs_for(person).filter(pk__in=wanted).values_list("pk", flat=True))
    context: dict[str, Any] = {"action": action, "ids": ids, "form": None, "comment": request.POST.get("comment", "")}
    if action == BulkAction.EDIT:
        context["form"] = BulkEditForm(request.POST if "apply" in request.POST else None)
    if "apply" in request.POST:
        return bulk_apply(request, person, context)
    results = preview_pairs(action=action, pair_ids=ids, actor=person, at=timezone.now())
    return bulk_page(request, context | {"rows": bulk_rows(person, results), "done": False})


def bulk_apply(request: HttpRequest, person: User, context: dict[str, Any]) -> HttpResponse:
    form, action, ids = context["form"], context["action"], context["ids"]
    comment_missing = action in (BulkAction.RETURN, BulkAction.UNSUITABLE) and not context["comment"].strip()
    if comment_missing or (form is not None and not form.is_valid()):
        results = preview_pairs(action=action, pair_ids=ids, actor=person, at=timezone.now())
        rows = bulk_rows(person, results)
        return bulk_page(
            request, context | {"rows": rows, "done": False, "comment_missing": comment_missing}, status=422
        )
    results = change_pairs(
        action=action, pair_ids=ids, actor=person, at=timezone.now(), comment=context["comment"],
        content=form.cleaned_data if form is not None else None, batch=f"bulk:{uuid4().hex}",
    )  # fmt: skip
    response = bulk_page(request, context | {"rows": bulk_rows(person, results), "done": True})
    return trigger(response, "pairs-changed")


def bulk_page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    rows: list[BulkRow] = context["rows"]
    context["good"] = sum(not row.why for row in rows)
    context["bad"] = len(rows) - context["good"]
    template = "matrix/_bulk.html" if wants_part(request) else "matrix/bulk.html"
    return render(request, template, context, status=status)


# -- one pair -------------------------------------------------------------------------------------------------------
def loaded(request: HttpRequest, pk: int) -> Pair:
    return get_object_or_404(pairs_for(person_of(request)), pk=pk)


@require_GET
@requires(Permission.PAIR_VIEW)
def pair(request: HttpRequest, pk: int) -> HttpResponse:
    return pair_page(request, loaded(request, pk))


def pair_page(
    request: HttpRequest, pair: Pair, form: LinkForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    person = person_of(request)
    revision = pair.current
    form = form or LinkForm(initial=(initial_of(revision) if revision else {}) | {"base_version": pair.version})
    judge = Judge()
    path = pair.main.category_path
    context = {
        "pair": pair,
        "revision": revision,
        "revisions": pair.revisions.select_related("created_by", "decided_by").order_by("-number"),
        "history": history_of(pair)[:HISTORY],
        "form": form,
        "problem": problem,
        "limits": judge.limits(path, revision.kind if revision else "accessory", pair.companion.category_path),
        "published": bool(published_among([pair.pk])),
        "moves": allowed_moves(person, pair),
        "own": bool(revision and person.pk in revision.contributors),
        "evidence": evidence_detail(pair.main_id, pair.companion_id),
        "floor": floors_of(pair.main_id, [pair.companion_id], today=timezone.localdate()).get(pair.companion_id),
        "panels": panels("pair", request, pair),
        "can_edit": person.has_perm(Permission.PAIR_EDIT),
        "talk": discussion_of(person, Place(pair.main_id, pair.companion_id)),
    }
    return render(request, "matrix/pair.html", context, status=status)


def allowed_moves(person: User, pair: Pair) -> set[str]:
    """The buttons that make sense now; the services decide again."""
    edit, decide = person.has_perm(Permission.PAIR_EDIT), person.has_perm(Permission.PAIR_APPROVE)
    if pair.verdict == Verdict.NOT_SUITABLE:
        return {"withdraw"} if edit else set()
    state = pair.current.state if pair.current else ""
    found = {"unsuitable"} if edit else set()
    if state == PairState.DRAFT and edit:
        found |= {"submit", "discard"}
    if state == PairState.IN_REVIEW and decide:
        found |= {"return", "approve"}
    if pair.approved_id and edit:
        found.add("retire")
    return found


@require_POST
@requires(Permission.PAIR_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = loaded(request, pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return pair_page(request, found, form, status=422)
    try:
        services.set_pair(
            draft=form.draft(found.main_id, found.companion_id), actor=person_of(request), at=timezone.now(),
            base_version=form.cleaned_data["base_version"],
        )  # fmt: skip
    except Refusal as refusal:
        stale = isinstance(refusal, services.StalePair)
        return pair_page(request, loaded(request, pk), form, sentence(refusal), status=409 if stale else 422)
    messages.success(request, _("Saved as a draft."))
    return redirect("matrix:pair", pk=pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.PAIR_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """A link between two SKUs."""
    asked = {name: request.GET.get(name, "") for name in ("main", "companion")}
    form = NewLinkForm(request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        main, companion = form.cleaned_data["main"].pk, form.cleaned_data["companion"].pk
        ways = [(main, companion), (companion, main)] if form.cleaned_data["both"] else [(main, companion)]
        signed: dict[str, Any] = {"actor": person_of(request), "at": timezone.now(), "base_version": 0}
        try:
            with transaction.atomic():
                revision, *others = [services.set_pair(draft=form.draft(*way), **signed) for way in ways]
        except services.StalePair:
            form.add_error(None, _("This pair exists already: open it in the list and change it there."))
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("Saved as two drafts.") if others else _("Saved as a draft."))
            return redirect("matrix:pair", pk=revision.pair_id)
    return render(request, "matrix/pair_new.html", {"form": form}, status=422 if form.errors else 200)


def chosen_revision(pair: Pair, action: PairAction) -> PairRevision:
    revision = pair.approved if action == PairAction.RETIRE else pair.current
    if revision is None:
        raise NothingThere
    return revision


@require_POST
@requires(Permission.PAIR_EDIT, Permission.PAIR_APPROVE)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of one pair: `action`, `comment`, and the `version` the person saw."""
    found, person = loaded(request, pk), person_of(request)
    action, comment = request.POST.get("action", ""), request.POST.get("comment", "")
    base = int(request.POST["version"]) if request.POST.get("version", "").isdigit() else None
    signed: dict[str, Any] = {"actor": person, "at": timezone.now(), "base_version": base}
    try:
        if action == BulkAction.UNSUITABLE:
            services.mark_unsuitable(main_id=found.main_id, companion_id=found.companion_id, reason=comment, **signed)
        elif action == BulkAction.WITHDRAW:
            services.withdraw_unsuitable(pair=found, reason=comment, **signed)
        elif action in MOVES:
            MOVES[action](revision=chosen_revision(found, PairAction(action)), comment=comment, **signed)
        else:
            return pair_page(request, found, problem=_("Unknown action."), status=422)
    except Refusal as refusal:
        stale = isinstance(refusal, services.StalePair)
        return pair_page(request, loaded(request, pk), problem=sentence(refusal), status=409 if stale else 422)
    messages.success(request, _(DONE[action]))
    if not pairs_for(person).filter(pk=pk).exists():  # a discarded first draft leaves nothing to show
        return redirect("matrix:pairs")
    return redirect("matrix:pair", pk=pk)


MOVES: dict[str, Any] = {
    BulkAction.SUBMIT: services.submit,
    BulkAction.APPROVE: services.approve,
    BulkAction.RETURN: services.return_,
    BulkAction.RETIRE: services.retire,
    BulkAction.DISCARD: services.discard,
}


DONE: dict[str, str] = {
    BulkAction.SUBMIT: N_("Sent for approval."),
    BulkAction.APPROVE: N_("Approved."),
    BulkAction.RETURN: N_("Returned with your comment."),
    BulkAction.RETIRE: N_("Retired: the next release drops the link."),
    BulkAction.DISCARD: N_("The draft was discarded."),
    BulkAction.UNSUITABLE: N_("Marked as not suitable."),
    BulkAction.WITHDRAW: N_("The mark was withdrawn."),
}
