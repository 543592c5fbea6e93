"""Evidence as a whole (refreshes, data quality) and of one pair."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.catalog.models import Product
from crossmatrix.insights import services
from crossmatrix.insights.models import OrderFile, Refresh
from crossmatrix.insights.rules.promotions import FOOTING_NAMES, footing
from crossmatrix.insights.selectors import evidence
from crossmatrix.insights.selectors.floors import floor_of_pair
from crossmatrix.insights.selectors.money import PairMoney, money_of
from crossmatrix.insights.selectors.policies import limits_by_path, nearest
from crossmatrix.insights.selectors.seen import seen_of
from crossmatrix.insights.services.refresh import TASK
from crossmatrix.insights.views.shared import trend_chart
from crossmatrix.insights.views.weak_how import hows
from crossmatrix.jobs import selectors as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules.cards import FEWEST
from crossmatrix.ui.text import sentence

SHOWN = 20
KEEP = 12 * 3600  # seconds: a refresh never changes


class RefreshForm(forms.Form):
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=3660, required=False)
    until = forms.DateField(
        label=_("Until (the newest order day when empty)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


@requires(Permission.EVIDENCE_VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "insights/evidence.html", overview_context(request))


def overview_context(request: HttpRequest, form: RefreshForm | None = None) -> dict[str, Any]:
    """Current refresh, its data quality, order files by month, former refreshes, the job under way."""
    refresh = evidence.current_refresh()
    months = list(
        OrderFile.objects.values("month")
        .annotate(rows=Sum("rows"), files=Count("pk"), first=Min("first_date"), last=Max("last_date"))
        .order_by("-month")[:SHOWN]
    )
    asked = request.GET.get("job", "")
    job = JobRun.objects.filter(pk=int(asked)).first() if asked.isdecimal() else jobs.latest(TASK)
    return {
        "refresh": refresh, "months": months, "refreshes": evidence.refreshes()[:SHOWN], "job": job,
        "unknown": refresh.unknown.order_by("-orders", "sku")[:SHOWN] if refresh else [],
        "form": form or RefreshForm(initial={"days": settings.EVIDENCE_DAYS}),
        "may_refresh": request.user.has_perm(Permission.EVIDENCE_REFRESH),
        "strong": strongest(refresh),
    }  # fmt: skip


def strongest(refresh: Refresh | None) -> list[tuple[Any, Any]]:
    """The pairs with the largest excess, one direction each, as a taste of what was found; of a refresh once for all."""
    if refresh is None:
        return []
    key = f"strongest:{refresh.pk}:{refresh.started_at.timestamp()}"
    chosen: list[int] | None = cache.get(key)
    if chosen is None:
        found = evidence.stats().filter(score__gt=0, q_value__lte=0.05).order_by("-score", "pk")
        chosen = list(found.values_list("pk", flat=True)[:SHOWN])
        cache.set(key, chosen, KEEP)
    stats = evidence.stats().select_related("main", "companion").in_bulk(chosen)
    return [(stats[pk], evidence.numbers_of(stats[pk])) for pk in chosen if pk in stats]


@require_POST
@requires(Permission.EVIDENCE_REFRESH)
def refresh(request: HttpRequest) -> HttpResponse:
    """Owe a refresh now."""
    form = RefreshForm(request.POST)
    if form.is_valid():
        try:
            services.order_refresh(
                actor=person_of(request),
                at=timezone.now(),
                until=form.cleaned_data["until"],
                days=form.cleaned_data["days"],
            )
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("insights:evidence")
    return render(request, "insights/evidence.html", overview_context(request, form), status=422)


@requires(Permission.EVIDENCE_VIEW)
def pair(request: HttpRequest, main: int, companion: int) -> HttpResponse:
    """How the numbers of one pair are computed, with their counts, period and formulas."""
    product = get_object_or_404(Product.objects.select_related("category"), pk=main)
    other = get_object_or_404(Product.objects.select_related("category"), pk=companion)
    check_scope(person_of(request), product)
    stat = evidence.stat_of(main, companion)
    money, today = money_of(stat) if stat else None, timezone.localdate()
    pair = Pair.objects.filter(main=product, companion=other).first()
    return render(
        request,
        "insights/pair.html",
        {
            "main": product, "companion": other, "stat": stat, "numbers": evidence.numbers_of(stat) if stat else None,
            "refresh": evidence.current_refresh(), "chart": trend_chart(stat, None) if stat else None,
            "enough": stat is not None and stat.orders_main >= settings.WEAK_MIN_ORDERS,
            "min_orders": settings.WEAK_MIN_ORDERS,
            "pair": pair,
            "money": money, "footing": stands(money, product) if money else "", "seen": seen_of(main, companion, today),
            "hows": hows(pair.pk) if pair else [], "floor": floor_of_pair(main, companion, today), "fewest": FEWEST,
        },
    )  # fmt: skip


def stands(money: PairMoney, main: Product) -> str:
    """How the pair stands without a discount, in words."""
    limits = nearest(limits_by_path(), main.category.path if main.category else "")
    return gettext(FOOTING_NAMES[footing(money.split, limits.promo_share)])


def check_scope(user: User, main: Product) -> None:
    """People see evidence of mains in their own categories. Raises PermissionDenied."""
    path = main.category.path if main.category else ""
    if not any(path.startswith(prefix) for prefix in category_paths_of(user, Permission.EVIDENCE_VIEW)):
        raise PermissionDenied
