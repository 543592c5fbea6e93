"""Writing the content of links: one hand-made cell, a paste of thousands, a file of 200,000. One writer for all."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.models import Source
from crossmatrix.audit.services import Entry, record_many
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import BadLink, LinkContent, LinkDraft, PairState, Verdict, blocked_by_type, merge
from crossmatrix.matrix.selectors.compatibility import Compatibility, Contradiction
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.selectors.slots import unsuitable_types
from crossmatrix.matrix.services import marks, shared
from crossmatrix.matrix.services.shared import CHUNK, Facts, Key, Scope


class PairInReview(Refusal):
    """The revision is being decided on: its content stands still."""

    code = "pair.in_review"
    sentence = N_("The pair is in review. Ask for its return, then change it.")


class Incompatible(Refusal):
    """The condition of the slot above speaks against the pair."""

    code = "pair.incompatible"
    sentence = N_(
        "They do not go together (%(values)s): the slot asks for %(condition)s. Choose another companion, or correct "
        "the attribute or the slot."
    )


@dataclass(frozen=True)
class Outcome:
    """What became of one draft: created, changed, same, refused or conflict."""

    status: str
    key: Key
    pair_id: int | None = None
    revision_id: int | None = None
    version: int = 0
    refusal: Refusal | None = None


@dataclass
class Applied:
    """What came of the links or cells of a file."""

    created: int = 0
    changed: int = 0
    same: int = 0
    refused: list[tuple[int, str, dict[str, object]]] = field(default_factory=list)  # (index of the link, code, values)
    refusals: dict[int, Refusal] = field(default_factory=dict)  # the same with their sentences

    @classmethod
    def counted(cls, outcomes: Iterable[Outcome]) -> "Applied":
        applied = cls()
        for index, outcome in enumerate(outcomes):
            if outcome.refusal is not None:
                applied.refused.append((index, outcome.refusal.code, outcome.refusal.values))
                applied.refusals[index] = outcome.refusal
            else:
                setattr(applied, outcome.status, getattr(applied, outcome.status) + 1)
        return applied


@dataclass(frozen=True)
class Write:
    """The circumstances of one call, and what it read once."""

    actor: User | None
    at: datetime
    source: str
    batch: str
    evidence: Mapping[str, Any] | None
    scope: Scope
    judge: Judge
    unsuitable: Mapping[Key, str]
    products: dict[int, Facts]
    contradictions: Mapping[Key, Contradiction]

    def check(self, draft: LinkDraft) -> None:
        """What can be refused without looking at the pair. Raises Refusal."""
        for pk in (draft.main_id, draft.companion_id):
            if pk not in self.products:
                raise shared.UnknownProduct(sku=pk)
        main, companion = self.products[draft.main_id], self.products[draft.companion_id]
        if main.id == companion.id:
            raise BadLink(N_("A product is not its own companion."), code="pair.self", sku=main.sku)
        self.scope.check(main.path, main.sku)
        why = blocked_by_type(main_path=main.path, companion_path=companion.path, unsuitable=self.unsuitable)
        if why is not None and draft.verdict != Verdict.NOT_SUITABLE:
            raise shared.not_suitable(why)
        against = self.contradictions.get(key_of(draft))
        if against is not None and draft.verdict != Verdict.NOT_SUITABLE:
            raise Incompatible(values=against.values, condition=against.condition)
        merge(LinkContent(), draft)


def key_of(draft: LinkDraft) -> Key:
    return draft.main_id, draft.companion_id


def rounds(drafts: Sequence[LinkDraft]) -> Iterable[list[int]]:
    """Indexes in (main, companion) order, cut where a link comes twice: the later word is written later."""
    turn: dict[int, list[int]] = {}
    seen: dict[Key, int] = {}
    for index, draft in enumerate(drafts):
        seen[key_of(draft)] = nth = seen.get(key_of(draft), -1) + 1
        turn.setdefault(nth, []).append(index)
    for nth in sorted(turn):
        yield sorted(turn[nth], key=lambda index: key_of(drafts[index]))


def write_links(
    *,
    drafts: Sequence[LinkDraft],
    actor: User | None,
    at: datetime,
    source: str,
    batch: str,
    evidence: Mapping[str, Any] | None = None,
    bases: Mapping[int, int | None] | None = None,
) -> list[Outcome]:
    """Write the drafts; refusals and conflicts leave their links alone. `bases`: index → version the writer saw.

    Call in a transaction. First every missing pair is inserted, then pairs are locked, both in key order:
    two bulk writers wait for each other, never in a ring."""
    products = shared.facts_of({pk for draft in drafts for pk in key_of(draft)})
    paths = {pk: facts.path for pk, facts in products.items()}
    write = Write(
        actor, at, source, batch, evidence, Scope(actor, Permission.PAIR_EDIT, source), Judge(), unsuitable_types(),
        products, Compatibility().contradictions({key_of(draft) for draft in drafts}, paths),
    )  # fmt: skip
    outcomes: list[Outcome | None] = [None] * len(drafts)
    for index, draft in enumerate(drafts):
        try:
            write.check(draft)
        except Refusal as refusal:
            outcomes[index] = Outcome("refused", key_of(draft), refusal=refusal)
    turns = [[index for index in turn if outcomes[index] is None] for turn in rounds(drafts)]
    for turn in turns:
        for start in range(0, len(turn), CHUNK):
            insert_missing([key_of(drafts[index]) for index in turn[start : start + CHUNK]], at)
    for turn in turns:
        for start in range(0, len(turn), CHUNK):
            part = turn[start : start + CHUNK]
            for index, outcome in zip(
                part, write_chunk(write, [drafts[i] for i in part], [(bases or {}).get(i) for i in part]), strict=True
            ):
                outcomes[index] = outcome
    return [outcome for outcome in outcomes if outcome is not None]


def insert_missing(keys: Sequence[Key], at: datetime) -> None:
    """Rows for pairs that do not exist: version 0, undecided, nothing in them yet."""
    have = shared.pair_ids(keys)
    Pair.objects.bulk_create(
        [
            Pair(main_id=main, companion_id=companion, version=0, verdict=Verdict.UNDECIDED.value, updated_at=at)
            for main, companion in keys
            if (main, companion) not in have
        ],
        ignore_conflicts=True,  # somebody inserted it since: the lock below waits for them
    )


def write_chunk(write: Write, drafts: Sequence[LinkDraft], bases: Sequence[int | None]) -> list[Outcome]:
    """One round of statements for distinct links whose rows exist."""
    ids = shared.pair_ids([key_of(draft) for draft in drafts])
    pairs = shared.lock_pairs(ids.values())
    revisions = shared.revisions_of(pair.current_id for pair in pairs.values())
    plan = ChunkPlan(write)
    outcomes = []
    for draft, base in zip(drafts, bases, strict=True):
        pair = pairs[ids[key_of(draft)]]
        revision = revisions.get(pair.current_id) if pair.current_id else None
        try:
            outcomes.append(plan.add(draft, pair, revision, base))
        except shared.StalePair as stale:
            outcomes.append(Outcome("conflict", key_of(draft), pair.pk, pair.current_id, pair.version, stale))
        except Refusal as refusal:
            outcomes.append(Outcome("refused", key_of(draft), pair.pk, pair.current_id, pair.version, refusal))
    made = plan.carry_out()
    return [
        Outcome(one.status, one.key, one.pair_id, made.get(one.pair_id or 0, one.revision_id), one.version, one.refusal)
        for one in outcomes
    ]


@dataclass
class ChunkPlan:
    """What the chunk will write, gathered link by link."""

    write: Write
    discard: list[int] = field(default_factory=list)
    old: dict[int, bool] = field(default_factory=dict)  # pair ids that may have revisions already
    make: list[tuple[Pair, dict[str, Any], PairRevision]] = field(default_factory=list)
    unsuitable: list[tuple[Pair, PairRevision | None, str]] = field(default_factory=list)

    def add(self, draft: LinkDraft, pair: Pair, revision: PairRevision | None, base: int | None) -> Outcome:
        if base is not None and base != pair.version:
            raise shared.StalePair(current=shared.present(pair, revision), who=shared.last_writer(pair))
        if draft.verdict == Verdict.NOT_SUITABLE:
            return self.mark(draft, pair, revision)
        if pair.verdict == Verdict.NOT_SUITABLE:
            raise shared.not_suitable(pair.verdict_reason)
        live = revision is not None and revision.state != PairState.RETIRED
        content = merge(shared.content_of(revision) if revision else LinkContent(), draft)
        digest = content.digest()
        if live and revision is not None and revision.digest == digest:
            return Outcome("same", key_of(draft), pair.pk, revision.pk, pair.version)
        if revision is not None and revision.state == PairState.IN_REVIEW:
            raise PairInReview
        before = shared.snapshot(pair, revision)
        if revision is not None and revision.state == PairState.DRAFT:
            self.discard.append(revision.pk)
        self.make.append((pair, before, self.revision(pair, revision, content, digest)))
        self.old[pair.pk] = pair.version > 0
        return Outcome("changed" if live else "created", key_of(draft), pair.pk, None, pair.version + 1)

    def mark(self, draft: LinkDraft, pair: Pair, revision: PairRevision | None) -> Outcome:
        reason = marks.reason_of(draft.verdict_reason if draft.verdict_reason is not None else draft.reason or "")
        current = revision.pk if revision else None
        if pair.verdict == Verdict.NOT_SUITABLE and pair.verdict_reason == reason:
            return Outcome("same", key_of(draft), pair.pk, current, pair.version)
        self.unsuitable.append((pair, revision, reason))
        return Outcome("changed" if pair.version else "created", key_of(draft), pair.pk, current, pair.version + 1)

    def revision(self, pair: Pair, revision: PairRevision | None, content: LinkContent, digest: str) -> PairRevision:
        write = self.write
        main, companion = write.products[pair.main_id], write.products[pair.companion_id]
        verdict = write.judge.verdict(
            category_path=main.path,
            kind=content.kind,
            main_price=main.price,
            companion_price=companion.price,
            companion_path=companion.path,
        )
        drafted = revision is not None and revision.state == PairState.DRAFT
        writers = set(revision.contributors) if drafted and revision is not None else set()
        if write.actor is not None:
            writers.add(write.actor.pk)
        return PairRevision(  # by the names of the columns: to hand over the objects takes half of the time
            pair_id=pair.pk, number=1, state=PairState.DRAFT.value, digest=digest,
            reason=content.reason, kind=content.kind, rank=content.rank, offer_text=content.offer_text,
            placements=list(content.placements), valid_from=content.valid_from, valid_to=content.valid_to,
            override_reason=content.override_reason,
            ratio=verdict.ratio, ratio_status=verdict.status.value,
            judged_main_price=main.price, judged_companion_price=companion.price,
            source=write.source, batch=write.batch,
            evidence=dict(write.evidence) if write.evidence is not None else (revision.evidence if drafted and revision else None),
            contributors=sorted(writers), created_by_id=write.actor.pk if write.actor else None, created_at=write.at,
        )  # fmt: skip

    def carry_out(self) -> dict[int, int]:
        """Write it all; pair id → id of its new revision."""
        write = self.write
        marks.mark_locked(
            rows=self.unsuitable, actor=write.actor, at=write.at, source=write.source, batch=write.batch,
            labels={pair.pk: self.label(pair) for pair, _, _ in self.unsuitable},
        )  # fmt: skip
        if not self.make:
            return {}
        PairRevision.objects.filter(pk__in=self.discard, state=PairState.DRAFT).update(state=PairState.DISCARDED)
        numbers = last_numbers([pk for pk, old in self.old.items() if old])
        for pair, _, revision in self.make:
            revision.number = numbers.get(pair.pk, 0) + 1
        insert_revisions([revision for _, _, revision in self.make])
        point_at([(pair.pk, revision.pk) for pair, _, revision in self.make], at=write.at)
        record_many(
            entries=map(self.entry, self.make), at=write.at, actor=write.actor, source=write.source, batch=write.batch
        )
        return {pair.pk: revision.pk for pair, _, revision in self.make}

    def label(self, pair: Pair) -> str:
        return f"{self.write.products[pair.main_id].sku} → {self.write.products[pair.companion_id].sku}"

    def entry(self, made: tuple[Pair, dict[str, Any], PairRevision]) -> Entry:
        pair, before, revision = made
        pair.version += 1
        pair.verdict, pair.verdict_reason = Verdict.SUITABLE.value, ""
        pair.current_id = revision.pk
        was, now = shared.difference(before, shared.snapshot(pair, revision))
        return Entry("pair.set", shared.SUBJECT, pair.pk, self.label(pair), was, now)


STORED = [field for field in PairRevision._meta.concrete_fields if not field.primary_key]
COPY_REVISIONS = f"COPY matrix_pairrevision (id, {', '.join(str(field.column) for field in STORED)}) FROM STDIN"


def insert_revisions(revisions: Sequence[PairRevision]) -> None:
    """Store new revisions and give them their ids: by COPY, which costs a third of an INSERT of as many rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('matrix_pairrevision', 'id')) FROM generate_series(1, %s)",
            [len(revisions)],
        )
        for revision, (pk,) in zip(revisions, cursor.fetchall(), strict=True):
            revision.pk = pk
        with cursor.copy(COPY_REVISIONS) as copy:
            for revision in revisions:
                values = (getattr(revision, field.attname) for field in STORED)
                copy.write_row([revision.pk, *(json.dumps(v) if isinstance(v, dict) else v for v in values)])


