"""What a cell of the grid asks for: its text, and the ops a client sends."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text
from crossmatrix.matrix.rules.content import TEXT_MAX
from crossmatrix.matrix.rules.states import PairState


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


class OpName(StrEnum):
    SET = "set"
    CLEAR = "clear"
    STATE = "state"
    UNSUITABLE = "unsuitable"


@dataclass(frozen=True)
class CellOp:
    """One edit of one cell. `base_rev` is the version the client saw (0: an empty cell; None: write regardless)."""

    op: OpName
    main: int
    companion: int
    by_type: bool = False  # the two are categories, not products
    base_rev: int | None = None
    text: str | None = None  # typed or pasted; read by `read_cell_text`
    reason: str | None = None
    kind: str | None = None
    rank: int | None = None
    offer_text: str | None = None
    override_reason: str | None = None
    state: str | None = None
    comment: str = ""
    wanted: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.main, self.companion


class BadOp(Refusal):
    code = "op.invalid"
    sentence = N_("The edit is not understood: %(field)s.")


def _number(raw: Mapping[str, Any], name: str) -> int | None:
    value = raw.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadOp(field=name)
    return value


def _string(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise BadOp(field=name)
    return value


def read_op(raw: Mapping[str, Any]) -> CellOp:
    """The op of a client's JSON. Raises BadOp naming the field."""
    by_type = "main_category" in raw
    main, companion = ("main_category", "companion_category") if by_type else ("main", "companion")
    main_id, companion_id = _number(raw, main), _number(raw, companion)
    if main_id is None or companion_id is None:
        raise BadOp(field=main if main_id is None else companion)
    if raw.get("op") not in set(OpName):
        raise BadOp(field="op")
    state = _string(raw, "state")
    if raw["op"] == OpName.STATE and state not in set(PairState):
        raise BadOp(field="state")
    return CellOp(
        OpName(raw["op"]), main_id, companion_id, by_type=by_type, state=state, comment=_string(raw, "comment") or "",
        text=_string(raw, "text"), reason=_string(raw, "reason"), kind=_string(raw, "kind"),
        offer_text=_string(raw, "offer_text"), override_reason=_string(raw, "override_reason"),
        base_rev=_number(raw, "base_rev"), rank=_number(raw, "rank"), wanted=_number(raw, "wanted"),
    )  # fmt: skip
