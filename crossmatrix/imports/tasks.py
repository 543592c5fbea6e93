"""Background work of imports, on the queue "import"."""

from celery import shared_task
from django.utils import timezone

from crossmatrix.imports import selectors, services
from crossmatrix.jobs import services as jobs


@shared_task
def read(*, batch: int, **_later: object) -> None:
    with jobs.claimed(read.name, batch=batch, at=timezone.now()) as mine:
        if mine:
            services.read_batch(batch=selectors.batch_numbered(batch), at=timezone.now(), progress=mine)


@shared_task
def apply(*, batch: int, **_later: object) -> None:
    with jobs.claimed(apply.name, batch=batch, at=timezone.now()) as mine:
        if mine:
            services.apply_batch(batch=selectors.batch_numbered(batch), at=timezone.now(), progress=mine)


@shared_task
def undo(*, batch: int, **_later: object) -> None:
    with jobs.claimed(undo.name, batch=batch, at=timezone.now()) as mine:
        if mine:
            services.undo_batch(batch=selectors.batch_numbered(batch), at=timezone.now(), progress=mine)


@shared_task
def clean_up(**_later: object) -> None:
    with jobs.claimed(clean_up.name, at=timezone.now()) as mine:
        if mine:
            mine.result(dropped=services.clean_up(at=timezone.now()))
