import pytest

from crossmatrix.accounts import services
from crossmatrix.accounts.models import Membership, User
from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from tests.factories import UserFactory, member

pytestmark = pytest.mark.django_db


def test_a_person_signs_in_with_the_password_given(now):
    services.add_person(email="Anna@Shop.test", name="Anna", password="long-enough-riddle", actor=None, at=now)

    user = User.objects.get(email="anna@shop.test")
    assert user.check_password("long-enough-riddle")
    assert AuditEvent.objects.get().kind == "person.added"


def test_an_easy_password_is_refused_and_nobody_is_added(now):
    with pytest.raises(services.WeakPassword):
        services.add_person(email="anna@shop.test", name="Anna", password="password", actor=None, at=now)

    assert not User.objects.exists()


def test_the_same_address_in_other_letters_is_the_same_person(now):
    UserFactory(email="anna@shop.test")

    with pytest.raises(services.PersonExists, match="ANNA"):
        services.add_person(email="ANNA@shop.test", name="Anna", password=None, actor=None, at=now)


def test_a_role_granted_twice_is_one_role_and_one_event(now):
    user = UserFactory()

    for _ in range(2):
        services.grant_role(user=user, role=Role.ANALYST, actor=None, at=now)

    assert Membership.objects.count() == 1
    assert AuditEvent.objects.count() == 1


def test_the_last_administrator_stays(now):
    admin = member(Role.ADMIN)

    with pytest.raises(services.LastAdministrator):
        services.revoke_role(membership=admin.memberships.get(), actor=admin, at=now)

    assert admin.memberships.exists()
