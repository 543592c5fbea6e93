"""Money as exact decimals."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def to_minor_units(amount: Decimal) -> int:
    """Amount in the smallest unit of its currency (roubles to kopecks), half up."""
    return int(amount.quantize(CENT, rounding=ROUND_HALF_UP) * 100)
