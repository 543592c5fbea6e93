"""The inbox of weak pairs: the queue to the left, one pair with its evidence and decisions to the right."""

from datetime import date, timedelta
from decimal import Decimal
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
from crossmatrix.audit.selectors import history_of
from crossmatrix.catalog.models import Product
from crossmatrix.insights import services
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import CAUSE_NAMES, Cause, Decision
from crossmatrix.insights.selectors import evidence, weak
from crossmatrix.insights.views.shared import trend_chart
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.htmx import wants_part
from crossmatrix.ui.text import sentence

PAGE = 50
MONTH = 30
HISTORY = 12


@requires(Permission.EVIDENCE_VIEW)
def inbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The queue with the flag of the address, or its first one."""
    user = person_of(request)
    if wants_part(request) and pk is not None and request.headers.get("HX-Target") == "weak-detail":
        flag = get_object_or_404(weak.flags_for(user), pk=pk)
        return render(request, "insights/_weak_detail.html", detail(request, flag))
    return render(request, "insights/weak.html", page(request, user, pk))


def page(request: HttpRequest, user: User, pk: int | None) -> dict[str, Any]:
    """Everything of the whole page."""
    today, tab = timezone.localdate(), request.GET.get("tab", weak.OPEN)
    tab = tab if tab in weak.TABS else weak.OPEN
    mine = weak.flags_for(user)
    query, cause = request.GET.get("q", "").strip()[:100], request.GET.get("cause", "")
    found = weak.matching(weak.in_tab(mine, tab, today), text=query, cause=cause if cause in set(Cause) else "")
    rows = Paginator(found, PAGE).get_page(request.GET.get("page"))
    flag = get_object_or_404(mine, pk=pk) if pk is not None else next(iter(rows), None)
    trends = evidence.trends({(row.pair.main_id, row.pair.companion_id) for row in rows})
    items = [(row, trends.get((row.pair.main_id, row.pair.companion_id))) for row in rows]
    return {
        "rows": rows, "items": items, "tab": tab, "query": query, "cause": cause,
        "causes": [(one.value, _(name)) for one, name in CAUSE_NAMES.items()],
        "open_count": weak.in_tab(mine, weak.OPEN, today).count(),
        "later_count": weak.in_tab(mine, weak.LATER, today).count(),
        "done_count": weak.in_tab(mine, weak.DONE, today).filter(closed_at__gte=timezone.now() - timedelta(days=7)).count(),
        "refresh": evidence.current_refresh(), "may_look": user.has_perm(Permission.FLAG_DECIDE),
    } | (detail(request, flag) if flag else {"flag": None})  # fmt: skip


def detail(request: HttpRequest, flag: WeakFlag) -> dict[str, Any]:
    """One flag: its verdict, today's numbers, trend, replacements, history and what may be decided."""
    stat = evidence.stat_of(flag.pair.main_id, flag.pair.companion_id)
    usual = flag.evidence.get("usual")
    in_work = flag.closed_at is None
    products = Product.objects.select_related("category").in_bulk([row["product"] for row in flag.replacements])
    return {
        "flag": flag, "stat": stat, "numbers": evidence.numbers_of(stat) if stat else None,
        "chart": trend_chart(stat, usual) if stat else None, "missed": missed_sales(flag),
        "replacements": [(row, products[row["product"]]) for row in flag.replacements if row["product"] in products],
        "widest": max((row["attach_rate"] or 0 for row in flag.replacements), default=0),
        "history": history_of(flag.pair)[:HISTORY],
        "may_decide": in_work and request.user.has_perm(Permission.FLAG_DECIDE),
        "tomorrow": timezone.localdate() + timedelta(days=1), "in_a_month": timezone.localdate() + timedelta(days=MONTH),
        "query_string": request.GET.urlencode(),
    }  # fmt: skip


def missed_sales(flag: WeakFlag) -> Decimal | None:
    """Sales a month that a usual companion of the category would have brought more; None where it does not apply."""
    seen, price = flag.evidence, flag.pair.companion.price
    if flag.cause != Cause.RARELY_TAKEN or price is None:
        return None
    days = (date.fromisoformat(seen["to"]) - date.fromisoformat(seen["from"])).days + 1
    monthly = seen["orders_main"] * MONTH / days
    more = Decimal(monthly * max(0.0, seen["usual"] - seen["share"])) * price
    return more.quantize(Decimal(1)) or None


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
            until=_day(form.get("until", "")), companion=Product.objects.filter(sku=form.get("companion", "")).first(),
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


def _done(decision: str) -> str:
    return {
        Decision.KEEP: _("Kept. The reason is in the history of the pair."),
        Decision.REPLACE: _("Replaced: the new pair went to approval, this one is retired."),
        Decision.RETIRE: _("Retired: the next release drops the pair."),
        Decision.NOT_SUITABLE: _("Marked as not suitable: it will not be suggested again."),
    }[Decision(decision)]


def next_after(user: User, flag: WeakFlag) -> int | None:
    """The open flag below this one in the queue, or the one above it when it was the last."""
    queue = list(weak.open_flags(user, timezone.localdate()).values_list("pk", flat=True)[:1000])
    if flag.pk not in queue:
        return queue[0] if queue else None
    at = queue.index(flag.pk)
    rest = [*queue[at + 1 :], *reversed(queue[:at])]
    return rest[0] if rest else None


def _back(request: HttpRequest, pk: int | None) -> HttpResponseRedirect:
    query = request.GET.urlencode()
    address = reverse("insights:weak_flag", args=[pk]) if pk else reverse("insights:weak")
    return redirect(f"{address}?{query}" if query else address)


@require_POST
@requires(Permission.FLAG_DECIDE)
def look(request: HttpRequest) -> HttpResponse:
    """Owe a look for weak pairs now."""
    run = services.order_look(actor=person_of(request), at=timezone.now())
    return redirect(f"{reverse('insights:evidence')}?job={run.pk}")
