"""What the companions of a main bring, as a chart, its table and its sentence."""

from dataclasses import dataclass
from datetime import date

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from crossmatrix.catalog.models import Product
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import PairState
from crossmatrix.matrix.selectors.beside import Effect
from crossmatrix.ui.charts import Line
from crossmatrix.ui.numbers import money, plain

ACCEPTED = (PairState.APPROVED, PairState.SUPERSEDED, PairState.RETIRED)


@dataclass(frozen=True)
class Start:
    """A companion's first approval within the period."""

    number: int  # its mark in the chart; companions of one week share it
    week: int
    day: date
    name: str


@dataclass(frozen=True)
class Chart:
    line: Line
    starts: list[Start]
    label: str  # the chart as a sentence


def starts_of(main: Product, effect: Effect) -> list[Start]:
    """First approvals of the main's companions in the period, oldest first."""
    rows = (
        PairRevision.objects.filter(pair__main=main, state__in=ACCEPTED, decided_at__isnull=False)
        .order_by("pair_id", "decided_at", "pk")
        .distinct("pair_id")
        .values_list("decided_at", "pair__companion__name")
    )
    found = sorted((timezone.localtime(at).date(), name) for at, name in rows if at is not None)
    starts: list[Start] = []
    for day, name in found:
        weeks = [index for index, week in enumerate(effect.weeks) if week.start <= day]
        if not weeks or day > effect.last:
            continue
        same = starts and starts[-1].week == weeks[-1]
        number = starts[-1].number + (not same) if starts else 1
        starts.append(Start(number, weeks[-1], day, name))
    return starts


def effect_chart(main: Product, effect: Effect) -> Chart:
    """Companions bought in a hundred orders with the main, by week, with the starts of companions marked."""
    values = [100 * week.companions / week.orders if week.orders else None for week in effect.weeks]
    names = [formats.date_format(week.start, "j b") for week in effect.weeks]
    starts = starts_of(main, effect)
    marks = {start.week: str(start.number) for start in starts}
    line = Line(
        names=sparse(names),
        values=values,
        unit="num",
        main_name=_("Companions in 100 orders"),
        events=tuple(marks.items()),
    )
    return Chart(line, starts, words_of(effect, values, names))


def sparse(names: list[str]) -> list[str]:
    """Names of the x axis for a narrow chart: of those it would write, not the one before the last."""
    left_out = 2 * len(names) // 3 if len(names) > 3 else -1
    return ["" if index == left_out else name for index, name in enumerate(names)]


def words_of(effect: Effect, values: list[float | None], names: list[str]) -> str:
    """What the chart shows, for those who do not see it."""
    known = [(value, name) for value, name in zip(values, names, strict=True) if value is not None]
    if not known:
        return _("No orders in the period.")
    best, least = max(known), min(known)
    text = _("Companions in 100 orders by week: from %(least)s (%(when)s) to %(best)s (%(then)s), at the end %(last)s.") % {
        "least": plain(round(least[0])), "when": least[1], "best": plain(round(best[0])), "then": best[1],
        "last": plain(round(known[-1][0])),
    }  # fmt: skip
    if effect.addition is not None:
        text += " " + _("On average they add %(money)s to an order.") % {"money": money(round(effect.addition), "RUB")}
    return text
