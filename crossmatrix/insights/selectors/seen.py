"""What shops report about one pair: how often it was seen and taken, where, and in which days."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Max, Min, QuerySet, Sum
from django.utils.translation import gettext

from crossmatrix.insights.models import Exposure
from crossmatrix.insights.rules.association import Interval, wilson
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
