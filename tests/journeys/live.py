"""A person at a page of the live server: a browser, people who are let in without the form, what any page can be asked."""

import functools
import os
import time
import urllib.request

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from crossmatrix.accounts.models import Membership, User
from crossmatrix.accounts.rules import Role
from tests.journeys.browser_page import chromium, watched_page

POLL = 50  # ms between two looks


@pytest.fixture(scope="module")
def sync_playwright_beside_the_orm():
    """Playwright's sync API keeps an event loop in this thread; Django would refuse the database there."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def browser(sync_playwright_beside_the_orm):
    with chromium() as started:
        yield started


@pytest.fixture
def people():
    """Two managers of every category, by email."""
    cache.clear()
    made = {}
    for email, name in (("manager@demo", "Елена Ковалёва"), ("manager2@demo", "Тимур Ахметов")):
        made[email] = User.objects.create_user(email, "demo", name=name)
        Membership.objects.create(user=made[email], role=Role.CATEGORY_MANAGER)
    return made


@pytest.fixture
def enter(browser, live_server):
    """Opens an address for a person; at the end no page may have complained, but for those that are expected to."""
    wake(live_server.url)
    entered = []

    def enter(address, email="manager@demo", *, complaining=False, **options):
        page, watched = watched_page(browser, base_url=live_server.url, **options)
        entered.append((page, [] if complaining else watched.complaints))
        if email:
            let_in(page, email, live_server.url)
        page.goto(address)
        return page

    yield enter
    found = [complaint for _page, complaints in entered for complaint in complaints]
    for page, _complaints in entered:
        page.context.close()
    assert found == []


@functools.cache
def wake(url):
    """The first page of a cold server takes longer than a browser waits."""
    with urllib.request.urlopen(f"{url}/account/sign-in/", timeout=120) as answer:
        assert answer.status == 200


def let_in(page, email, url):
    """As after the sign-in form, which has journeys of its own; two pages less to load."""
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(email), "url": url}])


def session_of(email):
    client = Client()
    client.force_login(User.objects.get(email=email), backend="crossmatrix.accounts.backends.RoleBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def until(page, true, seconds=10):
    """Look again until it is so, whether the page or the server knows it; the page goes on meanwhile."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"did not come true: {page.url} shows {page.inner_text('body')[:2000]!r}"
        page.wait_for_timeout(POLL)


def press(page, *keys):
    """Once the page listens: what is read may stand on a page that is still fetching its scripts."""
    for key in keys:
        page.wait_for_load_state("load")
        page.keyboard.press(key)


class Screen:
    """An open page, as a person meets it."""

    def __init__(self, page):
        self.page = page

    def until(self, true, seconds=40):
        until(self.page, true, seconds)

    def press(self, *keys):
        press(self.page, *keys)

    def toasts(self):
        return " ".join(self.page.locator("#toasts .toast").all_inner_texts())
