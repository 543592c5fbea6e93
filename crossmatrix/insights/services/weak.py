"""The look for weak pairs, and what people decide about them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.insights.models import PairStat, Refresh, WeakFlag, WeakPolicy
from crossmatrix.insights.rules.policy import Limits
from crossmatrix.insights.rules.priors import chain
from crossmatrix.insights.rules.weakness import Judgement, Placement, WeakVerdict, judge
from crossmatrix.insights.rules.words import SEVERITY_OF, Cause, Decision
from crossmatrix.insights.selectors.candidates import Replacer
from crossmatrix.insights.selectors.evidence import current_refresh, numbers_of
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft, RatioStatus
from crossmatrix.matrix.selectors.ratios import Judge

TASK = "crossmatrix.insights.tasks.flag_weak_pairs"
LOCK = 7_061_002  # advisory lock: one look at a time
KEPT_FOR = timedelta(days=180)  # a pair kept without a date is left in peace this long
PAIR = "matrix.pair"
Found = dict[tuple[int, Cause], dict[str, Any]]  # (pair, cause) → evidence


class FlagClosed(Refusal):
    code = "flag.closed"
    sentence = N_("This flag is closed already: somebody decided it, or its cause is gone.")


class NoteMissing(Refusal):
    code = "flag.note"
    sentence = N_("Say why: the next person who looks will want to know.")


class NoReplacement(Refusal):
    code = "flag.no_replacement"
    sentence = N_("There is no replacement to take. Choose a product or another decision.")


class BadDate(Refusal):
    code = "flag.date"
    sentence = N_("The day must be in the future.")


class FlagOutOfScope(Refusal):
    code = "flag.out_of_scope"
    sentence = N_("You may not decide on “%(main)s”: it is outside your categories.")


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


@transaction.atomic
def flag_weak_pairs(*, at: datetime, claim: jobs.Claim | None = None) -> Look:
    """Look at every pair on offer: raise a flag for each new cause, close those whose cause is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    pairs = list(
        Pair.objects.filter(approved__isnull=False)
        .select_related("approved", "main__category", "companion__category")
        .order_by("pk")
    )
    refresh = current_refresh()
    found, too_few = _causes(pairs, refresh)
    flags = {(flag.pair_id, Cause(flag.cause)): flag for flag in WeakFlag.objects.filter(closed_at__isnull=True)}
    gone = [flag for key, flag in flags.items() if key not in found and not (refresh is None and _counted(flag.cause))]
    left_in_peace = _kept(at)
    fresh = {key: evidence for key, evidence in found.items() if key not in flags and key not in left_in_peace}
    _close(gone, at)
    _raise(fresh, {pair.pk: pair for pair in pairs}, at)
    _look_again([flags[key] for key in found if key in flags], {pair.pk: pair for pair in pairs}, at)
    if claim:
        claim.confirm()
    return Look(checked=len(pairs), raised=len(fresh), closed=len(gone), not_enough_data=too_few)


def _counted(cause: str) -> bool:
    """Whether the cause comes from orders, so that nothing can be said before they are counted."""
    return cause == Cause.RARELY_TAKEN


def _causes(pairs: Sequence[Pair], refresh: Refresh | None) -> tuple[Found, int]:
    """Every cause that holds today, with its evidence; and how many pairs have too few orders to be judged."""
    found: Found = {}
    buyable, judge = [], Judge()
    for pair in pairs:
        if pair.companion.status != ProductStatus.ACTIVE:
            found[pair.pk, Cause.DISCONTINUED] = {"status": pair.companion.status, "stock": pair.companion.stock}
        elif pair.companion.stock is not None and pair.companion.stock <= 0:
            found[pair.pk, Cause.OUT_OF_STOCK] = {"stock": pair.companion.stock}
        else:
            buyable.append(pair)
        broken = _ratio_broken(pair, judge)
        if broken:
            found[pair.pk, Cause.RATIO_BROKEN] = broken
    judged, stats = _judged(buyable, refresh)
    for pk, judgement in judged.items():
        if judgement.verdict == WeakVerdict.WEAK and refresh is not None:
            found[pk, Cause.RARELY_TAKEN] = _rarely_taken(stats[pk], judgement, refresh)
    return found, sum(judgement.verdict == WeakVerdict.TOO_FEW for judgement in judged.values())


def _ratio_broken(pair: Pair, judge: Judge) -> dict[str, Any] | None:
    """Today's prices against today's limits; an approved override stands."""
    if pair.approved is None or pair.approved.override_reason:
        return None
    path = pair.main.category.path if pair.main.category else ""
    verdict = judge.verdict(
        category_path=path, kind=pair.approved.kind, main_price=pair.main.price, companion_price=pair.companion.price
    )
    if verdict.status != RatioStatus.BLOCK:
        return None
    return {
        "ratio": float(verdict.ratio or 0), "limit": float(judge.limits(path, pair.approved.kind).block),
        "main_price": str(pair.main.price), "companion_price": str(pair.companion.price), "currency": pair.main.currency,
    }  # fmt: skip


