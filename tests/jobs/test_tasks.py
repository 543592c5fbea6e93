from datetime import UTC, datetime

import pytest
import time_machine

from crossmatrix.jobs import tasks
from crossmatrix.jobs.models import JobRun

pytestmark = pytest.mark.django_db


def test_the_nightly_refresh_is_ordered_once_after_its_hour(settings):
    settings.NIGHTLY = {"crossmatrix.insights.tasks.refresh_stats": (2, 0)}

    for minute in (59, 0, 1, 2):  # 22:59, 23:00, 23:01 and 23:02 UTC: 1:59 to 2:02 in Moscow
        hour = 22 if minute == 59 else 23
        with time_machine.travel(datetime(2026, 11, 21, hour, minute, tzinfo=UTC), tick=False):
            tasks.tick()

    run = JobRun.objects.get()
    assert (run.task, run.queue) == ("crossmatrix.insights.tasks.refresh_stats", "mining")


def test_a_beat_that_was_away_all_night_does_not_start_the_work_by_day(settings):
    settings.NIGHTLY = {"crossmatrix.insights.tasks.refresh_stats": (2, 0)}

    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False):
        tasks.tick()

    assert not JobRun.objects.exists()
