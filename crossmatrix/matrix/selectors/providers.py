"""What areas above tell about pairs: evidence from insights, live releases and storefronts from publishing.

The matrix never imports them; each registers one function in its AppConfig.ready(). Without them the grid works
and shows no evidence and nothing as published, and every shop shows as many companions as the settings say.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from crossmatrix.catalog.models import Product


@dataclass(frozen=True)
class EvidencePoint:
    """Attach rate of one period with its interval, and what is usual in the category then; None is "no orders"."""

    start: date
    share: float | None
    low: float | None = None
    high: float | None = None
    usual: float | None = None


@dataclass(frozen=True)
class PairEvidence:
    """Why to believe in a pair. Shares are 0..1; the period is closed: first ≤ order day ≤ last."""

    attach_rate: float
    lift: float | None = None
    low: float | None = None
    high: float | None = None
    orders_main: int = 0
    orders_both: int = 0
    first: date | None = None
    last: date | None = None
    benchmark: float | None = None  # attach rate of the other pairs between the two categories
    points: tuple[EvidencePoint, ...] = ()  # of equal periods, oldest first


@dataclass(frozen=True)
class Storefront:
    """A shop that gets the links of a main: how many companions it shows in one place, and which places it has."""

    code: str
    name: str
    cap: int
    placements: tuple[str, ...] = ()  # empty: it tells no places apart


# (mains, companions) → {(main, companion): (attach rate 0..1, lift or None)}; only pairs with enough data to speak of
EvidenceOf = Callable[[Collection[int], Collection[int]], dict[tuple[int, int], tuple[float, float | None]]]
EvidenceDetail = Callable[[int, int], PairEvidence | None]
PublishedOf = Callable[[Collection[int]], Iterable[int]]
# ("suggestion" or "weak", companions) → mains with evidence for a pair that is not there, or with a weak pair
MarkedMains = Callable[[str, Collection[int]], Iterable[int]]
StorefrontsOf = Callable[[Product], Sequence[Storefront]]

_evidence: list[EvidenceOf] = []
_detail: list[EvidenceDetail] = []
_published: list[PublishedOf] = []
_marked: list[MarkedMains] = []
_storefronts: list[StorefrontsOf] = []


def register_evidence(provider: EvidenceOf) -> None:
    """Name the function that knows attach rate and lift of the pairs of a window; the last one counts."""
    _evidence[:] = [provider]


def register_evidence_detail(provider: EvidenceDetail) -> None:
    """Name the function that knows everything about the evidence of one pair."""
    _detail[:] = [provider]


def register_published(provider: PublishedOf) -> None:
    """Name the function that tells which of these pair ids a live release holds."""
    _published[:] = [provider]


def register_marked(provider: MarkedMains) -> None:
    """Name the function that finds mains with open suggestions or weak pairs."""
    _marked[:] = [provider]


def register_storefronts(provider: StorefrontsOf) -> None:
    """Name the function that knows the shops that get a main's links, the first shown first."""
    _storefronts[:] = [provider]


def storefronts_of(main: Product) -> Sequence[Storefront]:
    return _storefronts[0](main) if _storefronts else ()


def marked_mains(mark: str, companions: Collection[int]) -> set[int]:
    return set(_marked[0](mark, companions)) if _marked and companions else set()


def evidence_of(
    mains: Collection[int], companions: Collection[int]
) -> dict[tuple[int, int], tuple[float, float | None]]:
    return _evidence[0](mains, companions) if _evidence and mains and companions else {}


def evidence_detail(main: int, companion: int) -> PairEvidence | None:
    return _detail[0](main, companion) if _detail else None


def published_among(pairs: Collection[int]) -> set[int]:
    return set(_published[0](pairs)) if _published and pairs else set()
