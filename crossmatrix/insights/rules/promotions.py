"""Whether a pair stands without a discount, or lives on promotions alone."""

from dataclasses import dataclass
from enum import StrEnum

from scipy import special

from crossmatrix.lib.errors import N_

SURE = 0.95
STABLE_SHARE = 0.5  # a pair is stable without a discount when surely more than half of its orders had none
FEWEST = 20  # orders with both whose lines say whether there was a discount


class Footing(StrEnum):
    TOO_FEW = "too_few"
    STABLE = "stable"
    MIXED = "mixed"
    PROMO_ONLY = "promo_only"


FOOTING_NAMES: dict[Footing, str] = {
    Footing.TOO_FEW: N_("too few orders to tell"),
    Footing.STABLE: N_("stable without one"),
    Footing.MIXED: N_("partly on promotions"),
    Footing.PROMO_ONLY: N_("lives on promotions"),
}


@dataclass(frozen=True)
class Split:
    """Orders with both that say whether the companion's line was discounted."""

    known: int
    discounted: int

    @property
    def share(self) -> float | None:
        return self.discounted / self.known if self.known else None


def footing(split: Split, promo_share: float) -> Footing:
    """Where the pair stands; sure with 95 % on the beta posterior of its discounted share (flat prior)."""
    if split.known < FEWEST:
        return Footing.TOO_FEW
    alpha, beta = 1 + split.discounted, 1 + split.known - split.discounted
    if 1 - special.betainc(alpha, beta, promo_share) > SURE:
        return Footing.PROMO_ONLY
    if special.betainc(alpha, beta, 1 - STABLE_SHARE) > SURE:
        return Footing.STABLE
    return Footing.MIXED
