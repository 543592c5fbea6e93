"""The dashboard of a category: attach rate, average check with and without companions, their share, coverage, cohorts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Category
from crossmatrix.insights import services
from crossmatrix.insights.rules.boards import FEWEST_ORDERS, Counts, change
from crossmatrix.insights.selectors import dashboards
from crossmatrix.insights.selectors.dashboards import Board, Point
from crossmatrix.insights.services.dashboards import TASK
from crossmatrix.jobs import selectors as jobs
from crossmatrix.ui.charts import Line
from crossmatrix.ui.numbers import NONE, money, percent, plain

THOUSANDS_FROM = 10_000
Figure = Callable[[Counts], float | None]


@dataclass(frozen=True)
class Chart:
    """A line with its heading and the sentence for those who do not see it; `data` is None without enough months."""

    title: str
    hint: str
    data: Line | None
    label: str


@dataclass(frozen=True)
class Tile:
    """One figure of the period against the year before."""

    name: str
    value: str
    before: str
    change: float | None
    beside: str = ""


@requires(Permission.EVIDENCE_VIEW)
def dashboard(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    allowed, everything = list(dashboards.categories_for(user)), dashboards.sees_everything(user)
    chosen = chosen_category(request, allowed, everything=everything)
    months = int(asked) if (asked := request.GET.get("months", "")).isdecimal() else dashboards.SPANS[-1]
    months = months if months in dashboards.SPANS else dashboards.SPANS[-1]
    counted = dashboards.board(chosen, months) if everything or chosen else None
    context: dict[str, Any] = {
        "board": counted, "categories": allowed, "everything": everything, "months": months, "spans": dashboards.SPANS,
        "category": chosen, "may_count": user.has_perm(Permission.EVIDENCE_REFRESH), "job": running(),
        "fewest": FEWEST_ORDERS, "path": parents_of(chosen, allowed),
    }  # fmt: skip
    if counted is not None:
        context |= {"tiles": tiles(counted), "charts": charts(counted), "ages": ages(counted)}
    return render(request, "insights/dashboard.html", context)


def chosen_category(request: HttpRequest, allowed: list[Category], *, everything: bool) -> Category | None:
    """The category of the address; without one everything, or the person's first. Raises PermissionDenied."""
    asked = request.GET.get("category", "")
    if asked:
        wanted = get_object_or_404(Category, pk=int(asked) if asked.isdecimal() else 0)
        if wanted not in allowed and not everything:
            raise PermissionDenied
        return wanted
    return None if everything or not allowed else min(allowed, key=lambda one: (len(one.path), one.full_name))


def parents_of(category: Category | None, allowed: list[Category]) -> list[Category]:
    """Categories above the chosen one that the person may open, widest first."""
    if category is None:
        return []
    return sorted(
        (one for one in allowed if category.path.startswith(one.path) and one.pk != category.pk),
        key=lambda one: len(one.path),
    )


def running() -> Any:
    """The counting under way."""
    job = jobs.latest(TASK)
    return job if job is not None and job.finished_at is None else None


def tiles(board: Board) -> list[Tile]:
    def shown(name: str, figure: Figure, say: Callable[[Any], str], beside: str = "") -> Tile:
        now, before = figure(board.now), figure(board.before)
        return Tile(name, say(now), say(before) if before is not None else "", change(now, before), beside)

    counts = {"with": plain(board.now.orders_with), "all": plain(board.now.orders)}
    covered = {"covered": plain(board.coverage.covered), "products": plain(board.coverage.products)}
    return [
        shown(_("Attach rate"), lambda one: one.attach_rate, percent, _("%(with)s of %(all)s orders") % counts),
        shown(_("Average order with companions"), lambda one: one.check_with, whole),
        shown(_("… without them"), lambda one: one.check_without, whole),
        shown(_("Companions' part of the money"), lambda one: one.companion_share, percent),
        Tile(
            _("Coverage"), percent(board.coverage.share) if board.coverage.share is not None else NONE, "", None,
            _("%(covered)s of %(products)s products") % covered,
        ),
    ]  # fmt: skip


