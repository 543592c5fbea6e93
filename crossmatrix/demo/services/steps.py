"""Steps of a load, each done once: a load that was interrupted goes on where it stopped."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import AuditEvent, Source

KIND = "demo.step"
NAMES: dict[str, tuple[str, ...]] = {  # kept apart from what they do: a second start only has to know that they are done
    "shop": (
        "shop: price list", "shop: matrices", "shop: workspaces", "shop: decisions", "shop: later edits", "shop: releases",
        "shop: stock and prices", "shop: orders", "shop: evidence", "shop: bundles", "shop: waiting import",
    ),
    "journey": ("journey: products", "journey: orders", "journey: evidence"),
    "none": (),
}  # fmt: skip
Step = Callable[[datetime], object]


def done() -> set[str]:
    """Names of the steps that are on record."""
    return set(AuditEvent.objects.filter(kind=KIND).values_list("reason", flat=True))


def run(steps: dict[str, Step], *, at: datetime, tell: Callable[[str], None]) -> list[str]:
    """Run the steps that are not on record, in order; returns their names."""
    passed, ran = done(), []
    for name, step in steps.items():
        if name in passed:
            continue
        tell(name)
        step(at)
        with transaction.atomic():
            someone = User.objects.order_by("pk")[0]  # events name a subject: the first person
            audit.record(kind=KIND, subject=someone, at=at, actor=None, source=Source.SYSTEM, reason=name)
        ran.append(name)
    return ran
