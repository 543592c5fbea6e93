"""What areas above tell beside a product: which companions to add, and what the present ones bring.

The matrix never imports them; each registers one object in its AppConfig.ready(). Without them the product view
works and says that there is no data.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crossmatrix.catalog.models import Product


@dataclass(frozen=True)
class Suggested:
    """A companion that could be added. Shares are 0..1."""

    companion: Product
    why: str  # one sentence in the reader's language
    source: str  # code of where it comes from
    source_name: str  # the same in the reader's language
    attach_rate: float | None
    low: float | None
    high: float | None
    lift: float | None
    orders_both: int
    orders_main: int
    ratio: Decimal | None
    ratio_status: str
    sure: int = 1  # how far to rely on the numbers: 3 (high) to 1 (few data)
    fills: str = ""  # the reason of the open slot it would fill
    usual: float | None = None  # attach rate with other products of the main's category
    money: Decimal | None = None  # a month, above what chance brings
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Suggester:
    """Finds companions to add and takes what a person decides on them."""

    suggest: Callable[..., Sequence[Suggested]]  # main, user, order=…: best first; nothing the person may not see
    orders: Callable[[], Sequence[tuple[str, str]]]  # code and name of the orders to choose from, the usual one first
    accept: Callable[..., None]  # main, companion, reason, actor, at, batch: writes a draft. Raises Refusal
    refuse: Callable[..., None]  # the same: marks as not suitable. Raises Refusal
    put_off: Callable[..., None]  # main, companion, until, actor, at: not before the day. Raises Refusal


@dataclass(frozen=True)
class Week:
    """One week of a main's orders."""

    start: date
    orders: int  # with the main
    companions: int  # companions of the list bought in them, counted once for each order
    revenue: Decimal | None = None  # of those companions, at their average price of the period


@dataclass(frozen=True)
class Effect:
    """What a main's companions bring. The period is closed: first ≤ order day ≤ last."""

    first: date
    last: date
    weeks: Sequence[Week]

    @property
    def orders(self) -> int:
        return sum(week.orders for week in self.weeks)

    @property
    def companions(self) -> int:
        return sum(week.companions for week in self.weeks)

    @property
    def rate(self) -> float | None:
        """Companions for one order with the main; None without orders."""
        return self.companions / self.orders if self.orders else None

    @property
    def hundred(self) -> float | None:
        """Companions in a hundred orders with the main."""
        return None if self.rate is None else 100 * self.rate

    @property
    def addition(self) -> Decimal | None:
        """Money of the companions for one order with the main."""
        known = [week.revenue for week in self.weeks if week.revenue is not None]
        return sum(known, Decimal(0)) / self.orders if known and self.orders else None


EffectOf = Callable[[int, Collection[int]], Effect | None]

_suggester: list[Suggester] = []
_effect: list[EffectOf] = []


def register_suggester(suggester: Suggester) -> None:
    """Name the object that suggests companions; the last one counts."""
    _suggester[:] = [suggester]


def register_effect(effect: EffectOf) -> None:
    """Name the function that knows what a main's companions bring, week by week."""
    _effect[:] = [effect]


def suggester() -> Suggester | None:
    return _suggester[0] if _suggester else None


def effect_of(main: int, companions: Collection[int]) -> Effect | None:
    return _effect[0](main, companions) if _effect and companions else None
