"""Numbers as sentences in the reader's language: why a pair is suggested, why it is weak."""

from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.insights.rules.words import Cause
from crossmatrix.ui.numbers import money, percent, plain, ratio


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


def why_weak(cause: str, evidence: dict[str, Any]) -> str:
    """The verdict of a weak flag as one or two sentences."""
    match cause:
        case Cause.RATIO_BROKEN:
            return _(
                "The companion costs %(companion)s, the product %(main)s: the ratio is %(ratio)s and the limit %(limit)s."
            ) % {
                "companion": money(evidence["companion_price"], evidence["currency"]),
                "main": money(evidence["main_price"], evidence["currency"]),
                "ratio": ratio(evidence["ratio"]),
                "limit": ratio(evidence["limit"]),
            }
        case Cause.DISCONTINUED:
            return _("The companion is no longer on sale, yet the storefront still offers it.")
        case Cause.OUT_OF_STOCK:
            return _("The companion is not in stock: the shopper is offered what cannot be bought.")
        case _:
            return _rarely(evidence)


def short_weak(cause: str, evidence: dict[str, Any]) -> str:
    """The verdict in a few words, for the list."""
    match cause:
        case Cause.RATIO_BROKEN:
            return _("Price is %(ratio)s of the product's") % {"ratio": ratio(evidence["ratio"])}
        case Cause.DISCONTINUED:
            return _("Companion discontinued")
        case Cause.OUT_OF_STOCK:
            return _("Companion is out of stock")
        case _:
            return _("Taken %(times)s times less often than usual") % {"times": _times(evidence)}


def value_weak(cause: str, evidence: dict[str, Any]) -> str:
    """The one figure beside the verdict."""
    match cause:
        case Cause.RATIO_BROKEN:
            return ratio(evidence["ratio"])
        case Cause.OUT_OF_STOCK:
            return _("0 pcs")
        case Cause.DISCONTINUED:
            return "—"
        case _:
            return percent(evidence["attach_rate"])


def _rarely(evidence: dict[str, Any]) -> str:
    counted = ngettext(
        "%(both)s of %(main)s order with the product had this companion: %(share)s.",
        "%(both)s of %(main)s orders with the product had this companion: %(share)s.",
        evidence["orders_main"],
    ) % {
        "both": plain(evidence["orders_both"]),
        "main": plain(evidence["orders_main"]),
        "share": percent(evidence["attach_rate"]),
    }
    usual = ngettext(
        "%(pairs)s pair of its category usually reaches %(usual)s.",
        "%(pairs)s pairs of its category usually reach %(usual)s.",
        evidence["compared_pairs"],
    ) % {"pairs": plain(evidence["compared_pairs"]), "usual": percent(evidence["usual"])}
    return f"{counted} {usual}"


def _times(evidence: dict[str, Any]) -> str:
    share = evidence.get("share") or evidence["attach_rate"]
    return plain(evidence["usual"] / share, 1) if share else "∞"


def _day(text: str) -> str:
    return formats.date_format(date.fromisoformat(text), "j E Y")
