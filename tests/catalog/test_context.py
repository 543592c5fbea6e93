import pytest

from crossmatrix.accounts.rules import Role
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


def test_the_command_menu_finds_a_product_by_another_form_of_its_word(client):
    client.force_login(member(Role.CATEGORY_MANAGER))
    ProductFactory(sku="00077", name="Кабель HDMI")

    answer = client.get("/ui/commands/", {"q": "кабели"})

    assert "Кабель HDMI" in answer.content.decode()


def test_the_command_menu_keeps_to_the_persons_categories(client):
    client.force_login(member(Role.CATEGORY_MANAGER, category=CategoryFactory()))
    ProductFactory(name="Кабель HDMI")

    answer = client.get("/ui/commands/", {"q": "кабель"})

    assert "Кабель HDMI" not in answer.content.decode()
