"""`manage.py demo`: everything the product needs on one machine, with data, until Ctrl-C."""

import os
import shutil
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone, translation
from honcho.manager import Manager

from crossmatrix import embedded
from crossmatrix.demo import services
from crossmatrix.demo.services.people import PASSWORD, PEOPLE

HOST = "127.0.0.1"
READY_SECONDS = 60
ROOT_IS_FINE = "ignore:You're running the worker with superuser privileges"  # in a container there is nobody else
KILL_SECONDS = 8  # a worker in the middle of a task gets this long to hand it back


class Command(BaseCommand):
    help = "Set up what is missing, load demo data where there is none, run web, worker and beat until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--dataset", choices=["shop", "journey", "none"], default="shop")
        parser.add_argument("--load-only", action="store_true", help="set up and load, start nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("this is not demo mode: set CROSSMATRIX_DEMO=1, and never on a shop's own data")
        port: int = options["port"]
        if not options["load_only"]:
            embedded.refuse_taken(["--port", str(port)])  # manage.py has asked already; other callers have not
        started = time.monotonic()
        self.set_up()
        with translation.override(settings.LANGUAGE_CODE):
            ran = services.load(options["dataset"], at=timezone.now(), tell=lambda step: self.say(f"  {step}"))
        self.say(f"data: {'loaded' if ran else 'found'}, {time.monotonic() - started:.1f} s")
        if not options["load_only"]:
            self.run_processes(port)

    def say(self, line: str) -> None:
        self.stderr.write(line)

    def set_up(self) -> None:
        """Tables, fonts, translations: each does nothing when it is there."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):  # an empty migrate still costs seconds
            call_command("migrate", verbosity=0, interactive=False)
        call_command("fonts", verbosity=0)
        call_command("translations", "compile")

    def run_processes(self, port: int) -> None:
        """Web and worker (beat inside it) under one manager; the first to end ends the other."""
        connections.close_all()  # the children must not share our sockets
        environment = {
            **os.environ, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "crossmatrix.settings", "PYTHONWARNINGS": ROOT_IS_FINE,
        }  # fmt: skip
        manager = Manager()
        manager.kill_wait = KILL_SECONDS
        folder = str(settings.PROJECT)
        for name, command in processes(port).items():
            manager.add_process(name, command, env=environment, cwd=folder)
        Thread(target=self.announce, args=(port,), daemon=True).start()
        manager.loop()
        if manager.returncode not in {0, None, 130, -2, -15}:
            sys.exit(manager.returncode)

    def announce(self, port: int) -> None:
        """Wait for the first answer, then print the address and who signs in."""
        address = f"http://{HOST}:{port}/"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                with urlopen(address, timeout=5):
                    break
            except OSError:  # nobody listens yet, or the first page is still being put together
                time.sleep(0.2)
        else:
            self.say(f"{address} does not answer")
            return
        width = max(len(email) for email, *_rest in PEOPLE)
        lines = [f"  {email:<{width}}  {name}" for email, name, *_rest in PEOPLE]
        self.say(
            "\n".join(
                [
                    "",
                    f"CrossMatrix: {address}",
                    f'Sign-ins, password "{PASSWORD}":',
                    *lines,
                    "Ctrl-C stops everything.",
                    "",
                ]
            )
        )


def processes(port: int) -> dict[str, str]:
    """Command line of each process by name. Beat shares the worker: two processes load on two cores at once, three do not."""
    programs = Path(sys.executable).parent
    granian = shutil.which("granian", path=str(programs)) or "granian"
    celery = shutil.which("celery", path=str(programs)) or "celery"
    queues = ",".join(settings.QUEUES)
    return {
        "web": f"{granian} --interface wsgi --host {HOST} --port {port} --workers 1 --blocking-threads 4 --no-access-log --log-level warning crossmatrix.wsgi:application",
        "worker": f"{celery} --quiet -A crossmatrix.celery worker --beat -Q {queues} -c 2 --without-gossip --without-mingle -l WARNING",
    }
