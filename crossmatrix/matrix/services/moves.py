"""The life of a revision: submit, approve, return, retire, discard; one or many, with an answer for each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission, may_decide
from crossmatrix.audit.models import Source
from crossmatrix.audit.services import Entry, record_many
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import (
    PairAction,
    PairState,
    RatioStatus,
    RatioVerdict,
    Verdict,
    blocked_by_type,
    next_state,
)
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.selectors.slots import unsuitable_types
from crossmatrix.matrix.services import shared
from crossmatrix.matrix.services.marks import ReasonMissing
from crossmatrix.matrix.services.shared import Facts, Key, Scope

CHUNK = 1000  # revisions per round of statements

PERMISSIONS: Mapping[PairAction, Permission] = {
    PairAction.SUBMIT: Permission.PAIR_EDIT,
    PairAction.DISCARD: Permission.PAIR_EDIT,
    PairAction.RETIRE: Permission.PAIR_EDIT,
    PairAction.APPROVE: Permission.PAIR_APPROVE,
    PairAction.RETURN: Permission.PAIR_APPROVE,
}
KINDS: Mapping[PairAction, str] = {
    PairAction.SUBMIT: "pair.submitted",
    PairAction.DISCARD: "pair.discarded",
    PairAction.RETIRE: "pair.retired",
    PairAction.APPROVE: "pair.approved",
    PairAction.RETURN: "pair.returned",
}


class OwnApproval(Refusal):
    code = "approve.own"
    sentence = N_("You wrote this pair or changed it: another person has to approve it.")


class NoApprover(Refusal):
    code = "approve.nobody"
    sentence = N_("Only a person approves or returns a pair, never the system.")


class RatioBlocked(Refusal):
    code = "ratio.blocked"
    sentence = N_(
        "The companion costs %(percent)s %% of the main product; the limit is %(limit)s %%. "
        "Write why it is all right nevertheless, or choose another companion."
    )


class CommentMissing(Refusal):
    code = "comment.missing"
    sentence = N_("Say in a comment what is to be changed.")


class UnknownRevision(Refusal):
    code = "pair.unknown"
    sentence = N_("There is no such pair any more.")


@dataclass(frozen=True)
class RowResult:
    """What became of one row: moved to `state`, or refused."""

    revision_id: int
    pair_id: int | None
    state: str
    version: int
    refusal: Refusal | None = None

    @property
    def ok(self) -> bool:
        return self.refusal is None


def percent(ratio: Any) -> str:
    return f"{ratio * 100:.0f}"


@dataclass
class Bench:
    """The circumstances of one call: who does what, and what was read once."""

    action: PairAction
    actor: User | None
    comment: str
    scope: Scope
    comment_on: str = ""  # the field a returning comment is about
    judge: Judge = field(default_factory=Judge)
    unsuitable: Mapping[Key, str] = field(default_factory=unsuitable_types)
    products: dict[int, Facts] = field(default_factory=dict)

    def ratio(self, pair: Pair, revision: PairRevision) -> RatioVerdict:
        """By today's prices and policies."""
        main, companion = self.products[pair.main_id], self.products[pair.companion_id]
        return self.judge.verdict(
            category_path=main.path,
            kind=revision.kind,
            main_price=main.price,
            companion_price=companion.price,
            companion_path=companion.path,
        )

    def check(self, pair: Pair, revision: PairRevision, base: int | None) -> None:
        """Raises the refusal that stands against moving the revision, the first that a person should hear."""
        main = self.products[pair.main_id]
        self.scope.check(main.path, main.sku)
        if base is not None and base != pair.version:
            raise shared.StalePair(current=shared.present(pair, revision), who=shared.last_writer(pair))
        next_state(PairState(revision.state), self.action)
        if self.action in (PairAction.APPROVE, PairAction.RETURN) and self.actor is None:
            raise NoApprover
        own = self.actor is not None and not may_decide(decider=self.actor.pk, contributors=revision.contributors)
        if self.action == PairAction.APPROVE and own:
            raise OwnApproval
        if self.action == PairAction.RETURN and not self.comment:
            raise CommentMissing
        if self.action in (PairAction.SUBMIT, PairAction.APPROVE):
            self.check_content(pair, revision)

    def check_content(self, pair: Pair, revision: PairRevision) -> None:
        main, companion = self.products[pair.main_id], self.products[pair.companion_id]
        if pair.verdict == Verdict.NOT_SUITABLE:
            raise shared.not_suitable(pair.verdict_reason)
        why = blocked_by_type(main_path=main.path, companion_path=companion.path, unsuitable=self.unsuitable)
        if why is not None:
            raise shared.not_suitable(why)
        if not revision.reason:
            raise ReasonMissing
        verdict = self.ratio(pair, revision)
        if verdict.status == RatioStatus.BLOCK and not revision.override_reason:
            limit = self.judge.limits(main.path, revision.kind, companion.path).block
            raise RatioBlocked(percent=percent(verdict.ratio), limit=percent(limit))


