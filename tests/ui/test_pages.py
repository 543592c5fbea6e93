import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from tests.factories import member

pytestmark = pytest.mark.django_db


def test_the_gallery_renders(client):
    client.force_login(member(Role.CATEGORY_MANAGER))

    answer = client.get(reverse("ui:gallery"))

    assert answer.status_code == 200


def test_the_jobs_page_opens(client):
    client.force_login(member(Role.CATEGORY_MANAGER))

    answer = client.get(reverse("jobs:list"))

    assert answer.status_code == 200
