"""The shop's side: approvals, returns, refusals, and a change of what was agreed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossmatrix.accounts.models import Membership
from crossmatrix.accounts.rules import Role
from crossmatrix.bundles import selectors, services
from crossmatrix.bundles.models import Bundle, BundleRevision, Contributor, Review
from crossmatrix.bundles.rules import BundleState, IllegalMove
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft
from tests.bundles.factories import state_of

pytestmark = pytest.mark.django_db


def test_the_manager_approves_and_the_pair_stands_in_the_matrix(world, now):
    bundle = world.approved(now)

    assert state_of(bundle) == BundleState.APPROVED
    pair = Pair.objects.get(main=world.console, companion=world.cable)
    assert pair.approved.source == "bundle"
    assert pair.approved.decided_by == world.manager
    assert pair.approved.contributors == [world.author.pk]
    assert (pair.approved.valid_from, pair.approved.valid_to) == (bundle.current.valid_from, bundle.current.valid_to)
    assert pair.approved.evidence is None


def test_the_shops_own_words_on_a_link_are_left_alone(world, now):
    own = matrix.set_pair(
        draft=LinkDraft(world.console.pk, world.cable.pk, reason="To the TV"), actor=world.manager, at=now
    )

    world.approved(now)

    pair = Pair.objects.get(main=world.console, companion=world.cable)
    assert pair.current == own
    assert pair.approved is None


def test_the_approval_is_in_the_release(world, now):
    bundle = world.approved(now)

    (payload,) = selectors.released_bundles(now)

    assert payload["id"] == str(bundle.public_id)
    assert (payload["price"], payload["regular_price"], payload["saving"]) == ("9800.00", "10500.00", "700.00")
    assert [(item["sku"], item["quantity"], item["role"]) for item in payload["items"]] == [
        ("CON-1", 1, "main"), ("CAB-1", 1, "companion"),
    ]  # fmt: skip
    assert "cost" not in str(payload)


def test_a_bundle_whose_window_is_over_is_not_released(world, now):
    world.approved(now)

    assert selectors.released_bundles(datetime(2027, 1, 2, tzinfo=UTC)) == []


def test_limits_passed_send_it_to_finance_and_another_person_ends_it(world, now):
    bundle = world.submitted(now, exclusive=True)

    services.approve(bundle=bundle, actor=world.manager, at=now)
    assert state_of(bundle) == BundleState.IN_FINANCE
    assert selectors.released_bundles(now) == []
    with pytest.raises(services.NotPermitted):
        services.approve(bundle=bundle, actor=world.head, at=now)

    services.approve(bundle=bundle, actor=world.analyst, at=now)

    assert state_of(bundle) == BundleState.APPROVED
    assert set(Review.objects.values_list("stage", "reviewer")) == {
        ("manager", world.manager.pk), ("finance", world.analyst.pk),
    }  # fmt: skip


def test_who_agreed_as_manager_is_not_finance_too(world, now):
    Membership.objects.create(user=world.manager, role=Role.ANALYST)
    bundle = world.submitted(now, exclusive=True)
    services.approve(bundle=bundle, actor=world.manager, at=now)

    with pytest.raises(services.DecidedBefore):
        services.approve(bundle=bundle, actor=world.manager, at=now)

    assert state_of(bundle) == BundleState.IN_FINANCE


@pytest.mark.parametrize("who", ["author", "colleague"])
def test_the_suppliers_people_never_decide(world, now, who):
    bundle = world.submitted(now)
    person = getattr(world, who)
    Membership.objects.create(user=person, role=Role.HEAD)

    for act, words in (
        (services.claim, {}),
        (services.approve, {}),
        (services.return_, {"comment": "x"}),
        (services.decline, {"reason": "price", "comment": "x"}),
    ):
        with pytest.raises(services.OwnApproval) as refused:
            act(bundle=bundle, actor=person, at=now, **words)
        assert refused.value.code == "approve.own"

    assert state_of(bundle) == BundleState.SUBMITTED
    assert not Review.objects.exists()


def test_a_contributor_of_the_shop_does_not_decide(world, now):
    bundle = world.submitted(now)
    Contributor.objects.create(bundle=bundle, user=world.head)

    with pytest.raises(services.OwnApproval):
        services.approve(bundle=bundle, actor=world.head, at=now)

    assert state_of(bundle) == BundleState.SUBMITTED


@pytest.mark.parametrize("who", ["staff", "analyst"])
def test_others_of_the_shop_do_not_decide(world, now, who):
    bundle = world.submitted(now)

    with pytest.raises(services.NotPermitted):
        services.approve(bundle=bundle, actor=getattr(world, who), at=now)

    assert state_of(bundle) == BundleState.SUBMITTED


def test_an_approval_names_the_content_that_was_seen(world, now):
    bundle = world.submitted(now)

    with pytest.raises(services.StaleBundle):
        services.approve(bundle=bundle, actor=world.manager, at=now, digest="f" * 64)

    assert state_of(bundle) == BundleState.SUBMITTED


def test_what_cannot_be_sold_today_is_not_approved(world, now):
    bundle = world.submitted(now)
    type(world.console).objects.filter(pk=world.console.pk).update(stock=0)

    with pytest.raises(services.CannotBeSold):
        services.approve(bundle=bundle, actor=world.manager, at=now)

    assert state_of(bundle) == BundleState.SUBMITTED


def test_a_return_needs_a_comment(world, now):
    bundle = world.submitted(now)

    with pytest.raises(services.CommentMissing):
        services.return_(bundle=bundle, actor=world.manager, at=now, comment="  ")

    assert state_of(bundle) == BundleState.SUBMITTED


def test_a_returned_proposal_is_changed_in_a_new_revision_and_approved(world, now):
    bundle = world.submitted(now)
    services.return_(bundle=bundle, actor=world.manager, at=now, comment="Make it cheaper")
    with pytest.raises(services.Unchanged):
        services.submit(bundle=bundle, actor=world.author, at=now)

    services.edit(bundle=bundle, content=world.content(bundle_price=Decimal(9500)), actor=world.author, at=now)
    services.submit(bundle=bundle, actor=world.author, at=now)
    services.approve(bundle=bundle, actor=world.manager, at=now)

    first, second = BundleRevision.objects.order_by("number")
    assert (first.state, first.bundle_price) == (BundleState.SUPERSEDED, Decimal("9800.00"))
    assert (second.state, second.bundle_price) == (BundleState.APPROVED, Decimal("9500.00"))
    assert first.digest != second.digest


def test_declining_needs_a_reason_from_the_list_and_words(world, now):
    bundle = world.submitted(now)

    for reason, comment in (("", "no"), ("because", "no"), ("price", " ")):
        with pytest.raises(services.ReasonMissing):
            services.decline(bundle=bundle, actor=world.manager, at=now, reason=reason, comment=comment)
    services.decline(bundle=bundle, actor=world.manager, at=now, reason="price", comment="Too dear")

    assert state_of(bundle) == BundleState.REJECTED
    with pytest.raises(IllegalMove):
        services.approve(bundle=bundle, actor=world.manager, at=now)


def test_a_withdrawn_proposal_is_over(world, now):
    bundle = world.submitted(now)

    services.withdraw(bundle=bundle, actor=world.author, at=now)

    assert state_of(bundle) == BundleState.WITHDRAWN
    with pytest.raises(IllegalMove):
        services.claim(bundle=bundle, actor=world.manager, at=now)


def test_a_change_of_an_agreed_bundle_leaves_it_in_force_until_the_new_approval(world, now):
    bundle = world.approved(now)

    services.edit(bundle=bundle, content=world.content(bundle_price=Decimal(9000)), actor=world.author, at=now)
    services.submit(bundle=bundle, actor=world.author, at=now)
    (held,) = selectors.released_bundles(now)
    services.approve(bundle=bundle, actor=world.manager, at=now)
    (released,) = selectors.released_bundles(now)

    assert (held["price"], released["price"]) == ("9800.00", "9000.00")
    assert sorted(BundleRevision.objects.values_list("number", "state")) == [(1, "superseded"), (2, "approved")]


def test_a_declined_change_leaves_the_agreed_one_current(world, now):
    bundle = world.approved(now)
    services.edit(bundle=bundle, content=world.content(bundle_price=Decimal(9000)), actor=world.author, at=now)
    services.submit(bundle=bundle, actor=world.author, at=now)

    services.decline(bundle=bundle, actor=world.manager, at=now, reason="price", comment="No")

    assert Bundle.objects.get().current.number == 1
    assert state_of(bundle) == BundleState.APPROVED
