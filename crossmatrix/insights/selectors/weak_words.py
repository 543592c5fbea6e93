"""Weak flags as sentences in the reader's language: the verdict, the same in a few words, the figure beside it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.insights.rules.words import Cause
from crossmatrix.ui.numbers import NONE, money, percent, plain, ratio

Evidence = dict[str, Any]
Say = Callable[[Evidence], str]


def why_weak(cause: str, evidence: Evidence) -> str:
    """The verdict as one or two sentences."""
    return WHY[Cause(cause)](evidence)


def short_weak(cause: str, evidence: Evidence) -> str:
    """The verdict in a few words, for the list."""
    return SHORT[Cause(cause)](evidence)


def value_weak(cause: str, evidence: Evidence) -> str:
    """The one figure beside the verdict."""
    say = VALUE.get(Cause(cause))
    return say(evidence) if say else NONE


def _counted(seen: Evidence) -> str:
    """How many orders, or sessions that saw the offer, ended with the companion."""
    if seen.get("unit") == "shown":
        return ngettext(
            "Of %(shown)s session that saw the offer, %(bought)s ended with this companion: %(share)s.",
            "Of %(shown)s sessions that saw the offer, %(bought)s ended with this companion: %(share)s.",
            seen["shown"],
        ) % {
            "shown": plain(seen["shown"]), "bought": plain(seen["bought"]), "share": percent(seen["bought"] / seen["shown"]),
        }  # fmt: skip
    return ngettext(
        "%(both)s of %(main)s order with the product had this companion: %(share)s.",
        "%(both)s of %(main)s orders with the product had this companion: %(share)s.",
        seen["orders_main"],
    ) % {"both": plain(seen["orders_both"]), "main": plain(seen["orders_main"]), "share": percent(seen["attach_rate"])}


def _rarely(seen: Evidence) -> str:
    if seen.get("by") == "money":
        return f"{_counted(seen)} {_brings(seen)}"
    return f"{_counted(seen)} {_usually(seen)}"


def _usually(seen: Evidence) -> str:
    """What the pair is compared with: its category, or a wider one where that has too few pairs."""
    many, values = seen["compared_pairs"], {"pairs": plain(seen["compared_pairs"]), "usual": percent(seen["usual"])}
    match seen.get("wider", ""):
        case "all":
            said = ngettext(
                "%(pairs)s pair of the whole shop usually reaches %(usual)s: its own category has too few pairs to compare with.",
                "%(pairs)s pairs of the whole shop usually reach %(usual)s: its own category has too few pairs to compare with.",
                many,
            )
        case "above":
            said = ngettext(
                "%(pairs)s pair of the category above its own usually reaches %(usual)s: its own has too few to compare with.",
                "%(pairs)s pairs of the category above its own usually reach %(usual)s: its own has too few to compare with.",
                many,
            )
        case _:
            said = ngettext(
                "%(pairs)s pair of its category usually reaches %(usual)s.",
                "%(pairs)s pairs of its category usually reach %(usual)s.",
                many,
            )
    return said % values


def _brings(seen: Evidence) -> str:
    """What a pair judged by money brings for each order with the product (or view), and what the rules ask for."""
    values = {
        "margin": money(seen["unit_margin"], seen["currency"]), "gain": money(seen["gain"], seen["currency"]),
        "least": money(seen["least_gain"], seen["currency"]), "limit": percent(seen["threshold"]),
    }  # fmt: skip
    if seen.get("unit") == "shown":
        said = _(
            "At a margin of %(margin)s a piece, less what comes back, that brings %(gain)s for each view; the rules ask for %(least)s."
        )
    else:
        said = _(
            "At a margin of %(margin)s a piece, less what comes back, that brings %(gain)s for each order with the product; the rules ask for %(least)s."
        )
    needs = (
        _("Even taken every time it would not bring that.")
        if seen["threshold"] >= 1
        else _("That takes a share of %(limit)s.")
    )
    return f"{said} {needs}" % values


def _seldom(seen: Evidence) -> str:
    if seen.get("by") == "money":
        values = {
            "gain": money(seen["gain"], seen["currency"]), "least": money(seen["least_gain"], seen["currency"]),
        }  # fmt: skip
        if seen.get("unit") == "shown":
            return _("Brings %(gain)s a view, %(least)s asked for") % values
        return _("Brings %(gain)s an order, %(least)s asked for") % values
    return _("Taken %(times)s times less often than usual") % {"times": _times(seen)}


def _falls(seen: Evidence) -> str:
    return ngettext(
        "In the last %(weeks)s week the attach rate went from %(before)s to %(after)s; its category's season explains none of it.",
        "In the last %(weeks)s weeks the attach rate went from %(before)s to %(after)s; its category's season explains none of it.",
        seen["weeks"],
    ) % {"weeks": plain(seen["weeks"]), "before": percent(seen["before"]), "after": percent(seen["after"])}


def _comes_back(seen: Evidence) -> str:
    said = ngettext(
        "Of %(sold)s order with both, %(returned)s brought the companion back: %(share)s.",
        "Of %(sold)s orders with both, %(returned)s brought the companion back: %(share)s.",
        seen["sold"],
    ) % {
        "sold": plain(seen["sold"]), "returned": plain(seen["returned"]),
        "share": percent(seen["returned"] / seen["sold"]),
    }  # fmt: skip
    return f"{said} {name_of_usual(seen)}: {percent(seen['usual'])}."


def name_of_usual(seen: Evidence) -> str:
    """What the usual share was taken from: the companion's category, or a wider one where that has too few pairs."""
    names = {"all": _("Usual in the whole shop"), "above": _("Usual in the category above")}
    return names.get(seen.get("wider", ""), _("Usual in its category"))


