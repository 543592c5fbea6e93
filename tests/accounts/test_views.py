import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from tests.factories import member

pytestmark = pytest.mark.django_db


def test_a_person_without_sign_in_is_sent_to_sign_in(client):
    answer = client.get("/")

    assert answer.status_code == 302
    assert answer.url == "/account/sign-in/?next=/"


def test_the_first_page_opens_for_a_manager(client):
    client.force_login(member(Role.CATEGORY_MANAGER, name="Елена Ковалёва"))

    answer = client.get("/")

    assert answer.status_code == 200
    assert "Елена Ковалёва" in answer.content.decode()


def test_the_sign_in_page_opens_for_everybody(client):
    answer = client.get(reverse("accounts:sign_in"))

    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
