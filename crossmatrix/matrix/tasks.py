"""Background work of the matrix."""

from celery import shared_task
from django.utils import timezone

from crossmatrix.catalog.services import keep_faults
from crossmatrix.jobs import services as jobs
from crossmatrix.matrix import services
from crossmatrix.matrix.selectors import overview


@shared_task
def recheck_ratios(**_later: object) -> None:
    """Ordered after prices or ratio policies changed."""
    with jobs.claimed(recheck_ratios.name, at=timezone.now()) as mine:
        if mine:
            mine.result(changed=services.recheck_ratios(at=timezone.now()))


@shared_task
def chase_reviews(**_later: object) -> None:
    """Ordered by the clock each working morning."""
    with jobs.claimed(chase_reviews.name, at=timezone.now()) as mine:
        if mine:
            mine.result(**services.chase_reviews(at=timezone.now()))


@shared_task
def keep_tally(**_later: object) -> None:
    """Rung by the clock each minute; costs six small questions while nothing is written."""
    keep_faults(at=timezone.now())
    overview.keep_standings(counted_anew=services.take_tally(at=timezone.now()))
    services.fill_shelves(at=timezone.now())