def _instead(seen: Evidence) -> str:
    return _(
        "They are of one type and buyers take one instead of the other: both were in %(both)s orders, and chance alone would give %(expected)s."
    ) % {"both": plain(seen["orders_both"]), "expected": plain(seen["expected"], 0)}


def _promo(seen: Evidence) -> str:
    return _(
        "%(discounted)s of the %(known)s orders with both had a discount on the companion: %(share)s. Without one the pair hardly sells."
    ) % {
        "discounted": plain(seen["discounted"]), "known": plain(seen["known"]),
        "share": percent(seen["discounted_share"]),
    }  # fmt: skip


def _unseen(seen: Evidence) -> str:
    if seen.get("unit") == "shown":
        return ngettext(
            "Approved %(days)s day ago, and no shop has shown it once, although other companions of the product are shown.",
            "Approved %(days)s days ago, and no shop has shown it once, although other companions of the product are shown.",
            seen["days"],
        ) % {"days": plain(seen["days"])}
    return ngettext(
        "Approved %(days)s day ago, and no live release holds it: no shopper can have seen it.",
        "Approved %(days)s days ago, and no live release holds it: no shopper can have seen it.",
        seen["days"],
    ) % {"days": plain(seen["days"])}


def _ratio(seen: Evidence) -> str:
    return _(
        "The companion costs %(companion)s, the product %(main)s: the ratio is %(ratio)s and the limit %(limit)s."
    ) % {
        "companion": money(seen["companion_price"], seen["currency"]), "main": money(seen["main_price"], seen["currency"]),
        "ratio": ratio(seen["ratio"]), "limit": ratio(seen["limit"]),
    }  # fmt: skip


def _margin(seen: Evidence) -> str:
    return _("The companion sells for %(price)s and costs %(cost)s: a margin of %(margin)s, the floor is %(limit)s.") % {
        "price": money(seen["price"], seen["currency"]), "cost": money(seen["cost"], seen["currency"]),
        "margin": percent(seen["margin"]), "limit": percent(seen["limit"]),
    }  # fmt: skip


def _banned(seen: Evidence) -> str:
    if seen["by"] == "attributes":
        return _("By its attributes the companion does not fit: %(why)s") % {"why": seen["why"]}
    if not seen["why"]:
        return _("The two types are marked as not suitable for each other.")
    return _("The two types are marked as not suitable for each other: %(why)s") % {"why": seen["why"]}


