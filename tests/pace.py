"""What keeps the suite quick and no easier: cheap password hashes, emptying only what was written, long files first."""

import os
import threading
import time

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

KEPT = frozenset({"django_content_type", "auth_permission"})  # rows that migrating made, the same for every test
SETTLE = 60  # seconds for a request of the live server to end
QUIET = 0.05  # seconds without a request, while connections are open: one may be accepted and not yet begun
BIG = 1 << 20  # bytes of a table from which TRUNCATE is the cheaper way, and leaves no dead rows to read past
EMPTY = """
DO $$
DECLARE name text; found bool;
BEGIN
  FOREACH name IN ARRAY ARRAY[{names}] LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO found;
    IF found THEN
      EXECUTE format('DELETE FROM %I', name);
    END IF;
  END LOOP;
END $$
"""


class QuickArgon2(Argon2PasswordHasher):
    """The hash of production with the least memory and one round: a tenth of a second less for each password."""

    time_cost, memory_cost, parallelism = 1, 8, 1


@pytest.fixture(scope="session", autouse=True)
def quick_passwords():
    from django.conf import settings
    from django.contrib.auth.hashers import get_hashers, get_hashers_by_algorithm

    settings.PASSWORD_HASHERS = [f"{__name__}.{QuickArgon2.__name__}"]
    get_hashers.cache_clear()
    get_hashers_by_algorithm.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def quick_cleaning():
    """A test that commits is cleaned by emptying the tables that have rows: 64 TRUNCATEs cost thirty times more."""
    from django.core.signals import request_finished, request_started
    from django.test import TransactionTestCase

    whole, serving = TransactionTestCase._fixture_teardown, set()

    def begun(**_signal):
        serving.add(threading.get_ident())

    def ended(**_signal):
        serving.discard(threading.get_ident())

    def clean(case):
        settle(serving)
        if not emptied():
            whole(case)

    request_started.connect(begun)
    request_finished.connect(ended)  # after Django's own, which asks the database
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", clean)
        yield


def settle(serving):
    """Wait until the live server has ended what a page asked before it was closed: its rows are of this test."""
    quiet_since, deadline = time.monotonic(), time.monotonic() + SETTLE
    while connected := {thread.ident for thread in threading.enumerate() if "process_request" in thread.name}:
        now = time.monotonic()
        if serving & connected:
            quiet_since = now
        if now - quiet_since >= QUIET:
            return
        assert now < deadline, "a request of the live server does not end"
        time.sleep(0.005)


def emptied():
    """Whether every table of ours was emptied; waits for transactions under way, as TRUNCATE does.

    Triggers and foreign keys rest meanwhile, which only a superuser may order; else, and for a big table, nothing is done.
    """
    from django.db import connection, transaction

    names = sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT)
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {quoted} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            "SELECT current_setting('is_superuser')::bool AND max(pg_relation_size(name::regclass)) < %s "
            "FROM unnest(%s::text[]) AS name",
            [BIG, names],
        )
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(EMPTY.format(names=", ".join(f"'{name}'" for name in names)))
    return True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Where workers share the files (with `--no-loadscope-reorder`), the longest start first: none is left for the end."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=length)


def length(item):
    """Smaller is longer: stories on the running application, other journeys, the rest as they were."""
    if not item.get_closest_marker("journey"):
        return 2
    return 0 if {"story", "application"} & set(item.fixturenames) else 1
