"""Giving pairs their former state back, from what history recorded. Nothing is erased: undo is a new write."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.models import Source
from crossmatrix.audit.services import Entry, record_many
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import PairState
from crossmatrix.matrix.selectors.history import events_named
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.services import shared
from crossmatrix.matrix.services.links import last_numbers
from crossmatrix.matrix.services.moves import bump
from crossmatrix.matrix.services.shared import CHUNK, Facts, Scope
from crossmatrix.matrix.services.standing import standing_versions
from crossmatrix.matrix.services.undone import DETAILS, Undone

OPEN = (PairState.DRAFT, PairState.IN_REVIEW)


@dataclass
class Trace:
    """What a batch did to one pair: how the pair was before, and the version it left."""

    before: dict[str, Any]
    version: int
    decided: bool = False


def traces_of(batch: str) -> dict[int, Trace]:
    """Pair id → trace, of every pair the batch wrote."""
    events = (
        events_named(batch)
        .filter(subject_type=shared.SUBJECT)
        .order_by("pk")
        .values_list("subject_id", "kind", "before", "after")
    )
    traces: dict[int, Trace] = {}
    for pair_id, kind, before, after in events.iterator(chunk_size=CHUNK):
        if not after or "version" not in after:
            continue  # a ratio judged again is no write of the pair
        trace = traces.setdefault(pair_id, Trace(dict(before or {}), 0))
        for name in {"verdict", "verdict_reason"} & set(before or {}):
            trace.before.setdefault(name, (before or {})[name])
        trace.version = after["version"]
        trace.decided = trace.decided or kind in ("pair.approved", "pair.returned")
    return traces


@transaction.atomic
def undo_links(
    *,
    batch: str,
    actor: User | None,
    at: datetime,
    undo_batch: str = "",
    source: str = Source.HAND.value,
    also: Collection[int] = (),
    dry: bool = False,
) -> Undone:
    """Give the batch's pairs their former state back; those edited since are kept and listed. Undone again = redone.

    `also`: pairs to give back although somebody edited them since, while what they wrote is a draft. `dry`: write
    nothing, tell what would become of each."""
    traces = traces_of(batch)
    undo = Undo(actor, at, undo_batch or f"undo:{batch}", source, traces, also=frozenset(also), dry=dry)
    ordered = list(Pair.objects.filter(pk__in=traces).order_by("main_id", "companion_id").values_list("pk", flat=True))
    for start in range(0, len(ordered), CHUNK):
        undo.chunk(ordered[start : start + CHUNK])
    return undo.undone


def overrulable(current: PairRevision | None) -> bool:
    """Whether what stands now may be put aside: nothing, or a draft nobody has decided on."""
    return current is None or current.state == PairState.DRAFT


@dataclass
class Plan:
    """The writes of one chunk."""

    rows: list[tuple[Pair, PairRevision | None, dict[str, Any]]] = field(default_factory=list)
    discard: list[PairRevision] = field(default_factory=list)
    unsubmit: list[PairRevision] = field(default_factory=list)
    restore: list[tuple[Pair, PairRevision]] = field(default_factory=list)  # pair, revision whose content comes back


@dataclass
class Undo:
    actor: User | None
    at: datetime
    batch: str
    source: str
    traces: Mapping[int, Trace]
    undone: Undone = field(default_factory=Undone)
    judge: Judge = field(default_factory=Judge)
    standing: dict[int, set[int]] = field(default_factory=dict)  # versions that mean the content of now
    also: frozenset[int] = frozenset()
    dry: bool = False

    def __post_init__(self) -> None:
        self.scope = Scope(self.actor, Permission.PAIR_EDIT, self.source)

    def chunk(self, ids: Sequence[int]) -> None:
        pairs = shared.lock_pairs(ids)
        revisions = shared.revisions_of(self.revision_ids(pairs.values()))
        products = shared.facts_of({pk for pair in pairs.values() for pk in (pair.main_id, pair.companion_id)})
        moved = {pk: pair.version for pk, pair in pairs.items() if pair.version != self.traces[pk].version}
        self.standing = standing_versions(subject=shared.SUBJECT, kind="pair.undone", versions=moved) if moved else {}
        plan = Plan()
        for pair in pairs.values():
            self.plan_one(plan, pair, revisions, products)
        if not self.dry:
            self.carry_out(plan, products)

    def revision_ids(self, pairs: Iterable[Pair]) -> Iterable[int | None]:
        for pair in pairs:
            yield pair.current_id
            yield self.traces[pair.pk].before.get("revision")

    def plan_one(
        self, plan: Plan, pair: Pair, revisions: Mapping[int, PairRevision], products: Mapping[int, Facts]
    ) -> None:
        trace = self.traces[pair.pk]
        names = {"main": products[pair.main_id].sku, "companion": products[pair.companion_id].sku}
        current = revisions.get(pair.current_id or 0)
        former = revisions.get(trace.before.get("revision") or 0)
        moved = trace.version not in self.standing.get(pair.pk, {pair.version})
        if moved and not (pair.pk in self.also and overrulable(current)):
            self.keep(names, pair, current)
        elif not self.scope.allows(products[pair.main_id].path):
            self.undone.fail(names, code="pair.out_of_scope")
        elif trace.decided:
            self.undone.fail(names, code="undo.decision")
        else:
            before = shared.snapshot(pair, current)
            plan.rows.append((pair, current, before))
            as_draft = self.give_back(plan, pair, current, former, trace.before)
            if self.dry:
                self.foretell(names, pair, before, trace.before, as_draft=as_draft)
            elif as_draft:
                self.undone.tell(names, "reversed", "undo.needs_approval")
            self.undone.reversed += 1

    def keep(self, names: Mapping[str, Any], pair: Pair, current: PairRevision | None) -> None:
        """Leave the pair as others wrote it; a preview says what they wrote and whether it may be overruled."""
        if not self.dry:
            self.undone.keep(names, code="edited.since")
        elif len(self.undone.details) < DETAILS:
            now = shared.snapshot(pair, current)
            self.undone.keep(names, code="edited.since", thing=pair.pk, now=now, may=overrulable(current))
        else:
            self.undone.kept += 1

    def foretell(
        self,
        names: Mapping[str, Any],
        pair: Pair,
        now: Mapping[str, Any],
        was: Mapping[str, Any],
        *,
        as_draft: bool,
    ) -> None:
        """What a preview says of a pair that goes back: the two sides reduced to what differs."""
        if len(self.undone.details) >= DETAILS:
            return
        back = {name: value for name, value in was.items() if value != now.get(name)}
        sides = {"thing": pair.pk, "now": {name: now.get(name) for name in back}, "back": back}
        self.undone.tell(dict(names) | sides, "reversed", "undo.back_draft" if as_draft else "undo.back")

    def give_back(
        self,
        plan: Plan,
        pair: Pair,
        current: PairRevision | None,
        former: PairRevision | None,
        before: Mapping[str, Any],
    ) -> bool:
        """Plan the pair's former state; True when what was approved comes back as a draft only."""
        pair.verdict = before.get("verdict") or pair.verdict
        pair.verdict_reason = before.get("verdict_reason", pair.verdict_reason) or ""
        was = before.get("state")
        if former is not None and current is not None and former.pk == current.pk:
            if was == PairState.DRAFT and current.state == PairState.IN_REVIEW:
                plan.unsubmit.append(current)
            if was == PairState.APPROVED and current.state == PairState.RETIRED:
                plan.restore.append((pair, former))
                return True
            return False
        if current is not None and current.state in OPEN:
            plan.discard.append(current)
        if former is not None and former.state == PairState.DISCARDED:
            plan.restore.append((pair, former))
            return False
        pair.current = former
        if was == PairState.APPROVED and former is not None and former.state == PairState.RETIRED:
            plan.restore.append((pair, former))
            return True
        return False

    def carry_out(self, plan: Plan, products: Mapping[int, Facts]) -> None:
        PairRevision.objects.filter(pk__in=[one.pk for one in plan.unsubmit], state=PairState.IN_REVIEW).update(
            state=PairState.DRAFT
        )
        PairRevision.objects.filter(pk__in=[one.pk for one in plan.discard], state__in=OPEN).update(
            state=PairState.DISCARDED
        )
        for revision in plan.unsubmit:
            revision.state = PairState.DRAFT.value
        numbers = last_numbers([pair.pk for pair, _ in plan.restore])
        copies = [(pair, self.copy(pair, revision, numbers[pair.pk] + 1, products)) for pair, revision in plan.restore]
        PairRevision.objects.bulk_create([copy for _, copy in copies], batch_size=1000)
        for pair, copy in copies:
            pair.current = copy
        if plan.rows:
            bump([pair for pair, _, _ in plan.rows], self.at)
        shown = shared.revisions_of(pair.current_id for pair, _, _ in plan.rows)
        entries = []
        for pair, _, before in plan.rows:
            was, now = shared.difference(before, shared.snapshot(pair, shown.get(pair.current_id or 0)))
            label = f"{products[pair.main_id].sku} → {products[pair.companion_id].sku}"
            entries.append(Entry("pair.undone", shared.SUBJECT, pair.pk, label, was, now))
        record_many(entries=entries, at=self.at, actor=self.actor, source=self.source, batch=self.batch)

    def copy(self, pair: Pair, revision: PairRevision, number: int, products: Mapping[int, Facts]) -> PairRevision:
        """A new draft with the revision's content, judged today; whoever brings it back counts as a writer."""
        main, companion = products[pair.main_id], products[pair.companion_id]
        verdict = self.judge.verdict(
            category_path=main.path,
            kind=revision.kind,
            main_price=main.price,
            companion_price=companion.price,
            companion_path=companion.path,
        )
        writers = set(revision.contributors) | ({self.actor.pk} if self.actor else set())
        return PairRevision(
            pair=pair, number=number, state=PairState.DRAFT.value, digest=revision.digest,
            reason=revision.reason, kind=revision.kind, rank=revision.rank, offer_text=revision.offer_text,
            placements=revision.placements, valid_from=revision.valid_from, valid_to=revision.valid_to,
            override_reason=revision.override_reason, ratio=verdict.ratio, ratio_status=verdict.status.value,
            judged_main_price=main.price, judged_companion_price=companion.price,
            source=revision.source, batch=self.batch, evidence=revision.evidence,
            contributors=sorted(writers), created_by=self.actor, created_at=self.at,
        )  # fmt: skip
