"""Figures of a dashboard from whole counts: shares and averages, and "not enough data" below a minimum of orders."""

from collections.abc import Iterable
from dataclasses import dataclass

from crossmatrix.insights.rules.association import Interval, wilson

FEWEST_ORDERS = 30  # orders with a main; below it a share says nothing


@dataclass(frozen=True)
class Counts:
    """Orders with a main of a category, those with a companion beside it, and their money in minor units."""

    orders: int = 0
    orders_with: int = 0
    amount: int = 0
    amount_with: int = 0
    amount_companions: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.orders + other.orders, self.orders_with + other.orders_with, self.amount + other.amount,
            self.amount_with + other.amount_with, self.amount_companions + other.amount_companions,
        )  # fmt: skip

    @property
    def enough(self) -> bool:
        return self.orders >= FEWEST_ORDERS

    @property
    def attach_rate(self) -> float | None:
        """Part of the orders with a main that also had one of its companions; None below the minimum."""
        return self.orders_with / self.orders if self.enough else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.orders_with, self.orders) if self.enough else None

    @property
    def check_with(self) -> float | None:
        """Average order with a companion, in major units."""
        return self.amount_with / self.orders_with / 100 if self.orders_with and self.enough else None

    @property
    def check_without(self) -> float | None:
        without = self.orders - self.orders_with
        return (self.amount - self.amount_with) / without / 100 if without and self.enough else None

    @property
    def companion_share(self) -> float | None:
        """Part of the money of these orders that companions brought."""
        return self.amount_companions / self.amount if self.amount > 0 and self.enough else None


def total(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def change(now: float | None, before: float | None) -> float | None:
    """By which part a figure differs from the year before."""
    return now / before - 1 if now is not None and before else None
