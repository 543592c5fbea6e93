"""Every cause that holds today for the pairs on offer, with its evidence ready to freeze. Nothing is written here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from crossmatrix.catalog.models import ProductStatus
from crossmatrix.insights.models import Refresh
from crossmatrix.insights.rules.deficit import Together, substitutes
from crossmatrix.insights.rules.fixed import Offer, fixed_causes, unit_margin
from crossmatrix.insights.rules.money import money_threshold
from crossmatrix.insights.rules.policy import Limits
from crossmatrix.insights.rules.promotions import Footing, Split, footing
from crossmatrix.insights.rules.trend import Weekly, falling
from crossmatrix.insights.rules.weakness import Judgement, Placement, Tail, WeakVerdict, judge
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors.bans import Bans
from crossmatrix.insights.selectors.evidence import numbers_of
from crossmatrix.insights.selectors.offers import Offers, category_of, main_path
from crossmatrix.insights.selectors.policies import nearest
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import RatioStatus
from crossmatrix.matrix.selectors.ratios import Judge

Key = tuple[int, Cause]  # (pair, cause)
Evidence = dict[str, Any]


@dataclass(frozen=True)
class Causes:
    found: dict[Key, Evidence]
    too_few: int  # pairs of which orders say too little


def causes_of(offers: Offers, limits: Mapping[str, Limits], at: datetime) -> Causes:
    """All causes: of today's prices, stock and dates, and of the orders counted last."""
    found = fixed(offers, limits, at)
    gone = {pair for pair, cause in found if cause in (Cause.DISCONTINUED, Cause.OUT_OF_STOCK)}
    buyable = [pair for pair in offers.pairs if pair.pk not in gone]
    judged, pairs = rarely(buyable, offers, limits), offers.by_id
    for pair, (judgement, unit) in judged.items():
        if judgement.verdict == WeakVerdict.WEAK:
            evidence = _rarely_taken(pairs[pair], judgement, unit, offers)
            found[pair, Cause.RARELY_TAKEN] = evidence | _by_money(pairs[pair], evidence, offers, limits)
    found |= trends(buyable, offers, limits)
    found |= returned(offers, limits)
    found |= instead(offers)
    found |= discounted(offers, limits)
    return Causes(found, sum(judgement.verdict == WeakVerdict.TOO_FEW for judgement, _ in judged.values()))


def fixed(offers: Offers, limits: Mapping[str, Limits], at: datetime) -> dict[Key, Evidence]:
    """Causes that need no orders."""
    ratios, bans, today = Judge(), Bans(), timezone.localdate(at)
    found: dict[Key, Evidence] = {}
    for pair in offers.pairs:
        offer = _offer(pair, offers, ratios, bans)
        for cause, evidence in fixed_causes(offer, limits=nearest(limits, main_path(pair)), at=at, today=today).items():
            found[pair.pk, cause] = evidence
    return found


def _offer(pair: Pair, offers: Offers, ratios: Judge, bans: Bans) -> Offer:
    revision, main, companion = pair.approved, pair.main, pair.companion
    if revision is None:
        raise ValueError(f"pair {pair.pk} is not on offer")
    verdict = ratios.verdict(
        category_path=main_path(pair),
        kind=revision.kind,
        main_price=main.price,
        companion_price=companion.price,
        companion_path=category_of(pair),
    )
    seen = offers.seen.get(pair.pk)
    return Offer(
        status=companion.status, stock=companion.stock, main_price=main.price, price=companion.price,
        cost=companion.cost, currency=main.currency, ratio=verdict.ratio,
        ratio_limit=ratios.limits(main_path(pair), revision.kind, category_of(pair)).block,
        ratio_blocked=verdict.status == RatioStatus.BLOCK, ratio_accepted=bool(revision.override_reason),
        valid_to=revision.valid_to,
        banned=bans.against(pair),
        approved_at=revision.decided_at if main.status == ProductStatus.ACTIVE else None,
        live=offers.live_or_spare(pair),
        shown=(seen.shown if seen else 0) if pair.main_id in offers.reporting else None,
    )  # fmt: skip


