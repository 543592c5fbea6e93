"""Decisions on releases: which links go out, why the others do not, and what changed since the last release."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix import rules as matrix_rules
from crossmatrix.matrix.rules import Hidden, RatioStatus, why_hidden

FORMAT_VERSION = 1  # of the canonical content; grows when a reader would have to change


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


@dataclass(frozen=True)
class Candidate:
    """A link that might go out, with all that the decision needs. `stock` None: not counted (services)."""

    pair: int
    revision: int | None
    number: int
    main_sku: str
    companion_sku: str
    approved: bool = True
    kind: str = "accessory"
    reason: str = ""
    offer_text: str = ""
    rank: int = 100
    placements: tuple[str, ...] = ()  # empty: every placement
    valid_from: date | None = None
    valid_to: date | None = None
    not_suitable: str | None = None  # why not, at SKU level
    type_not_suitable: str | None = None  # why not, at type level
    main_sold: bool = True
    companion_sold: bool = True
    companion_stock: int | None = None
    ratio_status: str = "ok"
    ratio: Decimal | None = None
    ratio_limit: Decimal | None = None
    overridden: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)  # names and prices for people; not part of the content


@dataclass(frozen=True)
class Link:
    """A link as a shop gets it: `rank` counts from 1 within its main product; `placements` sorted, empty: everywhere.

    Two links are equal when the shop gets the same; ids and `context` do not count.
    """

    main_sku: str
    companion_sku: str
    rank: int
    kind: str
    reason: str
    offer_text: str
    placements: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    revision: int
    pair_id: int = field(default=0, compare=False)
    revision_id: int = field(default=0, compare=False)
    context: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def payload(self) -> dict[str, Any]:
        """The frozen content, JSON types only."""
        return {
            "main_sku": self.main_sku,
            "companion_sku": self.companion_sku,
            "rank": self.rank,
            "kind": self.kind,
            "reason": self.reason,
            "offer_text": self.offer_text,
            "placements": list(self.placements),
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "revision": self.revision,
        }


def link_of(
    payload: Mapping[str, Any], *, pair_id: int = 0, revision_id: int = 0, context: Mapping[str, Any] | None = None
) -> Link:
    """The link of a frozen payload."""
    return Link(
        main_sku=payload["main_sku"], companion_sku=payload["companion_sku"], rank=payload["rank"], kind=payload["kind"],
        reason=payload["reason"], offer_text=payload["offer_text"], placements=tuple(payload["placements"]),
        valid_from=date.fromisoformat(payload["valid_from"]) if payload["valid_from"] else None,
        valid_to=date.fromisoformat(payload["valid_to"]) if payload["valid_to"] else None,
        revision=payload["revision"], pair_id=pair_id, revision_id=revision_id, context=context or {},
    )  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """What goes out and what does not."""

    links: tuple[Link, ...]  # by main SKU, then rank
    left_out: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()


def problem(code: str, main: str = "", companion: str = "", *, drops: bool = True, **values: Any) -> Problem:
    """A problem of the table above."""
    severity = SEVERITIES.get(code, Severity.ERROR)
    return Problem(str(code), SENTENCES[code], severity, main, companion, ADVICE[code], values, drops)


HIDDEN_AS: dict[Hidden, Why] = {
    Hidden.NOT_SUITABLE: Why.NOT_SUITABLE,
    Hidden.GONE: Why.COMPANION_GONE,
    Hidden.OUT_OF_STOCK: Why.OUT_OF_STOCK,
    Hidden.NOT_YET: Why.NOT_YET,
    Hidden.OVER: Why.OVER,
    Hidden.RATIO: Why.RATIO_BLOCKED,
    Hidden.PLACEMENT: Why.NO_PLACEMENT,
}


def reason_against(candidate: Candidate, *, today: date, channel_placements: Sequence[str] = ()) -> Problem | None:
    """The first reason why this link cannot go out, whatever the others do; None when it can.

    What hides a companion everywhere is the matrix's rule; a release adds approval, the main product and places.
    """
    why = _why_not(candidate, today=today, channel_placements=channel_placements)
    if why is None:
        return None
    values: dict[Why, dict[str, Any]] = {
        Why.NOT_SUITABLE: {"reason": candidate.not_suitable},
        Why.TYPE_NOT_SUITABLE: {"reason": candidate.type_not_suitable},
        Why.NOT_YET: {"day": candidate.valid_from},
        Why.OVER: {"day": candidate.valid_to},
        Why.RATIO_BLOCKED: {"ratio": candidate.ratio, "limit": candidate.ratio_limit},
    }
    return problem(why, candidate.main_sku, candidate.companion_sku, **values.get(why, {}))


def _why_not(candidate: Candidate, *, today: date, channel_placements: Sequence[str]) -> Why | None:
    if candidate.not_suitable is not None:
        return Why.NOT_SUITABLE
    if candidate.type_not_suitable is not None:
        return Why.TYPE_NOT_SUITABLE
    if not candidate.approved:
        return Why.NOT_APPROVED
    if not candidate.main_sold:
        return Why.MAIN_GONE
    hidden = why_hidden(
        matrix_rules.Candidate(
            key=candidate.pair, rank=candidate.rank, suitable=True, active=candidate.companion_sold,
            stock=candidate.companion_stock, valid_from=candidate.valid_from, valid_to=candidate.valid_to,
            placements=candidate.placements, ratio_status=RatioStatus(candidate.ratio_status),
            overridden=candidate.overridden,
        ),
        today=today,
        placement=None,
    )  # fmt: skip
    if hidden is not None:
        return HIDDEN_AS[hidden]
    return None if shown_at(candidate.placements, channel_placements) else Why.NO_PLACEMENT


ANYWHERE = "*"


def shown_at(placements: Sequence[str], channel_placements: Sequence[str]) -> list[str]:
    """Placements of the link that the channel shows; "*" stands for "anywhere" when neither names any."""
    if not channel_placements:
        return list(placements) or [ANYWHERE]
    return [place for place in channel_placements if not placements or place in placements]


def choose(candidates: Iterable[Candidate], *, today: date, cap: int, placements: Sequence[str] = ()) -> Selection:
    """Which links go out: those with nothing against them, the first `cap` of each main product in each placement.

    Equal ranks keep the order of companion SKUs, so that the same input always gives the same release.
    """
    left_out: list[Problem] = []
    warnings: list[Problem] = []
    able: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        against = reason_against(candidate, today=today, channel_placements=placements)
        if against:
            left_out.append(against)
            continue
        able[candidate.main_sku].append(candidate)
        if candidate.ratio_status == "unknown":
            warnings.append(problem("ratio_unknown", candidate.main_sku, candidate.companion_sku, drops=False))
    links: list[Link] = []
    for main in sorted(able):
        shown, reserve = _within_cap(able[main], cap=cap, placements=placements)
        links += shown
        left_out += reserve
    return Selection(tuple(links), tuple(left_out), tuple(warnings))


def _within_cap(able: list[Candidate], *, cap: int, placements: Sequence[str]) -> tuple[list[Link], list[Problem]]:
    taken: dict[str, int] = defaultdict(int)
    shown: list[Link] = []
    reserve: list[Problem] = []
    for candidate in sorted(able, key=lambda c: (c.rank, c.companion_sku)):
        places = shown_at(candidate.placements, placements)
        free = [
            place
            for place in places
            if taken[place] < cap and (place == ANYWHERE or taken[ANYWHERE] + taken[place] < cap)
        ]
        if not free:
            reserve.append(problem(Why.OVER_CAP, candidate.main_sku, candidate.companion_sku, cap=cap))
            continue
        for place in free:
            taken[place] += 1
        shown.append(
            Link(
                main_sku=candidate.main_sku,
                companion_sku=candidate.companion_sku,
                rank=len(shown) + 1,
                kind=candidate.kind,
                reason=candidate.reason,
                offer_text=candidate.offer_text,
                placements=tuple(sorted(place for place in free if place != ANYWHERE)),
                valid_from=candidate.valid_from,
                valid_to=candidate.valid_to,
                revision=candidate.number,
                pair_id=candidate.pair,
                revision_id=candidate.revision or 0,
                context=candidate.context,
            )
        )
    return shown, reserve


def without(selection: Selection, problems: Iterable[Problem]) -> Selection:
    """The selection less the links that the format cannot carry; ranks close up behind them."""
    problems = tuple(problems)
    gone = {(p.main, p.companion) for p in problems if p.drops}
    if not gone:
        return replace(selection, warnings=selection.warnings + problems)
    links: list[Link] = []
    ranks: dict[str, int] = defaultdict(int)
    for link in selection.links:
        if (link.main_sku, link.companion_sku) not in gone:
            ranks[link.main_sku] += 1
            links.append(replace(link, rank=ranks[link.main_sku]))
    dropped = tuple(p for p in problems if p.drops)
    kept = tuple(p for p in problems if not p.drops)
    return Selection(tuple(links), selection.left_out + dropped, selection.warnings + kept)


Key = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """A link in both releases, with the fields that differ."""

    before: Link
    after: Link

    @property
    def fields(self) -> list[str]:
        """Names of the fields that differ."""
        was, now = self.before.payload(), self.after.payload()
        return [name for name in now if was[name] != now[name]]


@dataclass(frozen=True)
class Diff:
    added: tuple[Link, ...]
    changed: tuple[Change, ...]
    removed: tuple[Link, ...]
    same: tuple[Link, ...]

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


def plan_release(previous: Iterable[Link], approved: Iterable[Link]) -> Diff:
    """What the next release changes against the previous one, by main and companion SKU."""
    before = {(link.main_sku, link.companion_sku): link for link in previous}
    after = {(link.main_sku, link.companion_sku): link for link in approved}
    both = [(before[key], after[key]) for key in after if key in before]
    return Diff(
        added=tuple(link for key, link in after.items() if key not in before),
        changed=tuple(Change(was, now) for was, now in both if was != now),
        removed=tuple(link for key, link in before.items() if key not in after),
        same=tuple(now for was, now in both if was == now),
    )


def canonical(links: Iterable[Link], bundles: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The content of a release in the one order that gives the same bytes for the same content."""
    return {
        "format": f"crossmatrix.release/{FORMAT_VERSION}",
        "links": [
            link.payload() for link in sorted(links, key=lambda link: (link.main_sku, link.rank, link.companion_sku))
        ],
        "bundles": sorted((dict(bundle) for bundle in bundles), key=content_digest),
    }


