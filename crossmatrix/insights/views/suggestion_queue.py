"""The queue of suggestions: products to the left, the best companion of one with its evidence to the right; and filling
the open slots of many products at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.catalog.models import Product
from crossmatrix.insights import services
from crossmatrix.insights.models import PairStat
from crossmatrix.insights.rules.scoring import Dial
from crossmatrix.insights.rules.words import DIAL_NAMES
from crossmatrix.insights.selectors import evidence
from crossmatrix.insights.selectors.candidates import Found
from crossmatrix.insights.selectors.suggestions import suggestions, told
from crossmatrix.insights.selectors.waiting import FILLED_AT_ONCE, mains_waiting, proposals, reason_of
from crossmatrix.insights.views.shared import trend_chart
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import OpBatch
from crossmatrix.matrix.selectors.slots import DefaultReasons
from crossmatrix.ui.htmx import wants_part
from crossmatrix.ui.text import sentence

PAGE = 25
LATER = timedelta(days=30)


@requires(Permission.EVIDENCE_VIEW)
def queue(request: HttpRequest) -> HttpResponse:
    """The page, or its right side alone."""
    context = page(request, person_of(request))
    part = wants_part(request) and request.headers.get("HX-Target") == "suggestion-detail"
    return render(request, "insights/_suggestion_detail.html" if part else "insights/suggestions.html", context)


def page(request: HttpRequest, user: User) -> dict[str, Any]:
    """Products of one page with their best suggestion, and the chosen one's suggestions with their evidence."""
    asked = request.GET.get("dial", "")
    dial = Dial(asked) if asked in set(Dial) else Dial.BALANCED
    query, proven = request.GET.get("q", "").strip()[:100], bool(request.GET.get("proven"))
    mains = Paginator(mains_waiting(user, query), PAGE).get_page(request.GET.get("page"))
    found = suggestions(list(mains), dial=dial)
    if proven:
        found = {main: [one for one in rows if one.told["significant"]] for main, rows in found.items()}
    rows = [(main, found[main.pk][0]) for main in mains if found.get(main.pk)]
    context = {
        "mains": mains, "rows": rows, "dial": dial.value, "dials": [(one.value, _(DIAL_NAMES[one])) for one in Dial],
        "query": query, "proven": proven, "refresh": evidence.current_refresh(),
        "may_edit": user.has_perm(Permission.PAIR_EDIT),
        "asked": urlencode({"dial": dial.value, "q": query, "proven": "1" if proven else "", "page": mains.number}),
    }  # fmt: skip
    return context | chosen(request, rows, found)


def chosen(
    request: HttpRequest, rows: Sequence[tuple[Product, Found]], found: dict[int, list[Found]]
) -> dict[str, Any]:
    """The suggestion of the address, else the first; the product before it in the queue, for the key K."""
    ids = [main.pk for main, _best in rows]
    if not ids:
        return {"one": None}
    wanted, companion = (request.GET.get(name, "") for name in ("main", "companion"))
    main = int(wanted) if wanted.isdecimal() and int(wanted) in ids else ids[0]
    mine = found[main]
    one = next((row for row in mine if str(row.companion.pk) == companion), mine[0])
    stat = one.stat if one.stat.pk else None
    place = ids.index(main)
    return {
        "one": one, "row": told(one), "others": [(row, told(row)) for row in mine if row is not one][:8], "many": len(mine),
        "chart": chart_of(one, stat) if stat else None, "place": place + 1, "places": len(ids),
        "before": ids[place - 1] if place else None, "reason": reason_of(DefaultReasons(), one)[0],
    }  # fmt: skip


def chart_of(one: Found, stat: PairStat) -> dict[str, Any] | None:
    """The weekly attach rate of the pair, beside what orders with the main's type show."""
    name = _("On average with %(type)s") % {"type": one.told["type"]} if "type" in one.told else ""
    return trend_chart(stat, one.told.get("type_rate"), usual_name=name)


