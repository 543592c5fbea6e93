import pytest


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """Release files of a test lie in its own folder."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "releases"
