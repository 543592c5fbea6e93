"""What the clock does to bundles; its moves are the system's."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from crossmatrix.bundles import selectors
from crossmatrix.bundles.formats import said
from crossmatrix.bundles.models import BundleRevision
from crossmatrix.bundles.rules import (
    IN_HANDS,
    RUNNING,
    BundleAction,
    BundleState,
    Clock,
    due_move,
)
from crossmatrix.bundles.services.pairs import retire_pairs
from crossmatrix.bundles.services.shared import move, settle_current

ADVANCE_DUE = "crossmatrix.bundles.tasks.advance_due"


def advance_due(*, at: datetime) -> dict[str, int]:
    """Whatever is due by date or stock, at most three steps for each bundle; returns how often each action was done.
    Run twice at one moment, the second run does nothing."""
    states = [*IN_HANDS, *RUNNING, BundleState.NEEDS_CHANGES]
    ids = (
        BundleRevision.objects.filter(state__in=[state.value for state in states])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    done: dict[str, int] = {}
    for pk in list(ids):
        for _ in range(3):  # approved → scheduled → live
            action = advance(pk, at=at)
            if action is None:
                break
            done[action.value] = done.get(action.value, 0) + 1
    return done


@transaction.atomic
def advance(pk: int, *, at: datetime) -> BundleAction | None:
    """One due step of one revision; None when nothing is due."""
    revision = BundleRevision.objects.select_for_update(of=("self",)).select_related("bundle").get(pk=pk)
    state = BundleState(revision.state)
    broken = selectors.breaches_of(revision) if state in RUNNING else []
    clock = Clock(revision.due_at, revision.valid_from, revision.valid_to, broken=bool(broken))
    action = due_move(state, clock, at=at, today=timezone.localdate(at))
    if action is None:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        why = " ".join(said(finding) for finding in broken if not finding.internal)
        inside = " ".join(said(finding) for finding in broken if finding.internal)
    told = (why, inside) if action in (BundleAction.NOT_RUN, BundleAction.SUSPEND) else ("", "")
    move(revision, action, actor=None, at=at, comment=told[0], note=told[1])
    if action is BundleAction.NOT_RUN:
        retire_pairs(revision.bundle, at=at)
    if action in (BundleAction.EXPIRE, BundleAction.NOT_RUN):
        settle_current(revision.bundle)
    return action


# -- shared ----------------------------------------------------------------------------------------------------------------
