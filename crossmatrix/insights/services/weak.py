"""The look for weak pairs: flags are raised, kept up to date, and closed when their cause is gone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.policy import Limits
from crossmatrix.insights.rules.words import SEVERITY_OF, STATISTICAL, Cause, Decision
from crossmatrix.insights.selectors.causes import Evidence, Key, causes_of, fixed
from crossmatrix.insights.selectors.offers import Offers, main_path, offers
from crossmatrix.insights.selectors.policies import limits_by_path, nearest
from crossmatrix.insights.selectors.replacements import Replacer
from crossmatrix.insights.services.sales import count_sales
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import N_

TASK = "crossmatrix.insights.tasks.flag_weak_pairs"
FIXED_TASK = "crossmatrix.insights.tasks.flag_fixed_causes"
LOCK = 7_061_002  # advisory lock: one look at a time
KEPT_FOR = timedelta(days=180)  # a pair kept without a date is left in peace this long
PAIR = "matrix.pair"
FIXED = frozenset(Cause) - STATISTICAL
STEPS = 4


@dataclass(frozen=True)
class Look:
    checked: int
    raised: int
    closed: int
    not_enough_data: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def order_look(*, actor: User | None, at: datetime) -> JobRun:
    """Owe a look for weak pairs in the background."""
    return jobs.order(TASK, at=at, actor=actor, queue="mining")


def flag_weak_pairs(*, at: datetime, claim: jobs.Claim | None = None) -> Look:
    """Look at every pair on offer: raise a flag for each new cause, close those whose cause is gone."""
    _tell(claim, 0, N_("Reading discounts and returns"))
    count_sales()
    return _look(at=at, claim=claim, kinds=frozenset(Cause))


def flag_fixed_causes(*, at: datetime, claim: jobs.Claim | None = None) -> Look:
    """Look only for what needs no orders: prices, stock, dates, bans. Cheap, for right after a change of them."""
    return _look(at=at, claim=claim, kinds=FIXED)


def _tell(claim: jobs.Claim | None, step: int, message: str) -> None:
    if claim:
        claim.checkpoint(progress=step, total=STEPS, message=message)


@transaction.atomic
def _look(*, at: datetime, claim: jobs.Claim | None, kinds: Collection[Cause]) -> Look:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    _tell(claim, 1, N_("Reading the pairs on offer"))
    known, limits = offers(timezone.localdate(at)), limits_by_path()
    _tell(claim, 2, N_("Judging them"))
    found, too_few = _found(known, limits, at, kinds)
    flags = {(flag.pair_id, Cause(flag.cause)): flag for flag in WeakFlag.objects.filter(closed_at__isnull=True)}
    counted = known.refresh is not None
    gone = [
        flag for key, flag in flags.items()
        if key not in found and key[1] in kinds and (counted or key[1] not in STATISTICAL)
    ]  # fmt: skip
    left_in_peace = _kept(at)
    fresh = {key: evidence for key, evidence in found.items() if key not in flags and key not in left_in_peace}
    _tell(claim, 3, N_("Looking for replacements"))
    held = {key: evidence for key, evidence in found.items() if key in flags}
    writer = Writer(known, limits, {pair for pair, _ in (*fresh, *held)}, at)
    _close(gone, at)
    writer.raise_flags(fresh)
    writer.look_again(flags, held)
    if claim:
        claim.confirm()
    return Look(checked=len(known.pairs), raised=len(fresh), closed=len(gone), not_enough_data=too_few)


def _found(
    known: Offers, limits: Mapping[str, Limits], at: datetime, kinds: Collection[Cause]
) -> tuple[dict[Key, Evidence], int]:
    if set(kinds) == FIXED:
        return fixed(known, limits, at), 0
    causes = causes_of(known, limits, at)
    return causes.found, causes.too_few


def _kept(at: datetime) -> set[Key]:
    """Pairs and causes a person decided to live with, not long ago."""
    kept = WeakFlag.objects.filter(decision=Decision.KEEP, closed_at__gt=at - KEPT_FOR)
    return {(pair, Cause(cause)) for pair, cause in kept.values_list("pair_id", "cause")}


class Writer:
    """Writes flags of some pairs, with replacements looked up for all of them at once."""

    def __init__(self, known: Offers, limits: Mapping[str, Limits], pairs: Collection[int], at: datetime) -> None:
        self.by_id, self.limits, self.at = known.by_id, limits, at
        self.replacer = Replacer([self.by_id[pk] for pk in sorted(pairs)], known)

    def raise_flags(self, found: Mapping[Key, Evidence]) -> None:
        """New flags, their evidence frozen, a day to decide by, and a line in the history of each pair."""
        WeakFlag.objects.bulk_create([self._flag(pk, cause, found[pk, cause]) for pk, cause in found], batch_size=1000)
        audit.record_many(
            entries=[
                audit.Entry("weak.raised", PAIR, pk, str(self.by_id[pk])[:300], after={"cause": cause.value, **evidence})
                for (pk, cause), evidence in found.items()
            ],
            at=self.at, actor=None, source=Source.SYSTEM,
        )  # fmt: skip

    def _flag(self, pk: int, cause: Cause, evidence: Evidence) -> WeakFlag:
        pair, severity = self.by_id[pk], SEVERITY_OF[cause]
        limits = nearest(self.limits, main_path(pair))
        return WeakFlag(
            pair=pair, cause=cause.value, severity=severity.value, evidence=evidence, latest=evidence,
            replacements=self.replacer.of(pair, cause), raised_at=self.at, seen_at=self.at,
            decide_by=limits.decide_by(severity, timezone.localdate(self.at)), decider=limits.decider.value,
        )  # fmt: skip

    def look_again(self, flags: Mapping[Key, WeakFlag], held: Mapping[Key, Evidence]) -> None:
        """Flags whose cause still holds: their evidence stays as raised, what is live beside it is of today."""
        changed = []
        for (pk, cause), evidence in held.items():
            flag = flags[pk, cause]
            flag.seen_at, flag.latest = self.at, evidence
            flag.replacements = self.replacer.of(self.by_id[pk], cause)
            flag.decider = nearest(self.limits, main_path(self.by_id[pk])).decider.value
            changed.append(flag)
        WeakFlag.objects.bulk_update(changed, ["seen_at", "latest", "replacements", "decider"], batch_size=1000)


def _close(flags: Sequence[WeakFlag], at: datetime) -> None:
    WeakFlag.objects.filter(pk__in=[flag.pk for flag in flags]).update(closed_at=at)
    entries: list[Any] = [
        audit.Entry("weak.cleared", PAIR, flag.pair_id, after={"cause": flag.cause}) for flag in flags
    ]
    audit.record_many(entries=entries, at=at, actor=None, source=Source.SYSTEM)
