"""Which storefront and which of its places a main is looked at in: the cut line is drawn for that spot."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from crossmatrix.catalog.models import Product
from crossmatrix.matrix.rules import Placement
from crossmatrix.matrix.selectors.providers import Storefront, storefronts_of

PLACES = tuple(place.value for place in Placement)
KEPT = ("list", "place", "channel", "order")  # of the address, when one goes on to the next product


@dataclass(frozen=True)
class Spot:
    """One place of one storefront, and what else there is to choose from."""

    storefront: Storefront | None  # None: no channel gets the main's links; the limit is the one of the settings
    storefronts: Sequence[Storefront]  # to choose from; empty while they all show alike
    place: str
    places: Sequence[str]

    @property
    def cap(self) -> int | None:
        return self.storefront.cap if self.storefront else None


def spot_of(main: Product, *, channel: str = "", place: str = "", places: Sequence[str] = PLACES) -> Spot:
    """The spot asked for; what is unknown or not there is as if it were not named. `places`: those the page shows."""
    known = storefronts_of(main)
    chosen = next((one for one in known if one.code == channel), next(iter(known), None))
    has = [one for one in places if not chosen or not chosen.placements or one in chosen.placements]
    has = has or list(places)
    alike = len({(one.cap, one.placements) for one in known}) < 2
    return Spot(chosen, () if alike else known, place if place in has else has[0], has)


def spot_asked(request: HttpRequest, main: Product, places: Sequence[str] = PLACES) -> Spot:
    return spot_of(main, channel=request.GET.get("channel", ""), place=request.GET.get("place", ""), places=places)


def carried(request: HttpRequest, query: str) -> str:
    """The query of a link to a neighbour ("?list=…" or "") with the spot and the order looked at."""
    kept = QueryDict(query.removeprefix("?"), mutable=True)
    for name in KEPT:
        if name not in kept and request.GET.get(name):
            kept[name] = request.GET[name]
    return f"?{kept.urlencode(safe='/')}" if kept else ""
