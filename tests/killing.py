"""Real Celery workers on the test's own database, killed with -9 when a test says so."""

import os
import signal
import subprocess
import sys
import time

from django.db import connection

from crossmatrix.jobs import services as jobs


def database():
    """The address of the test's database for another process."""
    of = connection.settings_dict
    return f"postgresql://{of['USER']}:{of['PASSWORD']}@/{of['NAME']}?host={of['HOST'] or ''}&port={of['PORT']}"


def start_worker(queue, **environment):
    """A worker of one queue with the test's database and Redis, in a process group of its own."""
    return subprocess.Popen(
        [
            sys.executable, "-m", "celery", "-A", "crossmatrix.celery", "worker", "-Q", queue, "-c", "1",
            "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR",
        ],
        env={**os.environ, "DATABASE_URL": database(), "DJANGO_SETTINGS_MODULE": "crossmatrix.settings", **environment},
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def kill(worker):
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def until(condition, seconds, each=lambda: None):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        each()
        time.sleep(0.02)
    return False


def lapse_leases():
    """What thirty seconds of silence do: the dead worker's lease ends, the sweep rings again; its last word is wiped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_jobrun SET lease_until = now() - interval '1 s', rung_at = NULL, message = ''"
            " WHERE state IN ('queued', 'running')"
        )
    jobs.sweep()
