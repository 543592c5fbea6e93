"""One weak pair: its verdict, the figures as raised and as of today, trend, replacements, history, what may be decided."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.selectors import history_of
from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import OfferStat, PairStat, WeakFlag
from crossmatrix.insights.rules.fixed import margin_of
from crossmatrix.insights.rules.policy import Decider
from crossmatrix.insights.rules.promotions import Footing, Split, footing
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors import evidence
from crossmatrix.insights.selectors.policies import limits_by_path, nearest
from crossmatrix.insights.selectors.weak_words import value_weak, why_weak
from crossmatrix.insights.views.shared import trend_chart
from crossmatrix.ui.numbers import money, percent, plain, ratio, share_range

MONTH = 30
HISTORY = 12


@dataclass(frozen=True)
class Fact:
    """A figure with a few words beside it; `tone` is "", warn or bad."""

    name: str
    value: str
    beside: str = ""
    tone: str = ""


def detail(request: HttpRequest, flag: WeakFlag) -> dict[str, Any]:
    stat = evidence.stat_of(flag.pair.main_id, flag.pair.companion_id)
    sales = OfferStat.objects.filter(
        refresh__current=True, main_id=flag.pair.main_id, companion_id=flag.pair.companion_id
    ).first()
    products = Product.objects.select_related("category").in_bulk([row["product"] for row in flag.replacements])
    today = timezone.localdate()
    waits_for_head = flag.decider == Decider.HEAD and not request.user.has_perm(Permission.POLICY_EDIT)
    return {
        "flag": flag, "stat": stat, "chart": trend_chart(stat, flag.evidence.get("usual")) if stat else None,
        "chart_tone": "bad" if flag.cause == Cause.FALLING else "calm", "facts": facts_of(flag, stat, sales),
        "now": now_of(flag), "unit": flag.evidence.get("unit", ""),
        "replacements": [(row, products[row["product"]]) for row in flag.replacements if row["product"] in products],
        "widest": max((row.get("expected", row["attach_rate"]) or 0 for row in flag.replacements), default=0),
        "history": history_of(flag.pair)[:HISTORY], "late": bool(flag.decide_by and flag.decide_by < today),
        "waits_for_head": waits_for_head and flag.closed_at is None,
        "may_decide": flag.closed_at is None and request.user.has_perm(Permission.FLAG_DECIDE) and not waits_for_head,
        "tomorrow": today + timedelta(days=1), "in_a_month": today + timedelta(days=MONTH),
        "query_string": request.GET.urlencode(),
    }  # fmt: skip


def now_of(flag: WeakFlag) -> str:
    """What the last look says when it differs from what was frozen; "" when it says the same."""
    if flag.closed_at is not None or not flag.latest:
        return ""
    cause = flag.cause
    same = value_weak(cause, flag.latest) == value_weak(cause, flag.evidence)
    return (
        "" if same and why_weak(cause, flag.latest) == why_weak(cause, flag.evidence) else why_weak(cause, flag.latest)
    )


def facts_of(flag: WeakFlag, stat: PairStat | None, sales: OfferStat | None) -> list[Fact]:
    """Four to six figures: first what the cause rests on, then what the pair is worth."""
    return [*_of_cause(flag), *_of_pair(flag, stat), *_of_sales(flag, sales)]


def _of_cause(flag: WeakFlag) -> list[Fact]:
    seen = flag.evidence
    match flag.cause:
        case Cause.RARELY_TAKEN if seen.get("unit") == "shown":
            facts = [Fact(_("Bought"), plain(seen["bought"]), _("of %(all)s shown") % {"all": plain(seen["shown"])})]
        case Cause.RARELY_TAKEN | Cause.FALLING | Cause.SUBSTITUTE | Cause.PROMO_ONLY if "orders_both" in seen:
            facts = [
                Fact(_("Orders with the pair"), plain(seen["orders_both"]), _("of %(all)s") % {"all": plain(seen["orders_main"])}),
                Fact(_("Attach rate"), percent(seen["attach_rate"]), share_range(seen["low"], seen["high"])),
            ]  # fmt: skip
        case Cause.RATIO_BROKEN:
            facts = [
                Fact(_("Price ratio"), ratio(seen["ratio"]), _("limit %(limit)s") % {"limit": ratio(seen["limit"])}, "bad")
            ]  # fmt: skip
        case Cause.RETURNED:
            facts = [
                Fact(_("Came back"), plain(seen["returned"]), _("of %(all)s") % {"all": plain(seen["sold"])}, "bad"),
            ]  # fmt: skip
        case _:
            facts = []
    if "usual" in seen:
        words = _("weak above %(limit)s") if flag.cause == Cause.RETURNED else _("weak below %(limit)s")
        facts.append(
            Fact(_("Usual in its category"), percent(seen["usual"]), words % {"limit": percent(seen["threshold"])})
        )
        facts.append(Fact(_("Surely weak"), percent(seen["probability"]), _("probability")))
    missed = missed_sales(flag)
    if missed:
        currency = flag.pair.companion.currency
        facts.append(Fact(_("Missed sales"), f"−{money(missed, currency)}", _("a month"), "bad"))
    return facts


def _of_pair(flag: WeakFlag, stat: PairStat | None) -> list[Fact]:
    main, companion = flag.pair.main, flag.pair.companion
    facts = []
    if "orders_both" not in flag.evidence and stat is not None:
        numbers = evidence.numbers_of(stat)
        counts = {"both": plain(stat.orders_both), "all": plain(stat.orders_main)}
        facts.append(Fact(_("Attach rate"), percent(numbers.attach_rate), _("%(both)s of %(all)s") % counts))
    facts.append(
        Fact(
            _("Price of the companion"), money(companion.price, companion.currency),
            _("to %(main)s") % {"main": money(main.price, main.currency)},
        )
    )  # fmt: skip
    margin = margin_of(companion.price, companion.cost)
    if margin is not None:
        path = main.category.path if main.category else ""
        floor = nearest(limits_by_path(), path).least_margin
        facts.append(
            Fact(
                _("Margin of the companion"), percent(margin), _("floor %(limit)s") % {"limit": percent(floor)},
                "bad" if margin < floor else "",
            )
        )  # fmt: skip
    if companion.stock is not None:
        facts.append(Fact(_("In stock, pcs"), plain(companion.stock), tone="bad" if companion.stock <= 0 else ""))
    return facts


def _of_sales(flag: WeakFlag, sales: OfferStat | None) -> list[Fact]:
    """How the pair stands without a discount."""
    if sales is None or not sales.known:
        return []
    path = flag.pair.main.category.path if flag.pair.main.category else ""
    split = Split(sales.known, sales.discounted)
    stands = footing(split, nearest(limits_by_path(), path).promo_share)
    words = {
        Footing.TOO_FEW: _("too few orders to tell"), Footing.STABLE: _("stable without one"),
        Footing.MIXED: _("partly on promotions"), Footing.PROMO_ONLY: _("lives on promotions"),
    }[stands]  # fmt: skip
    return [Fact(_("With a discount"), percent(split.share), words, "warn" if stands == Footing.PROMO_ONLY else "")]


def missed_sales(flag: WeakFlag) -> Decimal | None:
    """Sales a month that a usual companion of the category would have brought more; None where it does not apply."""
    seen, price = flag.evidence, flag.pair.companion.price
    if flag.cause != Cause.RARELY_TAKEN or price is None or "orders_main" not in seen:
        return None
    days = (date.fromisoformat(seen["to"]) - date.fromisoformat(seen["from"])).days + 1
    monthly = seen["orders_main"] * MONTH / days
    more = Decimal(monthly * max(0.0, seen["usual"] - seen["share"])) * price
    return more.quantize(Decimal(1)) or None