def rarely(pairs: Sequence[Pair], offers: Offers, limits: Mapping[str, Limits]) -> dict[int, tuple[Judgement, str]]:
    """Judgements of the attach rate by pair, with the unit of their denominator: shown where shops report it, else orders."""
    answer: dict[int, tuple[Judgement, str]] = {}
    by_unit: dict[str, list[Placement]] = {"shown": [], "orders": []}
    for pair in pairs:
        seen, stat, limit = offers.seen.get(pair.pk), offers.stats.get(pair.pk), nearest(limits, main_path(pair))
        unit = "shown" if seen and seen.shown else "orders"
        trials, hits = (seen.shown, seen.bought) if seen and seen.shown else (0, 0)
        if unit == "orders" and stat:
            trials, hits = stat.orders_main, stat.orders_both
        by_unit[unit].append(
            Placement(
                pair.pk, category_of(pair), trials, hits, least=limit.min_orders, part=limit.share_of_usual,
                false_share=limit.false_share, bar=_bar(pair, limit, offers),
            )
        )  # fmt: skip
    for unit, placements in by_unit.items():
        answer |= {key: (judgement, unit) for key, judgement in judge(placements).items()}
    return answer


def _bar(pair: Pair, limit: Limits, offers: Offers) -> float | None:
    """The threshold by money; None where the policy asks for none or the companion's cost is not known."""
    margin = unit_margin(pair.companion.price, pair.companion.cost) if limit.least_gain else None
    if margin is None:
        return None
    return money_threshold(least=limit.least_gain, margin=margin, returned=_returned(pair, offers))


def _returned(pair: Pair, offers: Offers) -> float:
    return 1 - offers.staying.get(pair.companion_id, 1.0)


def _by_money(pair: Pair, seen: Evidence, offers: Offers, limits: Mapping[str, Limits]) -> Evidence:
    """What a pair judged by money brings for each order with the main (or view); nothing where shares decided."""
    limit, margin = nearest(limits, main_path(pair)), unit_margin(pair.companion.price, pair.companion.cost)
    if not limit.least_gain or margin is None:
        return {}
    returned = _returned(pair, offers)
    share = seen["bought"] / seen["shown"] if seen["unit"] == "shown" else seen["attach_rate"]
    return {
        "by": "money", "least_gain": limit.least_gain, "unit_margin": margin, "unit_returned": returned,
        "gain": share * margin * (1 - returned), "currency": pair.companion.currency,
    }  # fmt: skip


def _period(refresh: Refresh | None) -> Evidence:
    if refresh is None:
        return {}
    return {"from": refresh.from_date.isoformat(), "to": refresh.to_date.isoformat(), "refresh": refresh.pk}


def _counts(pair: int, offers: Offers) -> Evidence:
    """The pair's counts and shares as every screen shows them; empty when no order was counted."""
    stat = offers.stats.get(pair)
    if stat is None:
        return _period(offers.refresh)
    numbers = numbers_of(stat)
    return {
        "orders_main": stat.orders_main, "orders_both": stat.orders_both, "orders_companion": stat.orders_companion,
        "orders_all": stat.orders_all, "attach_rate": numbers.attach_rate, "low": numbers.low, "high": numbers.high,
        "lift": numbers.lift, "expected": stat.expected,
    } | _period(offers.refresh)  # fmt: skip


def _judged(judgement: Judgement, own: str) -> Evidence:
    """`own`: path of the companion's category; where it has too few pairs, a wider one is what it is compared with."""
    compared = judgement.compared_category
    return {
        "usual": judgement.usual, "threshold": judgement.threshold, "compared_pairs": judgement.compared_pairs,
        "compared_category": judgement.compared_category, "probability": judgement.probability,
        "share": judgement.share, "share_low": judgement.low, "share_high": judgement.high,
        "certain": judgement.certain, "wider": "all" if not compared else "above" if compared != own else "",
    }  # fmt: skip


