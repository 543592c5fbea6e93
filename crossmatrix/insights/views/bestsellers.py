"""The first page's section of bestsellers nothing is offered with."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.accounts.guards import person_of
from crossmatrix.accounts.rules import Permission
from crossmatrix.insights.selectors.bestsellers import LOOKED_AT, uncovered_bestsellers
from crossmatrix.ui.numbers import plain
from crossmatrix.ui.queue import Row, Section

SHOWN = 5


def section(request: HttpRequest) -> Section | None:
    person = person_of(request)
    if not person.has_perm(Permission.PAIR_EDIT):
        return None
    found = uncovered_bestsellers(person)
    if not found:
        return None
    window = found[0].refresh
    first, last = (date_format(day, "j E Y") for day in (window.from_date, window.to_date))
    text = _("Of the %(n)s most bought products, these have no approved companion. Orders from %(first)s to %(last)s.")
    return Section(
        title=_("Uncovered bestsellers"),
        icon="chart",
        count=len(found),
        waits=False,
        text=text % {"n": LOOKED_AT, "first": first, "last": last},
        rows=[
            Row(
                title=one.product.name,
                url=reverse("matrix:product", args=[one.product_id]),
                hint=one.product.sku,
                value=ngettext("%(n)s order", "%(n)s orders", one.orders) % {"n": plain(one.orders)},
            )
            for one in found[:SHOWN]
        ],
        url=reverse("insights:evidence"),
        order=62,
    )
