"""Type-level cells."""

from collections.abc import Iterable

from django.db.models import QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.matrix.models import Matrix, Slot
from crossmatrix.matrix.rules import Verdict, ancestors


def slots_for(user: User) -> QuerySet[Slot]:
    """Slots that say something, in the person's categories."""
    return (
        Slot.objects.filter(within(user, "main_category__path", Permission.PAIR_VIEW))
        .exclude(verdict=Verdict.UNDECIDED)
        .select_related("main_category", "companion_category", "updated_by")
        .order_by("main_category__full_name", "companion_category__full_name", "pk")
    )


def slots_of_matrix(matrix: Matrix, user: User) -> QuerySet[Slot]:
    """The matrix's slots that the person may see."""
    slots = slots_for(user).filter(main_category__path__startswith=matrix.mains.path)
    if matrix.companions is not None:
        slots = slots.filter(companion_category__path__startswith=matrix.companions.path)
    return slots


def unsuitable_types() -> dict[tuple[int, int], str]:
    """(main category id, companion category id) → why not, of every slot that says "not suitable"."""
    rows = Slot.objects.filter(verdict=Verdict.NOT_SUITABLE).values_list(
        "main_category_id", "companion_category_id", "reason"
    )
    return {(main, companion): reason for main, companion, reason in rows}


class DefaultReasons:
    """The reason a bare "x" stands for: of the nearest suitable slot above the two categories."""

    def __init__(self) -> None:
        rows = Slot.objects.filter(verdict=Verdict.SUITABLE).values_list(
            "main_category_id", "companion_category_id", "reason", "kind", "offer_text"
        )
        self.slots = {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}

    def of(self, main_path: str, companion_path: str) -> tuple[str, str, str] | None:
        """(reason, kind, offer text); deepest main category first, then deepest companion category."""
        lowers: Iterable[int] = ancestors(companion_path)[::-1]
        for upper in ancestors(main_path)[::-1]:
            for lower in lowers:
                if (upper, lower) in self.slots:
                    return self.slots[upper, lower]
        return None
