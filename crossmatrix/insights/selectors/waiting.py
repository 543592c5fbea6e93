"""The queue of suggestions: products in a person's categories with companions to add, and proposals for their open slots."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.catalog.selectors import search
from crossmatrix.insights.models import ListedForType, ListedPair, ProductStat
from crossmatrix.insights.rules.scoring import Dial
from crossmatrix.insights.rules.suggesting import Reliability
from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.insights.selectors.candidates import Found
from crossmatrix.insights.selectors.sources import standings
from crossmatrix.insights.selectors.suggestions import suggestions, told
from crossmatrix.matrix.models import Slot
from crossmatrix.matrix.selectors.slots import DefaultReasons

FILLED_AT_ONCE = 40  # products whose open slots are filled in one go


def mains_waiting(user: User, text: str = "") -> QuerySet[Product]:
    """Products on sale that orders, their own or their type's, name companions for; the most bought first."""
    sold = ProductStat.objects.filter(refresh__current=True, product=OuterRef("pk")).values("orders")[:1]
    own = ListedPair.objects.filter(refresh__current=True, main=OuterRef("pk"))
    of_type = ListedForType.objects.filter(refresh__current=True, category=OuterRef("category"))
    found = (
        Product.objects.filter(within(user, "category__path", Permission.EVIDENCE_VIEW), status=ProductStatus.ACTIVE)
        .filter(Exists(own) | Exists(of_type))
        .annotate(sold=Subquery(sold))
        .select_related("category")
        .order_by(F("sold").desc(nulls_last=True), "sku", "pk")
    )
    return search(found, text)


def reason_of(reasons: DefaultReasons, found: Found) -> tuple[str, str]:
    """(reason, kind) that the nearest slot has for such a pair; empty without one."""
    known = reasons.of(found.main.category_path, found.companion.category_path)
    return (known[0], known[1]) if known else ("", "")


@dataclass(frozen=True)
class Proposal:
    """A pair that would fill an open slot of a main."""

    found: Found
    row: dict[str, Any]
    slot: Slot

    @property
    def key(self) -> str:
        return f"{self.found.main.pk}:{self.found.companion.pk}"

    @property
    def advised(self) -> bool:
        """Whether its row starts ticked: too few orders are no reason to add a pair unseen."""
        return bool(self.row["reliability"] != Reliability.LOW or self.row["source"] == SuggestionSource.SIMILAR)


@dataclass(frozen=True)
class Proposals:
    """`rows` by main; `unhelped`: mains with open slots nothing speaks for; `complete`: mains without an open slot."""

    rows: list[Proposal]
    unhelped: list[Product]
    complete: int


def proposals(mains: Sequence[Product], dial: Dial = Dial.BALANCED) -> Proposals:
    """For each open slot of these mains the best companions, as many as it lacks; nothing is written."""

    standing = standings(mains)
    found = suggestions(mains, dial=dial)
    slots = Slot.objects.in_bulk([gap.slot for one in standing.values() for gap in one.gaps])
    rows, unhelped, complete = [], [], 0
    for main in mains:
        left = {gap.slot: gap.missing for gap in standing[main.pk].gaps if gap.missing}
        if not left:
            complete += 1
            continue
        named: dict[int, int] = defaultdict(int)
        for one in found.get(main.pk, []):
            slot = one.told["slot"]
            if named[slot] < left.get(slot, 0):
                named[slot] += 1
                rows.append(Proposal(one, told(one), slots[slot]))
        if not named:
            unhelped.append(main)
    return Proposals(rows, unhelped, complete)
