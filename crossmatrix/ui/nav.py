"""What stands in the sidebar. Items name their page; an item without a page or without permission is not shown.

An area above registers the number beside an item from its AppConfig.ready:
    register_count("weak", lambda request: selectors.open_flags_for(request.user).count())
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from crossmatrix.lib.errors import N_

Count = Callable[[HttpRequest], int]
COUNTS: dict[str, Count] = {}


def register_count(name: str, count: Count) -> None:
    """Show `count(request)` beside the item `name`; asked once per request, only for people who see the item."""
    COUNTS[name] = count


@dataclass(frozen=True)
class Item:
    """A page of the sidebar. `pages` are URL names, the first that exists is taken; any of `permissions` opens it."""

    name: str
    label: str
    icon: str
    pages: tuple[str, ...]
    permissions: tuple[str, ...] = ()
    hot: bool = False  # its number asks for action today
    also: tuple[str, ...] = ()  # beginnings of addresses elsewhere that belong to it


@dataclass(frozen=True)
class Group:
    label: str
    items: tuple[Item, ...]


STAFF = (
    Group(
        "",
        (
            Item("home", N_("My work"), "inbox", ("home:home",)),
            Item(
                "matrices",
                N_("Matrices"),
                "grid",
                ("matrix:matrices", "matrix:home", "matrix:list", "matrix:index"),
                ("pair.view",),
            ),
            Item(
                "products",
                N_("Products"),
                "box",
                ("catalog:products", "catalog:list", "catalog:index"),
                ("product.view",),
                also=("/matrix/products/",),
            ),
            Item("pairs", N_("Pairs"), "link", ("matrix:pairs", "matrix:pair_list"), ("pair.view",)),
            Item("suggestions", N_("Suggestions"), "bulb", ("insights:suggestions",), ("evidence.view",)),
            Item("weak", N_("Weak pairs"), "weak", ("insights:weak", "insights:inbox"), ("evidence.view",), hot=True),
            Item(
                "imports",
                N_("Imports"),
                "import",
                ("imports:list", "imports:batches", "imports:index"),
                ("import.run",),
            ),
            Item("approvals", N_("Approvals"), "stamp", ("matrix:approvals",), ("pair.approve",)),
            Item(
                "bundles",
                N_("Bundles"),
                "gift",
                ("bundles:list", "bundles:index", "bundles:queue"),
                ("bundle.review", "bundle.finance"),
            ),
        ),
    ),
    Group(
        N_("Result"),
        (
            Item("dashboard", N_("Dashboards"), "chart", ("insights:dashboard",), ("evidence.view",)),
            Item(
                "evidence",
                N_("Evidence"),
                "gauge",
                ("insights:evidence", "insights:home", "insights:index"),
                ("evidence.view",),
            ),
            Item(
                "channels",
                N_("Channels"),
                "store",
                ("publishing:channels", "publishing:list", "publishing:index"),
                ("release.view",),
            ),
            Item("cards", N_("Sales cards"), "script", ("matrix:cards", "publishing:cards"), ("card.view",)),
            Item("jobs", N_("Jobs"), "clock", ("jobs:list",), ("job.view",)),
        ),
    ),
)
PORTAL = (
    Group(
        "",
        (
            Item("portal", N_("My proposals"), "gift", ("portal:home",)),
            Item("portal_products", N_("My products"), "box", ("portal:products",)),
        ),
    ),
)


@dataclass(frozen=True)
class Entry:
    """An item as this person sees it."""

    name: str
    label: str
    icon: str
    url: str
    count: int
    hot: bool
    current: bool


@dataclass(frozen=True)
class Section:
    label: str
    entries: list[Entry]


def address(pages: Iterable[str]) -> str:
    """Address of the first page that exists; "" when none does yet."""
    for page in pages:
        try:
            return reverse(page)
        except NoReverseMatch:
            continue
    return ""


class Nav:
    """The sidebar for one request."""

    def __init__(self, request: HttpRequest, groups: tuple[Group, ...] = STAFF) -> None:
        self.request, self.groups = request, groups

    def allowed(self, item: Item) -> bool:
        user: Any = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return False
        return not item.permissions or any(user.has_perm(permission) for permission in item.permissions)

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Item name to address, for what the person may open."""
        found = {item.name: address(item.pages) for group in self.groups for item in group.items if self.allowed(item)}
        return {name: url for name, url in found.items() if url}

    @cached_property
    def current(self) -> str:
        """Name of the item whose address is the longest beginning of this page's path."""
        path = self.request.path
        also = {item.name: item.also for group in self.groups for item in group.items}
        starts = [(url, name) for name, own in self.addresses.items() for url in (own, *also[name])]
        inside = [(len(url), name) for url, name in starts if path == url or (url != "/" and path.startswith(url))]
        return max(inside, default=(0, ""))[1]

    @cached_property
    def sections(self) -> list[Section]:
        shown = [Section(gettext(group.label) if group.label else "", self.entries(group)) for group in self.groups]
        return [section for section in shown if section.entries]

    @property
    def places(self) -> list[tuple[str, str, str]]:
        """Label, address and icon of every page the person may open, without the numbers beside them."""
        items = [item for group in self.groups for item in group.items if item.name in self.addresses]
        return [(gettext(item.label), self.addresses[item.name], item.icon) for item in items]

    def entries(self, group: Group) -> list[Entry]:
        return [
            Entry(
                name=item.name,
                label=gettext(item.label),
                icon=item.icon,
                url=self.addresses[item.name],
                count=COUNTS[item.name](self.request) if item.name in COUNTS else 0,
                hot=item.hot,
                current=item.name == self.current,
            )
            for item in group.items
            if item.name in self.addresses
        ]
