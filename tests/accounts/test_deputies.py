"""Who decides while somebody is away."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from crossmatrix.accounts import services
from crossmatrix.accounts.models import Deputy, User
from crossmatrix.accounts.rules import Permission, Role
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.accounts.services import BadDays, BadDeputy
from crossmatrix.audit.models import AuditEvent
from tests.factories import CategoryFactory, member

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.fixture
def phones():
    return CategoryFactory(name="Phones")


@pytest.fixture
def away(phones):
    return member(Role.CATEGORY_MANAGER, category=phones, name="Anna Away")


@pytest.fixture
def colleague():
    return member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Books"), name="Boris Back")


def name(away, colleague, first=TODAY, last=TODAY + timedelta(days=6)):
    return services.name_deputy(
        person=away, deputy=colleague, from_date=first, to_date=last, actor=away, at=NOW, today=TODAY
    )


def reaches(user, category, permission=Permission.PAIR_APPROVE):
    fresh = User.objects.get(pk=user.pk)
    return category.path in category_paths_of(fresh, permission)


@pytest.mark.parametrize(
    ("moment", "decides"),
    [(NOW - timedelta(days=1), False), (NOW, True), (NOW + timedelta(days=6), True), (NOW + timedelta(days=7), False)],
)
def test_a_deputy_decides_in_the_others_categories_on_the_named_days(away, colleague, phones, moment, decides):
    name(away, colleague)

    with time_machine.travel(moment, tick=False):
        assert reaches(colleague, phones) is decides


def test_a_deputy_decides_but_does_not_edit(away, colleague, phones):
    name(away, colleague)

    with time_machine.travel(NOW, tick=False):
        assert not reaches(colleague, phones, Permission.PAIR_EDIT)


def test_a_deputy_that_is_ended_decides_no_more_and_both_are_on_record(away, colleague, phones):
    named = name(away, colleague)

    services.end_deputy(deputy=named, actor=away, at=NOW)

    with time_machine.travel(NOW, tick=False):
        assert not reaches(colleague, phones)
    kinds = list(AuditEvent.objects.filter(kind__startswith="deputy.").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["deputy.named", "deputy.ended"]


def test_nobody_stands_in_who_approves_nothing(away):
    with pytest.raises(BadDeputy):
        name(away, member(Role.STAFF))
    with pytest.raises(BadDeputy):
        name(away, away)


@pytest.mark.parametrize(("first", "last"), [(5, 4), (-9, -1)])
def test_days_run_forward_and_are_not_over(away, colleague, first, last):
    with pytest.raises(BadDays):
        name(away, colleague, TODAY + timedelta(days=first), TODAY + timedelta(days=last))


def test_a_deputy_is_named_and_ended_on_ones_own_page(client, away, colleague):
    client.force_login(away, backend="crossmatrix.accounts.backends.RoleBackend")
    days = {"from_date": "2099-01-01", "to_date": "2099-01-09"}

    client.post(reverse("accounts:add_deputy"), {"deputy": colleague.pk, **days})
    page = client.get(reverse("accounts:profile")).content.decode()
    assert "Boris Back" in page
    client.post(reverse("accounts:end_deputy", args=[Deputy.objects.get().pk]))

    assert not Deputy.objects.exists()


def test_wrong_days_are_said_on_the_page_and_change_nothing(client, away, colleague):
    client.force_login(away, backend="crossmatrix.accounts.backends.RoleBackend")
    days = {"from_date": "2099-01-09", "to_date": "2099-01-01"}

    answer = client.post(reverse("accounts:add_deputy"), {"deputy": colleague.pk, **days})

    assert answer.status_code == 422
    assert "Последний день раньше первого" in answer.content.decode()
    assert not Deputy.objects.exists()


def test_nobody_ends_anothers_deputy(client, away, colleague):
    named = name(away, colleague)
    client.force_login(colleague, backend="crossmatrix.accounts.backends.RoleBackend")

    assert client.post(reverse("accounts:end_deputy", args=[named.pk])).status_code == 404
