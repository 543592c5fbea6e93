from datetime import timedelta

import pytest
from django.utils import timezone

from crossmatrix.jobs.models import JobRun
from crossmatrix.jobs.services import order

pytestmark = pytest.mark.django_db


def test_health_is_open_and_green_when_nothing_waits(client):
    answer = client.get("/api/health")

    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "oldest_due_seconds": 0.0}


def test_health_turns_red_when_due_work_waits(client, now):
    order("crossmatrix.jobs.tasks.sweep", at=now)
    JobRun.objects.update(next_at=timezone.now() - timedelta(minutes=5))

    answer = client.get("/api/health")

    assert answer.status_code == 503
    assert not answer.json()["ok"]
