"""The verdict "not suitable" on a pair: it blocks suggestions, imports, submission, approval and releases.

The revisions stay as they are (one in review goes back to draft), so that withdrawing the verdict restores the pair."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.models import Source
from crossmatrix.audit.services import record
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft, Verdict
from crossmatrix.matrix.services import links, shared


class NotMarked(Refusal):
    code = "pair.not_marked"
    sentence = N_("The pair is not marked as not suitable.")


@transaction.atomic
def mark_unsuitable(
    *,
    main_id: int,
    companion_id: int,
    reason: str,
    actor: User | None,
    at: datetime,
    source: str = Source.HAND.value,
    batch: str = "",
    base_version: int | None = None,
) -> Pair:
    """Say that the companion does not suit the main, and why. Raises ReasonMissing, OutOfScope, StalePair."""
    draft = LinkDraft(main_id, companion_id, verdict=Verdict.NOT_SUITABLE.value, verdict_reason=reason)
    (outcome,) = links.write_links(
        drafts=[draft], actor=actor, at=at, source=source, batch=batch, bases={0: base_version}
    )
    if outcome.refusal is not None:
        raise outcome.refusal
    return Pair.objects.select_related("main", "companion", "current", "approved").get(pk=outcome.pair_id)


@transaction.atomic
def withdraw_unsuitable(
    *,
    pair: Pair,
    actor: User | None,
    at: datetime,
    reason: str = "",
    source: str = Source.HAND.value,
    batch: str = "",
    base_version: int | None = None,
) -> Pair:
    """Lift the verdict: the pair's revisions count again. Raises NotMarked, OutOfScope, StalePair."""
    locked = shared.lock_pairs([pair.pk])[pair.pk]
    main = shared.facts_of([locked.main_id])[locked.main_id]
    shared.Scope(actor, Permission.PAIR_EDIT, source).check(main.path, main.sku)
    revision = shared.revisions_of([locked.current_id]).get(locked.current_id or 0)
    if base_version is not None and base_version != locked.version:
        raise shared.StalePair(current=shared.present(locked, revision), who=shared.last_writer(locked))
    if locked.verdict != Verdict.NOT_SUITABLE:
        raise NotMarked
    before = shared.snapshot(locked, revision)
    becomes = Verdict.SUITABLE if revision else Verdict.UNDECIDED
    Pair.objects.filter(pk=pair.pk).update(verdict=becomes, verdict_reason="", version=F("version") + 1, updated_at=at)
    locked.refresh_from_db()
    was, now = shared.difference(before, shared.snapshot(locked, revision))
    record(
        kind="pair.withdrawn", subject=locked, at=at, actor=actor, source=source, batch=batch,
        before=was, after=now, reason=reason,
    )  # fmt: skip
    return locked
