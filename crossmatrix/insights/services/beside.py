"""What the product view of the matrix asks: companions to add, and the decisions on them."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import ProductStat
from crossmatrix.insights.rules.scoring import Dial
from crossmatrix.insights.rules.suggesting import Reliability
from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.insights.selectors.evidence import stats
from crossmatrix.insights.selectors.suggestions import suggest
from crossmatrix.insights.services.suggestions import accept_suggestion, put_off_suggestion, reject_suggestion
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.selectors.beside import Suggested

SHOWN = 30  # a person goes through them one by one
MONTH = 30  # days
SOURCES = {
    SuggestionSource.MINED: N_("Orders"),
    SuggestionSource.TYPE: N_("Orders of the category"),
    SuggestionSource.SLOT: N_("A slot"),
    SuggestionSource.SIMILAR: N_("Similar products"),
    SuggestionSource.SHOWN: N_("Shop"),
    SuggestionSource.FEEDBACK: N_("Shop staff"),
}
DIALS = {
    Dial.BALANCED: N_("Balanced"),
    Dial.SAFE: N_("Safe first"),
    Dial.DISTINCTIVE: N_("Distinctive first"),
}
SURE = {Reliability.HIGH: 3, Reliability.MEDIUM: 2, Reliability.LOW: 1}


def dials() -> list[tuple[str, str]]:
    """The orders suggestions can be put in: code and name, the usual one first."""
    return [(dial.value, _(name)) for dial, name in DIALS.items()]


def suggest_beside(main: Product, user: User, *, order: str = "") -> list[Suggested]:
    """Best first, for people who may see evidence; `order`: one of `dials`."""
    if not user.has_perm(Permission.EVIDENCE_VIEW):
        return []
    dial = Dial(order) if order in set(Dial) else Dial.BALANCED
    rows = suggest(main=main, k=SHOWN, dial=dial)
    products = Product.objects.select_related("category").in_bulk([row["product"] for row in rows])
    usual = usual_rates(main, list(products))
    return [suggested(row, products[row["product"]], usual.get(row["product"])) for row in rows]


def suggested(row: dict[str, Any], companion: Product, usual: float | None) -> Suggested:
    source, ratio, both = str(row["source"]), row.get("ratio"), row.get("orders_both") or 0
    share = row if both else {}  # nobody bought the two together yet: the share of none says nothing
    return Suggested(
        companion=companion, why=row["why"], source=source, source_name=_(SOURCES[SuggestionSource(source)]),
        sure=SURE[Reliability(row["reliability"])], fills=row.get("fills") or "",
        attach_rate=share.get("attach_rate"), low=share.get("low"), high=share.get("high"), lift=share.get("lift"),
        orders_both=both, orders_main=row.get("orders_main") or 0,
        ratio=None if ratio is None else Decimal(str(ratio)), ratio_status=row["verdict"], usual=usual,
        money=money_of(row, companion), first=day_of(row.get("from")), last=day_of(row.get("to")),
    )  # fmt: skip


def day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def money_of(row: dict[str, Any], companion: Product) -> Decimal | None:
    """What the companion brings a month beyond chance, at today's price; None without a price or a period."""
    first, last, more = day_of(row.get("from")), day_of(row.get("to")), row.get("incremental")
    if companion.price is None or first is None or last is None or not more:
        return None
    monthly = (row.get("orders_main") or 0) * MONTH / ((last - first).days + 1)
    return (Decimal(monthly * max(0.0, more)) * companion.price).quantize(Decimal(1)) or None


def usual_rates(main: Product, companions: Collection[int]) -> dict[int, float]:
    """Companion → its share of the orders with the other products of the main's category."""
    if main.category_id is None or not companions:
        return {}
    shelf = ProductStat.objects.filter(refresh__current=True, product__category=main.category_id)
    orders = shelf.exclude(product=main).aggregate(orders=Sum("orders"))["orders"]
    if not orders:
        return {}
    both = (
        stats()
        .filter(main__category=main.category_id, companion__in=companions)
        .exclude(main=main)
        .order_by()
        .values_list("companion_id")
        .annotate(both=Sum("orders_both"))
    )
    found = dict(both)
    return {companion: found.get(companion, 0) / orders for companion in companions}


def accept_beside(main: Product, companion: Product, *, reason: str, actor: User, at: datetime, batch: str) -> None:
    accept_suggestion(main=main, companion=companion, reason=reason, actor=actor, at=at, batch=batch)


def refuse_beside(main: Product, companion: Product, *, reason: str, actor: User, at: datetime, batch: str) -> None:
    reject_suggestion(main=main, companion=companion, reason=reason, actor=actor, at=at, batch=batch)


def put_off_beside(main: Product, companion: Product, *, until: date, actor: User, at: datetime) -> None:
    put_off_suggestion(main=main, companion=companion, until=until, actor=actor, at=at)