def read(revision_ids: Iterable[int], *, lock: bool) -> tuple[dict[int, Pair], dict[int, PairRevision]]:
    """Pairs by id and revisions by id, the pairs locked first when asked."""
    ids = list(revision_ids)
    pair_ids = set(PairRevision.objects.filter(pk__in=ids).values_list("pair_id", flat=True))
    pairs = shared.lock_pairs(pair_ids) if lock else Pair.objects.in_bulk(pair_ids)
    return pairs, shared.revisions_of(ids)


def judge_rows(
    bench: Bench,
    ids: Sequence[int],
    pairs: Mapping[int, Pair],
    revisions: Mapping[int, PairRevision],
    bases: Mapping[int, int | None],
) -> dict[int, Refusal]:
    """Revision id → what stands against the move."""
    bench.products.update(shared.facts_of({pk for pair in pairs.values() for pk in (pair.main_id, pair.companion_id)}))
    refused: dict[int, Refusal] = {}
    for pk in ids:
        revision = revisions.get(pk)
        try:
            if revision is None:
                raise UnknownRevision
            bench.check(pairs[revision.pair_id], revision, bases.get(pk))
        except Refusal as refusal:
            refused[pk] = refusal
    return refused


def move(
    *,
    action: PairAction,
    revision_ids: Sequence[int],
    actor: User | None,
    at: datetime,
    comment: str = "",
    source: str = Source.HAND.value,
    batch: str = "",
    bases: Mapping[int, int | None] | None = None,
    comment_on: str = "",
) -> list[RowResult]:
    """Move what may be moved, leave the rest, answer for each in the order asked. Call in a transaction."""
    bench = Bench(action, actor, clean_text(comment), Scope(actor, PERMISSIONS[action], source), comment_on)
    results: dict[int, RowResult] = {}
    # in key order over all chunks, as every other writer
    ordered = list(
        PairRevision.objects.filter(pk__in=list(revision_ids))
        .order_by("pair__main_id", "pair__companion_id", "pk")
        .values_list("pk", flat=True)
    )
    missing = set(revision_ids) - set(ordered)
    for start in range(0, len(ordered), CHUNK):
        results |= move_chunk(bench, ordered[start : start + CHUNK], at, source, batch, bases or {})
    results |= {pk: RowResult(pk, None, "", 0, UnknownRevision()) for pk in missing}
    return [results[pk] for pk in dict.fromkeys(revision_ids)]


def move_chunk(
    bench: Bench, ids: Sequence[int], at: datetime, source: str, batch: str, bases: Mapping[int, int | None]
) -> dict[int, RowResult]:
    pairs, revisions = read(ids, lock=True)
    refused = judge_rows(bench, ids, pairs, revisions, bases)
    rows = [(pairs[revisions[pk].pair_id], revisions[pk]) for pk in ids if pk not in refused]
    before = {revision.pk: shared.snapshot(pair, revision) for pair, revision in rows}
    if rows:
        STEPS[bench.action](bench, rows, at)
        bump([pair for pair, _ in rows], at)
    entries = []
    for pair, revision in rows:
        was, now = shared.difference(before[revision.pk], shared.snapshot(pair, shown(pair, revision)))
        label = f"{bench.products[pair.main_id].sku} → {bench.products[pair.companion_id].sku}"
        entries.append(Entry(KINDS[bench.action], shared.SUBJECT, pair.pk, label, was, now, bench.comment))
    record_many(entries=entries, at=at, actor=bench.actor, source=source, batch=batch)
    answers = {}
    for pk in ids:
        revision = revisions[pk]
        pair = pairs[revision.pair_id]
        answers[pk] = RowResult(pk, pair.pk, revision.state, pair.version, refused.get(pk))
    return answers


def shown(pair: Pair, revision: PairRevision) -> PairRevision | None:
    """The revision the pair now shows: the moved one, unless it was discarded."""
    return (
        revision if pair.current_id == revision.pk else shared.revisions_of([pair.current_id]).get(pair.current_id or 0)
    )


Rows = Sequence[tuple[Pair, PairRevision]]


def set_state(rows: Rows, was: PairState, becomes: PairState, **fields: Any) -> None:
    """Conditional UPDATE of the locked revisions; the objects follow."""
    ids = sorted(revision.pk for _, revision in rows)
    PairRevision.objects.filter(pk__in=ids, state=was).update(state=becomes, **fields)
    for _, revision in rows:
        revision.state = becomes.value


def do_submit(bench: Bench, rows: Rows, at: datetime) -> None:
    rejudge(bench, rows)
    set_state(
        rows,
        PairState.DRAFT,
        PairState.IN_REVIEW,
        submitted_by=bench.actor,
        submitted_at=at,
        decided_by=None,
        decided_at=None,
        comment="",
        comment_on="",
        reminded_at=None,
        escalated_at=None,
    )


