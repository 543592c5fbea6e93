"""Pairs and their revisions, from the person who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import BooleanField, Count, ExpressionWrapper, Prefetch, Q, QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of, within
from crossmatrix.catalog.models import Category, Product
from crossmatrix.lib.digests import content_digest
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from crossmatrix.matrix.rules import PairState, Verdict, ancestors
from crossmatrix.matrix.selectors import tally

MANY, KEEP = 20_000, 60  # counting more pairs than this is felt on every page: the sums are kept for so many seconds
PRODUCTS = ("main__category", "companion__category")


def sides(beginning: str = "") -> "list[Prefetch[Any]]":
    """Both products with their categories, in a statement each: to plan a join of nine tables takes longer than the page."""
    products = Product.objects.select_related("category").defer("search")
    return [Prefetch(f"{beginning}{side}", products) for side in ("main", "companion")]


def pairs_for(user: User) -> QuerySet[Pair]:
    """Pairs that say something (a revision or "not suitable"), in the person's categories."""
    return (
        Pair.objects.filter(within(user, "main__category__path", Permission.PAIR_VIEW))
        .filter(Q(current__isnull=False) | Q(verdict=Verdict.NOT_SUITABLE))
        .select_related("current__created_by", "approved")
        .prefetch_related(*sides())
        .order_by("main__sku", "companion__sku", "pk")
    )


LISTED = (
    "verdict", "verdict_reason", "approved_id", "updated_at", "main__sku", "main__name", "main__category__name",
    "companion__sku", "companion__name", "companion__category__name", "current__state", "current__reason",
    "current__kind", "current__rank", "current__ratio", "current__ratio_status", "current__created_by__name",
    "current__created_by__email",
)  # fmt: skip


def listed_pairs(user: User) -> QuerySet[Pair]:
    """The pairs as their list shows them, changed last first: a row reads twenty columns instead of a hundred."""
    rows = pairs_for(user).prefetch_related(None).select_related(None)
    return rows.select_related(*PRODUCTS, "current__created_by").only(*LISTED).order_by("-updated_at", "-pk")


def revisions_for(user: User) -> QuerySet[PairRevision]:
    """Every revision in the person's categories, newest first."""
    return (
        PairRevision.objects.filter(within(user, "pair__main__category__path", Permission.PAIR_VIEW))
        .select_related("pair__approved", "created_by", "submitted_by", "decided_by")
        .prefetch_related(*sides("pair__"))
        .order_by("-pk")
    )


def in_review_for(user: User) -> QuerySet[PairRevision]:
    """What waits for a decision where the person may decide, oldest first; `own` marks what another has to decide."""
    return (
        revisions_for(user)
        .filter(within(user, "pair__main__category__path", Permission.PAIR_APPROVE), state=PairState.IN_REVIEW)
        .annotate(own=ExpressionWrapper(Q(contributors__contains=[user.pk]), BooleanField()))
        .order_by("submitted_at", "pk")
    )


LINE = (
    "state", "reason", "ratio", "ratio_status", "submitted_at", "contributors", "comment", "comment_on", "pair__main__name",
    "pair__companion__name",
)  # fmt: skip


def as_lines(revisions: QuerySet[PairRevision]) -> QuerySet[PairRevision]:
    """The same revisions with what a line of a list shows: a dozen columns instead of a hundred."""
    rows = revisions.prefetch_related(None).select_related(None)
    return rows.select_related("pair__main", "pair__companion").only(*LINE)


def waiting_count(user: User, cap: int) -> int:
    """How many approvals wait for this very person, counting no further than cap + 1; asked for every page."""
    mine = PairRevision.objects.filter(within(user, "pair__main__category__path", Permission.PAIR_APPROVE))
    mine = mine.filter(within(user, "pair__main__category__path", Permission.PAIR_VIEW), state=PairState.IN_REVIEW)
    # in the order of an index, or drafts are read too until enough are found
    return mine.exclude(contributors__contains=[user.pk]).order_by("submitted_at")[: cap + 1].count()


def waiting_for(user: User) -> QuerySet[PairRevision]:
    """The approvals this very person may decide: in their categories, not their own."""
    return in_review_for(user).exclude(contributors__contains=[user.pk])


def escalated_for(user: User) -> QuerySet[PairRevision]:
    """Reviews that are overdue where the person answers for it, the longest waiting first."""
    return (
        revisions_for(user)
        .filter(within(user, "pair__main__category__path", Permission.REVIEW_CHASE))
        .filter(state=PairState.IN_REVIEW, escalated_at__isnull=False)
        .order_by("submitted_at", "pk")
    )