def _judged(pairs: Sequence[Pair], refresh: Refresh | None) -> tuple[dict[int, Judgement], dict[int, PairStat]]:
    """The statistical judgement of pairs that could be bought all along, by pair id."""
    by_link = {(pair.main_id, pair.companion_id): pair.pk for pair in pairs}
    stats: dict[int, PairStat] = {}
    if refresh is not None:
        mains, companions = {key[0] for key in by_link}, {key[1] for key in by_link}
        for stat in PairStat.objects.filter(refresh=refresh, main_id__in=mains, companion_id__in=companions).iterator():
            if (stat.main_id, stat.companion_id) in by_link:
                stats[by_link[stat.main_id, stat.companion_id]] = stat
    policies = thresholds()
    placements = []
    for pair in pairs:
        counted = stats.get(pair.pk)
        main_path = pair.main.category.path if pair.main.category else ""
        limits = next(policies[node] for node in chain(main_path) if node in policies)
        placements.append(
            Placement(
                key=pair.pk,
                category=pair.companion.category.path if pair.companion.category else "",
                trials=counted.orders_main if counted else 0,
                hits=counted.orders_both if counted else 0,
                least=limits.min_orders,
                part=limits.share_of_usual,
                false_share=limits.false_share,
            )
        )
    return judge(placements), stats


def thresholds() -> dict[str, Limits]:
    """Policies by category path; "" always has one."""
    rows = {"": Limits(min_orders=settings.WEAK_MIN_ORDERS)}
    for policy in WeakPolicy.objects.select_related("category").order_by("pk"):
        rows[policy.category.path if policy.category else ""] = Limits(
            min_orders=policy.min_orders, share_of_usual=policy.share_of_usual, false_share=policy.false_share
        )
    return rows


def _rarely_taken(stat: PairStat, judgement: Judgement, refresh: Refresh) -> dict[str, Any]:
    numbers = numbers_of(stat)
    return {
        "orders_main": stat.orders_main, "orders_both": stat.orders_both, "orders_companion": stat.orders_companion,
        "orders_all": stat.orders_all, "attach_rate": numbers.attach_rate, "low": numbers.low, "high": numbers.high,
        "lift": numbers.lift, "expected": stat.expected, "usual": judgement.usual, "threshold": judgement.threshold,
        "compared_pairs": judgement.compared_pairs, "compared_category": judgement.compared_category,
        "probability": judgement.probability, "share": judgement.share, "share_low": judgement.low,
        "share_high": judgement.high, "certain": judgement.certain, "unit": "orders",
        "from": refresh.from_date.isoformat(), "to": refresh.to_date.isoformat(), "refresh": refresh.pk,
    }  # fmt: skip


def _kept(at: datetime) -> set[tuple[int, Cause]]:
    """Pairs and causes a person decided to live with, not long ago."""
    kept = WeakFlag.objects.filter(decision=Decision.KEEP, closed_at__gt=at - KEPT_FOR)
    return {(pair, Cause(cause)) for pair, cause in kept.values_list("pair_id", "cause")}


def _raise(found: Mapping[tuple[int, Cause], dict[str, Any]], pairs: Mapping[int, Pair], at: datetime) -> None:
    replacements = _replacements([pairs[pk] for pk, _ in found])
    WeakFlag.objects.bulk_create(
        [
            WeakFlag(
                pair=pairs[pk], cause=cause.value, severity=SEVERITY_OF[cause].value, evidence=evidence,
                replacements=replacements[pk], raised_at=at, seen_at=at,
            )
            for (pk, cause), evidence in found.items()
        ],
        batch_size=1000,
    )  # fmt: skip
    audit.record_many(
        entries=[
            audit.Entry("weak.raised", PAIR, pk, str(pairs[pk])[:300], after={"cause": cause.value, **evidence})
            for (pk, cause), evidence in found.items()
        ],
        at=at, actor=None, source=Source.SYSTEM,
    )  # fmt: skip


def _look_again(flags: Sequence[WeakFlag], pairs: Mapping[int, Pair], at: datetime) -> None:
    """Flags whose cause still holds: their evidence stays as raised, what could replace the companion is of today."""
    replacements = _replacements([pairs[flag.pair_id] for flag in flags])
    for flag in flags:
        flag.seen_at, flag.replacements = at, replacements[flag.pair_id]
    WeakFlag.objects.bulk_update(flags, ["seen_at", "replacements"], batch_size=1000)


