"""Decisions on pairs: the price ratio, the allowed moves, what a grid cell's text means."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text


class ReasonKind(StrEnum):
    REQUIRED = "required"
    ACCESSORY = "accessory"
    THEME = "theme"
    SEASONAL = "seasonal"
    POPULAR = "popular"
    IMPULSE = "impulse"


class Verdict(StrEnum):
    UNDECIDED = "undecided"
    SUITABLE = "suitable"
    NOT_SUITABLE = "not_suitable"


class PairState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    RETIRED = "retired"
    DISCARDED = "discarded"


class PairAction(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    DISCARD = "discard"
    SUPERSEDE = "supersede"
    RETIRE = "retire"


class Placement(StrEnum):
    PRODUCT_PAGE = "product_page"
    CART = "cart"
    CHECKOUT = "checkout"
    AFTER_PURCHASE = "after_purchase"
    STORE = "store"


class IllegalMove(Refusal):
    """The state does not allow the action."""

    code = "move.illegal"
    sentence = N_("A pair that is “%(state)s” cannot be moved by “%(action)s”.")


MOVES: dict[tuple[PairState, PairAction], PairState] = {
    (PairState.DRAFT, PairAction.SUBMIT): PairState.IN_REVIEW,
    (PairState.DRAFT, PairAction.DISCARD): PairState.DISCARDED,
    (PairState.IN_REVIEW, PairAction.APPROVE): PairState.APPROVED,
    (PairState.IN_REVIEW, PairAction.RETURN): PairState.DRAFT,
    (PairState.APPROVED, PairAction.SUPERSEDE): PairState.SUPERSEDED,
    (PairState.APPROVED, PairAction.RETIRE): PairState.RETIRED,
}


def next_state(state: PairState, action: PairAction) -> PairState:
    """The state after the action. Raises IllegalMove."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise IllegalMove(state=state.value, action=action.value) from None


class RatioStatus(StrEnum):
    OK = "ok"
    WARN = "warn"
    BLOCK = "block"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RatioLimits:
    """Companion price ÷ main price: above `warn` a warning, above `block` no release without an override."""

    warn: Decimal
    block: Decimal


@dataclass(frozen=True)
class RatioVerdict:
    status: RatioStatus
    ratio: Decimal | None  # four digits after the point; None when a price is missing or the main's is zero


RATIO_DIGITS = Decimal("0.0001")


def judge_ratio(*, main_price: Decimal | None, companion_price: Decimal | None, limits: RatioLimits) -> RatioVerdict:
    """Judge companion price ÷ main price by the limits; a limit itself is still fine."""
    if main_price is None or companion_price is None or main_price <= 0:
        return RatioVerdict(RatioStatus.UNKNOWN, None)
    ratio = (companion_price / main_price).quantize(RATIO_DIGITS, rounding=ROUND_HALF_UP)  # as PostgreSQL rounds
    if ratio > limits.block:
        return RatioVerdict(RatioStatus.BLOCK, ratio)
    return RatioVerdict(RatioStatus.WARN if ratio > limits.warn else RatioStatus.OK, ratio)


@dataclass(frozen=True)
class PolicyRow:
    """A ratio policy as data: `category_path` "" means every category, `kind` None every kind of reason."""

    category_path: str
    kind: ReasonKind | None
    limits: RatioLimits


def limits_for(
    *, category_path: str, kind: ReasonKind, policies: Sequence[PolicyRow], default: RatioLimits
) -> RatioLimits:
    """The limits of the most specific policy: nearest category of the main first, then one that names the kind."""
    fitting = [p for p in policies if category_path.startswith(p.category_path) and p.kind in (None, kind)]
    best = max(fitting, key=lambda p: (len(p.category_path), p.kind is not None), default=None)
    return best.limits if best else default


# -- the content of a link ----------------------------------------------------------------------------------------
TEXT_MAX = 500  # characters, as the columns
RANK_DEFAULT = 100


class BadLink(Refusal):
    """The content of a link cannot be what it says."""

    code = "link.invalid"
    sentence = N_("The link cannot be written like this.")


@dataclass(frozen=True)
class LinkDraft:
    """What a person, a file or a suggestion says about one link. None leaves the field as it is."""

    main_id: int
    companion_id: int
    reason: str | None = None
    kind: str | None = None
    rank: int | None = None
    offer_text: str | None = None
    placements: Sequence[str] | None = None  # empty: every placement
    valid_from: date | None = None
    valid_to: date | None = None
    override_reason: str | None = None
    verdict: str | None = (
        None  # only "not_suitable" has an effect; a verdict is lifted by withdrawing it, never by writing
    )
    verdict_reason: str | None = None
    clear_window: bool = False  # take the dates away (None leaves them)


