"""The running application on a database of its own: web server, worker and beat as real processes."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psycopg

PROJECT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60
STOP_SECONDS = 20
HOME = Path(os.environ.get("CROSSMATRIX_HOME") or PROJECT / ".local")  # where `make test` has cut the fonts already
READY = "journeys_ready_"  # databases as the first start of a run left its empty one; the others begin as copies of it
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")[:16] or str(os.getpid())  # the same for all workers


class Application:
    """Starts on a fresh, migrated database with the demo's people; without servers only commands run.

    The first of a run migrates an empty database, as `make demo` does; that takes ten seconds of processor.
    """

    def __init__(self, name: str, *, dataset: str = "none", servers: bool = True) -> None:
        self.database = f"{name}_{os.getpid()}"
        self.server = os.environ["DATABASE_URL"]
        self.folder = tempfile.TemporaryDirectory(prefix=f"{name}-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.dataset = dataset
        self.servers = servers
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {
            **os.environ,
            "DATABASE_URL": psycopg.conninfo.make_conninfo(self.server, dbname=self.database),
            "CROSSMATRIX_HOME": self.folder.name,
            "CROSSMATRIX_DEMO": "1",
            "CELERY_KEY_PREFIX": f"{self.database}:",  # the broker is shared, the queues are not
            "CACHE_KEY_PREFIX": self.database,
            "LOG_LEVEL": "WARNING",
        }

    def __enter__(self) -> "Application":
        try:
            if (HOME / "built").exists():
                shutil.copytree(HOME / "built", Path(self.folder.name) / "built")
            self.provide_database()
            self.manage("demo", "--load-only", "--dataset", self.dataset)
            if not self.servers:
                return self
            self.start("web", "granian", "--interface", "wsgi", "--port", str(self.port), "--workers", "1",
                       "--blocking-threads", "8", "--no-access-log", "crossmatrix.wsgi:application")  # fmt: skip
            self.start_worker()
            self.start("beat", "celery", "-A", "crossmatrix.celery", "beat", "-l", "ERROR")
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def provide_database(self) -> None:
        """A copy of the database that is ready; where none is yet, it is made from ours, by one worker for all."""
        HOME.mkdir(exist_ok=True)
        ready = READY + RUN
        with psycopg.connect(self.server, autocommit=True) as connection, (HOME / f"{READY}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [READY]
            ).fetchall()
            if (ready,) not in found:
                for (old,) in found:
                    connection.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
                connection.execute(f'CREATE DATABASE "{self.database}" TEMPLATE template0')
                self.manage("demo", "--load-only", "--dataset", "none")
                connection.execute(f'CREATE DATABASE "{ready}" TEMPLATE "{self.database}"')
            else:
                connection.execute(f'CREATE DATABASE "{self.database}" TEMPLATE "{ready}"')

    def __exit__(self, *_error: object) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
        self.folder.cleanup()

    def start_worker(self) -> None:
        queues = "default,import,publish,webhook,mining"
        self.start("worker", "celery", "-A", "crossmatrix.celery", "worker", "-Q", queues, "-c", "2",
                   "--without-gossip", "--without-mingle", "-l", "ERROR")  # fmt: skip

    def start(self, name: str, program: str, *arguments: str) -> None:
        log = (Path(self.folder.name) / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [str(Path(sys.executable).parent / program), *arguments],
            cwd=PROJECT, env=self.env, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    def log(self, name: str) -> str:
        return (Path(self.folder.name) / f"{name}.log").read_text()

    def manage(self, *arguments: str, code: int = 0) -> str:
        """Run a management command; returns its standard output, asserts its exit code."""
        done = self.attempt(*arguments)
        assert done.returncode == code, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT, env=self.env, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def ask(self, *arguments: str) -> Any:
        """Run a command with --json and read its answer."""
        return json.loads(self.manage(*arguments, "--json"))

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/api/health", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert self.processes["web"].poll() is None, self.log("web")
                time.sleep(0.1)
        raise AssertionError(f"the web server did not answer:\n{self.log('web')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
