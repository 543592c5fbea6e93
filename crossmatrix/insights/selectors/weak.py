"""Weak pairs as people see them."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.catalog.models import Product
from crossmatrix.catalog.rules import search_words
from crossmatrix.catalog.selectors import capped_count, search
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import Severity
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.selectors.pairs import sides

OPEN, LATER, DONE = "open", "later", "done"
TABS = (OPEN, LATER, DONE)
URGENCY = Case(
    *(When(severity=severity.value, then=Value(n)) for n, severity in enumerate(Severity)), output_field=IntegerField()
)


def flags() -> QuerySet[WeakFlag]:
    """Every flag with its pair and products, most urgent and newest first."""
    return (
        WeakFlag.objects.select_related("pair__approved", "decided_by", "replaced_with")
        .prefetch_related(*sides("pair__"))
        .annotate(urgency=URGENCY)
        .order_by("urgency", "-raised_at", "-pk")
    )


def flags_for(user: User) -> QuerySet[WeakFlag]:
    """Flags of the mains in the person's categories."""
    return flags().filter(within(user, "pair__main__category__path", Permission.EVIDENCE_VIEW))


def in_tab(found: QuerySet[WeakFlag], tab: str, today: date) -> QuerySet[WeakFlag]:
    """Flags of a tab: open now, put off until a later day, or decided (newest decision first)."""
    put_off = Q(closed_at__isnull=True, keep_until__gt=today)
    if tab == LATER:
        return found.filter(put_off)
    if tab == DONE:
        return found.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")
    return found.filter(closed_at__isnull=True).exclude(put_off)


def open_flags(user: User, today: date) -> QuerySet[WeakFlag]:
    return in_tab(flags_for(user), OPEN, today)


FEW = 2000  # products that a word of a search names
CAP = 10_000  # flags of a list: its search is asked once for all its pages
LISTED = (
    "cause", "severity", "evidence", "raised_at", "decide_by", "decision", "pair__main__name", "pair__companion__name",
    "pair__main_id", "pair__companion_id",
)  # fmt: skip


def keys(found: QuerySet[WeakFlag], cap: int = CAP) -> list[int]:
    """Ids of a list in its order. They are chosen alone: otherwise every pair is joined to be sorted."""
    return list(found.values_list("pk", flat=True)[:cap])


def listed(chosen: Sequence[int]) -> list[WeakFlag]:
    """These flags in this order, with what a line of the queue shows: a dozen columns instead of a hundred."""
    rows = WeakFlag.objects.select_related("pair__main", "pair__companion").only(*LISTED)
    by_pk = rows.in_bulk(list(chosen))
    return [by_pk[pk] for pk in chosen if pk in by_pk]


def first(found: QuerySet[WeakFlag], count: int) -> list[WeakFlag]:
    """The first flags of a list."""
    return listed(keys(found, count))


def standing(user: User, *, today: date, since: datetime) -> dict[str, int]:
    """How many flags are open, overdue and put off, and how many were closed since then."""
    mine, late = flags_for(user).order_by(), Q(decide_by__lt=today)
    put_off = Q(keep_until__isnull=False, keep_until__gt=today)
    waiting = mine.filter(closed_at__isnull=True).aggregate(
        open_count=Count("pk", filter=~put_off), late_count=Count("pk", filter=~put_off & late),
        later_count=Count("pk", filter=put_off),
    )  # fmt: skip
    return waiting | {"done_count": mine.filter(closed_at__gte=since).count()}


def matching(found: QuerySet[WeakFlag], *, text: str = "", cause: str = "") -> QuerySet[WeakFlag]:
    """Narrowed by words that name either side, as the search of products understands them, and by cause."""
    met, words = Q(), search_words(text)
    for word in words:
        named = search(Product.objects.order_by(), word)
        if capped_count(named, FEW) > FEW:  # a common word: either side is looked at, instead of all it names
            met &= Q(Exists(named.filter(pk__in=[OuterRef("main"), OuterRef("companion")])))
        else:
            met &= Q(main__in=named.values("pk")) | Q(companion__in=named.values("pk"))
    if (
        words
    ):  # asked of each flag's pair by itself: joined, all pairs of the matrix are read to find those of the flags
        of_pair = Pair.objects.filter(pk=OuterRef("pair")).annotate(met=ExpressionWrapper(met, BooleanField()))
        found = found.alias(met=Subquery(of_pair.values("met")[:1])).filter(met=True)
    elif text.strip():  # signs alone name nothing
        found = found.none()
    return found.filter(cause=cause) if cause else found


def row_of(flag: WeakFlag) -> dict[str, object]:
    """A flag as the command prints it."""
    return {
        "id": flag.pk, "main": flag.pair.main.sku, "companion": flag.pair.companion.sku, "cause": flag.cause,
        "severity": flag.severity, "evidence": flag.evidence, "replacements": flag.replacements,
        "raised_at": flag.raised_at.isoformat(), "decision": flag.decision or None,
        "keep_until": flag.keep_until.isoformat() if flag.keep_until else None,
        "closed_at": flag.closed_at.isoformat() if flag.closed_at else None, "note": flag.note,
    }  # fmt: skip
