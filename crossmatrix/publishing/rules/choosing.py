"""Which links go out, and why the others do not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from crossmatrix.matrix import rules as matrix_rules
from crossmatrix.matrix.rules import Hidden, RatioStatus, why_hidden
from crossmatrix.publishing.rules.links import Candidate, Link
from crossmatrix.publishing.rules.problems import Problem, Why, problem


@dataclass(frozen=True)
class Selection:
    """What goes out and what does not."""

    links: tuple[Link, ...]  # by main SKU, then rank
    left_out: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()


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
        free = [place for place in places if _fullest(taken, place) < cap]
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


def _fullest(taken: dict[str, int], place: str) -> int:
    """How many companions stand there; "anywhere" is every place, so its fullest one counts."""
    named = [count for other, count in taken.items() if other != ANYWHERE] if place == ANYWHERE else [taken[place]]
    return taken[ANYWHERE] + max(named, default=0)


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
