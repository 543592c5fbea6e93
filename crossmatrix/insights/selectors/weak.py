"""Weak pairs as people see them."""

from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import Severity

OPEN, LATER, DONE = "open", "later", "done"
TABS = (OPEN, LATER, DONE)
URGENCY = Case(
    *(When(severity=severity.value, then=Value(n)) for n, severity in enumerate(Severity)), output_field=IntegerField()
)


def flags() -> QuerySet[WeakFlag]:
    """Every flag with its pair and products, most urgent and newest first."""
    return (
        WeakFlag.objects.select_related(
            "pair__main__category", "pair__companion__category", "pair__approved", "decided_by", "replaced_with"
        )
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


def first(found: QuerySet[WeakFlag], count: int) -> list[WeakFlag]:
    """The first flags of a list. They are chosen alone and then joined: otherwise every pair is joined to be sorted."""
    chosen = list(found.values_list("pk", flat=True)[:count])
    by_pk = flags().in_bulk(chosen)
    return [by_pk[pk] for pk in chosen]


def matching(found: QuerySet[WeakFlag], *, text: str = "", cause: str = "") -> QuerySet[WeakFlag]:
    """Narrowed by words in names or SKUs of either side, and by cause."""
    for word in text.split()[:8]:
        found = found.filter(
            Q(pair__main__name__icontains=word)
            | Q(pair__companion__name__icontains=word)
            | Q(pair__main__sku__istartswith=word)
            | Q(pair__companion__sku__istartswith=word)
        )
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
