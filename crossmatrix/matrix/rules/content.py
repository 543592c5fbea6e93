"""What is written into a pair or a slot, and what it is after the writing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text
from crossmatrix.matrix.rules.condition import parse
from crossmatrix.matrix.rules.states import Placement, ReasonKind, Verdict

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
            N_("A text is longer than %(limit)s characters."), code="text.too_long", field=field, limit=TEXT_MAX
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


@dataclass(frozen=True)
class Change:
    """One field of a link that differs."""

    field: str
    before: Any
    after: Any


def changes(before: LinkContent | None, after: LinkContent) -> list[Change]:
    """Field by field in the order of the content; without a former content, the fields that say something."""
    old, new = (before or LinkContent(kind="", rank=0)).as_dict(), after.as_dict()
    return [Change(name, old[name], new[name]) for name in new if old[name] != new[name]]


@dataclass(frozen=True)
class SlotDraft:
    """What is said about one type-level cell. None leaves the field as it is; verdict "undecided" clears the cell."""

    main_category_id: int
    companion_category_id: int
    verdict: str | None = None
    reason: str | None = None
    kind: str | None = None
    offer_text: str | None = None
    wanted: int | None = None
    condition: str | None = None


@dataclass(frozen=True)
class SlotContent:
    verdict: str = Verdict.UNDECIDED.value
    reason: str = ""
    kind: str = ReasonKind.ACCESSORY.value
    offer_text: str = ""
    wanted: int = 1
    condition: str = ""  # rules.condition: which companions fit which mains

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


WANTED_MAX = 20  # companions from one category; more is a catalogue, not an offer


def merge_slot(content: SlotContent, draft: SlotDraft) -> SlotContent:
    """The cell after the draft. Writing anything into an empty cell makes it suitable. Raises BadLink."""
    verdict = draft.verdict or (content.verdict if content.verdict != Verdict.UNDECIDED else Verdict.SUITABLE.value)
    if verdict == Verdict.UNDECIDED:
        return SlotContent()
    kind = content.kind if draft.kind is None else draft.kind
    if kind not in set(ReasonKind):
        raise BadLink(N_("There is no kind of reason “%(kind)s”."), code="kind.unknown", kind=kind)
    if verdict not in set(Verdict):
        raise BadLink(N_("There is no verdict “%(verdict)s”."), code="verdict.unknown", verdict=verdict)
    wanted = content.wanted if draft.wanted is None else draft.wanted
    if not 1 <= wanted <= WANTED_MAX:
        raise BadLink(N_("From 1 to %(limit)s companions may be wanted."), code="wanted.invalid", limit=WANTED_MAX)
    # a verdict turned round does not keep the reason of the opposite
    reason = content.reason if verdict == content.verdict else ""
    return SlotContent(
        verdict=str(verdict),
        reason=reason if draft.reason is None else _text(draft.reason, "reason"),
        kind=str(kind),
        offer_text=content.offer_text if draft.offer_text is None else _text(draft.offer_text, "offer_text"),
        wanted=wanted,
        condition=_condition(content.condition if draft.condition is None else draft.condition),
    )


def _condition(text: str) -> str:
    """Tidied and readable. Raises BadCondition."""
    tidy = _text(text, "condition")
    parse(tidy)
    return tidy


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