def seal(links: Iterable[Link], bundles: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 (hex) of the canonical content: equal content has an equal seal, whatever its number."""
    return content_digest(canonical(links, bundles))


class Unchanged(Refusal):
    code = "release.unchanged"
    sentence = N_("Nothing has changed since release %(number)s, so there is nothing to release.")


class NothingToRelease(Refusal):
    code = "release.empty"
    sentence = N_("No link is ready to go out, so the release would be empty.")


class WouldClear(Refusal):
    code = "release.would_clear"
    sentence = N_("No link is ready to go out: this release would take all %(links)s links away from the shop.")


class LooksDifferent(Refusal):
    code = "release.looks_different"
    sentence = N_("Links have changed since you looked at this release. Look again and then cut it.")


@dataclass(frozen=True)
class Live:
    """The release a channel shows now: what the next one is compared with."""

    number: int
    sha256: str
    shape: Mapping[str, Any]  # format and its settings: another shape of the same content is a change of the files
    links: int


def check_cut(
    *,
    sha256: str,
    links: int,
    bundles: int,
    shape: Mapping[str, Any],
    live: Live | None,
    expected: str = "",
    force: bool = False,
) -> None:
    """Refuse a cut nobody wants: of something else than was shown, without a change, or of nothing at all.

    Raises LooksDifferent, Unchanged, NothingToRelease, WouldClear; `force` lets the last three pass.
    """
    if expected and expected != sha256:
        raise LooksDifferent
    if force:
        return
    if live and live.sha256 == sha256 and dict(live.shape) == dict(shape):
        raise Unchanged(number=live.number)
    if links == 0 and bundles == 0:
        if live and live.links:
            raise WouldClear(links=live.links)
        raise NothingToRelease


@dataclass(frozen=True)
class Document:
    """Everything a writer may put into the files of one release."""

    channel: str
    name: str
    number: int
    cut_at: datetime
    sha256: str
    links: tuple[Link, ...]
    bundles: tuple[Mapping[str, Any], ...] = ()
    removed: tuple[Key, ...] = ()  # links of the release before that are gone
    cleared: tuple[str, ...] = ()  # mains that earlier releases of the channel had links for and this one has not
