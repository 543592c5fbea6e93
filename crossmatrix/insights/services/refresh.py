"""Counting a window of orders and making the result the one everybody reads."""

import logging
import time
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.insights.engine.base import engine_named
from crossmatrix.insights.engine.mining import Mining, Tell, min_both_for
from crossmatrix.insights.models import OrderDay, OrderFile, PairStat, ProductStat, Refresh, UnknownSku
from crossmatrix.insights.rules.words import RefreshState
from crossmatrix.insights.services.counting import Counted, Window
from crossmatrix.insights.services.counting import count_window as _count
from crossmatrix.insights.services.exposures import drop_old_exposures
from crossmatrix.insights.services.lists import forget_lists, store_lists
from crossmatrix.insights.services.orders import drop_old_orders, sweep_order_files
from crossmatrix.insights.services.storing import store_pairs, store_products
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import N_, Refusal

log = logging.getLogger(__name__)
TASK = "crossmatrix.insights.tasks.refresh_stats"
DEATHS_OUTLIVED = 20  # workers that may die at one refresh: it is long, and what was read before is not read again


class NoOrders(Refusal):
    code = "evidence.no_orders"
    sentence = N_("There are no orders between %(first)s and %(last)s. Import orders first.")


class BadWindow(Refusal):
    code = "evidence.window"
    sentence = N_("The period must have at least one day.")


def order_refresh(
    *, actor: User | None, at: datetime, until: date | None = None, days: int | None = None, engine: str | None = None
) -> JobRun:
    """Owe a refresh in the background; the same one owed already is returned. Raises BadWindow."""
    if days is not None and days < 1:
        raise BadWindow
    window_end = until.isoformat() if until else None
    return jobs.order(
        TASK, at=at, actor=actor, queue="mining", max_attempts=DEATHS_OUTLIVED, window_end=window_end, days=days,
        engine=engine,
    )  # fmt: skip


def refresh_stats(
    *,
    at: datetime,
    until: date | None = None,
    days: int | None = None,
    engine: str | None = None,
    actor: User | None = None,
    tell: Tell = lambda message, done, total: None,
    claim: jobs.Claim | None = None,
) -> Refresh:
    """Count the window and make the result current; until then, and after a failure, the former one stays.

    The window ends with `until`, else with the newest day that has orders. Raises NoOrders, BadWindow, UnknownEngine.
    """
    window = window_of(until=until, days=days, today=timezone.localdate(at))
    chosen = engine or "duckdb"
    clock = time.monotonic()
    refresh = Refresh.objects.create(
        from_date=window.first, to_date=window.last, engine=chosen, started_at=at, actor=actor
    )
    try:
        with engine_named(chosen) as running:
            counted = _count(Mining(running, min_both=min_both_for(_lines_of(window)), tell=tell), window, refresh)
        tell("store", 0, 1)
        refresh.seconds = round(time.monotonic() - clock, 3)
        _store(refresh, counted, at=at, claim=claim)
    except BaseException as problem:
        Refresh.objects.filter(pk=refresh.pk).update(
            state=RefreshState.FAILED, finished_at=timezone.now(), error=str(problem)[:2000]
        )
        raise
    _forget_former()
    drop_old_orders(at=at)
    drop_old_exposures(at=at)
    sweep_order_files(at=at)
    return refresh


def window_of(*, until: date | None, days: int | None, today: date) -> Window:
    """The closed window of days. Raises NoOrders, BadWindow."""
    length = settings.EVIDENCE_DAYS if days is None else days
    if length < 1:
        raise BadWindow
    newest = OrderFile.objects.aggregate(last=Max("last_date"))["last"]
    last = until or (min(newest, today) if newest else today)
    first = last - timedelta(days=length - 1)
    if newest is None or not OrderFile.objects.filter(first_date__lte=last, last_date__gte=first).exists():
        raise NoOrders(first=first.isoformat(), last=last.isoformat())
    return Window(first, last)


def _lines_of(window: Window) -> int:
    rows = OrderFile.objects.filter(first_date__lte=window.last, last_date__gte=window.first).values_list(
        "rows", flat=True
    )
    return sum(rows)


@transaction.atomic
def _store(refresh: Refresh, counted: Counted, *, at: datetime, claim: jobs.Claim | None) -> None:
    """Everything in one transaction, the switch of `current` with it."""
    refresh.pairs = store_pairs(refresh, counted)
    store_lists(refresh, counted.lists)
    store_products(refresh, counted)
    UnknownSku.objects.bulk_create(
        UnknownSku(refresh=refresh, sku=row["sku"][:200], orders=row["order_count"])
        for row in counted.unknown.to_pylist()
    )
    OrderDay.objects.filter(day__range=(refresh.from_date, refresh.to_date)).delete()
    OrderDay.objects.bulk_create(counted.days, batch_size=5000)
    left = Refresh.objects.filter(state=RefreshState.RUNNING, started_at__lt=refresh.started_at)
    left.update(state=RefreshState.FAILED, finished_at=timezone.now(), error="its worker stopped; counted again later")
    Refresh.objects.filter(current=True).update(current=False)
    refresh.state, refresh.current, refresh.finished_at = RefreshState.READY.value, True, timezone.now()
    refresh.save()
    audit.record(
        kind="evidence.refreshed", subject=refresh, at=at, actor=refresh.actor,
        source=Source.HAND if refresh.actor else Source.SYSTEM,
        after={"orders": refresh.orders, "lines": refresh.lines, "pairs": refresh.pairs, "engine": refresh.engine},
    )  # fmt: skip
    if claim:
        claim.confirm()


@transaction.atomic
def _forget_former() -> None:
    """Drop the rows of refreshes before the last one: a reader who began before the switch still finds his."""
    ready = Refresh.objects.filter(state=RefreshState.READY).order_by("-pk")
    keep = list(ready.values_list("pk", flat=True)[:2])
    old = list(Refresh.objects.exclude(pk__in=keep).values_list("pk", flat=True))
    PairStat.objects.filter(refresh_id__in=old).delete()
    forget_lists(old)
    ProductStat.objects.filter(refresh_id__in=old).delete()
    UnknownSku.objects.filter(refresh_id__in=old).delete()
