"""What the database refuses, whoever asks."""

import pytest
from django.db import IntegrityError, transaction

from crossmatrix.bundles import services
from crossmatrix.bundles.models import BundleItem, BundleRevision, Contributor, Review
from crossmatrix.bundles.rules import BundleState
from tests.bundles.factories import state_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def refused_by_the_database():
    return pytest.raises(IntegrityError)


@pytest.mark.parametrize("who", ["author", "colleague", "contributor"])
def test_the_database_refuses_a_review_by_a_contributor(world, now, who):
    bundle = world.submitted(now)
    person = getattr(world, who, None) or UserFactory()
    if who == "contributor":
        Contributor.objects.create(bundle=bundle, user=person)

    with refused_by_the_database(), transaction.atomic():
        Review.objects.create(
            revision=bundle.current,
            stage="manager",
            reviewer=person,
            decision="approved",
            digest=bundle.current.digest,
            at=now,
        )

    assert not Review.objects.exists()


def test_the_database_refuses_an_approved_state_without_a_review(world, now):
    bundle = world.submitted(now)

    for state in ("approved", "scheduled", "live", "settled"):
        with refused_by_the_database(), transaction.atomic():
            BundleRevision.objects.filter(pk=bundle.current_id).update(state=state)

    assert state_of(bundle) == BundleState.SUBMITTED


def test_the_database_refuses_an_approved_state_without_finance(world, now):
    bundle = world.submitted(now, exclusive=True)
    services.approve(bundle=bundle, actor=world.manager, at=now)

    with refused_by_the_database(), transaction.atomic():
        BundleRevision.objects.filter(pk=bundle.current_id).update(state="approved")

    assert state_of(bundle) == BundleState.IN_FINANCE


def test_the_database_refuses_a_review_of_another_content(world, now):
    bundle = world.submitted(now)

    with refused_by_the_database(), transaction.atomic():
        Review.objects.create(
            revision=bundle.current,
            stage="manager",
            reviewer=world.manager,
            decision="approved",
            digest="0" * 64,
            at=now,
        )


@pytest.mark.parametrize(
    "change", [{"bundle_price": 1}, {"stock": 1}, {"message": "psst"}, {"digest": "0"}, {"valid_to": "2030-01-01"}]
)
def test_the_database_keeps_submitted_content(world, now, change):
    bundle = world.submitted(now)

    with refused_by_the_database(), transaction.atomic():
        BundleRevision.objects.filter(pk=bundle.current_id).update(**change)


def test_the_database_keeps_submitted_items(world, now):
    bundle = world.submitted(now)

    for spoil in (
        lambda: BundleItem.objects.filter(product=world.cable).update(quantity=9),
        lambda: BundleItem.objects.filter(product=world.cable).delete(),
        lambda: BundleItem.objects.create(revision=bundle.current, supplier=world.supplier, product=world.game),
    ):
        with refused_by_the_database(), transaction.atomic():
            spoil()

    assert BundleItem.objects.count() == 2


def test_the_database_refuses_foreign_products_and_suppliers(world, now):
    bundle = world.draft(now)

    with refused_by_the_database(), transaction.atomic():
        BundleItem.objects.create(revision=bundle.current, supplier=world.supplier, product=world.foreign)
    with refused_by_the_database(), transaction.atomic():
        BundleItem.objects.create(revision=bundle.current, supplier=world.rival_supplier, product=world.foreign)
        transaction.get_connection().check_constraints()


def test_the_database_keeps_reviews_and_one_active_review(world, now):
    bundle = world.approved(now)
    with refused_by_the_database(), transaction.atomic():
        Review.objects.update(comment="changed")
    with refused_by_the_database(), transaction.atomic():
        Review.objects.all().delete()

    services.edit(bundle=bundle, content=world.content(stock=5), actor=world.author, at=now)
    services.submit(bundle=bundle, actor=world.author, at=now)

    twin = BundleRevision.objects.get(number=2)
    twin.pk, twin.number = None, 3
    with refused_by_the_database(), transaction.atomic():
        twin.save()
