"""Shared by all tests."""

from datetime import UTC, datetime

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Own database per xdist worker; commits need not survive a crash of the test database."""
    from django.conf import settings

    settings.DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests that commit are cleaned by TRUNCATE, which the audit table refuses to everybody else."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'audit_no_truncate') "
            "THEN ALTER TABLE audit_auditevent DISABLE TRIGGER audit_no_truncate; END IF; END $$"
        )


@pytest.fixture
def now():
    return datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
