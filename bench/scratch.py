"""A database of its own for a measurement, dropped afterwards unless it is to be kept, with Django set up on it."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from crossmatrix import embedded

FILLED = "filled"  # comment of a kept database that a run has filled to the end


@contextmanager
def database(name: str, *, keep: bool = False) -> Iterator[bool]:
    """Create the database, point Django at it, migrate; drop it at the end. Yields whether it is new.

    `keep` leaves it for the next run of the same name: filling it takes longer than measuring.
    """
    os.environ.setdefault("CROSSMATRIX_DEMO", "1")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ["DJANGO_SETTINGS_MODULE"] = "crossmatrix.settings"
    embedded.provide()
    server = os.environ["DATABASE_URL"]
    scratch = f"bench_{name}_{'kept' if keep else os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        whole = "SELECT 1 FROM pg_database WHERE datname = %s AND shobj_description(oid, 'pg_database') = %s"
        new = connection.execute(whole, [scratch, FILLED]).fetchone() is None
        if new:
            connection.execute(f'DROP DATABASE IF EXISTS "{scratch}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{scratch}" TEMPLATE template0')
    os.environ["DATABASE_URL"] = psycopg.conninfo.make_conninfo(server, dbname=scratch)
    try:
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        yield new
        connections.close_all()
    finally:
        if not keep:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{scratch}" WITH (FORCE)')


def filled() -> None:
    """Mark the database as whole: the next run that wants to keep it finds it so."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_database())")
        cursor.execute(f"COMMENT ON DATABASE {cursor.fetchone()[0]} IS '{FILLED}'")


def median_seconds(work: Callable[[], object], *, times: int = 15, warm_up: int = 3) -> float:
    """Median wall time of one call, after warm-up calls."""
    for _ in range(warm_up):
        work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