def _replacements(pairs: Sequence[Pair]) -> dict[int, list[dict[str, Any]]]:
    replacer = Replacer(list({pair.main_id: pair.main for pair in pairs}.values()))
    return defaultdict(list, {pair.pk: replacer.of(pair.main, pair.companion) for pair in pairs})


def _close(flags: Sequence[WeakFlag], at: datetime) -> None:
    WeakFlag.objects.filter(pk__in=[flag.pk for flag in flags]).update(closed_at=at)
    audit.record_many(
        entries=[audit.Entry("weak.cleared", PAIR, flag.pair_id, after={"cause": flag.cause}) for flag in flags],
        at=at, actor=None, source=Source.SYSTEM,
    )  # fmt: skip


@transaction.atomic
def decide_flag(
    *,
    flag: WeakFlag,
    decision: Decision,
    actor: User,
    at: datetime,
    note: str = "",
    until: date | None = None,
    companion: Product | None = None,
) -> WeakFlag:
    """Keep (with a reason; until a day it stays open but out of the way), replace, retire or mark not suitable.

    Replacing writes the other companion at the same rank, sends it to review and retires this one.
    Raises FlagClosed, FlagOutOfScope, NoteMissing, BadDate, NoReplacement and what the matrix refuses.
    """
    locked = WeakFlag.objects.select_for_update(of=("self",)).get(pk=flag.pk)
    pair = Pair.objects.select_related("main__category", "companion", "approved").get(pk=locked.pair_id)
    if locked.closed_at is not None:
        raise FlagClosed
    _check_scope(pair, actor)
    note = note.strip()[:500]
    if decision in (Decision.KEEP, Decision.NOT_SUITABLE) and not note:
        raise NoteMissing
    if until is not None and until <= timezone.localdate(at):
        raise BadDate
    match decision:
        case Decision.REPLACE:
            companion = companion or _best(locked)
            _replace(pair, locked, companion, actor, at, note)
        case Decision.RETIRE:
            _retire(pair, actor, at, note)
        case Decision.NOT_SUITABLE:
            matrix.mark_unsuitable(
                main_id=pair.main_id, companion_id=pair.companion_id, reason=note, actor=actor, at=at
            )
            if pair.approved is not None:
                _retire(pair, actor, at, note)
    _sign(locked, decision, actor, at, note, until if decision == Decision.KEEP else None, companion)
    return locked


def _check_scope(pair: Pair, actor: User) -> None:
    path = pair.main.category.path if pair.main.category else ""
    if not any(path.startswith(prefix) for prefix in category_paths_of(actor, Permission.FLAG_DECIDE)):
        raise FlagOutOfScope(main=pair.main.sku)


def _best(flag: WeakFlag) -> Product:
    found = Product.objects.filter(sku__in=[row["companion"] for row in flag.replacements[:1]]).first()
    if found is None:
        raise NoReplacement
    return found


def _replace(pair: Pair, flag: WeakFlag, companion: Product, actor: User, at: datetime, note: str) -> None:
    former = pair.approved
    if former is None:
        raise FlagClosed
    frozen = next((row for row in flag.replacements if row["companion"] == companion.sku), None)
    draft = LinkDraft(
        pair.main_id, companion.pk, reason=former.reason, kind=former.kind, rank=former.rank,
        placements=former.placements, valid_from=former.valid_from, valid_to=former.valid_to,
    )  # fmt: skip
    revision = matrix.set_pair(draft=draft, actor=actor, at=at, source=Source.SUGGESTION, evidence=frozen)
    matrix.submit(revision=revision, actor=actor, at=at)
    _retire(pair, actor, at, note)


def _retire(pair: Pair, actor: User, at: datetime, note: str) -> None:
    if pair.approved is None:
        raise FlagClosed
    matrix.retire(revision=pair.approved, actor=actor, at=at, comment=note)


def _sign(
    flag: WeakFlag,
    decision: Decision,
    actor: User,
    at: datetime,
    note: str,
    until: date | None,
    companion: Product | None,
) -> None:
    """Write the decision; when the pair goes, its other open flags go with it."""
    flag.decision, flag.decided_by, flag.decided_at, flag.note = decision.value, actor, at, note
    flag.keep_until, flag.closed_at = until, None if until else at
    flag.replaced_with = companion if decision == Decision.REPLACE else None
    flag.save()
    if decision != Decision.KEEP:
        WeakFlag.objects.filter(pair_id=flag.pair_id, closed_at__isnull=True).update(
            decision=decision.value, decided_by=actor, decided_at=at, note=note, closed_at=at, keep_until=None
        )
    audit.record_many(
        entries=[
            audit.Entry(
                "weak.decided", PAIR, flag.pair_id,
                after={
                    "cause": flag.cause, "decision": decision.value, "until": until.isoformat() if until else None,
                    "companion": companion.sku if companion else None,
                },
                reason=note,
            )
        ],
        at=at, actor=actor,
    )  # fmt: skip
