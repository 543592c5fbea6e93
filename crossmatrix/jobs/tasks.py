"""The sweep and the clock."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from crossmatrix.jobs import services

LATE_AT_MOST = timedelta(hours=2)  # a beat that was away longer skips the night


@shared_task
def sweep(**_later: object) -> None:
    services.sweep()


@shared_task
def tick(**_later: object) -> None:
    now = timezone.now()
    local = timezone.localtime(now)
    for task, (hour, minute) in settings.NIGHTLY.items():
        slot = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if slot <= local < slot + LATE_AT_MOST:
            queue = settings.TASK_QUEUES.get(task, "default")
            services.tick(task=task, slot=slot, at=now, queue=queue)
