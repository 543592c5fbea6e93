import pytest

from tests.bundles.factories import World


@pytest.fixture
def world(db):
    return World()
