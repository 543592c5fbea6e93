"""Marking locked pairs as not suitable."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from crossmatrix.accounts.models import User
from crossmatrix.audit.services import Entry, record_many
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import TEXT_MAX, BadLink, PairState, Verdict
from crossmatrix.matrix.services import shared


class ReasonMissing(Refusal):
    code = "reason.missing"
    sentence = N_("Say why: a reason is needed.")


def reason_of(text: str) -> str:
    """The clean reason. Raises ReasonMissing, BadLink."""
    reason = clean_text(text)
    if not reason:
        raise ReasonMissing
    if len(reason) > TEXT_MAX:
        raise BadLink(
            N_("A text is longer than %(limit)s characters."), code="text.too_long", field="reason", limit=TEXT_MAX
        )
    return reason


def mark_locked(
    *,
    rows: Sequence[tuple[Pair, PairRevision | None, str]],
    labels: Mapping[int, str],
    actor: User | None,
    at: datetime,
    source: str,
    batch: str,
) -> None:
    """Mark locked pairs as not suitable; (pair, its current revision, reason)."""
    if not rows:
        return
    entries = []
    returned = [
        revision.pk for _, revision, _ in rows if revision is not None and revision.state == PairState.IN_REVIEW
    ]
    for pair, revision, reason in rows:
        before = shared.snapshot(pair, revision)
        pair.verdict, pair.verdict_reason, pair.version, pair.updated_at = (
            Verdict.NOT_SUITABLE.value,
            reason,
            pair.version + 1,
            at,
        )
        if revision is not None and revision.pk in returned:
            revision.state = PairState.DRAFT.value
        was, now = shared.difference(before, shared.snapshot(pair, revision))
        entries.append(Entry("pair.unsuitable", shared.SUBJECT, pair.pk, labels[pair.pk], was, now, reason))
    PairRevision.objects.filter(pk__in=returned, state=PairState.IN_REVIEW).update(
        state=PairState.DRAFT, decided_by=actor, decided_at=at
    )
    Pair.objects.bulk_update(
        [pair for pair, _, _ in rows], ["verdict", "verdict_reason", "version", "updated_at"], batch_size=500
    )
    record_many(entries=entries, at=at, actor=actor, source=source, batch=batch)


def withdraw_locked(
    *,
    rows: Sequence[tuple[Pair, PairRevision | None]],
    labels: Mapping[int, str],
    actor: User | None,
    at: datetime,
    reason: str,
    source: str,
    batch: str,
) -> None:
    """Lift the verdict of locked pairs that carry it; (pair, its current revision)."""
    entries = []
    for pair, revision in rows:
        before = shared.snapshot(pair, revision)
        pair.verdict = (Verdict.SUITABLE if revision else Verdict.UNDECIDED).value
        pair.verdict_reason, pair.version, pair.updated_at = "", pair.version + 1, at
        was, now = shared.difference(before, shared.snapshot(pair, revision))
        entries.append(Entry("pair.withdrawn", shared.SUBJECT, pair.pk, labels[pair.pk], was, now, reason))
    Pair.objects.bulk_update(
        [pair for pair, _ in rows], ["verdict", "verdict_reason", "version", "updated_at"], batch_size=500
    )
    record_many(entries=entries, at=at, actor=actor, source=source, batch=batch)
