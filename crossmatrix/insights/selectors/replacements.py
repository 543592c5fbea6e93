"""What could stand in a companion's place, what it is expected to bring, and whether to swap or to test (EVIDENCE 5.3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import PairStat
from crossmatrix.insights.rules.fixed import margin_of
from crossmatrix.insights.rules.priors import Prior, priors_of
from crossmatrix.insights.rules.replacing import (
    HOPELESS,
    LOOSE,
    SURELY_BETTER,
    Calibration,
    Placed,
    Worth,
    calibrated,
    chance_of_better,
    cover,
    worth_of,
)
from crossmatrix.insights.rules.scoring import PRIOR_ORDERS
from crossmatrix.insights.rules.weakness import Placement
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors.candidates import Found, candidates, worth
from crossmatrix.insights.selectors.cold import cold_candidates
from crossmatrix.insights.selectors.evidence import numbers_of
from crossmatrix.insights.selectors.offers import Offers, category_of
from crossmatrix.matrix.models import Pair, Slot
from crossmatrix.matrix.rules import Verdict, ancestors
from crossmatrix.matrix.selectors.compatibility import Compatibility

WANTED = 3
UNSELLABLE = frozenset(
    {Cause.DISCONTINUED, Cause.OUT_OF_STOCK, Cause.NOT_COMPATIBLE, Cause.WINDOW_OVER, Cause.RATIO_BROKEN}
)  # the pair brings nothing while one of these holds


@dataclass(frozen=True)
class Ranked:
    """A candidate with its posterior; `by` says whether it was weighed by margin or, without costs, by sales."""

    found: Found
    worth: Worth
    better: float
    tier: int
    by: str

    def as_dict(self) -> dict[str, Any]:
        low, high = self.worth.interval()
        return self.found.as_dict() | {
            "expected": self.worth.attach, "expected_low": low, "expected_high": high, "better": self.better,
            "value": self.worth.value, "by": self.by, "action": "replace" if self.better >= SURELY_BETTER else "test",
        }  # fmt: skip


class Replacer:
    """Replacements for pairs on offer, with everything they have in common read once."""

    def __init__(self, pairs: Sequence[Pair], offers: Offers) -> None:
        self.offers = offers
        mains = list({pair.main_id: pair.main for pair in pairs}.values())
        self.candidates = {main: [one for one in found if worth(one.stat)] for main, found in candidates(mains).items()}
        self.candidates |= cold_candidates([main for main in mains if not self.candidates.get(main.pk)], offers.refresh)
        self.candidates = _fitting(self.candidates)
        self.days = (offers.refresh.to_date - offers.refresh.from_date).days + 1 if offers.refresh else 1
        self.slots = _slots()
        self.calibration = calibrated(_placed(offers))
        self.priors = _priors(offers, (found for row in self.candidates.values() for found in row))
        self.placed: dict[int, set[int | None]] = defaultdict(set)
        for pair in offers.pairs:
            self.placed[pair.main_id].add(pair.companion.category_id)

    def of(self, pair: Pair, cause: Cause) -> list[dict[str, Any]]:
        """Up to three, best first; weighed by margin when every cost is known, else by sales."""
        wanted = {pk for node in _above(pair.main) for pk in self.slots[node]}
        taken = self.placed[pair.main_id]
        allowed = [
            (tier, found)
            for found in self.candidates.get(pair.main_id, [])
            if (tier := _tier(found.companion, pair.companion, wanted)) == 0 or found.companion.category_id not in taken
        ]
        costs = all(_margin(product) is not None for product in (pair.companion, *(f.companion for _, f in allowed)))
        by = "margin" if costs else "sales"
        old = None if cause in UNSELLABLE else self._old(pair, by)
        ranked = []
        for tier, found in allowed:
            new = self._worth(found.stat, found.companion, by, found.told.get("type_excess"))
            better = chance_of_better(new, old, seed=pair.pk)
            if better >= HOPELESS:
                ranked.append(Ranked(found, new, better, tier, by))
        ranked.sort(key=lambda one: (one.better < SURELY_BETTER, one.tier, -one.worth.value, one.found.companion.pk))
        return [one.as_dict() for one in ranked[:WANTED]]

    def _old(self, pair: Pair, by: str) -> Worth | None:
        stat = self.offers.stats.get(pair.pk)
        return self._worth(stat, pair.companion, by) if stat else None

    def _worth(self, stat: PairStat, companion: Product, by: str, of_type: float | None = None) -> Worth:
        """`of_type`: what orders of the main's type show beyond chance, where its own show nothing: the only prior then."""
        prior = self.priors.get(companion.category.path if companion.category else "")
        calibration = self.calibration or Calibration()
        if of_type is not None:
            mean, weight = calibration.mean(of_type), float(PRIOR_ORDERS)
        elif self.calibration or prior is None:
            mean, weight = calibration.mean(numbers_of(stat).incremental or 0.0), LOOSE
        else:
            mean, weight = prior.mean, LOOSE
        if of_type is None and prior:
            weight = min(prior.alpha + prior.beta, stat.orders_main or LOOSE)
        stays = cover(companion.stock, stat.orders_companion / self.days)
        return worth_of(
            trials=stat.orders_main, hits=stat.orders_both, prior_mean=mean, prior_weight=weight,
            unit=_unit(companion, by) * self.offers.staying.get(companion.pk, 1.0) * stays,
        )  # fmt: skip


