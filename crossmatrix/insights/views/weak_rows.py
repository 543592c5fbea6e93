"""The queue of weak pairs as markup: fifty rows by a template took longer than reading them."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import Cause, Severity
from crossmatrix.insights.selectors.weak import DONE
from crossmatrix.insights.selectors.weak_words import short_weak, value_weak
from crossmatrix.insights.templatetags.insights import decision_name, severity_name, tone
from crossmatrix.ui import charts
from crossmatrix.ui.numbers import day_of
from crossmatrix.ui.rows import markup, opens

Trends = Mapping[tuple[int, int], Sequence[float | None]]
ROW = (
    '<li class="wi{}"><a href="{}" hx-get="{}"{}><i class="sev {}" aria-hidden="true"></i><span class="col grow g2">'
    '<span class="b trunc">{}</span><span class="sm t3 trunc">{}</span><span class="sm t2 trunc">{}</span></span>{}'
    '<span class="col wv"><b class="num sm">{}</b><span class="xs t3 num">{}</span></span></a></li>\n'
)


def weak_rows(
    flags: Sequence[WeakFlag], *, trends: Trends, chosen: int | None, query: str, tab: str, today: date
) -> SafeString:
    """The queue under a heading for each severity; `query` goes with the address of every row."""
    parts: list[str] = []
    for severity, group in groupby(flags, key=lambda flag: flag.severity):
        name = severity_name(severity)
        parts.append(markup('<h2 class="wg">{}</h2><ul aria-label="{}">', name, name))
        parts += [row(flag, trends=trends, chosen=chosen, query=query, tab=tab, today=today) for flag in group]
        parts.append("</ul>\n")
    return SafeString("".join(parts))


def row(flag: WeakFlag, *, trends: Trends, chosen: int | None, query: str, tab: str, today: date) -> SafeString:
    url, pair, current = opens("insights:weak_flag", flag.pk) + query, flag.pair, flag.pk == chosen
    return markup(
        ROW, " cur" if current else "", url, url, SafeString(' aria-current="true"' if current else ""),
        tone(flag.severity), pair.companion.name, gettext("to %(main)s") % {"main": pair.main.name},
        short_weak(flag.cause, flag.evidence), trend_of(flag, trends.get((pair.main_id, pair.companion_id))),
        value_weak(flag.cause, flag.evidence), when(flag, tab=tab, today=today),
    )  # fmt: skip


def trend_of(flag: WeakFlag, trend: Sequence[float | None] | None) -> str:
    if not trend:
        return ""
    falls = flag.cause == Cause.FALLING or flag.severity == Severity.URGENT
    return charts.spark(list(trend), width=56, height=22, tone="down" if falls else "flat", fill=False)


def when(flag: WeakFlag, *, tab: str, today: date) -> str:
    """What became of it; of an open one until when it should be decided when that is over, else since when it waits."""
    if tab == DONE:
        return decision_name(flag.decision)
    if flag.decide_by and flag.decide_by < today:
        return markup('<span class="bad-t">{}</span>', gettext("by %(day)s") % {"day": day_of(flag.decide_by, "j b")})
    return day_of(timezone.localtime(flag.raised_at).date(), "j b")
