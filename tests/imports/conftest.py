"""The way from bytes to a planned batch through the real child process."""

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.imports import services
from crossmatrix.imports.services.apply import start_apply, start_undo
from tests.factories import member
from tests.imports.workbooks import workbook


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ORDERS_ROOT = tmp_path / "orders"


@pytest.fixture
def manager(db):
    return member(Role.CATEGORY_MANAGER, name="Elena Kovaleva", email="manager@shop.test")


@pytest.fixture
def take(now):
    """Upload rows or bytes and plan them with what is recognised."""

    def take(content, kind="catalog", *, actor=None, name="file.xlsx", **options):
        data = content if isinstance(content, bytes) else workbook(content)
        batch = services.receive_file(chunks=[data], name=name, kind=kind, actor=actor, at=now, options=options)
        services.read_batch(batch=batch, at=now, go_on="always")
        return batch

    return take


@pytest.fixture
def write(now):
    """Apply a planned batch."""

    def write(batch, actor=None):
        start_apply(batch=batch, actor=actor, partial=True)
        services.apply_batch(batch=batch, at=now)
        return batch

    return write


@pytest.fixture
def undo(now):
    def undo(batch, actor=None):
        start_undo(batch=batch, actor=actor)
        services.undo_batch(batch=batch, at=now)
        return batch.outcome["undo"]

    return undo
