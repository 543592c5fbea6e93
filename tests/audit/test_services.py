import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from crossmatrix.audit import selectors, services
from crossmatrix.audit.models import AuditEvent
from crossmatrix.audit.rules import changed
from tests.factories import ProductFactory, UserFactory


def test_only_the_fields_that_differ_are_kept():
    assert changed({"price": 1, "name": "a"}, {"price": 2, "name": "a"}) == ({"price": 1}, {"price": 2})


def test_a_field_on_one_side_only_counts_as_none_on_the_other():
    assert changed({}, {"price": 2}) == ({"price": None}, {"price": 2})


@pytest.mark.django_db
def test_history_tells_who_and_what_newest_first(now):
    person, product = UserFactory(), ProductFactory()
    services.record(kind="product.created", subject=product, at=now, actor=None)
    services.record(
        kind="product.changed", subject=product, at=now, actor=person, before={"price": 1}, after={"price": 2}
    )

    newest, oldest = selectors.history_of(product)

    assert (newest.kind, newest.actor, newest.before, newest.after) == (
        "product.changed",
        person,
        {"price": 1},
        {"price": 2},
    )
    assert oldest.actor is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditevent SET kind = 'forged'", "DELETE FROM audit_auditevent", "TRUNCATE audit_auditevent"],
)
def test_the_database_refuses_to_change_history(now, statement):
    services.record(kind="product.created", subject=ProductFactory(), at=now, actor=None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be altered
        cursor.execute(
            "ALTER TABLE audit_auditevent ENABLE TRIGGER audit_no_truncate"
        )  # off for the tests' own cleaning

    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEvent.objects.get().kind == "product.created"
