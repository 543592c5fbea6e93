"""Numbers as sentences in the reader's language: why a pair is suggested."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.ui.numbers import percent, plain


def why_suggested(evidence: dict[str, Any]) -> str:
    """Why a companion is suggested: what its source counted, and the period."""
    parts = [WHY[source](evidence) for source in evidence.get("sources", [evidence.get("source", "mined")])]
    if evidence.get("fills"):
        parts.append(_("It would fill the slot “%(reason)s”.") % {"reason": evidence["fills"]})
    return " ".join(part for part in parts if part)


def _mined(evidence: dict[str, Any]) -> str:
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
    return start + middle + _period(evidence)


def _by_type(evidence: dict[str, Any]) -> str:
    if "type" not in evidence:
        return ""
    return (
        ngettext(
            "In %(both)s of %(main)s order with products of the type “%(type)s” (%(share)s)",
            "In %(both)s of %(main)s orders with products of the type “%(type)s” (%(share)s)",
            evidence["type_orders"],
        )
        % {
            "both": plain(evidence["type_both"]), "main": plain(evidence["type_orders"]), "type": evidence["type"],
            "share": percent(evidence["type_rate"]),
        }
        + _period(evidence)
    )  # fmt: skip


def _similar(evidence: dict[str, Any]) -> str:
    values = {"name": evidence["like_name"], "share": percent(evidence["like_rate"])}
    if evidence["like_rate"] is None:
        return _("Approved for the product alike “%(name)s”.") % values
    return _("Approved for the product alike “%(name)s”, where %(share)s of orders take it.") % values


def _shown(evidence: dict[str, Any]) -> str:
    return ngettext(
        "Shops showed it in %(shown)s session, %(bought)s ended with it (%(share)s).",
        "Shops showed it in %(shown)s sessions, %(bought)s ended with it (%(share)s).",
        evidence["shown"],
    ) % {
        "shown": plain(evidence["shown"]), "bought": plain(evidence["shown_bought"]),
        "share": percent(evidence["shown_rate"]),
    }  # fmt: skip


def _feedback(evidence: dict[str, Any]) -> str:
    return ngettext(
        "Shop staff offered it %(offered)s time and sold it %(sold)s (%(share)s).",
        "Shop staff offered it %(offered)s times and sold it %(sold)s (%(share)s).",
        evidence["floor_offered"],
    ) % {
        "offered": plain(evidence["floor_offered"]), "sold": plain(evidence["floor_sold"]),
        "share": percent(evidence["floor_rate"]),
    }  # fmt: skip


def _slot(evidence: dict[str, Any]) -> str:
    return "" if evidence.get("fills") else _("A slot of the product names its type.")


def _period(evidence: dict[str, Any]) -> str:
    return _("; from %(from)s to %(to)s.") % {"from": _day(evidence["from"]), "to": _day(evidence["to"])}


WHY: dict[str, Callable[[dict[str, Any]], str]] = {
    SuggestionSource.MINED: _mined,
    SuggestionSource.TYPE: _by_type,
    SuggestionSource.SIMILAR: _similar,
    SuggestionSource.SHOWN: _shown,
    SuggestionSource.FEEDBACK: _feedback,
    SuggestionSource.SLOT: _slot,
}


def _day(text: str) -> str:
    return formats.date_format(date.fromisoformat(text), "j E Y")