def _rarely_taken(pair: Pair, judgement: Judgement, unit: str, offers: Offers) -> Evidence:
    seen = offers.seen.get(pair.pk)
    counted: Evidence = {}
    if seen and unit == "shown":
        counted = {
            "shown": seen.shown, "bought": seen.bought, "seen_from": seen.first.isoformat(),
            "seen_to": seen.last.isoformat(),
        }  # fmt: skip
    return _counts(pair.pk, offers) | _judged(judgement, category_of(pair)) | counted | {"unit": unit}


def trends(pairs: Sequence[Pair], offers: Offers, limits: Mapping[str, Limits]) -> dict[Key, Evidence]:
    """Pairs whose weekly attach rate falls."""
    weekly = [
        Weekly(pair.pk, category_of(pair), stat.weekly, main, nearest(limits, main_path(pair)).decline)
        for pair in pairs
        if (stat := offers.stats.get(pair.pk)) is not None
        and stat.weekly is not None
        and len(main := offers.weeks.get(pair.main_id, [])) == len(stat.weekly)
    ]
    return {
        (key, Cause.FALLING): _counts(key, offers)
        | {
            "before": fall.before, "after": fall.after, "gone": fall.gone, "weeks": fall.weeks, "z": fall.z,
            "q_value": fall.q_value, "unit": "orders",
        }
        for key, fall in falling(weekly).items()
    }  # fmt: skip


def returned(offers: Offers, limits: Mapping[str, Limits]) -> dict[Key, Evidence]:
    """Pairs whose companion comes back far more often than its category's do. Nothing without returns in the orders."""
    placements, pairs = [], offers.by_id
    for pair in offers.pairs:
        sales, limit = offers.sales.get(pair.pk), nearest(limits, main_path(pair))
        if sales is not None and sales.orders:
            placements.append(
                Placement(
                    pair.pk, category_of(pair), sales.orders, sales.returned, least=limit.min_orders,
                    part=limit.returns_times, false_share=limit.false_share,
                )
            )  # fmt: skip
    return {
        (key, Cause.RETURNED): _counts(key, offers)
        | _judged(judgement, category_of(pairs[key]))
        | {"returned": offers.sales[key].returned, "sold": offers.sales[key].orders, "unit": "orders"}
        for key, judgement in judge(placements, tail=Tail.HIGH).items()
        if judgement.verdict == WeakVerdict.WEAK
    }


def instead(offers: Offers) -> dict[Key, Evidence]:
    """Pairs of one type that buyers take instead of each other."""
    pairs = offers.by_id
    together = [
        Together(key, stat.orders_both, stat.expected, pairs[key].main.category_id == pairs[key].companion.category_id)
        for key, stat in offers.stats.items()
    ]
    return {
        (key, Cause.SUBSTITUTE): _counts(key, offers) | {"q_value": q, "unit": "orders"}
        for key, q in substitutes(together).items()
    }


def discounted(offers: Offers, limits: Mapping[str, Limits]) -> dict[Key, Evidence]:
    """Pairs that are bought together only while there is a discount."""
    found: dict[Key, Evidence] = {}
    for pair in offers.pairs:
        sales = offers.sales.get(pair.pk)
        if sales is None:
            continue
        split, limit = Split(sales.known, sales.discounted), nearest(limits, main_path(pair)).promo_share
        if footing(split, limit) == Footing.PROMO_ONLY:
            found[pair.pk, Cause.PROMO_ONLY] = _counts(pair.pk, offers) | {
                "known": sales.known, "discounted": sales.discounted, "discounted_share": split.share, "limit": limit,
                "unit": "orders",
            }  # fmt: skip
    return found


def without(found: Mapping[Key, Evidence], kinds: Collection[Cause]) -> dict[Key, Evidence]:
    """What is found besides causes of these kinds."""
    return {key: evidence for key, evidence in found.items() if key[1] not in kinds}
