"""A story of several people on a fresh database. Its chapters run in order, and only after good ones."""

import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.application import Application
from tests.journeys.browser_page import chromium
from tests.journeys.live import browser, enter, people, sync_playwright_beside_the_orm
from tests.journeys.story import SCREEN, Story

__all__ = ["browser", "enter", "people", "sync_playwright_beside_the_orm"]  # for all journeys on the live server


@pytest.fixture(scope="module")
def story(request):
    name = request.module.__name__.rpartition("test_")[2]
    with (
        Application(name) as application,
        chromium() as browser,
        tempfile.TemporaryDirectory(prefix=f"{name}-files-") as folder,
    ):
        told = Story(application, browser, Path(folder))
        told.failed_before = request.session.testsfailed
        expect.set_options(timeout=SCREEN)
        yield told


@pytest.fixture
def chapter(story, request):
    """Goes on only after good chapters; at its end no browser may have complained."""
    if request.session.testsfailed > story.failed_before:
        pytest.skip("an earlier chapter of this story failed")
    yield
    assert story.complaints() == []
