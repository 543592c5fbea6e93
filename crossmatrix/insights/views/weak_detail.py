"""One weak pair: its verdict, the figures as raised and as of today, trend, replacements, history, what may be decided."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.selectors import history_of
from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import OfferStat, PairStat, WeakFlag
from crossmatrix.insights.rules.fixed import margin_of
from crossmatrix.insights.rules.money import missed_a_month
from crossmatrix.insights.rules.policy import Decider
from crossmatrix.insights.rules.promotions import FOOTING_NAMES, Footing, Split, footing
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors import evidence
from crossmatrix.insights.selectors.floors import floor_of_pair
from crossmatrix.insights.selectors.money import money_of
from crossmatrix.insights.selectors.policies import limits_by_path, nearest
from crossmatrix.insights.selectors.weak_words import name_of_usual, value_weak, why_weak
from crossmatrix.insights.views.shared import trend_chart
from crossmatrix.matrix.rules.cards import FEWEST
from crossmatrix.ui.numbers import money, percent, plain, ratio, share_range

MONTH = 30  # days a pair is put off by default
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
        "flag": flag, "stat": stat, "chart": chart_of(flag, stat) if stat else None,
        "chart_tone": "bad" if flag.cause == Cause.FALLING else "calm", "facts": facts_of(flag, stat, sales),
        "floor": floor_of_pair(flag.pair.main_id, flag.pair.companion_id, today), "fewest": FEWEST,
        "now": now_of(flag), "unit": flag.evidence.get("unit", ""),
        "seen_from": day_or_none(flag.evidence.get("seen_from")), "seen_to": day_or_none(flag.evidence.get("seen_to")),
        "replacements": [(row, products[row["product"]]) for row in flag.replacements if row["product"] in products],
        "widest": max((row.get("expected", row["attach_rate"]) or 0 for row in flag.replacements), default=0),
        "history": history_of(flag.pair)[:HISTORY], "late": bool(flag.decide_by and flag.decide_by < today),
        "waits_for_head": waits_for_head and flag.closed_at is None,
        "may_decide": flag.closed_at is None and request.user.has_perm(Permission.FLAG_DECIDE) and not waits_for_head,
        "tomorrow": today + timedelta(days=1), "in_a_month": today + timedelta(days=MONTH),
        "query_string": request.GET.urlencode(),
    }  # fmt: skip


def chart_of(flag: WeakFlag, stat: PairStat) -> dict[str, Any] | None:
    """The weekly attach rate; beside it the usual one where the cause compares attach rates of orders."""
    seen = flag.evidence
    if flag.cause == Cause.RARELY_TAKEN and seen.get("unit") != "shown" and "usual" in seen:
        return trend_chart(stat, seen["usual"], usual_name=name_of_usual(seen))
    return trend_chart(stat, None)


def day_or_none(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


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
    """A handful of figures: first what the cause rests on, then what the pair is worth."""
    return [*_of_cause(flag), *_of_pair(flag, stat), *_of_sales(flag, sales), *_of_money(flag, stat)]


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
    if seen.get("by") == "money":
        asked = _("asked for %(least)s") % {"least": money(seen["least_gain"], seen["currency"])}
        facts.append(Fact(_("Brings each time"), money(seen["gain"], seen["currency"]), asked, "bad"))
    if "usual" in seen:
        words = _("weak above %(limit)s") if flag.cause == Cause.RETURNED else _("weak below %(limit)s")
        facts.append(Fact(name_of_usual(seen), percent(seen["usual"]), words % {"limit": percent(seen["threshold"])}))
        facts.append(Fact(_("Surely weak"), percent(seen["probability"]), _("probability")))
    missed, by = missed_money(flag)
    if missed:
        currency = flag.pair.companion.currency
        name = _("Missed margin") if by == "margin" else _("Missed sales")
        facts.append(Fact(name, f"−{money(missed, currency)}", _("a month"), "bad"))
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


def _of_money(flag: WeakFlag, stat: PairStat | None) -> list[Fact]:
    """What the pair adds to the margin, and how often its companion comes back."""
    found = money_of(stat) if stat else None
    if found is None:
        return []
    facts, got = [], found.brought
    if found.added is not None:
        tone = "bad" if found.added < 0 else ""
        facts.append(
            Fact(_("Margin added"), money(found.added, flag.pair.companion.currency), _("in the period"), tone)
        )
    if got.return_rate is not None and got.returns is not None and flag.cause != Cause.RETURNED:
        band = share_range(got.returns.low, got.returns.high)
        facts.append(Fact(_("Came back"), percent(got.return_rate), band))
    return facts


def _of_sales(flag: WeakFlag, sales: OfferStat | None) -> list[Fact]:
    """How the pair stands without a discount."""
    if sales is None or not sales.known:
        return []
    path = flag.pair.main.category.path if flag.pair.main.category else ""
    split = Split(sales.known, sales.discounted)
    stands = footing(split, nearest(limits_by_path(), path).promo_share)
    words = _(FOOTING_NAMES[stands])
    return [Fact(_("With a discount"), percent(split.share), words, "warn" if stands == Footing.PROMO_ONLY else "")]


def missed_money(flag: WeakFlag) -> tuple[int, str]:
    """What a usual companion of the category would have brought more in a month, and by what: margin, or sales without costs."""
    seen, companion = flag.evidence, flag.pair.companion
    if flag.cause != Cause.RARELY_TAKEN or companion.price is None:
        return 0, ""
    if seen.get("unit") == "shown":
        trials, first, last = seen["shown"], seen.get("seen_from"), seen.get("seen_to")
    else:
        trials, first, last = seen.get("orders_main", 0), seen.get("from"), seen.get("to")
    if not first or not last:
        return 0, ""
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    margin = margin_of(companion.price, companion.cost)
    worth = float(companion.price) * (1.0 if margin is None else max(0.0, margin))
    missed = missed_a_month(trials=trials, days=days, usual=seen["usual"], share=seen["share"], worth=worth)
    return round(missed), "sales" if margin is None else "margin"