@dataclass(frozen=True)
class LinkContent:
    """The content of one revision, in the order it is shown."""

    reason: str = ""
    kind: str = ReasonKind.ACCESSORY.value
    rank: int = RANK_DEFAULT
    offer_text: str = ""
    placements: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    override_reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: dates in ISO form."""
        return {
            "reason": self.reason,
            "kind": self.kind,
            "rank": self.rank,
            "offer_text": self.offer_text,
            "placements": list(self.placements),
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "override_reason": self.override_reason,
        }

    def digest(self) -> str:
        return content_digest(self.as_dict())


def _text(value: str, field: str) -> str:
    text = clean_text(value)
    if len(text) > TEXT_MAX:
        raise BadLink(
            N_("“%(field)s” is longer than %(limit)s characters."), code="text.too_long", field=field, limit=TEXT_MAX
        )
    return text


def merge(content: LinkContent, draft: LinkDraft) -> LinkContent:
    """The content after the draft: fields it leaves alone stay. Raises BadLink."""
    kind = content.kind if draft.kind is None else draft.kind
    if kind not in set(ReasonKind):
        raise BadLink(N_("There is no kind of reason “%(kind)s”."), code="kind.unknown", kind=kind)
    placements = content.placements if draft.placements is None else tuple(sorted(set(draft.placements)))
    for placement in placements:
        if placement not in set(Placement):
            raise BadLink(N_("There is no placement “%(placement)s”."), code="placement.unknown", placement=placement)
    rank = content.rank if draft.rank is None else draft.rank
    if not 1 <= rank <= 10_000:
        raise BadLink(N_("The rank is a whole number from 1 to 10,000."), code="rank.invalid")
    valid_from, valid_to = draft.valid_from, draft.valid_to
    if not draft.clear_window:
        valid_from, valid_to = valid_from or content.valid_from, valid_to or content.valid_to
    if valid_from and valid_to and valid_to < valid_from:
        raise BadLink(N_("The window ends before it begins."), code="window.reversed")
    return LinkContent(
        reason=content.reason if draft.reason is None else _text(draft.reason, "reason"),
        kind=str(kind),
        rank=rank,
        offer_text=content.offer_text if draft.offer_text is None else _text(draft.offer_text, "offer_text"),
        placements=tuple(str(placement) for placement in placements),
        valid_from=valid_from,
        valid_to=valid_to,
        override_reason=(
            content.override_reason
            if draft.override_reason is None
            else _text(draft.override_reason, "override_reason")
        ),
    )


# -- what the text of a grid cell means ----------------------------------------------------------------------------
class CellWord(StrEnum):
    EMPTY = "empty"  # leave the cell alone
    CLEAR = "clear"
    LINK = "link"  # a link with the column's default reason
    STATE = "state"
    UNSUITABLE = "unsuitable"
    REASON = "reason"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CellText:
    word: CellWord
    text: str = ""  # the clean text: the reason, or why not suitable
    state: PairState | None = None
    normalised: bool = False  # the clean text differs from what was pasted


LINK_WORDS = frozenset({"x", "х", "+", "1", "✓", "✔", "v", "да", "yes", "y", "true", "истина"})  # Latin and Cyrillic x
CLEAR_WORDS = frozenset({"-", "–", "—", "−", "0", "нет связи", "no link"})
STATE_WORDS: Mapping[str, PairState] = {
    "draft": PairState.DRAFT,
    "черновик": PairState.DRAFT,
    "in review": PairState.IN_REVIEW,
    "in_review": PairState.IN_REVIEW,
    "на согласовании": PairState.IN_REVIEW,
    "на согласование": PairState.IN_REVIEW,
    "approved": PairState.APPROVED,
    "согласовано": PairState.APPROVED,
    "согласована": PairState.APPROVED,
    "retired": PairState.RETIRED,
    "снята": PairState.RETIRED,
    "снято": PairState.RETIRED,
}
UNSUITABLE_WORDS = ("не подходит", "not suitable")
ERROR_CELLS = frozenset(
    {"#n/a", "#н/д", "#ref!", "#ссылка!", "#value!", "#знач!", "#name?", "#имя?", "#div/0!", "#дел/0!"}
)


def read_cell_text(text: str) -> CellText:
    """What typed or pasted text asks for. "not suitable: why" carries its reason; a lone sign or number is UNKNOWN."""
    clean = clean_text(text)
    folded = clean.casefold()
    unsuitable = next((word for word in UNSUITABLE_WORDS if re.match(rf"{word}(\W|$)", folded)), None)
    if not clean:
        word, rest = CellWord.EMPTY, ""
    elif folded in CLEAR_WORDS:
        word, rest = CellWord.CLEAR, ""
    elif folded in LINK_WORDS:
        word, rest = CellWord.LINK, ""
    elif folded in STATE_WORDS:
        word, rest = CellWord.STATE, ""
    elif unsuitable:
        word, rest = CellWord.UNSUITABLE, clean[len(unsuitable) :].lstrip(" :.,–—-")
    elif folded in ERROR_CELLS or not any(map(str.isalpha, clean)) or len(clean) > TEXT_MAX:
        word, rest = CellWord.UNKNOWN, clean
    else:
        word, rest = CellWord.REASON, clean
    return CellText(word, rest, STATE_WORDS.get(folded), normalised=clean != text)


# -- not suitable at type level -------------------------------------------------------------------------------------
def ancestors(path: str) -> list[int]:
    """Ids on the path "/1/5/" from the root down: [1, 5]."""
    return [int(part) for part in path.split("/") if part]


def blocked_by_type(*, main_path: str, companion_path: str, unsuitable: Mapping[tuple[int, int], str]) -> str | None:
    """Why not, if a slot of the two categories or of any categories above them says "not suitable"; else None.
    `unsuitable` maps (main category id, companion category id) to the reason."""
    if not unsuitable:
        return None
    below = ancestors(companion_path)
    for upper in ancestors(main_path):
        for lower in below:
            if (upper, lower) in unsuitable:
                return unsuitable[upper, lower]
    return None


# -- which companions are shown -------------------------------------------------------------------------------------
class Hidden(StrEnum):
    """Why a companion is not shown; the first that applies."""

    NOT_SUITABLE = "not_suitable"
    GONE = "gone"  # discontinued or hidden in the catalog
    OUT_OF_STOCK = "out_of_stock"
    NOT_YET = "not_yet"
    OVER = "over"
    PLACEMENT = "placement"
    RATIO = "ratio"


@dataclass(frozen=True)
class Candidate:
    """An approved link as `resolve_companions` needs it."""

    key: int
    rank: int
    suitable: bool
    active: bool
    stock: int | None  # None: not counted
    valid_from: date | None
    valid_to: date | None
    placements: Sequence[str]
    ratio_status: RatioStatus
    overridden: bool


@dataclass(frozen=True)
class Resolved:
    shown: list[int]
    reserve: list[int]  # fit to be shown, waiting behind the cap, best first
    hidden: dict[int, Hidden]


def why_hidden(candidate: Candidate, *, today: date, placement: str | None) -> Hidden | None:
    """The reason not to show the companion today at this placement (None: any); None when it may be shown."""
    checks: tuple[tuple[bool, Hidden], ...] = (
        (not candidate.suitable, Hidden.NOT_SUITABLE),
        (not candidate.active, Hidden.GONE),
        (candidate.stock is not None and candidate.stock <= 0, Hidden.OUT_OF_STOCK),
        (candidate.valid_from is not None and today < candidate.valid_from, Hidden.NOT_YET),
        (candidate.valid_to is not None and today > candidate.valid_to, Hidden.OVER),
        (bool(placement and candidate.placements and placement not in candidate.placements), Hidden.PLACEMENT),
        (candidate.ratio_status == RatioStatus.BLOCK and not candidate.overridden, Hidden.RATIO),
    )
    return next((why for applies, why in checks if applies), None)


def resolve_companions(
    candidates: Iterable[Candidate], *, today: date, placement: str | None = None, cap: int = 4
) -> Resolved:
    """Split the links of one main: at most `cap` shown by rank (then key), the rest of the fit ones in reserve."""
    hidden: dict[int, Hidden] = {}
    fit: list[Candidate] = []
    for candidate in candidates:
        why = why_hidden(candidate, today=today, placement=placement)
        if why is None:
            fit.append(candidate)
        else:
            hidden[candidate.key] = why
    fit.sort(key=lambda one: (one.rank, one.key))
    keys = [one.key for one in fit]
    return Resolved(shown=keys[:cap], reserve=keys[cap:], hidden=hidden)
