"""The shop's side: the list and the review page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission, may_decide
from crossmatrix.bundles import selectors, services
from crossmatrix.bundles.filters import ReviewFilter
from crossmatrix.bundles.formats import changes, placements, refused, said
from crossmatrix.bundles.forms import ApproveForm, DeclineForm, ReturnForm
from crossmatrix.bundles.models import Bundle, BundleRevision
from crossmatrix.bundles.rules import (
    DECLINE_WORDS,
    EVENT_WORDS,
    FINANCE_WORDS,
    IN_HANDS,
    BundleState,
    DeclineReason,
    FinanceReason,
    Severity,
)
from crossmatrix.bundles.tables import ReviewTable
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.lists import list_page

reviewers = requires(Permission.BUNDLE_REVIEW, Permission.BUNDLE_FINANCE)


@require_GET
@reviewers
def bundles(request: HttpRequest) -> HttpResponse:
    filters = ReviewFilter(request.GET, queryset=selectors.bundles_for(person_of(request)))
    waiting = selectors.queue_for(person_of(request)).count()
    return list_page(request, "bundles/list.html", table=ReviewTable(filters.qs), filters=filters, waiting=waiting)


@require_GET
@reviewers
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return review_page(request, visible(request, public_id))


@require_POST
@requires(Permission.BUNDLE_REVIEW)
def claim(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    bundle = visible(request, public_id)
    return act(
        request,
        bundle,
        lambda: services.claim(bundle=bundle, actor=person_of(request), at=timezone.now()),
        gettext("Taken for review"),
    )


@require_POST
@reviewers
def approve(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    return decide(request, public_id, ApproveForm, services.approve, gettext("Approved"))


@require_POST
@reviewers
def return_(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    return decide(request, public_id, ReturnForm, services.return_, gettext("Returned to the supplier"))


@require_POST
@reviewers
def decline(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    return decide(request, public_id, DeclineForm, services.decline, gettext("Declined"))


Decide = Callable[..., BundleRevision]


def decide(
    request: HttpRequest, public_id: UUID, form_class: type[forms.Form], service: Decide, done: str
) -> HttpResponseBase:
    bundle, form = visible(request, public_id), form_class(request.POST)
    if not form.is_valid():
        return review_page(request, bundle, form=form, status=422)
    return act(
        request,
        bundle,
        lambda: service(bundle=bundle, actor=person_of(request), at=timezone.now(), **form.cleaned_data),
        done,
    )


def act(request: HttpRequest, bundle: Bundle, do: Callable[[], BundleRevision], done: str) -> HttpResponseBase:
    """Do it and show the page again; a refusal is said on the page, which then shows the present state."""
    try:
        revision = do()
    except Refusal as refusal:
        return review_page(request, visible(request, bundle.public_id), problem=refused(refusal), status=409)
    if revision.state == BundleState.IN_FINANCE:
        done = gettext("Agreed; passed to finance")
    messages.success(request, f"{bundle.name}: {done}")
    return redirect("bundles:review", public_id=bundle.public_id)


def visible(request: HttpRequest, public_id: UUID) -> Bundle:
    return get_object_or_404(selectors.bundles_for(person_of(request)), public_id=public_id)


def review_page(
    request: HttpRequest, bundle: Bundle, *, form: forms.Form | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    user, revision = person_of(request), selectors.shown_revision(bundle)
    assert revision is not None  # noqa: S101 - bundles_for shows only bundles with a submitted revision
    items = selectors.items_of(revision)
    judged = selectors.judge(revision, at=timezone.now(), items=items)
    before = selectors.former(revision)
    state = BundleState(revision.state)
    context: dict[str, Any] = {
        "bundle": bundle,
        "revision": revision,
        "lines": list(zip(items, selectors.in_order(judged.proposal, items), strict=True)),
        "judged": judged,
        "errors": [said(f) for f in judged.findings if f.severity is Severity.ERROR],
        "warnings": [said(f) for f in judged.findings if f.severity is Severity.WARN],
        "placements": placements(revision.placements),
        "finance": [gettext(FINANCE_WORDS[FinanceReason(code)]) for code in revision.finance_reasons],
        "former": before,
        "changes": changes(services.content_of(before), services.content_of(revision), revision.currency)
        if before
        else [],
        "reviews": [
            (review, gettext(DECLINE_WORDS[DeclineReason(review.reason)]) if review.reason else "")
            for review in revision.reviews.select_related("reviewer").order_by("at")
        ],
        "history": [
            (line, gettext(EVENT_WORDS.get(line.kind, line.kind)))
            for line in selectors.history(bundle, for_supplier=False)
        ],
        "overdue": revision.due_at is not None and revision.due_at < timezone.now(),
        "problem": problem,
        "return_form": form if isinstance(form, ReturnForm) else ReturnForm(auto_id="return_%s"),
        "decline_form": form if isinstance(form, DeclineForm) else DeclineForm(auto_id="decline_%s"),
        "opened": type(form).__name__ if form else "",
    }
    context |= rights(user, bundle, state)
    return render(request, "bundles/review.html", context, status=status)


def rights(user: Any, bundle: Bundle, state: BundleState) -> dict[str, bool]:
    """Which buttons the page shows: by role, by state, and never to who wrote on the bundle."""
    another = may_decide(decider=user.pk, contributors=selectors.contributors_of(bundle))
    needed = Permission.BUNDLE_FINANCE if state is BundleState.IN_FINANCE else Permission.BUNDLE_REVIEW
    may = another and state in IN_HANDS and user.has_perm(needed)
    return {"may_decide": may, "may_claim": may and state is BundleState.SUBMITTED, "is_contributor": not another}
