"""The supplier's portal: own products, own proposals, and nothing of anybody else."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.bundles import selectors, services
from crossmatrix.bundles.filters import OwnProductFilter, ProposalFilter
from crossmatrix.bundles.formats import placements, refused, said
from crossmatrix.bundles.forms import ProposalForm, lines, typed
from crossmatrix.bundles.models import Bundle
from crossmatrix.bundles.rules import (
    DECLINE_WORDS,
    EVENT_WORDS,
    IN_HANDS,
    MOVES,
    NEXT_STEPS,
    OPEN,
    RUNNING,
    BundleAction,
    BundleState,
    Content,
    DeclineReason,
    Finding,
    InvalidProposal,
    ItemRole,
    Line,
    Severity,
)
from crossmatrix.bundles.tables import OwnProductTable, ProposalTable
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.ui.lists import list_page

suppliers = requires(Permission.BUNDLE_PROPOSE)
FOUND = 12  # products shown while searching


@require_GET
@suppliers
def home(request: HttpRequest) -> HttpResponse:
    filters = ProposalFilter(request.GET, queryset=selectors.own_bundles(person_of(request)))
    todo = selectors.own_bundles(person_of(request)).filter(current__state=BundleState.NEEDS_CHANGES).count()
    return list_page(
        request,
        "portal/home.html",
        table=ProposalTable(filters.qs),
        filters=filters,
        base="ui/portal_base.html",
        todo=todo,
    )


@require_GET
@suppliers
def products(request: HttpRequest) -> HttpResponse:
    filters = OwnProductFilter(request.GET, queryset=selectors.own_products(person_of(request)))
    return list_page(
        request, "portal/products.html", table=OwnProductTable(filters.qs), filters=filters, base="ui/portal_base.html"
    )


@require_GET
@suppliers
def bundle(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return bundle_page(request, own(request, public_id))


@require_http_methods(["GET", "POST"])
@suppliers
def new(request: HttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        return save(request, None)
    return editor(request, None, ProposalForm(), Content())


@require_http_methods(["GET", "POST"])
@suppliers
def edit(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    found = own(request, public_id)
    if request.method == "POST":
        return save(request, found)
    if found.current is None or BundleState(found.current.state) not in OPEN | RUNNING:
        return redirect("portal:bundle", public_id=public_id)
    content = services.content_of(found.current)
    if "check" not in request.GET:
        return editor(request, found, ProposalForm(initial=typed(content)), content)
    form = ProposalForm(typed(content))
    judged = selectors.judge(found.current, at=timezone.now())
    form.show(judged.public)
    return editor(request, found, form, content, findings=judged.public)


@require_POST
@suppliers
def submit(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    return hand_in(request, own(request, public_id))


@require_POST
@suppliers
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    found = own(request, public_id)
    try:
        services.withdraw(bundle=found, actor=person_of(request), at=timezone.now())
    except Refusal as refusal:
        return bundle_page(request, own(request, public_id), problem=refused(refusal), status=409)
    messages.success(request, gettext("The proposal is withdrawn."))
    return redirect("portal:bundle", public_id=public_id)


@require_GET
@suppliers
def search(request: HttpRequest) -> HttpResponse:
    """Own products for the editor's search field."""
    words = request.GET.get("find", "").strip()
    found = selectors.search_products(person_of(request), words)[:FOUND] if words else []
    return render(request, "portal/_found.html", {"found": found, "words": words})


@require_GET
@suppliers
def item(request: HttpRequest) -> HttpResponse:
    """A row of the editor for one own product."""
    product = get_object_or_404(selectors.own_products(person_of(request)), sku=request.GET.get("sku", ""))
    return render(
        request,
        "portal/_item.html",
        {"row": {"product": product, "sku": product.sku, "quantity": 1, "main": False, "errors": []}},
    )


def own(request: HttpRequest, public_id: UUID) -> Bundle:
    """The supplier's own bundle; a foreign one and one that is not there answer the same 404."""
    return get_object_or_404(selectors.own_bundles(person_of(request)), public_id=public_id)


