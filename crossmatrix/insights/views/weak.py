"""The inbox of weak pairs: the queue to the left, one pair with its evidence and decisions to the right."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.insights import services
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import CAUSE_NAMES, Cause, Decision
from crossmatrix.insights.selectors import evidence, weak
from crossmatrix.insights.services.weak import TASK
from crossmatrix.insights.views.weak_detail import detail
from crossmatrix.insights.views.weak_rows import weak_rows
from crossmatrix.jobs import selectors as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.htmx import wants_part
from crossmatrix.ui.text import sentence

PAGE = 50


@requires(Permission.EVIDENCE_VIEW)
def inbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The queue with the flag of the address, or its first one."""
    user = person_of(request)
    if wants_part(request) and pk is not None and request.headers.get("HX-Target") == "weak-detail":
        flag = get_object_or_404(weak.flags_for(user), pk=pk)
        found, _asked = queue(request, user)
        return render(request, "insights/_weak_detail.html", detail(request, flag) | place_of(flag, weak.keys(found)))
    return render(request, "insights/weak.html", page(request, user, pk))


def queue(request: HttpRequest, user: User) -> tuple[Any, dict[str, str]]:
    """The flags the address asks for, and what it asks."""
    tab, cause = request.GET.get("tab", weak.OPEN), request.GET.get("cause", "")
    asked = {
        "tab": tab if tab in weak.TABS else weak.OPEN, "cause": cause if cause in set(Cause) else "",
        "query": request.GET.get("q", "").strip()[:100], "late": "1" if request.GET.get("late") else "",
    }  # fmt: skip
    today = timezone.localdate()
    found = weak.matching(
        weak.in_tab(weak.flags_for(user), asked["tab"], today), text=asked["query"], cause=asked["cause"]
    )
    return (found.filter(decide_by__lt=today) if asked["late"] else found), asked


def page(request: HttpRequest, user: User, pk: int | None) -> dict[str, Any]:
    """Everything of the whole page."""
    today = timezone.localdate()
    found, asked = queue(request, user)
    keys = weak.keys(found)
    rows = Paginator(keys, PAGE).get_page(request.GET.get("page"))
    shown = weak.listed(list(rows))
    asked_for = pk if pk is not None else next(iter(rows), None)
    flag = get_object_or_404(weak.flags_for(user), pk=asked_for) if asked_for is not None else None
    trends = evidence.trends({(row.pair.main_id, row.pair.companion_id) for row in shown})
    query = request.GET.copy()
    query["page"] = str(rows.number)
    context = {
        "rows": rows, "many": len(keys) == weak.CAP, "listed": weak_rows(
            shown, trends=trends, chosen=flag.pk if flag else None, query=f"?{query.urlencode()}", tab=asked["tab"], today=today
        ),
        "causes": [(one.value, _(name)) for one, name in CAUSE_NAMES.items()],
        "refresh": evidence.current_refresh(), "may_look": user.has_perm(Permission.FLAG_DECIDE),
        "may_rule": user.has_perm(Permission.POLICY_EDIT), "job": job_of(request),
    } | asked | weak.standing(user, today=today, since=timezone.now() - timedelta(days=7))  # fmt: skip
    return context | (detail(request, flag) | place_of(flag, keys) if flag else {"flag": None})


def place_of(flag: WeakFlag, keys: Sequence[int]) -> dict[str, int]:
    """Where the flag stands in the queue, from 1; nothing when it is not in it."""
    return {"place": keys.index(flag.pk) + 1, "places": len(keys)} if flag.pk in keys else {}


def job_of(request: HttpRequest) -> JobRun | None:
    """The look under way, or the one the address names."""
    asked = request.GET.get("job", "")
    if asked.isdecimal():
        return JobRun.objects.filter(pk=int(asked), task=TASK).first()
    running = jobs.latest(TASK)
    return running if running is not None and running.finished_at is None else None


@require_POST
@requires(Permission.FLAG_DECIDE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the decision of the form and go on to the next flag."""
    user, at = person_of(request), timezone.now()
    flag = get_object_or_404(weak.flags_for(user), pk=pk)
    form = request.POST
    following = next_after(user, flag)
    try:
        services.decide_flag(
            flag=flag, decision=_decision(form.get("decision", "")), actor=user, at=at, note=form.get("note", ""),
            until=_day(form.get("until", "")), companion=_companion(form.get("companion", "")),
        )  # fmt: skip
    except Refusal as refusal:
        return render(
            request, "insights/weak.html", page(request, user, pk) | {"problem": sentence(refusal)}, status=409
        )
    messages.success(request, _done(form["decision"]))
    return _back(request, following)


def _decision(text: str) -> Decision:
    if text not in set(Decision):
        raise Refusal(code="decision.unknown")
    return Decision(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal(_("“%(text)s” is not a day.") % {"text": text[:20]}, code="flag.date") from None


def _companion(sku: str) -> Product | None:
    """The replacement chosen; none chosen: the best one."""
    if not sku:
        return None
    found = Product.objects.filter(sku=sku.strip()).first()
    if found is None:
        raise Refusal(_("There is no product “%(sku)s”.") % {"sku": sku[:64]}, code="sku.unknown")
    return found


def _done(decision: str) -> str:
    return {
        Decision.KEEP: _("Kept. The reason is in the history of the pair."),
        Decision.REPLACE: _("Replaced: the new pair went to approval, this one is retired."),
        Decision.RETIRE: _("Retired: the next release drops the pair."),
        Decision.NOT_SUITABLE: _("Marked as not suitable: it will not be suggested again."),
    }[Decision(decision)]


def next_after(user: User, flag: WeakFlag) -> int | None:
    """The open flag below this one in the queue, or the one above it when it was the last."""
    keys = weak.keys(weak.open_flags(user, timezone.localdate()))
    if flag.pk not in keys:
        return keys[0] if keys else None
    at = keys.index(flag.pk)
    rest = [*keys[at + 1 :], *reversed(keys[:at])]
    return rest[0] if rest else None


def _back(request: HttpRequest, pk: int | None) -> HttpResponseRedirect:
    query = request.GET.urlencode()
    address = reverse("insights:weak_flag", args=[pk]) if pk else reverse("insights:weak")
    return redirect(f"{address}?{query}" if query else address)


@require_POST
@requires(Permission.FLAG_DECIDE)
def look(request: HttpRequest) -> HttpResponse:
    """Owe a look for weak pairs now, and come back to the inbox, which shows how it goes."""
    run = services.order_look(actor=person_of(request), at=timezone.now())
    return redirect(f"{reverse('insights:weak')}?job={run.pk}")
