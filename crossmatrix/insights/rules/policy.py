"""The limits by which a pair is called weak, and who decides on it; policies of categories hold other values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crossmatrix.insights.rules.words import Severity


class Decider(StrEnum):
    MANAGER = "manager"  # whoever may decide on pairs of the category
    HEAD = "head"  # the head of the category alone


# lowest and highest value of each limit; whole numbers are whole
BOUNDS: Mapping[str, tuple[int, int] | tuple[float, float]] = {
    "min_orders": (1, 1_000_000),
    "share_of_usual": (0.01, 1.0),
    "false_share": (0.001, 0.5),
    "decline": (0.01, 0.99),
    "returns_times": (1.0, 100.0),
    "least_margin": (-1.0, 0.99),
    "promo_share": (0.01, 0.99),
    "unseen_days": (1, 3650),
    "urgent_days": (0, 365),
    "check_days": (0, 365),
    "note_days": (0, 365),
    "least_gain": (0.0, 1_000_000.0),
}


@dataclass(frozen=True)
class Limits:
    min_orders: int  # of the main; below it nothing statistical is said
    share_of_usual: float = 0.5  # rarely taken: attach rate below this part of the category's
    false_share: float = 0.1  # expected share of fine pairs in each list
    decline: float = 0.3  # falling: at least this part of the attach rate is gone
    returns_times: float = 2.0  # returned: more often than this many times the category's share
    least_margin: float = 0.0  # losing margin: (price − cost) ÷ price of the companion below it
    promo_share: float = 0.8  # lives on promotions: surely more than this part of its orders had a discount
    unseen_days: int = 30  # never shown: approved this long and not once seen
    urgent_days: int = 3  # days to decide, by severity
    check_days: int = 14
    note_days: int = 30
    least_gain: float = 0.0  # rarely taken by money: margin brought for each main order below it; 0: by share_of_usual
    decider: Decider = Decider.MANAGER

    def decide_by(self, severity: Severity, raised: date) -> date:
        """The day by which somebody should have decided."""
        days = {Severity.URGENT: self.urgent_days, Severity.CHECK: self.check_days, Severity.NOTE: self.note_days}
        return raised + timedelta(days=days[severity])

    def out_of_bounds(self) -> list[str]:
        """Names of the limits that cannot be, in their order."""
        return [name for name, (low, high) in BOUNDS.items() if not low <= getattr(self, name) <= high]
