"""The next release as a person looks at it: worked out once by the worker, then read a page at a time.

A look is kept for an hour under its own token, which the links of its tabs and pages carry. Without the token the newest
look is shown while nothing was written since; otherwise, and when the cache let it go, another one is ordered.
A cut names the seal that was shown, so an old look cannot go out unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, overload

from django.core.cache import cache
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.audit.selectors import newest_event
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.publishing.models import Channel
from crossmatrix.publishing.rules import Change, Diff, Link, Problem
from crossmatrix.publishing.services.plan import plan_next

LOOK = "crossmatrix.publishing.tasks.take_look"
KEEP = 3600  # seconds
FRESH = timedelta(
    minutes=10
)  # also without a newer event: one that was being written meanwhile may carry a lower number
PIECE = 500  # items of one cache value: ten pages
NEWEST = "newest"  # in place of a token: which look is the newest
TABS = ("changes", "added", "changed", "removed", "left")
Item = tuple[str, Any]  # mark (add, chg, del; "" for a problem) and Link, Change or Problem


@dataclass(frozen=True)
class Look:
    """What heads the page: counts, reasons, and the seal a cut would have."""

    token: str
    taken_at: datetime
    event: int  # the newest event of the history when the look began
    links: int
    bundles: int
    counts: dict[str, int]  # of each tab, and "same"
    reasons: dict[str, tuple[Problem, int]]  # code → one such problem, how many; the gravest first
    sha256: str
    unchanged: bool


def _name(channel: Channel, token: str) -> str:
    return f"look:{channel.pk}:{channel.version}:{channel.current_id}:{token}"


def look(channel: Channel, token: str) -> Look | None:
    """The look kept under the token, unless the channel has changed or released since."""
    kept: Look | None = cache.get(_name(channel, token)) if token else None
    return kept


def fresh_look(channel: Channel, *, at: datetime) -> Look | None:
    """The newest look, while it shows what would go out now."""
    newest = look(channel, cache.get(_name(channel, NEWEST), ""))
    return newest if newest and is_fresh(newest, at=at) else None


def is_fresh(taken: Look, *, at: datetime) -> bool:
    """Whether nothing was written, no day began and little time went by since the look was taken."""
    same_day = timezone.localdate(at) == timezone.localdate(taken.taken_at)
    return same_day and at - taken.taken_at < FRESH and newest_event() == taken.event


def order_look(*, channel: Channel, actor: User, at: datetime) -> JobRun:
    """Owe a look at the next release; one that is owed already serves everybody."""
    return jobs.order(LOOK, at=at, actor=actor, queue="publish", channel=channel.pk)


def take_look(channel: Channel, *, at: datetime) -> Look:
    """Plan the next release and keep what the pages show."""
    event = newest_event()
    plan = plan_next(channel=channel, at=at)
    problems, token = plan.problems, token_hex(12)
    reasons: dict[str, tuple[Problem, int]] = {}
    lists = _changes(plan.diff) | {"left": [("", one) for one in problems]}
    for one in problems:
        reasons[one.code] = (
            reasons[one.code][0] if one.code in reasons else one,
            reasons.get(one.code, (one, 0))[1] + 1,
        )
        lists.setdefault(f"left:{one.code}", []).append(("", one))
    taken = Look(
        token=token, taken_at=at, event=event, links=len(plan.links), bundles=len(plan.bundles), sha256=plan.sha256, unchanged=plan.unchanged,
        counts={tab: len(lists[tab]) for tab in TABS} | {"same": len(plan.diff.same)}, reasons=reasons,
    )  # fmt: skip
    for key, items in lists.items():
        for start in range(0, len(items), PIECE):
            cache.set(f"{_name(channel, token)}:{key}:{start // PIECE}", items[start : start + PIECE], KEEP)
    cache.set(_name(channel, token), taken, KEEP)
    cache.set(_name(channel, NEWEST), token, KEEP)
    return taken


def _changes(diff: Diff) -> dict[str, list[Item]]:
    def place(item: Item) -> tuple[str, str]:
        link: Link = item[1].after if isinstance(item[1], Change) else item[1]
        return link.main_sku, link.companion_sku

    lists: dict[str, list[Item]] = {
        "added": sorted((("add", link) for link in diff.added), key=place),
        "changed": sorted((("chg", change) for change in diff.changed), key=place),
        "removed": sorted((("del", link) for link in diff.removed), key=place),
    }
    return {**lists, "changes": sorted([item for items in lists.values() for item in items], key=place)}


class Lost(Exception):
    """The cache let a piece of the look go: take it anew."""


class Items(Sequence[Any]):
    """The items of a tab, read from the cache in the pieces that a page needs. Raises Lost when read."""

    def __init__(self, channel: Channel, taken: Look, tab: str, why: str = "") -> None:
        self.name = f"{_name(channel, taken.token)}:{tab}{':' if why else ''}{why}"
        self.length = taken.reasons.get(why, (None, 0))[1] if why else taken.counts[tab]

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, where: int) -> Item: ...
    @overload
    def __getitem__(self, where: slice) -> list[Item]: ...
    def __getitem__(self, where: int | slice) -> Item | list[Item]:
        if isinstance(where, int):
            return self[where : where + 1][0]
        start, stop, _step = where.indices(self.length)
        if stop <= start:
            return []
        names = [f"{self.name}:{number}" for number in range(start // PIECE, (stop - 1) // PIECE + 1)]
        kept = cache.get_many(names)
        if len(kept) < len(names):
            raise Lost
        joined = [item for name in names for item in kept[name]]
        offset = start // PIECE * PIECE
        return joined[start - offset : stop - offset]
