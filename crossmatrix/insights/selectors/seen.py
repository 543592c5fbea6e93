"""What shops report about one pair: how often it was seen and taken, where, and in which days."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext

from crossmatrix.insights.models import Exposure
from crossmatrix.insights.rules.association import Interval, wilson
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules.names import PLACEMENT_NAMES

SEEN_DAYS = 90  # exposures looked back at


@dataclass(frozen=True)
class Place:
    """Views at one place, all net of returns; `channel` and `placement` may be empty."""

    channel: str
    placement: str
    shown: int
    clicked: int
    bought: int

    @property
    def name(self) -> str:
        """Channel and placement in the reader's language; "" where the shop does not tell them apart."""
        placement = gettext(PLACEMENT_NAMES.get(self.placement, self.placement)) if self.placement else ""
        return " · ".join(part for part in (self.channel, placement) if part)

    @property
    def share(self) -> float | None:
        return self.bought / self.shown if self.shown else None

    @property
    def band(self) -> Interval | None:
        """95 % (Wilson) of the share."""
        return wilson(self.bought, self.shown)


@dataclass(frozen=True)
class SeenPair(Place):
    first: date
    last: date
    places: tuple[Place, ...]


def counted(today: date) -> QuerySet[Exposure]:
    """Views that count: of the last days, with the companion in stock."""
    return Exposure.objects.filter(day__gt=today - timedelta(days=SEEN_DAYS), in_stock=True)


def kept() -> Sum:
    """Bought and not brought back."""
    return Sum(F("bought") - F("returned"))


@dataclass(frozen=True)
class Reported:
    """Views of the last days in all: how far pairs are judged from them."""

    first: date
    last: date
    shown: int
    without_stock: int  # views that do not count
    on_offer: int  # pairs
    seen: int  # of them with views


def reported(today: date) -> Reported | None:
    """What shops report of late; None when none does."""
    since = today - timedelta(days=SEEN_DAYS)
    found = Exposure.objects.filter(day__gt=since).aggregate(
        first=Min("day"), last=Max("day"), views=Sum("shown", filter=Q(in_stock=True)),
        lost=Sum("shown", filter=Q(in_stock=False)),
    )  # fmt: skip
    if found["first"] is None:
        return None
    offered = Pair.objects.filter(approved__isnull=False)
    views = counted(today).filter(main=OuterRef("main"), companion=OuterRef("companion"), shown__gt=0)
    return Reported(
        found["first"], found["last"], found["views"] or 0, found["lost"] or 0, offered.count(),
        offered.filter(Exists(views)).count(),
    )  # fmt: skip


def seen_of(main: int, companion: int, today: date) -> SeenPair | None:
    """The pair's views in all and by place; None when no shop reports any."""
    rows = (
        counted(today)
        .filter(main_id=main, companion_id=companion)
        .values("channel", "placement")
        .annotate(views=Sum("shown"), clicks=Sum("clicked"), taken=kept(), first=Min("day"), last=Max("day"))
        .order_by("-views", "channel", "placement")
    )
    found = list(rows)
    places = tuple(Place(row["channel"], row["placement"], row["views"], row["clicks"], row["taken"]) for row in found)
    shown = sum(place.shown for place in places)
    if not shown:
        return None
    return SeenPair(
        "", "", shown, sum(place.clicked for place in places), sum(place.bought for place in places),
        min(row["first"] for row in found), max(row["last"] for row in found), places,
    )  # fmt: skip
