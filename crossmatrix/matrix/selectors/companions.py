"""Companions of one main product as its page shows them: what shoppers see, what waits, what is missing."""

from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import Count, Q

from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from crossmatrix.matrix.rules import PairState, RatioStatus, Verdict
from crossmatrix.matrix.rules.companions import Candidate, Hidden, resolve_companions
from crossmatrix.matrix.selectors import providers

CLOSED = frozenset({PairState.RETIRED, PairState.DISCARDED, PairState.SUPERSEDED})


@dataclass(frozen=True)
class Row:
    """One companion: its newest revision, and what of it shoppers see."""

    pair: Pair
    revision: PairRevision
    companion: Product
    state: str  # a state of ui.status
    place: int
    attach_rate: float | None
    lift: float | None
    hidden: Hidden | None  # why an approved link is not shown today
    approved: bool


@dataclass(frozen=True)
class SlotCover:
    """A wanted kind of companion: how many approved ones there are of how many wanted."""

    slot: Slot
    have: int

    @property
    def full(self) -> bool:
        return self.have >= self.slot.wanted


@dataclass(frozen=True)
class Companions:
    shown: list[Row] = field(default_factory=list)
    waiting: list[Row] = field(default_factory=list)  # behind the cut: reserve, not approved yet, hidden today
    refused: list[Pair] = field(default_factory=list)  # marked as not suitable
    cap: int = 4

    @property
    def count(self) -> int:
        return len(self.shown) + len(self.waiting)


def companions_of(main: Product, placement: str | None = None, *, today: date, cap: int | None = None) -> Companions:
    """The main's companions in the order of the storefront (of one placement), in a fixed number of queries."""
    pairs = list(
        Pair.objects.filter(main=main)
        .filter(Q(current__isnull=False) | Q(verdict=Verdict.NOT_SUITABLE))
        .select_related("companion__category", "current", "approved")
        .order_by("pk")
    )
    refused = [pair for pair in pairs if pair.verdict == Verdict.NOT_SUITABLE]
    live = [pair for pair in pairs if pair not in refused and _open(pair)]
    cap = settings.PLACEMENT_CAP if cap is None else cap
    approved = [_candidate(pair) for pair in live if pair.approved]
    resolved = resolve_companions(approved, today=today, placement=placement, cap=cap)
    evidence = providers.evidence_of([main.pk], [pair.companion_id for pair in live])
    published = providers.published_among([pair.pk for pair in live])
    by_pk = {pair.pk: pair for pair in live}
    first = [by_pk[pk] for pk in resolved.shown]
    rest = sorted((pair for pair in live if pair not in first), key=lambda pair: (_shown_content(pair).rank, pair.pk))
    rows = [
        _row(pair, place, evidence, published, resolved.hidden.get(pair.pk))
        for place, pair in enumerate([*first, *rest], start=1)
    ]
    return Companions(rows[: len(first)], rows[len(first) :], refused, cap)


def _open(pair: Pair) -> bool:
    return pair.approved_id is not None or (pair.current is not None and pair.current.state not in CLOSED)


def _shown_content(pair: Pair) -> PairRevision:
    revision = pair.current if pair.current and pair.current.state not in CLOSED else pair.approved
    assert revision is not None  # noqa: S101 - _open keeps only such pairs
    return revision


def _candidate(pair: Pair) -> Candidate:
    revision, companion = pair.approved, pair.companion
    assert revision is not None  # noqa: S101 - only approved pairs come here
    return Candidate(
        key=pair.pk, rank=revision.rank, suitable=True, active=companion.status == ProductStatus.ACTIVE,
        stock=companion.stock, valid_from=revision.valid_from, valid_to=revision.valid_to, placements=revision.placements,
        ratio_status=RatioStatus(revision.ratio_status), overridden=bool(revision.override_reason),
    )  # fmt: skip


def _row(
    pair: Pair,
    place: int,
    evidence: dict[tuple[int, int], tuple[float, float | None]],
    published: set[int],
    hidden: Hidden | None,
) -> Row:
    revision = _shown_content(pair)
    rate, lift = evidence.get((pair.main_id, pair.companion_id), (None, None))
    is_out = pair.pk in published and revision.pk == pair.approved_id
    state = "published" if is_out else revision.state
    return Row(pair, revision, pair.companion, state, place, rate, lift, hidden, pair.approved_id is not None)


def slot_coverage(main: Product) -> list[SlotCover]:
    """What the main's category and its ancestors want, the nearest word first, with how many approved there are."""
    if main.category is None:
        return []
    ancestors = [int(step) for step in main.category.path.strip("/").split("/")]
    slots = (
        Slot.objects.filter(main_category__in=ancestors, verdict=Verdict.SUITABLE, wanted__gt=0)
        .select_related("companion_category", "main_category")
        .order_by("companion_category__full_name", "pk")
    )
    nearest: dict[int, Slot] = {}
    for slot in sorted(slots, key=lambda one: len(one.main_category.path)):
        nearest[slot.companion_category_id] = slot  # a deeper category has the last word
    counts = dict(
        Pair.objects.filter(main=main, approved__isnull=False, verdict=Verdict.SUITABLE)
        .order_by()
        .values_list("companion__category__path")
        .annotate(Count("pk"))
    )
    return [
        SlotCover(slot, sum(n for path, n in counts.items() if path and path.startswith(slot.companion_category.path)))
        for slot in sorted(nearest.values(), key=lambda one: one.companion_category.full_name)
    ]
