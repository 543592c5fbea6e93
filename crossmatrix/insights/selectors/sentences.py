"""Numbers as sentences in the reader's language: why a pair is suggested."""

from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.ui.numbers import percent, plain


def why_suggested(evidence: dict[str, Any]) -> str:
    """One sentence on a suggestion: counts, times more often than chance, period."""
    main, both = evidence["orders_main"], evidence["orders_both"]
    start = ngettext(
        "In %(both)s of %(main)s order with the product (%(share)s)",
        "In %(both)s of %(main)s orders with the product (%(share)s)",
        main,
    ) % {"both": plain(both), "main": plain(main), "share": percent(evidence["attach_rate"])}
    times = evidence.get("adjusted_lift")
    middle = (
        _(", %(times)s times what chance gives in orders of this size") % {"times": plain(times, 1)} if times else ""
    )
    end = _("; from %(from)s to %(to)s.") % {"from": _day(evidence["from"]), "to": _day(evidence["to"])}
    return start + middle + end


def _day(text: str) -> str:
    return formats.date_format(date.fromisoformat(text), "j E Y")
