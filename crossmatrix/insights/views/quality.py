"""How far the orders can be trusted: a page, and a notice on the first page when days are unlike the others."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.accounts.guards import requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.insights.rules.baskets import WHOLESALE_ABOVE
from crossmatrix.insights.selectors import evidence, quality
from crossmatrix.insights.selectors.seen import reported
from crossmatrix.ui.numbers import plain
from crossmatrix.ui.queue import Row, Section

SHOWN, SHOWN_IN_QUEUE = 20, 5


@requires(Permission.EVIDENCE_VIEW)
def page(request: HttpRequest) -> HttpResponse:
    refresh = evidence.current_refresh()
    bare = quality.without_category()
    return render(
        request,
        "insights/quality.html",
        {
            "refresh": refresh, "pulse": quality.pulse(timezone.localdate()), "totals": quality.intake_totals(),
            "intakes": quality.intakes()[:SHOWN], "months": quality.months()[:SHOWN],
            "unknown": refresh.unknown.order_by("-orders", "sku")[:SHOWN] if refresh else [],
            "bare": bare[:SHOWN], "bare_count": bare.count(), "wholesale_above": WHOLESALE_ABOVE,
            "kept_months": settings.ORDERS_KEPT_MONTHS, "kept_views": settings.EXPOSURES_KEPT_MONTHS,
            "in_bucket": bool(settings.ORDERS_STORAGE),
            "reported": reported(timezone.localdate()),
        },
    )  # fmt: skip


def pulse_section(request: HttpRequest) -> Section | None:
    """Unusual days, for those who may count orders; nothing at all when there are none."""
    if not request.user.has_perm(Permission.EVIDENCE_REFRESH):
        return None
    pulse = quality.pulse(timezone.localdate())
    if not pulse:
        return None
    url = reverse("insights:quality")
    rows = [
        Row(
            title=date_format(day.day, "j E"),
            hint=_("usually %(low)s to %(high)s orders") % {"low": plain(day.low), "high": plain(day.high)},
            value=ngettext("%(n)s order", "%(n)s orders", day.orders) % {"n": plain(day.orders)},
            tone="bad" if day.missing else "warn",
            url=url,
        )
        for day in pulse.unusual[:SHOWN_IN_QUEUE]
    ]
    if pulse.silent_since:
        since = date_format(pulse.silent_since, "j E")
        rows.insert(0, Row(title=_("No orders since %(day)s") % {"day": since}, tone="bad", url=url))
    return Section(
        title=_("Orders look unusual"), icon="chart", count=len(rows), rows=rows, url=url, order=60, waits=False,
        text=_("Days outside what this weekday and season bring. A file may be missing or doubled."),
    )  # fmt: skip
