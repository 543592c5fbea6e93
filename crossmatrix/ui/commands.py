"""The command menu (Ctrl+K): pages of the sidebar, and whatever areas above let people find.

An area registers in its AppConfig.ready:
    register_search(lambda request, query: [Found(label=p.name, hint=p.sku, url=…, icon="box") for p in …[:6]])
Plain dicts with label, hint and url will do as well.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from crossmatrix.ui.context import Shell

EACH = 6  # finds of one area: the menu is for going, the lists are for looking


@dataclass(frozen=True)
class Found:
    label: str
    url: str
    hint: str = ""
    icon: str = "arrow"


Search = Callable[[HttpRequest, str], Iterable[Found | Mapping[str, Any]]]
SEARCHES: list[Search] = []


def register_search(search: Search) -> None:
    """Ask `search(request, query)` when someone types into the command menu; it answers only what the person may see."""
    SEARCHES.append(search)


def found_of(item: Found | Mapping[str, Any]) -> Found:
    return item if isinstance(item, Found) else Found(**item)


def pages(request: HttpRequest, query: str) -> list[Found]:
    """Pages of the sidebar whose name has a word that begins with the query; all of them without one."""
    wanted = query.casefold()
    shell = Shell(request)
    found = [Found(label, url, gettext("Page"), icon) for label, url, icon in shell.nav.places]
    if shell.profile_url:
        found.append(Found(gettext("Profile"), shell.profile_url, gettext("Page"), "user"))
    return [
        one
        for one in found
        if any(word.startswith(wanted) for word in [*one.label.casefold().split(), one.label.casefold()])
    ]


def find(request: HttpRequest, query: str) -> list[Found]:
    """What fits the query: pages first, then the areas' finds in the order they registered."""
    query = query.strip()[:100]
    found = pages(request, query)
    if len(query) >= 2:
        for search in SEARCHES:
            found += [found_of(item) for item in search(request, query)][:EACH]
    return found
