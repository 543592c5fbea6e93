"""Sections of the first page that tell how the person's categories stand."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crossmatrix.accounts.guards import person_of
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.selectors import capped_count
from crossmatrix.matrix.selectors import tally
from crossmatrix.matrix.selectors.overview import blocked_links, slot_standings
from crossmatrix.matrix.selectors.pairs import as_lines
from crossmatrix.matrix.views.queue import COUNTED, FIRST, title_of
from crossmatrix.ui.numbers import percent, ratio
from crossmatrix.ui.queue import Row, Section

GOOD, FAIR = 0.9, 0.5  # shares of what a slot wants


def coverage(request: HttpRequest) -> Section | None:
    """Slots that lack companions, those that lack most first; each opens its proposals."""
    person = person_of(request)
    if not person.has_perm(Permission.PAIR_EDIT):
        return None
    standings = slot_standings(person)
    if not standings:
        return None
    have, wanted = sum(one.have for one in standings), sum(one.wanted for one in standings)
    lacking = [one for one in standings if one.have < one.wanted]
    text = _("%(share)s of what the slots want is approved: %(have)s of %(wanted)s companions.")
    return Section(
        title=_("Coverage of my categories"),
        icon="layers",
        count=len(lacking),
        waits=False,
        text=text % {"share": percent(have / wanted), "have": have, "wanted": wanted},
        counted_at=tally.counted_at(tally.PAIRS),
        rows=[
            Row(
                title=f"{one.main} × {one.companion}",
                url=reverse("matrix:slot_fill", args=[one.slot]),
                hint=_("%(have)s of %(wanted)s wanted") % {"have": one.have, "wanted": one.wanted},
                value=percent(one.share),
                tone="ok" if one.share >= GOOD else "warn" if one.share >= FAIR else "bad",
            )
            for one in lacking[:FIRST]
        ],
        url=reverse("matrix:slots"),
        order=60,
    )


def blocked(request: HttpRequest) -> Section | None:
    """Links whose companion costs too much for its main since a price or a limit changed."""
    person = person_of(request)
    if not person.has_perm(Permission.PAIR_EDIT):
        return None
    links = blocked_links(person)
    rows = [
        Row(
            title=title_of(one),
            url=reverse("matrix:pair", args=[one.pair_id]),
            hint=one.reason,
            value=ratio(one.ratio),
            tone="bad",
            state=one.state,
        )
        for one in as_lines(links)[:FIRST]
    ]
    if not rows:
        return None
    return Section(
        title=_("Price ratio blocks"), icon="warn", count=capped_count(links, COUNTED), rows=rows,
        url=f"{reverse('matrix:pairs')}?ratio=block", order=40,
    )  # fmt: skip
