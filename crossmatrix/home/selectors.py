"""What to do first in an empty shop."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.models import Pair
from crossmatrix.ui.nav import STAFF, address


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    action: str
    url: str


PAGES = {item.name: item.pages for group in STAFF for item in group.items}
CATALOG = (
    N_("Import the catalog"),
    N_("A spreadsheet with articles, names, categories and prices. You see every change before it is written."),
    N_("Import a file"),
)
ORDERS = (
    N_("Import orders"),
    N_("Order lines of the last months: suggestions and evidence come from what is bought together."),
    N_("Import a file"),
)
LINKS = (
    N_("Write the first links"),
    N_("Paste your matrix from Excel, import it, or accept suggestions."),
    N_("Open matrices"),
)


def step(words: tuple[str, str, str], page: str) -> Step | None:
    url = address(PAGES[page])
    return Step(gettext(words[0]), gettext(words[1]), gettext(words[2]), url) if url else None


def first_steps(user: Any) -> list[Step]:
    """The steps that bring work here, while the shop has no products or no links; only what the person may do."""
    found: list[Step | None] = []
    imports, edits = user.has_perm(Permission.IMPORT_RUN), user.has_perm(Permission.PAIR_EDIT)
    if Pair.objects.exists():
        return []
    if imports and not Product.objects.exists():
        found.append(step(CATALOG, "imports"))
    if imports:
        found.append(step(ORDERS, "imports"))
    if edits:
        found.append(step(LINKS, "matrices"))
    return [one for one in found if one is not None]
