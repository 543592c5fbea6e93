"""What is known about one cell: evidence, checks, history; the fragments are shown by the grid, by the page of a cell
and by whoever includes matrix/_cell_*.html with this context."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.selectors import history_of
from crossmatrix.catalog.models import Category, Product
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import ReasonKind, Verdict
from crossmatrix.matrix.rules.comments import Place
from crossmatrix.matrix.selectors import grid, lookups, providers
from crossmatrix.matrix.selectors.cards import floors_of
from crossmatrix.matrix.selectors.comments import may_read
from crossmatrix.matrix.selectors.matrices import matrices_for
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.selectors.slots import slots_for
from crossmatrix.matrix.views.discussions import discussion_of
from crossmatrix.ui.charts import Line
from crossmatrix.ui.numbers import percent

HISTORY = 8  # events in the panel; the page of the history has all
FEWEST_POINTS = 3  # periods with orders that make a line worth drawing


def inspector_context(person: User, main: Product, companion_id: int) -> dict[str, Any]:
    """Everything the fragments of a cell show; the discussion is asked for apart. Raises Http404."""
    companion = get_object_or_404(lookups.products(), pk=companion_id)
    pair = Pair.objects.select_related("current", "approved").filter(main=main, companion=companion).first()
    limits = Judge().limits(
        main.category.path if main.category else "",
        pair.current.kind if pair and pair.current else ReasonKind.ACCESSORY,
        companion.category.path if companion.category else "",
    )
    row = grid.cells_of_pairs([(main.pk, companion.pk)]).get((main.pk, companion.pk))
    evidence = providers.evidence_detail(main.pk, companion.pk)
    return {
        "main": main, "companion": companion, "pair": pair, "limits": limits,
        "state": row[2] if row and row[2] != "hint" else "",
        "evidence": evidence, "chart": trend(evidence) if evidence else None,
        "floor": floors_of(main.pk, [companion.pk], today=timezone.localdate()).get(companion.pk),
        "checks": lookups.checks(main=main, companion=companion, pair=pair, limits=limits),
        "history": history_of(pair)[:HISTORY] if pair else [],
    }  # fmt: skip


def trend(evidence: providers.PairEvidence) -> dict[str, Any] | None:
    """The attach rate over time with its interval, against what is usual; None with too few periods."""
    known = [point for point in evidence.points if point.share is not None]
    if len(known) < FEWEST_POINTS:
        return None
    compared = any(point.usual is not None for point in evidence.points)
    line = Line(
        names=[formats.date_format(point.start, "d.m") for point in evidence.points],  # short: the panel is narrow
        values=[point.share for point in evidence.points],
        low=[point.low for point in evidence.points],
        high=[point.high for point in evidence.points],
        bench=[point.usual for point in evidence.points] if compared else (),
        unit="percent",
        main_name=_("This pair"),
        interval_name=_("95% interval"),
        bench_name=_("Usual between these categories") if compared else "",
    )
    label = _("Attach rate by week: from %(first)s to %(last)s.") % {
        "first": percent(known[0].share), "last": percent(known[-1].share),
    }  # fmt: skip
    return {"data": line, "label": label}


def number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


@require_GET
@requires(Permission.PAIR_VIEW)
def grid_cell(request: HttpRequest, pk: int) -> HttpResponse:
    """The side panel of one cell of a matrix, at SKU level or between two categories."""
    person = person_of(request)
    get_object_or_404(matrices_for(person), pk=pk)
    if "main_category" in request.GET:
        return type_cell(request, person)
    main = get_object_or_404(lookups.mains_for(person), pk=number(request, "main"))
    context = inspector_context(person, main, number(request, "companion"))
    place = Place(main.pk, context["companion"].pk)
    return render(request, "matrix/_inspector.html", context | {"talk": discussion_of(person, place)})


def type_cell(request: HttpRequest, person: User) -> HttpResponse:
    """The side panel of a cell between two categories."""
    categories = Category.objects.all()
    main = get_object_or_404(categories, pk=number(request, "main_category"))
    companion = get_object_or_404(categories, pk=number(request, "companion_category"))
    if not may_read(person, main.path):
        raise Http404
    place = Place(main.pk, companion.pk, by_type=True)
    slot = slots_for(person).filter(main_category=main, companion_category=companion).first()
    context = {
        "main": main, "companion": companion, "slot": slot, "talk": discussion_of(person, place),
        "refused": slot is not None and slot.verdict == Verdict.NOT_SUITABLE,
        "history": history_of(slot)[:HISTORY] if slot else [],
    }  # fmt: skip
    return render(request, "matrix/_inspector_type.html", context)