def returned_to(user: User) -> QuerySet[PairRevision]:
    """Drafts of the person that came back with a comment."""
    return (
        revisions_for(user)
        .filter(state=PairState.DRAFT, contributors__contains=[user.pk])
        .exclude(comment="")
        .order_by("-decided_at", "-pk")
    )


def approved_links(category: Category | None = None, *, mains: Sequence[int] | None = None) -> QuerySet[Pair]:
    """What releases may take: approved and nowhere marked as not suitable; of a category subtree or of some mains.

    `pair.approved` is the revision to release; stock, window, ratio and cap are `rules.resolve_companions`' matter."""
    pairs = Pair.objects.filter(approved__isnull=False, verdict=Verdict.SUITABLE)
    if category is not None:
        pairs = pairs.filter(main__category__path__startswith=category.path)
    if mains is not None:
        pairs = pairs.filter(main_id__in=mains)
    for above, below in unsuitable_paths():
        pairs = pairs.exclude(main__category__path__startswith=above, companion__category__path__startswith=below)
    return pairs.select_related(*PRODUCTS, "approved").order_by("main__sku", "approved__rank", "companion__sku", "pk")


def unsuitable_paths() -> list[tuple[str, str]]:
    """(main category path, companion category path) of the slots that say "not suitable"."""
    return list(
        Slot.objects.filter(verdict=Verdict.NOT_SUITABLE)
        .order_by("pk")
        .values_list("main_category__path", "companion_category__path")
    )


LINK_FIELDS = (
    "pk", "main_id", "companion_id", "main__sku", "companion__sku", "version", "verdict", "verdict_reason",
    "current__state", "current__reason", "current__kind", "current__rank", "current__offer_text",
    "current__placements", "current__valid_from", "current__valid_to", "current__override_reason",
)  # fmt: skip


def link_rows(mains: Sequence[int] | None = None) -> QuerySet[Pair, dict[str, Any]]:
    """Every pair with its newest content as a plain row: what a file is compared with."""
    pairs = Pair.objects.filter(Q(current__isnull=False) | Q(verdict=Verdict.NOT_SUITABLE))
    if mains is not None:
        pairs = pairs.filter(main_id__in=mains)
    rows: QuerySet[Pair, dict[str, Any]] = pairs.order_by("main__sku", "companion__sku", "pk").values(*LINK_FIELDS)
    return rows


def state_counts(user: User) -> dict[str, int]:
    """Newest state → number of pairs in the person's categories; "not_suitable" apart; of many up to a minute old."""
    paths = category_paths_of(user, Permission.PAIR_VIEW)
    counts = tally.by_state(paths=paths)
    if counts is None:
        key = "pair-counts:" + content_digest({"paths": paths})[:32]
        counts = cache.get(key)
        if counts is None:
            counts = _count_states(user)
            if sum(counts.values()) > MANY:
                cache.set(key, counts, KEEP)
    order = [PairState.DRAFT, PairState.IN_REVIEW, PairState.APPROVED, PairState.RETIRED, Verdict.NOT_SUITABLE]
    return {name.value: counts[name] for name in order if counts.get(name)}


def _count_states(user: User) -> dict[str, int]:
    rows = (
        pairs_for(user)
        .order_by()
        .select_related(None)
        .values_list("verdict", "current__state")
        .annotate(count=Count("pk"))
    )
    counts: dict[str, int] = {}
    for verdict, state, count in rows:
        name = Verdict.NOT_SUITABLE.value if verdict == Verdict.NOT_SUITABLE else state
        counts[name] = counts.get(name, 0) + count
    return counts


@dataclass(frozen=True)
class SlotCoverage:
    """How far a main's slot is filled by approved pairs."""

    slot: Slot
    have: int

    @property
    def missing(self) -> int:
        return max(0, self.slot.wanted - self.have)


def coverage_of(main: Product) -> list[SlotCoverage]:
    """The slots that stand for the main's category or one above it, each with its approved companions counted."""
    if main.category is None:
        return []
    slots = (
        Slot.objects.filter(main_category_id__in=ancestors(main.category.path), verdict=Verdict.SUITABLE)
        .select_related("main_category", "companion_category")
        .order_by("companion_category__full_name", "pk")
    )
    paths = list(approved_links(mains=[main.pk]).order_by().values_list("companion__category__path", flat=True))
    return [
        SlotCoverage(slot, sum(bool(path) and path.startswith(slot.companion_category.path) for path in paths))
        for slot in slots
    ]
