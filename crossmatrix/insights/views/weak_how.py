"""How the verdict on a weak pair is computed: each step in words, as a formula with its numbers, and its value."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.review import GATE_SHARE
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors.weak_words import name_of_usual, why_weak
from crossmatrix.ui.numbers import money, percent, plain, share_range

Evidence = dict[str, Any]


@dataclass(frozen=True)
class Step:
    name: str
    words: str
    formula: str
    value: str


@dataclass(frozen=True)
class How:
    """One open flag: its verdict as of the last look and the steps to it; causes without statistics have none."""

    flag: WeakFlag
    verdict: str
    steps: list[Step]


def hows(pair: int) -> list[How]:
    """Open flags of a pair, most urgent first."""
    flags = WeakFlag.objects.filter(pair_id=pair, closed_at__isnull=True).order_by("pk")
    return [
        How(flag, why_weak(flag.cause, seen), steps_of(flag.cause, seen)) for flag in flags if (seen := seen_of(flag))
    ]


def seen_of(flag: WeakFlag) -> Evidence:
    """What the last look said; flags of before there was one have what they were raised on."""
    seen: Evidence = flag.latest or flag.evidence
    return seen


def steps_of(cause: str, seen: Evidence) -> list[Step]:
    if cause == Cause.FALLING:
        return _of_fall(seen)
    return _of_share(cause, seen) if "usual" in seen else []


def _of_share(cause: str, seen: Evidence) -> list[Step]:
    trials, hits = _counts(seen)
    above = cause == Cause.RETURNED
    sure = _("how likely the true share is above that") if above else _("how likely the true share is below that")
    passed = _("passed") if seen["certain"] else _("not passed")
    return [
        Step(name_of_usual(seen), _compared(seen), "α ÷ (α + β)", percent(seen["usual"], 2)),
        _threshold(seen),
        Step(
            _("Best guess of its share"),
            _("its own counts drawn towards the usual, the more the fewer they are; with 95 % bounds"),
            f"(α + {plain(hits)}) ÷ (α + β + {plain(trials)})",
            f"{percent(seen['share'], 2)} ({share_range(seen['share_low'], seen['share_high'], 1)})",
        ),
        Step(_("Surely weak"), sure, "I(t; α + x, β + n − x)", percent(seen["probability"], 1)),
        Step(
            _("Strict gate"),
            _("exact binomial tail over all pairs, at most %(share)s mistakes: only what passes might act by itself")
            % {"share": percent(GATE_SHARE)},
            "BH(Bin)", passed,
        ),
    ]  # fmt: skip


def _compared(seen: Evidence) -> str:
    return ngettext(
        "mean share of %(n)s pair (beta-binomial); wider than the companion's category where that has fewer than 20 pairs or 50 orders with both",
        "mean share of %(n)s pairs (beta-binomial); wider than the companion's category where that has fewer than 20 pairs or 50 orders with both",
        seen["compared_pairs"],
    ) % {"n": plain(seen["compared_pairs"])}


def _threshold(seen: Evidence) -> Step:
    value = percent(seen["threshold"], 2)
    if seen.get("by") == "money":
        words = _("the least sum the rules ask for ÷ margin of a piece that does not come back")
        left = f"{money(seen['unit_margin'], seen['currency'])} × (1 − {percent(seen['unit_returned'], 1)})"
        return Step(_("Threshold"), words, f"{money(seen['least_gain'], seen['currency'])} ÷ ({left})", value)
    part = seen["threshold"] / seen["usual"] if seen["usual"] else 0.0
    words = _("the usual × the part (or times) of it that the rules name")
    return Step(_("Threshold"), words, f"{percent(seen['usual'], 2)} × {plain(part, 2)}", value)


def _counts(seen: Evidence) -> tuple[int, int]:
    if "sold" in seen:
        return seen["sold"], seen["returned"]
    if seen.get("unit") == "shown":
        return seen["shown"], seen["bought"]
    return seen["orders_main"], seen["orders_both"]


def _of_fall(seen: Evidence) -> list[Step]:
    return [
        Step(_("Before"), _("orders with both ÷ orders with the product, in the weeks before"), "Σx ÷ Σn",
             percent(seen["before"], 1)),
        Step(_("Of late"), _("the same in the last third of the weeks"), "Σx ÷ Σn", percent(seen["after"], 1)),
        Step(_("Gone"), _("the part that is gone once the season of its category is taken out of both (E)"),
             "1 − (Σx ÷ ΣE) ÷ (Σx₀ ÷ ΣE₀)", percent(seen["gone"])),
        Step(_("Trend over the weeks"), _("deviation from the season, the later the heavier; below −2 is rare by chance"),
             "Σ(x − E)(t − t̄) ÷ √(φ Σ n p(1 − p)(t − t̄)²)", plain(seen["z"], 2)),
        Step(_("Chance of a false call"),
             _("adjusted for all pairs that could have been found (Benjamini & Hochberg 1995)"), "BH",
             percent(seen["q_value"], 2)),
    ]  # fmt: skip
