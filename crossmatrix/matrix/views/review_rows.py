"""The queue of approvals as markup: eighty rows by a template took longer than reading them."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import due_of
from crossmatrix.ui.rows import markup, opens
from crossmatrix.ui.templatetags import ui

ROW = (
    '<li class="wi apr{current}"><input class="check" type="checkbox" name="row" value="{pk}" form="many" '
    'aria-label="{{}} → {{}}"{disabled}><a href="{url}" hx-get="{url}" id="row-{pk}"{aria}>'
    '<span class="row"><span class="b trunc grow">{{}}</span>{{}}{{}}</span><span class="sm t3 trunc">{{}}</span>'
    '<span class="row"><span class="sm t2 trunc grow">{{}}</span>{{}}</span></a></li>\n'
)


def review_rows(rows: Sequence[PairRevision], chosen: PairRevision | None) -> SafeString:
    """The <li>s of the queue: what to tick, what opens, when it is due. `row.own` marks what another has to decide."""
    now, companion_of = timezone.now(), gettext("to %(name)s")
    yours = markup('<span class="pill">{}</span>', gettext("yours"))
    written = []
    for row in rows:
        main, companion = row.pair.main.name, row.pair.companion.name
        own, current = getattr(row, "own", False), chosen is not None and row.pk == chosen.pk
        pattern = ROW.format(
            pk=row.pk, url=opens("matrix:approval", row.pk), current=" cur" if current else "",
            disabled=" disabled" if own else "", aria=' aria-current="true"' if current else "",
        )  # fmt: skip
        written.append(
            markup(
                pattern, main, companion, companion, yours if own else "", ui.ratio(row.ratio, row.ratio_status),
                companion_of % {"name": main}, row.reason, due_cell(row.submitted_at, now),
            )
        )  # fmt: skip
    return SafeString("".join(written))


def due_cell(submitted_at: datetime | None, now: datetime) -> str:
    """Until when the review has to be done."""
    if submitted_at is None:
        return ""
    term = due_of(submitted_at)
    late = term.over(now)
    return markup(
        '<span class="xs nowrap {}">{} {}</span>', "bad-t" if late else "t3",
        f"{gettext('overdue')}," if late else pgettext("review", "due"), ui.ago(term.at),
    )  # fmt: skip
