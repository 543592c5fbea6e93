"""What a pair brings in money: sales, margin, what comes back, and the margin it adds to each order with the main.

EVIDENCE 4: rev_ab = Σ sales of the companion in orders with both; margin_ab = rev_ab − cost · pieces; ret_b = orders whose
companion came back ÷ orders with both; inc_margin_per_main = inc_attach · margin_b · (1 − ret_b).
"""

from dataclasses import dataclass

from crossmatrix.insights.rules.association import Interval, wilson

MONTH = 30  # days


@dataclass(frozen=True)
class Sales:
    """Of the companion in orders with both: orders, pieces and what was paid for them (in major units of money).

    `returned`: orders in which it came back; None where the orders of the period tell of no returns at all.
    """

    orders: int
    pieces: float
    revenue: float
    returned: int | None = None

    def __post_init__(self) -> None:
        if self.orders < 0 or self.pieces < 0 or not 0 <= (self.returned or 0) <= self.orders:
            raise ValueError(f"impossible sales: {self}")


@dataclass(frozen=True)
class Brought:
    """Money of a pair in a period; None where costs, returns or orders with the main are not known."""

    revenue: float
    margin: float | None  # after today's cost of the pieces
    margin_of_order: float | None  # of one order with both
    return_rate: float | None
    returns: Interval | None  # 95 % of the return rate
    per_main: float | None  # margin that each order with the main has more than chance alone would give it
    added: float | None  # that margin over all main orders of the period

    @property
    def margin_share(self) -> float | None:
        """Margin ÷ sales."""
        return self.margin / self.revenue if self.margin is not None and self.revenue else None


def brought(sales: Sales, *, cost: float | None, incremental: float | None, orders_main: int) -> Brought:
    """Everything of EVIDENCE 4 about money. Returns that nobody tells of do not lessen the margin."""
    margin = margin_of_sales(sales, cost)
    of_order = margin / sales.orders if margin is not None and sales.orders else None
    rate = return_rate(sales)
    per_main = added_per_main(incremental, of_order, rate or 0.0)
    return Brought(
        revenue=sales.revenue, margin=margin, margin_of_order=of_order, return_rate=rate,
        returns=wilson(sales.returned, sales.orders) if sales.returned is not None else None, per_main=per_main,
        added=per_main * orders_main if per_main is not None else None,
    )  # fmt: skip


def margin_of_sales(sales: Sales, cost: float | None) -> float | None:
    """margin_ab: what was paid minus the cost of the pieces; None when the cost of one is not known."""
    return None if cost is None else sales.revenue - cost * sales.pieces


def return_rate(sales: Sales) -> float | None:
    """ret_b (0..1): orders in which the companion came back ÷ orders with both."""
    return sales.returned / sales.orders if sales.returned is not None and sales.orders else None


def added_per_main(incremental: float | None, margin: float | None, returned: float) -> float | None:
    """inc_margin_per_main = inc_attach · margin_b · (1 − ret_b): what one order with the main gains from the pair."""
    return None if incremental is None or margin is None else incremental * margin * (1 - returned)


def money_threshold(*, least: float, margin: float, returned: float = 0.0) -> float:
    """t_i = v_min ÷ (margin_i · (1 − ret_i)) (EVIDENCE 5.1): the share below which a pair brings less than `least` of
    margin for each order with the main. 1 where even all of them would not bring it."""
    kept = margin * (1 - returned)
    return least / kept if kept > least else 1.0


def missed_a_month(*, trials: int, days: int, usual: float, share: float, worth: float) -> float:
    """What a pair as often taken as is usual would bring more in a month: n_month · (μ_c − E p_i) · margin (EVIDENCE 5.1)."""
    return trials * MONTH / max(days, 1) * max(0.0, usual - share) * worth
