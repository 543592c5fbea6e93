import re

import pytest
from django.urls import reverse
from django.utils import translation

from crossmatrix.accounts.rules import Role
from crossmatrix.ui import commands, nav, queue
from crossmatrix.ui.gallery import ICONS
from crossmatrix.ui.status import LOOKS
from tests.factories import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return member(Role.CATEGORY_MANAGER, name="Елена Ковалёва")


@pytest.fixture
def page(client, manager):
    client.force_login(manager)

    def open_page(url, language="ru", **kwargs):
        client.cookies["django_language"] = language
        return client.get(url, **kwargs)

    return open_page


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_gallery_shows_every_state_picture_and_control(page, language):
    answer = page(reverse("ui:gallery"), language)

    html = answer.content.decode()
    with translation.override(language):
        for state, look in LOOKS.items():
            assert f"<span>{translation.gettext(look.label)}</span>" in html, state
    for name in ICONS:
        assert f"icons.svg#{name}" in html
    for part in (
        'class="ratio bad"', 'class="spk ', 'class="bars"', 'class="ring ', 'class="stack"', 'class="chart-line"', 'class="chart-cols"',
        'class="note bad"', 'class="empty"', 'class="skel"', "data-select-all", "aria-sort", 'class="pages"', 'class="chip on"',
        'class="tbl ', '<dialog class="dlg"', 'class="card heap"',
    ):  # fmt: skip
        assert part in html, part


def test_every_picture_of_the_gallery_and_of_the_states_is_in_the_sprite(settings):
    sprite = (settings.PROJECT / "static/img/icons.svg").read_text()

    drawn = set(re.findall(r'<symbol id="([\w-]+)"', sprite))

    assert set(ICONS) <= drawn
    assert {f"st-{look.shape}" for look in LOOKS.values()} <= drawn
    assert {item.icon for group in nav.STAFF + nav.PORTAL for item in group.items} <= drawn


@pytest.mark.parametrize("name", ["ui:gallery", "home:home", "accounts:profile", "jobs:list"])
def test_pages_forbid_inline_code_and_have_none(page, name):
    answer = page(reverse(name))

    policy = answer.headers["Content-Security-Policy"]
    html = answer.content.decode()
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", html)


def test_wrong_fields_name_their_errors_for_screen_readers(page):
    html = page(reverse("ui:gallery"), "en").content.decode()

    control = re.search(r'<input[^>]*name="price"[^>]*aria-invalid="true"[^>]*>', html)
    assert control is not None
    described = re.search(r'aria-describedby="([^"]+)"', control[0])
    assert described is not None
    assert f'id="{described[1]}"' in html


@pytest.mark.parametrize(
    ("cookie", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("x", "")]
)
def test_the_theme_of_the_cookie_is_in_the_page_from_the_first_byte(client, manager, cookie, attribute):
    client.force_login(manager)
    client.cookies["theme"] = cookie

    html = client.get("/").content.decode()

    assert f'<html lang="ru"{attribute}>' in html


def test_the_sidebar_shows_only_what_the_role_may_open(client):
    client.force_login(member(Role.STAFF))

    html = client.get("/").content.decode()

    assert 'href="/jobs/"' not in html
    assert 'href="/" title="Моя работа" aria-current="page"' in html


def test_a_number_beside_an_item_is_asked_once_and_only_for_those_who_see_it(client, manager, monkeypatch):
    asked = []
    monkeypatch.setitem(nav.COUNTS, "jobs", lambda request: asked.append(request.user.pk) or 7)

    client.force_login(manager)
    html = client.get("/").content.decode()
    client.force_login(member(Role.STAFF))
    client.get("/")

    assert asked == [manager.pk]
    assert '<span class="cnt">7</span>' in html


def test_the_current_item_is_the_one_with_the_longest_address(rf, manager, monkeypatch):
    request = rf.get("/jobs/12/progress/")
    request.user = manager

    assert nav.Nav(request).current == "jobs"


def test_an_item_without_a_page_is_left_out():
    assert nav.address(("nowhere:page", "home:home")) == "/"
    assert nav.address(("nowhere:page",)) == ""


def test_the_command_menu_finds_pages_by_the_beginning_of_a_word(page):
    answer = page(reverse("ui:commands"), data={"q": "зад"})

    html = answer.content.decode()
    assert 'href="/jobs/"' in html
    assert 'href="/account/"' not in html
    assert html.count('role="option"') == 1


def test_the_command_menu_says_when_nothing_fits(page):
    html = page(reverse("ui:commands"), data={"q": "<b>щщщ"}).content.decode()

    assert "По запросу «&lt;b&gt;щщщ» ничего нет" in html


def test_an_areas_finds_come_after_the_pages_and_only_from_two_letters_on(rf, manager, monkeypatch):
    monkeypatch.setattr(
        commands, "SEARCHES", [lambda request, query: [{"label": f"{query} {n}", "url": f"/{n}"} for n in range(9)]]
    )
    request = rf.get("/")
    request.user = manager

    one = commands.find(request, "p")
    two = commands.find(request, "ps")

    assert all(found.hint for found in one)
    assert [found.label for found in two] == [f"ps {n}" for n in range(commands.EACH)]


def test_the_work_queue_asks_every_area_in_its_order(client, manager, monkeypatch):
    late = queue.Section(
        "Late", "clock", 2, [queue.Row("Pair A", "/a", "why", "31 %", "bad", "open")], "/late", order=90
    )
    soon = queue.Section("Soon", "stamp", 0, order=10)
    monkeypatch.setattr(queue, "SECTIONS", [lambda request: late, lambda request: None, lambda request: soon])
    client.force_login(manager)

    html = client.get("/").content.decode()

    assert html.index("Soon") < html.index("Late") < html.index("Pair A")
    assert "Вас ничего не ждёт" in html
    assert "С чего начать" not in html


@pytest.mark.parametrize(("url", "status"), [("/nothing-here/", 404)])
def test_an_address_that_is_not_there_answers_in_words(page, url, status):
    answer = page(url)

    assert answer.status_code == status
    assert "Такой страницы нет" in answer.content.decode()


def test_a_switch_without_a_token_is_refused_in_words(manager):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)

    answer = client.post(reverse("accounts:theme"), {"theme": "dark"})

    assert answer.status_code == 403
    assert "Страница устарела" in answer.content.decode()
    assert "theme" not in answer.cookies
