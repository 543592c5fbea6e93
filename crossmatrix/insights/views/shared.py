"""What several screens show the same way."""

from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from crossmatrix.insights.models import PairStat
from crossmatrix.insights.selectors import evidence
from crossmatrix.ui.charts import Line
from crossmatrix.ui.numbers import percent

FEWEST_POINTS = 3  # weeks with data that make a line worth drawing


def trend_chart(stat: PairStat, usual: float | None, *, usual_name: str = "") -> dict[str, Any] | None:
    """The weekly attach rate as a chart with its sentence; None when there are too few weeks."""
    points = evidence.weekly(stat)
    known = [point for point in points if point["share"] is not None]
    if len(known) < FEWEST_POINTS:
        return None
    line = Line(
        names=[formats.date_format(point["start"], "j E") for point in points],
        values=[point["share"] for point in points],
        low=[point["low"] for point in points],
        high=[point["high"] for point in points],
        bench=[usual] * len(points) if usual is not None else (),
        unit="percent",
        main_name=_("This pair"),
        interval_name=_("95 % interval") if known else "",
        bench_name=usual_name,
    )
    label = _("Attach rate by week: from %(first)s to %(last)s.") % {
        "first": percent(known[0]["share"]),
        "last": percent(known[-1]["share"]),
    }
    return {"data": line, "label": label}
