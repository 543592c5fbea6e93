import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.home import selectors
from crossmatrix.ui import queue
from tests.factories import ProductFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages_exist(monkeypatch):
    monkeypatch.setattr(selectors, "address", lambda pages: f"/{pages[0]}")


def test_an_empty_shop_tells_the_manager_what_to_do_first(client, pages_exist, monkeypatch):
    monkeypatch.setattr(queue, "SECTIONS", [])
    client.force_login(member(Role.CATEGORY_MANAGER))

    html = client.get("/").content.decode()

    assert html.index("Загрузите каталог") < html.index("Загрузите чеки") < html.index("Заведите первые связи")


def test_with_products_the_first_step_is_done(pages_exist):
    ProductFactory()

    titles = [step.title for step in selectors.first_steps(member(Role.CATEGORY_MANAGER))]

    assert titles == ["Загрузите чеки", "Заведите первые связи"]


def test_someone_who_may_not_import_is_not_told_to(client, pages_exist, monkeypatch):
    monkeypatch.setattr(queue, "SECTIONS", [])
    client.force_login(member(Role.STAFF))

    html = client.get("/").content.decode()

    assert "Загрузите каталог" not in html
    assert "Вас ничего не ждёт" in html


def test_work_that_waits_takes_the_place_of_the_first_steps(client, pages_exist, monkeypatch):
    section = queue.Section("Слабые пары", "weak", 3, [queue.Row("A × B", "/a")], "/weak")
    monkeypatch.setattr(queue, "SECTIONS", [lambda request: section])
    client.force_login(member(Role.CATEGORY_MANAGER))

    html = client.get("/").content.decode()

    assert "A × B" in html
    assert "С чего начать" not in html
    assert '<span class="pill acc num">3</span>' in html
