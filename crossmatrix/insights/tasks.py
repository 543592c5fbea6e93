"""Background work of the area: the nightly counting and the look for weak pairs."""

from datetime import date

from celery import shared_task
from django.utils import timezone

from crossmatrix.insights import services
from crossmatrix.jobs import services as jobs


@shared_task
def refresh_stats(
    *, window_end: str | None = None, days: int | None = None, engine: str | None = None, **_later: object
) -> None:
    """Count the window anew, then owe a look for weak pairs."""
    now = timezone.now()
    with jobs.claimed(refresh_stats.name, window_end=window_end, days=days, engine=engine, at=now) as mine:
        if mine:
            until = date.fromisoformat(window_end) if window_end else None
            services.refresh_for_job(claim=mine, at=now, until=until, days=days, engine=engine)


@shared_task
def flag_weak_pairs(**_later: object) -> None:
    """Look at every pair on offer; raise and close flags."""
    now = timezone.now()
    with jobs.claimed(flag_weak_pairs.name, at=now) as mine:
        if mine:
            mine.result(**services.flag_weak_pairs(at=now, claim=mine).as_dict())


@shared_task
def flag_fixed_causes(**_later: object) -> None:
    """Follows changes of prices, stock and ratio policies: what needs no orders is flagged at once."""
    now = timezone.now()
    with jobs.claimed(flag_fixed_causes.name, at=now) as mine:
        if mine:
            mine.result(**services.flag_fixed_causes(at=now, claim=mine).as_dict())


@shared_task
def count_dashboards(**_later: object) -> None:
    """Follows the look for weak pairs: what the dashboards show, month by month where something changed."""
    now = timezone.now()
    with jobs.claimed(count_dashboards.name, at=now) as mine:
        if mine:
            mine.result(months=services.count_dashboards(at=now, claim=mine))
