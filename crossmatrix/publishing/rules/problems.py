"""Why a link stays out of a release or wants a look, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crossmatrix.lib.errors import N_


class Severity(StrEnum):
    ERROR = "error"  # the link does not go out
    WARNING = "warning"  # it goes out; somebody should look
    INFO = "info"


class Why(StrEnum):
    """Why a link is not in the release."""

    NOT_APPROVED = "not_approved"
    NOT_SUITABLE = "not_suitable"
    TYPE_NOT_SUITABLE = "type_not_suitable"
    MAIN_GONE = "main_gone"
    COMPANION_GONE = "companion_gone"
    OUT_OF_STOCK = "out_of_stock"
    NOT_YET = "not_yet"
    OVER = "over"
    RATIO_BLOCKED = "ratio_blocked"
    NO_PLACEMENT = "no_placement"
    OVER_CAP = "over_cap"


SENTENCES: dict[str, str] = {
    Why.NOT_APPROVED: N_("Nobody has approved it yet."),
    Why.NOT_SUITABLE: N_("Marked “not suitable”: %(reason)s"),
    Why.TYPE_NOT_SUITABLE: N_("Not suitable at the type level: %(reason)s"),
    Why.MAIN_GONE: N_("The main product is no longer sold."),
    Why.COMPANION_GONE: N_("The companion is no longer sold."),
    Why.OUT_OF_STOCK: N_("The companion is out of stock."),
    Why.NOT_YET: N_("Its time begins on %(day)s."),
    Why.OVER: N_("Its time ended on %(day)s."),
    Why.RATIO_BLOCKED: N_("The companion costs %(ratio)s of the main product's price; the limit is %(limit)s."),
    Why.NO_PLACEMENT: N_("It is meant for other places than this channel shows."),
    Why.OVER_CAP: N_("Only %(cap)s companions are shown; this one waits in reserve."),
    "ratio_unknown": N_("A price is missing, so the price ratio was not checked."),
}
ADVICE: dict[str, str] = {
    Why.NOT_APPROVED: N_("Submit the pair and let another person approve it."),
    Why.NOT_SUITABLE: N_("Withdraw the verdict if it is wrong."),
    Why.TYPE_NOT_SUITABLE: N_("Change the cell of the matrix if it is wrong."),
    Why.MAIN_GONE: N_("Nothing to do: the link returns when the product does."),
    Why.COMPANION_GONE: N_("Choose a replacement."),
    Why.OUT_OF_STOCK: N_("It returns by itself with the stock; the next in rank takes its place."),
    Why.NOT_YET: N_("Nothing to do: it goes out with the first release from that day on."),
    Why.OVER: N_("Give the pair a new window or retire it."),
    Why.RATIO_BLOCKED: N_("Choose a cheaper companion, or let the pair be approved with a reason for the exception."),
    Why.NO_PLACEMENT: N_("Change the places of the pair or of the channel."),
    Why.OVER_CAP: N_("Change the order of companions, or raise the channel's limit."),
    "ratio_unknown": N_("Fill in the missing price."),
}
TITLES: dict[str, str] = {
    Why.NOT_APPROVED: N_("Not approved yet"),
    Why.NOT_SUITABLE: N_("Marked not suitable"),
    Why.TYPE_NOT_SUITABLE: N_("Type not suitable"),
    Why.MAIN_GONE: N_("Product no longer sold"),
    Why.COMPANION_GONE: N_("Companion no longer sold"),
    Why.OUT_OF_STOCK: N_("Out of stock"),
    Why.NOT_YET: N_("Time not begun"),
    Why.OVER: N_("Time is over"),
    Why.RATIO_BLOCKED: N_("Price ratio too high"),
    Why.NO_PLACEMENT: N_("Meant for other places"),
    Why.OVER_CAP: N_("In reserve"),
    "ratio_unknown": N_("Price ratio not known"),
    "sku_zero": N_("SKU “0”"),
    "sku_like_id": N_("SKU looks like a product number"),
    "sku_formula": N_("SKU begins like a formula"),
    "sku_backslash": N_("SKU ends with a backslash"),
    "sku_blanks": N_("Extra blanks in the SKU"),
    "sku_same": N_("SKUs the shop takes for equal"),
    "sheet_full": N_("Too many rows for a sheet"),
}
BAD_SKU = N_("The shop would misread the SKU")


def title_of(code: str) -> str:
    """The reason in a few words, marked for translation."""
    return TITLES.get(code, BAD_SKU)


SEVERITIES: dict[str, Severity] = {
    Why.NOT_APPROVED: Severity.INFO,
    Why.OVER_CAP: Severity.INFO,
    Why.NOT_YET: Severity.INFO,
    Why.NO_PLACEMENT: Severity.INFO,
    Why.NOT_SUITABLE: Severity.WARNING,
    Why.TYPE_NOT_SUITABLE: Severity.WARNING,
    Why.OUT_OF_STOCK: Severity.WARNING,
    Why.OVER: Severity.WARNING,
    "ratio_unknown": Severity.WARNING,
}


@dataclass(frozen=True)
class Problem:
    """Something a person should know about a link (both SKUs), a product (one) or the file (none).

    `drops` says whether the link stays out of the release. `sentence` is translated when shown and filled from `values`.
    """

    code: str
    sentence: str
    severity: Severity
    main: str = ""
    companion: str = ""
    advice: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    drops: bool = False


def problem(code: str, main: str = "", companion: str = "", *, drops: bool = True, **values: Any) -> Problem:
    """A problem of the table above."""
    severity = SEVERITIES.get(code, Severity.ERROR)
    return Problem(str(code), SENTENCES[code], severity, main, companion, ADVICE[code], values, drops)