def _fitting(candidates: Mapping[int, list[Found]]) -> dict[int, list[Found]]:
    """Without those that the conditions of slots speak against."""
    every = [one for row in candidates.values() for one in row]
    paths = {product.pk: product.category_path for one in every for product in (one.main, one.companion)}
    refused = Compatibility().contradictions([(one.main.pk, one.companion.pk) for one in every], paths)
    return {main: [one for one in row if (main, one.companion.pk) not in refused] for main, row in candidates.items()}


def _slots() -> dict[int, set[int]]:
    rows = Slot.objects.filter(verdict=Verdict.SUITABLE).values_list("main_category_id", "companion_category_id")
    slots: dict[int, set[int]] = defaultdict(set)
    for main, companion in rows:
        slots[main].add(companion)
    return slots


def _above(product: Product) -> Iterable[int]:
    return ancestors(product.category.path) if product.category else ()


def _tier(candidate: Product, weak: Product, wanted: set[int]) -> int:
    """0: the same type; 1: a type some slot of the main wants; 2: any other."""
    if candidate.category_id == weak.category_id:
        return 0
    return 1 if wanted & set(_above(candidate)) else 2


def _placed(offers: Offers) -> list[Placed]:
    placed = []
    for stat in offers.stats.values():
        incremental = numbers_of(stat).incremental
        if incremental is not None:
            placed.append(Placed(incremental, stat.orders_main, stat.orders_both))
    return placed


def _priors(offers: Offers, found: Iterable[Found]) -> Mapping[str, Prior | None]:
    """What offered pairs of a companion category usually reach, also for categories nothing of which is on offer yet."""
    pairs = offers.by_id
    known = [
        Placement(key, category_of(pairs[key]), stat.orders_main, stat.orders_both, least=1)
        for key, stat in offers.stats.items()
    ]
    asked = {one.companion.category.path if one.companion.category else "" for one in found}
    asked |= {category_of(pair) for pair in offers.pairs}
    return priors_of([*known, *(Placement(-1, path, 0, 0, least=1) for path in sorted(asked))])


def _margin(product: Product) -> float | None:
    share = margin_of(product.price, product.cost)
    return None if share is None or product.price is None else share * float(product.price)


def _unit(product: Product, by: str) -> float:
    """Money of one piece: its margin, or its price when costs are not known."""
    margin = _margin(product) if by == "margin" else None
    return margin if margin is not None else float(product.price or 0)
