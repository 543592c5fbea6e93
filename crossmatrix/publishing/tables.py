"""Rows of the release screens: what comes, changes, goes and stays out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext

from crossmatrix.catalog.models import Product
from crossmatrix.lib.errors import N_
from crossmatrix.publishing import selectors
from crossmatrix.publishing.formats.excel import KINDS, PLACES
from crossmatrix.publishing.models import Release
from crossmatrix.publishing.rules import Change, Diff, Link, Problem, link_of, title_of

ROWS = 50  # of one page
FIELDS: dict[str, str] = {
    "rank": N_("rank"),
    "kind": N_("kind of reason"),
    "reason": N_("reason"),
    "offer_text": N_("offer text"),
    "placements": N_("places"),
    "valid_from": N_("valid from"),
    "valid_to": N_("valid to"),
    "revision": N_("revision"),
}
QUIET = frozenset({"revision"})  # says nothing by itself when something else changed


@dataclass(frozen=True)
class Delta:
    """One field of a changed link."""

    label: str
    before: str
    after: str


@dataclass
class Row:
    """A line of the table. `mark`: add, chg, del, out, warn or same."""

    mark: str
    main: str
    companion: str
    main_name: str = ""
    companion_name: str = ""
    link: Link | None = None
    deltas: list[Delta] = field(default_factory=list)
    problem: Problem | None = None
    message: str = ""
    advice: str = ""

    @property
    def context(self) -> dict[str, Any]:
        return dict(self.link.context) if self.link else {}


def shown(name: str, value: Any) -> str:
    """The value of a link's field as people write it."""
    if value in (None, "", []):
        return "—"
    if name == "kind":
        return gettext(KINDS.get(value, value))
    if name == "placements":
        return ", ".join(gettext(PLACES.get(place, place)) for place in value)
    return str(value)


def diff_rows(diff: Diff, tab: str) -> list[Row]:
    """Rows of "changes" (all), "added", "changed" or "removed", by product."""
    rows: list[Row] = []
    if tab in ("changes", "added"):
        rows += [_of_link("add", link) for link in diff.added]
    if tab in ("changes", "changed"):
        rows += [_of_change(change) for change in diff.changed]
    if tab in ("changes", "removed"):
        rows += [_of_link("del", link) for link in diff.removed]
    return sorted(rows, key=lambda row: (row.main, row.companion))


def row_of(item: tuple[str, Any]) -> Row:
    """The row of a kept look's item: a link that comes or goes, a change, or a problem."""
    mark, thing = item
    if isinstance(thing, Problem):
        return Row("out" if thing.drops else "warn", thing.main, thing.companion, problem=thing)
    return _of_change(thing) if isinstance(thing, Change) else _of_link(mark, thing)


def _of_change(change: Change) -> Row:
    row = _of_link("chg", change.after)
    was, now = change.before.payload(), change.after.payload()
    names = [name for name in change.fields if name not in QUIET] or change.fields
    row.deltas = [Delta(gettext(FIELDS[name]), shown(name, was[name]), shown(name, now[name])) for name in names]
    return row


def _of_link(mark: str, link: Link) -> Row:
    context = link.context
    return Row(
        mark, link.main_sku, link.companion_sku, context.get("main_name", ""), context.get("companion_name", ""), link
    )


def item_rows(release: Release, number: int) -> "Page[Any]":
    """A page of the frozen links of a release."""
    page: Page[Any] = Paginator(selectors.items_of(release), ROWS).get_page(number)
    page.object_list = [_of_link("same", link_of(item.payload, context=item.context)) for item in page.object_list]
    return page


def page_of(rows: Sequence[Any], number: int) -> "Page[Row]":
    """A page of rows or of a kept look's items; what is read or translated for a row is done for this page only."""
    page: Page[Row] = Paginator(rows, ROWS).get_page(number)
    page.object_list = [one if isinstance(one, Row) else row_of(one) for one in page.object_list]
    skus = {sku for row in page.object_list for sku in (row.main, row.companion) if row.problem}
    names = dict(Product.objects.filter(sku__in=skus).values_list("sku", "name")) if skus else {}
    for row in page.object_list:
        if row.problem:
            row.main_name, row.companion_name = names.get(row.main, ""), names.get(row.companion, "")
            row.message, row.advice = selectors.message(row.problem), gettext(row.problem.advice)
    return page


@dataclass(frozen=True)
class Group:
    """Links that stay out for one reason."""

    code: str
    title: str
    severity: str
    advice: str
    count: int


def groups_of(reasons: Mapping[str, tuple[Problem, int]]) -> list[Group]:
    """One line for each reason, in the given order."""
    return [
        Group(code, gettext(title_of(code)), one.severity.value, gettext(one.advice), count)
        for code, (one, count) in reasons.items()
    ]


def reasons_of(left_out: dict[str, int]) -> list[tuple[str, int]]:
    """Reason in words and count, most frequent first."""
    return [(gettext(title_of(code)), count) for code, count in sorted(left_out.items(), key=lambda item: -item[1])]


@dataclass(frozen=True)
class Segment:
    """A piece of the bar of changes, in thousandths of its width."""

    tone: str
    x: int
    width: int


def bar(counts: Sequence[tuple[str, int]]) -> list[Segment]:
    """Pieces in proportion; a count of one still shows, and gaps part the pieces."""
    total = sum(count for _tone, count in counts) or 1
    pieces: list[Segment] = []
    at = 0
    for tone, count in counts:
        if count:
            width = max(6, round(count / total * 1000))
            pieces.append(Segment(tone, at, width - 2))
            at += width
    return [Segment(piece.tone, round(piece.x * 1000 / at), max(3, round(piece.width * 1000 / at))) for piece in pieces]