def save(request: HttpRequest, found: Bundle | None) -> HttpResponseBase:
    """Keep what was typed; with the button "submit" hand it in as well."""
    form = ProposalForm(request.POST)
    items, unreadable = lines(request.POST)
    if not form.is_valid() or unreadable:
        problems = [bad_quantity(sku) for sku in unreadable]
        return editor(request, found, form, Content(items=tuple(items)), findings=problems, status=422)
    content, actor, now = form.content(items), person_of(request), timezone.now()
    try:
        if found is None:
            found = services.draft(content=content, actor=actor, at=now)
        else:
            version = request.POST.get("version", "")
            seen = int(version) if version.isascii() and version.isdigit() else None
            services.edit(bundle=found, content=content, actor=actor, at=now, version=seen)
    except services.StaleBundle as stale:
        return editor(request, found, form, content, problem=refused(stale), status=409)
    except Refusal as refusal:
        return editor(request, found, form, content, problem=refused(refusal), status=422)
    if request.POST.get("act") == "submit":
        return hand_in(request, found)
    messages.success(request, gettext("Saved as a draft."))
    return redirect("portal:edit", public_id=found.public_id)


def bad_quantity(sku: str) -> Finding:
    return Finding(f"item:{sku}", "quantity.range", N_("The quantity is a whole number from 1 to 999."))


def hand_in(request: HttpRequest, found: Bundle) -> HttpResponseBase:
    try:
        services.submit(bundle=found, actor=person_of(request), at=timezone.now())
    except InvalidProposal as invalid:
        messages.error(request, gettext("Saved, but not submitted: %(problem)s") % {"problem": refused(invalid)})
        return redirect(f"{redirect('portal:edit', public_id=found.public_id).url}?check=1")
    except Refusal as refusal:
        return bundle_page(request, own(request, found.public_id), problem=refused(refusal), status=409)
    messages.success(request, gettext("Submitted. The shop answers within 3 working days."))
    return redirect("portal:bundle", public_id=found.public_id)


def editor(
    request: HttpRequest, found: Bundle | None, form: ProposalForm, content: Content, *,
    findings: list[Finding] | None = None, problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    findings = findings or []
    revision = found.current if found else None
    context = {
        "bundle": found,
        "revision": revision,
        "form": form,
        "rows": rows(request, content.items, findings),
        "item_errors": [said(f) for f in findings if f.field == "items" and f.severity is Severity.ERROR],
        "warnings": [said(f) for f in findings if f.severity is Severity.WARN],
        "error_count": sum(f.stops for f in findings) or sum(len(errors) for errors in form.errors.values()),
        "last_word": selectors.last_word(revision)
        if revision and revision.state == BundleState.NEEDS_CHANGES
        else None,
        "in_force": revision is not None and revision.state in RUNNING,
        "problem": problem,
    }
    return render(request, "portal/editor.html", context, status=status)


def rows(request: HttpRequest, items: tuple[Line, ...], findings: list[Finding]) -> list[dict[str, Any]]:
    """Rows of the editor; a SKU that is not the supplier's own is shown as it was typed, without any fact."""
    known = {
        product.sku: product
        for product in selectors.own_products(person_of(request)).filter(sku__in=[i.sku for i in items])
    }
    return [
        {
            "product": known.get(line.sku),
            "sku": line.sku,
            "quantity": line.quantity,
            "main": line.role is ItemRole.MAIN,
            "errors": [said(f) for f in findings if f.field == f"item:{line.sku}" and f.severity is Severity.ERROR],
        }
        for line in items
    ]


def bundle_page(request: HttpRequest, found: Bundle, *, problem: str = "", status: int = 200) -> HttpResponse:
    revision = found.current
    assert revision is not None  # noqa: S101 - a bundle is made together with its first revision
    state = BundleState(revision.state)
    items = selectors.items_of(revision)
    judged = selectors.judge(revision, at=timezone.now(), items=items)
    refused = state in (BundleState.NEEDS_CHANGES, BundleState.REJECTED)
    word = selectors.last_word(revision) if refused else None
    context = {
        "bundle": found,
        "revision": revision,
        "lines": items,
        "saving": judged.saving,
        "checks": [said(f) for f in judged.public if f.severity is Severity.ERROR] if state in OPEN else [],
        "placements": placements(revision.placements),
        "next_step": gettext(NEXT_STEPS[state]),
        "word": word,
        "word_reason": gettext(DECLINE_WORDS[DeclineReason(word.reason)]) if word and word.reason else "",
        "overdue": revision.due_at is not None and revision.due_at < timezone.now(),
        "theirs": state in IN_HANDS,
        "may_edit": state in OPEN | RUNNING,
        "may_submit": state in OPEN and revision.submitted_at is None,
        "may_withdraw": (state, BundleAction.WITHDRAW) in MOVES,
        "history": [
            (line, gettext(EVENT_WORDS.get(line.kind, line.kind)))
            for line in selectors.history(found, for_supplier=True)
        ],
        "problem": problem,
    }
    return render(request, "portal/bundle.html", context, status=status)