@require_POST
@requires(Permission.PAIR_EDIT)
def decide(request: HttpRequest) -> HttpResponse:
    """Take the decision on one suggestion; the product's next one comes up."""
    user, at, form = person_of(request), timezone.now(), request.POST
    mine = Product.objects.select_related("category").filter(
        within(user, "category__path", Permission.PAIR_EDIT), pk=_number(form.get("main"))
    )
    main, companion = mine.first(), Product.objects.filter(pk=_number(form.get("companion"))).first()
    if main is None or companion is None:
        messages.error(request, _("There is no such product in your categories."))
        return _back(request, None)
    reason = form.get("reason", "").strip()
    try:
        match form.get("action"):
            case "accept":
                services.accept_suggestion(main=main, companion=companion, reason=reason, actor=user, at=at)
                messages.success(request, _("Accepted as a draft, with its evidence."))
            case "not_suitable":
                services.reject_suggestion(main=main, companion=companion, reason=reason, actor=user, at=at)
                messages.success(request, _("Marked as not suitable: it will not be suggested again."))
            case _later:
                until = timezone.localdate(at) + LATER
                services.put_off_suggestion(main=main, companion=companion, until=until, actor=user, at=at)
                messages.success(request, _("Put off for 30 days."))
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return _back(request, main)


@requires(Permission.PAIR_EDIT)
def fill(request: HttpRequest) -> HttpResponse:
    """What would fill the open slots of the queue's products; written only when the form is sent."""
    user, query = person_of(request), request.GET.get("q", "").strip()[:100]
    asked = [int(text) for text in request.GET.getlist("main") if text.isdecimal()][:FILLED_AT_ONCE]
    found = mains_waiting(user, query).filter(within(user, "category__path", Permission.PAIR_EDIT))
    mains = list((found.filter(pk__in=asked) if asked else found)[:FILLED_AT_ONCE])
    if request.method == "POST":
        return _filled(request, user, mains)
    return render(
        request, "insights/fill.html",
        {"proposals": proposals(mains), "mains": mains, "query": query, "key": uuid4().hex, "limit": FILLED_AT_ONCE},
    )  # fmt: skip


def _filled(request: HttpRequest, user: User, mains: Sequence[Product]) -> HttpResponse:
    keys = {
        (int(parts[0]), int(parts[1]))
        for text in request.POST.getlist("pair")
        if len(parts := text.split(":")) == 2 and all(part.isdecimal() for part in parts)
    }
    key = request.POST.get("key", "")[:64]
    if not keys or not key:
        messages.error(request, _("Nothing is ticked: nothing was written."))
        return HttpResponseRedirect(request.get_full_path())
    wanted = Product.objects.select_related("category").filter(
        within(user, "category__path", Permission.PAIR_EDIT), pk__in={main for main, _companion in keys}
    )
    try:
        filled = services.fill_open_slots(
            mains=list(wanted[:FILLED_AT_ONCE]), keys=keys, actor=user, at=timezone.now(), key=key
        )
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return HttpResponseRedirect(request.get_full_path())
    return render(
        request, "insights/filled.html",
        {
            "written": [one for one in filled if one.refusal is None], "key": key,
            "left_out": [(one, sentence(one.refusal)) for one in filled if one.refusal is not None],
            "missing": len(keys) - len(filled),
        },
    )  # fmt: skip


@require_POST
@requires(Permission.PAIR_EDIT)
def undo_fill(request: HttpRequest) -> HttpResponse:
    """Take a filling back; pairs changed since stay."""
    user = person_of(request)
    made = get_object_or_404(OpBatch, key=request.POST.get("key", ""), actor=user)
    try:
        answer = matrix.undo(op_batch=made, actor=user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    else:
        many = int(answer["reversed"])
        messages.success(request, ngettext("%(n)s pair taken back.", "%(n)s pairs taken back.", many) % {"n": many})
        if answer["kept"] or answer["failed"]:
            messages.warning(request, _("Undone in part: what somebody edited or decided since stays."))
    return HttpResponseRedirect(reverse("insights:suggestions"))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _back(request: HttpRequest, main: Product | None) -> HttpResponseRedirect:
    """The queue as it was, on the same product."""
    asked = request.GET.copy()
    asked.pop("companion", None)
    if main is not None:
        asked["main"] = str(main.pk)
    return HttpResponseRedirect(f"{reverse('insights:suggestions')}?{asked.urlencode()}")
