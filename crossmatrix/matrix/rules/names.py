"""Words of the matrix for the screen; shown through gettext."""

from collections.abc import Mapping

from crossmatrix.lib.errors import N_
from crossmatrix.matrix.rules.cards import DECLINED_NAMES
from crossmatrix.matrix.rules.companions import Hidden
from crossmatrix.matrix.rules.ratio import RatioStatus
from crossmatrix.matrix.rules.states import PairState, Placement, ReasonKind, Verdict

KIND_NAMES: Mapping[str, str] = {
    ReasonKind.REQUIRED: N_("Needed for use"),
    ReasonKind.ACCESSORY: N_("Accessory"),
    ReasonKind.THEME: N_("By theme"),
    ReasonKind.SEASONAL: N_("Seasonal"),
    ReasonKind.POPULAR: N_("Popular"),
    ReasonKind.IMPULSE: N_("Impulse"),
}
PLACEMENT_NAMES: Mapping[str, str] = {
    Placement.PRODUCT_PAGE: N_("Product page"),
    Placement.CART: N_("Cart"),
    Placement.CHECKOUT: N_("Checkout"),
    Placement.AFTER_PURCHASE: N_("After purchase"),
    Placement.STORE: N_("In store"),
}
STATE_NAMES: Mapping[str, str] = {
    PairState.DRAFT: N_("Draft"),
    PairState.IN_REVIEW: N_("In review"),
    PairState.APPROVED: N_("Approved"),
    PairState.RETIRED: N_("Retired"),
}
VERDICT_NAMES: Mapping[str, str] = {
    Verdict.SUITABLE: N_("Suitable"),
    Verdict.NOT_SUITABLE: N_("Not suitable"),
}
RATIO_NAMES: Mapping[str, str] = {
    RatioStatus.OK: N_("Within the limit"),
    RatioStatus.WARN: N_("Above the warning limit"),
    RatioStatus.BLOCK: N_("Blocks the release"),
    RatioStatus.UNKNOWN: N_("A price is missing"),
}
HIDDEN_NAMES: Mapping[str, str] = {
    Hidden.NOT_SUITABLE: N_("Not suitable"),
    Hidden.GONE: N_("No longer sold"),
    Hidden.OUT_OF_STOCK: N_("Out of stock"),
    Hidden.NOT_YET: N_("The window has not begun"),
    Hidden.OVER: N_("The window is over"),
    Hidden.PLACEMENT: N_("Not for this placement"),
    Hidden.RATIO: N_("The price ratio blocks it"),
}
SOURCE_NAMES: Mapping[str, str] = {
    "hand": N_("By hand"),
    "import": N_("From a file"),
    "suggestion": N_("From a suggestion"),
    "bundle": N_("From a bundle"),
    "api": N_("Through the API"),
    "system": N_("By the system"),
}
FIELD_NAMES: Mapping[str, str] = {
    "companion": N_("Companion"),
    "reason": N_("Reason"),
    "kind": N_("Kind of reason"),
    "rank": N_("Rank"),
    "offer_text": N_("Offer text"),
    "placements": N_("Placements"),
    "valid_from": N_("Valid from"),
    "valid_to": N_("Valid to"),
    "override_reason": N_("Why the price ratio is accepted"),
    "verdict": N_("Verdict"),
    "verdict_reason": N_("Why not suitable"),
    "ratio_status": N_("Price ratio"),
    "wanted": N_("Companions wanted"),
    "condition": N_("Compatibility condition"),
    "warn_above": N_("Warning limit"),
    "block_above": N_("Blocking limit"),
    "state": N_("State"),
}
EVENT_NAMES: dict[str, str] = {
    "pair.set": N_("wrote the pair"),
    "pair.submitted": N_("sent it for approval"),
    "pair.approved": N_("approved it"),
    "pair.returned": N_("returned it"),
    "pair.retired": N_("retired it"),
    "pair.discarded": N_("discarded the draft"),
    "pair.review_reminded": N_("reminded: half of the time for the review is over"),
    "pair.review_escalated": N_("told the head of category: the review is overdue"),
    "pair.unsuitable": N_("marked it as not suitable"),
    "pair.withdrawn": N_("withdrew “not suitable”"),
    "pair.undone": N_("undid a change"),
    "pair.ratio": N_("judged the price ratio again"),
    "slot.set": N_("wrote the slot"),
    "slot.cleared": N_("cleared the slot"),
    "slot.undone": N_("undid a change"),
    "policy.set": N_("set the limits"),
    "policy.removed": N_("removed the limits"),
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "kind": KIND_NAMES,
    "placement": PLACEMENT_NAMES,
    "state": STATE_NAMES,
    "verdict": VERDICT_NAMES,
    "ratio": RATIO_NAMES,
    "hidden": HIDDEN_NAMES,
    "source": SOURCE_NAMES,
    "field": FIELD_NAMES,
    "event": EVENT_NAMES,
    "declined": DECLINED_NAMES,
}


def register_events(names: Mapping[str, str]) -> None:
    """Words for what areas above note about pairs and slots."""
    EVENT_NAMES.update(names)