def last_numbers(ids: Sequence[int]) -> dict[int, int]:
    """Pair id → number of its newest revision."""
    rows = PairRevision.objects.filter(pair_id__in=ids).values_list("pair_id").annotate(last=Max("number"))
    return dict(rows)


def point_at(rows: Sequence[tuple[int, int]], *, at: datetime) -> None:
    """Make the new revisions the current ones; the pairs are locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matrix_pair p SET current_id = x.revision_id, version = p.version + 1, verdict = %s, "
            "verdict_reason = '', updated_at = %s "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS x(id, revision_id) WHERE p.id = x.id",
            [Verdict.SUITABLE.value, at, [row[0] for row in rows], [row[1] for row in rows]],
        )


@transaction.atomic
def set_pair(
    *,
    draft: LinkDraft,
    actor: User | None,
    at: datetime,
    source: str = Source.HAND.value,
    batch: str = "",
    evidence: Mapping[str, Any] | None = None,
    base_version: int | None = None,
) -> PairRevision:
    """Write one link as a draft and judge its price ratio; content that is already so makes no new revision.

    `base_version`: the pair's version the writer saw, 0 for an empty cell, None to write regardless.
    Raises StalePair, PairInReview, NotSuitable, OutOfScope, BadLink, UnknownProduct."""
    (outcome,) = write_links(
        drafts=[draft], actor=actor, at=at, source=source, batch=batch, evidence=evidence, bases={0: base_version}
    )
    if outcome.refusal is not None:
        raise outcome.refusal
    if outcome.revision_id is None:  # only a verdict was written, on a pair without revisions
        raise shared.not_suitable(draft.verdict_reason or draft.reason or "")
    return PairRevision.objects.select_related("pair__main", "pair__companion").get(pk=outcome.revision_id)


@transaction.atomic
def apply_links(
    *, links: Sequence[LinkDraft], actor: User | None, at: datetime, batch: str, source: str = Source.IMPORT.value
) -> Applied:
    """Write the links of a file; refused ones are left out and listed. Undone by `undo_links(batch=…)`."""
    return Applied.counted(write_links(drafts=links, actor=actor, at=at, source=source, batch=batch))