def whole(value: float | None) -> str:
    """Money without kopecks: an average has none worth reading."""
    return NONE if value is None else money(round(value))


def charts(board: Board) -> list[Chart]:
    return [
        year_chart(board, _("Attach rate"), _("orders with a companion ÷ orders with a main"), lambda one: one.attach_rate, "percent", percent),
        check_chart(board),
        year_chart(board, _("Companions' part of the money"), _("sales of companions ÷ sales of these orders"), lambda one: one.companion_share, "percent", percent),
    ]  # fmt: skip


def year_chart(board: Board, title: str, hint: str, figure: Figure, unit: str, say: Callable[[Any], str]) -> Chart:
    """A figure by month with the same months a year before."""
    values = [figure(point.now) for point in board.points]
    before = [figure(point.before) for point in board.points] if board.year_before else []
    bands = [point.now.interval for point in board.points] if unit == "percent" and title == _("Attach rate") else []
    data = Line(
        names=names(board.points), values=values, bench=before, unit=unit, main_name=_("This year"),
        low=[band.low if band else None for band in bands], high=[band.high if band else None for band in bands],
        interval_name=_("95 % interval") if bands else "", bench_name=_("A year before") if before else "",
    )  # fmt: skip
    return Chart(title, hint, *drawn(data, title, say))


def check_chart(board: Board) -> Chart:
    """Average orders with companions against those without; in thousands when they are large."""
    checks = [(point.now.check_with, point.now.check_without) for point in board.points]
    large = max((value for pair in checks for value in pair if value is not None), default=0.0) >= THOUSANDS_FROM
    unit = 1000 if large else 1

    def scaled(values: list[float | None]) -> list[float | None]:
        return [None if value is None else round(value / unit, 1) for value in values]

    data = Line(
        names=names(board.points), values=scaled([with_ for with_, _without in checks]),
        bench=scaled([without for _with, without in checks]), unit="num", main_name=_("With companions"),
        bench_name=_("Without"),
    )  # fmt: skip
    hint = (
        _("with companions and without them, thousands of roubles")
        if large
        else _("with companions and without them, roubles")
    )
    title = _("Average order")
    return Chart(title, hint, *drawn(data, title, lambda value: whole(value * unit)))


def drawn(data: Line, title: str, say: Callable[[Any], str]) -> tuple[Line | None, str]:
    """The line and its sentence; nothing below two months with data."""
    known = [(name, value) for name, value in zip(data.names, data.values, strict=True) if value is not None]
    if len(known) < 2:
        return None, ""
    compared = [value for value in data.bench if value is not None]
    label = _("%(title)s by month: %(first)s in %(from)s, %(last)s in %(to)s.") % {
        "title": title, "first": say(known[0][1]), "from": known[0][0], "last": say(known[-1][1]), "to": known[-1][0],
    }  # fmt: skip
    if compared and data.bench_name:
        label += " " + _("%(name)s: from %(low)s to %(high)s.") % {
            "name": data.bench_name, "low": say(min(compared)), "high": say(max(compared))
        }  # fmt: skip
    return data, label


def names(points: list[Point]) -> list[str]:
    return [formats.date_format(point.month, "M Y" if point.month.month == 1 else "M") for point in points]


def ages(board: Board) -> list[int]:
    """Months since the first order, as columns of the cohort table."""
    return list(range(max((len(cohort.shares) for cohort in board.cohorts), default=0)))


@require_POST
@requires(Permission.EVIDENCE_REFRESH)
def count(request: HttpRequest) -> HttpResponse:
    """Owe a counting now."""
    services.order_dashboards(actor=person_of(request), at=timezone.now())
    messages.info(request, _("The dashboards are being counted."))
    return redirect("insights:dashboard")
