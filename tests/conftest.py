"""Shared by all tests."""

import os
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from hypothesis import HealthCheck, settings

# a machine under load is slow, not wrong
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Own database per xdist worker; commits need not survive a crash of the test database."""
    from django.conf import settings as project

    project.DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests that commit are cleaned by TRUNCATE, which append-only tables refuse to everybody else."""
    truncate_bit = 32  # of pg_trigger.tgtype
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype & %s > 0",
            [truncate_bit],
        )
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


@pytest.fixture(scope="session", autouse=True)
def own_corner(tmp_path_factory):
    """Own cache database and order folder per xdist worker: workers give their rows the same ids, and some empty theirs."""
    from django.conf import settings as project
    from django.core.cache import caches

    server, _slash, number = project.CACHES["default"]["LOCATION"].rpartition("/")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    project.CACHES["default"]["LOCATION"] = f"{server}/{int(number) + 1 + worker}"
    if caches.all(initialized_only=True):  # loading the project has opened one to the address all share
        del caches["default"]
    project.ORDERS_ROOT = tmp_path_factory.mktemp("orders")


@receiver(connection_created)
def patient_cleaner(connection, **_signal):
    """Emptying the tables after a journey waits for a request that is still under way; it is never the one to give up."""
    if threading.current_thread() is threading.main_thread():
        connection.cursor().execute("SET deadlock_timeout = '60s'")


@pytest.fixture
def now():
    return datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
