"""What the clock orders."""

from celery import shared_task
from django.utils import timezone

from crossmatrix.bundles import services
from crossmatrix.jobs import services as jobs


@shared_task
def advance_due(**_later: object) -> None:
    """Schedule, start, suspend, resume, end and expire what is due."""
    with jobs.claimed(advance_due.name, at=timezone.now()) as mine:
        if mine:
            mine.result(**services.advance_due(at=timezone.now()))
