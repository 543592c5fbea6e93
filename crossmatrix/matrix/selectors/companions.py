"""Companions of one main product as its page shows them: what shoppers see, what waits, what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import Count, Q

from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from crossmatrix.matrix.rules import PairState, RatioStatus, Verdict, blocked_by_type
from crossmatrix.matrix.rules.companions import Candidate, Hidden, Resolved, resolve_companions
from crossmatrix.matrix.selectors import providers
from crossmatrix.matrix.selectors.slots import unsuitable_types

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

    @property
    def pips(self) -> list[bool]:
        """One for each wanted companion: whether it is there."""
        return [place < self.have for place in range(self.slot.wanted)]


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
    pairs = pairs_of(main)
    refused = [pair for pair in pairs if pair.verdict == Verdict.NOT_SUITABLE]
    live = [pair for pair in pairs if pair.verdict != Verdict.NOT_SUITABLE and is_open(pair)]
    cap = settings.PLACEMENT_CAP if cap is None else cap
    resolved = resolved_for(main, approved_of(live), today=today, placement=placement, cap=cap)
    evidence = providers.evidence_of([main.pk], [pair.companion_id for pair in live])
    published = providers.published_among([pair.pk for pair in live])
    by_pk = {pair.pk: pair for pair in live}
    first = [by_pk[pk] for pk in resolved.shown]
    rest = sorted((pair for pair in live if pair not in first), key=lambda pair: place_of(pair, content_of(pair)))
    rows = [
        _row(pair, place, evidence, published, resolved.hidden.get(pair.pk))
        for place, pair in enumerate([*first, *rest], start=1)
    ]
    return Companions(rows[: len(first)], rows[len(first) :], refused, cap)


def pairs_of(main: Product) -> list[Pair]:
    """The main's pairs that say something, with their companions and revisions."""
    return list(
        Pair.objects.filter(main=main)
        .filter(Q(current__isnull=False) | Q(verdict=Verdict.NOT_SUITABLE))
        .select_related("companion__category", "current", "approved")
        .order_by("pk")
    )


def is_open(pair: Pair) -> bool:
    """Whether the pair is in work or in the shops."""
    return pair.approved_id is not None or (pair.current is not None and pair.current.state not in CLOSED)


def content_of(pair: Pair) -> PairRevision:
    """The content a person works on: the newest, or the approved one when that was closed. Only for open pairs."""
    revision = pair.current if pair.current and pair.current.state not in CLOSED else pair.approved
    assert revision is not None  # noqa: S101 - is_open keeps only such pairs
    return revision


def place_of(pair: Pair, revision: PairRevision) -> tuple[int, str]:
    """What releases sort by: rank, then SKU."""
    return revision.rank, pair.companion.sku


Link = tuple[Pair, PairRevision]  # a pair and the content it would be shown with


def approved_of(pairs: Iterable[Pair]) -> list[Link]:
    """The links as releases may take them."""
    return [(pair, pair.approved) for pair in pairs if pair.approved is not None]


def resolved_for(
    main: Product, links: Iterable[Link], *, today: date, placement: str | None = None, cap: int | None = None
) -> Resolved:
    """What shoppers of one placement would see of these links: pair ids shown, in reserve, and hidden with the reason."""
    ordered = sorted(links, key=lambda link: place_of(*link))
    unsuitable = unsuitable_types()
    found = resolve_companions(
        [candidate(main, *link, key=key, unsuitable=unsuitable) for key, link in enumerate(ordered)],
        today=today, placement=placement, cap=settings.PLACEMENT_CAP if cap is None else cap,
    )  # fmt: skip
    names = [pair.pk for pair, _ in ordered]
    return Resolved(
        shown=[names[key] for key in found.shown],
        reserve=[names[key] for key in found.reserve],
        hidden={names[key]: why for key, why in found.hidden.items()},
    )


def candidate(
    main: Product, pair: Pair, revision: PairRevision, *, key: int, unsuitable: Mapping[tuple[int, int], str]
) -> Candidate:
    companion = pair.companion
    blocked = blocked_by_type(
        main_path=main.category.path if main.category else "",
        companion_path=companion.category.path if companion.category else "",
        unsuitable=unsuitable,
    )
    return Candidate(
        key=key, rank=revision.rank, suitable=blocked is None, active=companion.status == ProductStatus.ACTIVE,
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
    revision = content_of(pair)
    rate, lift = evidence.get((pair.main_id, pair.companion_id), (None, None))
    state = state_of(pair, revision, published)
    return Row(pair, revision, pair.companion, state, place, rate, lift, hidden, pair.approved_id is not None)


def state_of(pair: Pair, revision: PairRevision, published: set[int]) -> str:
    """A state of ui.status: published while a live release holds this content."""
    return "published" if pair.pk in published and revision.pk == pair.approved_id else revision.state


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