def _over(seen: Evidence) -> str:
    return _("The window ended on %(day)s, and the pair is still approved.") % {"day": day_of(seen["valid_to"])}


def _times(seen: Evidence) -> str:
    share = seen.get("share") or seen["attach_rate"]
    return plain(seen["usual"] / share, 1) if share else "∞"


def _attach(seen: Evidence) -> str:
    if seen.get("unit") == "shown":
        return percent(seen["bought"] / seen["shown"])
    return percent(seen["attach_rate"])


def day_of(text: str) -> str:
    return formats.date_format(date.fromisoformat(text), "j E Y")


WHY: dict[Cause, Say] = {
    Cause.RATIO_BROKEN: _ratio,
    Cause.DISCONTINUED: lambda seen: _("The companion is no longer on sale, yet the storefront still offers it."),
    Cause.OUT_OF_STOCK: lambda seen: _("The companion is not in stock: the shopper is offered what cannot be bought."),
    Cause.NOT_COMPATIBLE: _banned,
    Cause.WINDOW_OVER: _over,
    Cause.LOSING_MARGIN: _margin,
    Cause.RARELY_TAKEN: _rarely,
    Cause.FALLING: _falls,
    Cause.RETURNED: _comes_back,
    Cause.SUBSTITUTE: _instead,
    Cause.NEVER_SHOWN: _unseen,
    Cause.PROMO_ONLY: _promo,
}
SHORT: dict[Cause, Say] = {
    Cause.RATIO_BROKEN: lambda seen: _("Price is %(ratio)s of the product's") % {"ratio": ratio(seen["ratio"])},
    Cause.DISCONTINUED: lambda seen: _("Companion discontinued"),
    Cause.OUT_OF_STOCK: lambda seen: _("Companion is out of stock"),
    Cause.NOT_COMPATIBLE: lambda seen: (
        _("Types do not go together") if seen["by"] == "types" else _("Attributes do not fit")
    ),
    Cause.WINDOW_OVER: lambda seen: _("Window ended on %(day)s") % {"day": day_of(seen["valid_to"])},
    Cause.LOSING_MARGIN: lambda seen: (
        _("Margin %(margin)s, floor %(limit)s") % {"margin": percent(seen["margin"]), "limit": percent(seen["limit"])}
    ),
    Cause.RARELY_TAKEN: _seldom,
    Cause.FALLING: lambda seen: (
        ngettext("Fell by %(gone)s in %(weeks)s week", "Fell by %(gone)s in %(weeks)s weeks", seen["weeks"])
        % {"gone": percent(seen["gone"]), "weeks": plain(seen["weeks"])}
    ),
    Cause.RETURNED: lambda seen: (
        _("Comes back in %(share)s of orders") % {"share": percent(seen["returned"] / seen["sold"])}
    ),
    Cause.SUBSTITUTE: lambda seen: _("Taken instead of each other"),
    Cause.NEVER_SHOWN: lambda seen: (
        ngettext("Not seen for %(days)s day", "Not seen for %(days)s days", seen["days"])
        % {"days": plain(seen["days"])}
    ),
    Cause.PROMO_ONLY: lambda seen: _("Sells only with a discount"),
}
VALUE: dict[Cause, Say] = {
    Cause.RATIO_BROKEN: lambda seen: ratio(seen["ratio"]),
    Cause.OUT_OF_STOCK: lambda seen: _("0 pcs"),
    Cause.LOSING_MARGIN: lambda seen: percent(seen["margin"]),
    Cause.RARELY_TAKEN: _attach,
    Cause.FALLING: lambda seen: f"{plain(seen['before'] * 100, 0)} → {percent(seen['after'])}",
    Cause.RETURNED: lambda seen: percent(seen["returned"] / seen["sold"]),
    Cause.SUBSTITUTE: lambda seen: f"{plain(seen['orders_both'])} / {plain(seen['expected'], 0)}",
    Cause.PROMO_ONLY: lambda seen: percent(seen["discounted_share"]),
}