def do_approve(bench: Bench, rows: Rows, at: datetime) -> None:
    rejudge(bench, rows)
    former = [pair.approved_id for pair, _ in rows if pair.approved_id]
    PairRevision.objects.filter(pk__in=sorted(former), state=PairState.APPROVED).update(state=PairState.SUPERSEDED)
    set_state(
        rows, PairState.IN_REVIEW, PairState.APPROVED, decided_by=bench.actor, decided_at=at, comment=bench.comment
    )
    for pair, revision in rows:
        pair.approved_id = revision.pk


def do_return(bench: Bench, rows: Rows, at: datetime) -> None:
    said = {"comment": bench.comment, "comment_on": bench.comment_on}
    set_state(rows, PairState.IN_REVIEW, PairState.DRAFT, decided_by=bench.actor, decided_at=at, **said)


def do_retire(bench: Bench, rows: Rows, at: datetime) -> None:
    set_state(rows, PairState.APPROVED, PairState.RETIRED)
    for pair, _ in rows:
        pair.approved_id = None


def do_discard(bench: Bench, rows: Rows, at: datetime) -> None:
    set_state(rows, PairState.DRAFT, PairState.DISCARDED)
    newest = dict(
        PairRevision.objects.filter(pair_id__in=[pair.pk for pair, _ in rows])
        .exclude(state=PairState.DISCARDED)
        .values_list("pair_id")
        .annotate(last=Max("pk"))
    )
    for pair, _ in rows:
        pair.current_id = newest.get(pair.pk)
        if pair.current_id is None and pair.verdict == Verdict.SUITABLE:
            pair.verdict = Verdict.UNDECIDED.value


STEPS: Mapping[PairAction, Callable[[Bench, Rows, datetime], None]] = {
    PairAction.SUBMIT: do_submit,
    PairAction.APPROVE: do_approve,
    PairAction.RETURN: do_return,
    PairAction.RETIRE: do_retire,
    PairAction.DISCARD: do_discard,
}


def rejudge(bench: Bench, rows: Rows) -> None:
    """Store today's ratio where the stored one was judged on other prices or limits."""
    stale = []
    for pair, revision in rows:
        verdict = bench.ratio(pair, revision)
        main, companion = bench.products[pair.main_id].price, bench.products[pair.companion_id].price
        if (revision.ratio_status, revision.judged_main_price, revision.judged_companion_price) != (
            verdict.status,
            main,
            companion,
        ):
            revision.ratio, revision.ratio_status = verdict.ratio, verdict.status.value
            revision.judged_main_price, revision.judged_companion_price = main, companion
            stale.append(revision)
    PairRevision.objects.bulk_update(
        stale, ["ratio", "ratio_status", "judged_main_price", "judged_companion_price"], batch_size=500
    )


def bump(pairs: Sequence[Pair], at: datetime) -> None:
    """Store the pointers of the locked pairs and count their versions up."""
    for pair in pairs:
        pair.version += 1
        pair.updated_at = at
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matrix_pair p SET current_id = x.current_id, approved_id = x.approved_id, "
            "verdict = x.verdict, verdict_reason = x.verdict_reason, "
            "version = p.version + 1, updated_at = %s "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::varchar[], %s::varchar[]) "
            "AS x(id, current_id, approved_id, verdict, verdict_reason) "
            "WHERE p.id = x.id",
            [
                at,
                [pair.pk for pair in pairs],
                [pair.current_id for pair in pairs],
                [pair.approved_id for pair in pairs],
                [str(pair.verdict) for pair in pairs],
                [pair.verdict_reason for pair in pairs],
            ],
        )


@transaction.atomic
def bulk_change(
    *,
    action: str,
    revision_ids: Sequence[int],
    actor: User | None,
    at: datetime,
    comment: str = "",
    source: str = Source.HAND.value,
    batch: str = "",
) -> list[RowResult]:
    """Move many revisions: "submit", "approve", "return", "retire" or "discard". Refused rows stay, each says why."""
    return move(
        action=PairAction(action),
        revision_ids=revision_ids,
        actor=actor,
        at=at,
        comment=comment,
        source=source,
        batch=batch,
    )


def preview_change(*, action: str, revision_ids: Sequence[int], actor: User, comment: str = "…") -> list[RowResult]:
    """What `bulk_change` would answer now, writing nothing. The comment counts as given."""
    bench = Bench(PairAction(action), actor, comment, Scope(actor, PERMISSIONS[PairAction(action)]))
    pairs, revisions = read(revision_ids, lock=False)
    refused = judge_rows(bench, revision_ids, pairs, revisions, {})
    answers = []
    for pk in dict.fromkeys(revision_ids):
        revision = revisions.get(pk)
        pair = pairs[revision.pair_id] if revision else None
        answers.append(
            RowResult(
                pk,
                pair.pk if pair else None,
                revision.state if revision else "",
                pair.version if pair else 0,
                refused.get(pk),
            )
        )
    return answers
