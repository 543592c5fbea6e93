from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from crossmatrix.accounts.models import Membership
from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.bundles import selectors, services
from crossmatrix.bundles.models import Bundle, BundleItem, BundleRevision, Contributor, Review
from crossmatrix.bundles.rules import BundleState, IllegalMove, InvalidProposal, ItemRole, Line
from crossmatrix.bundles.tasks import advance_due
from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def state_of(bundle):
    return BundleRevision.objects.get(bundle__pk=bundle.pk, pk=Bundle.objects.get(pk=bundle.pk).current_id).state


# -- writing


def test_a_draft_may_be_incomplete_and_belongs_to_the_suppliers_people(world, now):
    bundle = world.draft(now, bundle_price=None, items=())

    assert bundle.supplier == world.supplier
    assert bundle.current.state == BundleState.DRAFT
    assert set(bundle.contributors.values_list("user", flat=True)) == {world.author.pk}
    assert AuditEvent.objects.get(kind="bundle.drafted").actor == world.author


@pytest.mark.parametrize("sku", ["FOR-1", "NOT-THERE"])
def test_a_foreign_product_is_refused_like_one_that_is_not_there(world, now, sku):
    with pytest.raises(services.UnknownProducts) as refused:
        world.draft(now, items=(Line("CON-1", 1, ItemRole.MAIN), Line(sku, 1)))

    assert str(refused.value) == f"Not among your products: {sku}."
    assert not Bundle.objects.exists()


def test_nobody_but_a_supplier_proposes(world, now):
    for person in (world.manager, world.staff, world.analyst):
        with pytest.raises(services.NotPermitted):
            services.draft(content=world.content(), actor=person, at=now)


def test_the_same_product_twice_adds_up(world, now):
    bundle = world.draft(now, items=(Line("CON-1", 1, ItemRole.MAIN), Line("CAB-1", 2), Line("CAB-1", 3)))

    assert bundle.current.items.get(product=world.cable).quantity == 5


def test_an_edit_keeps_before_and_after(world, now):
    bundle = world.draft(now)

    services.edit(bundle=bundle, content=world.content(stock=7), actor=world.colleague, at=now, version=1)

    event = AuditEvent.objects.get(kind="bundle.edited")
    assert (event.before["stock"], event.after["stock"]) == (20, 7)
    assert bundle.contributors.filter(user=world.colleague).exists()


def test_an_edit_of_an_older_version_writes_nothing(world, now):
    bundle = world.draft(now)
    services.edit(bundle=bundle, content=world.content(stock=7), actor=world.colleague, at=now, version=1)

    with pytest.raises(services.StaleBundle):
        services.edit(bundle=bundle, content=world.content(stock=9), actor=world.author, at=now, version=1)

    assert BundleRevision.objects.get().stock == 7


def test_a_rival_cannot_touch_it(world, now):
    bundle = world.draft(now)

    for act in (services.submit, services.withdraw):
        with pytest.raises(selectors.UnknownBundle):
            act(bundle=bundle, actor=world.rival, at=now)
    with pytest.raises(selectors.UnknownBundle):
        services.edit(bundle=bundle, content=world.content(stock=1), actor=world.rival, at=now)

    assert state_of(bundle) == BundleState.DRAFT


# -- submitting


def test_submitting_freezes_the_content_and_sets_the_deadline(world):
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)

    bundle = world.submitted(monday)

    revision = bundle.current
    assert revision.state == BundleState.SUBMITTED
    assert len(revision.digest) == 64
    assert revision.regular_price == Decimal("10500.00")
    assert revision.due_at == monday + timedelta(days=3)
    assert revision.items.get(product=world.cable).unit_price == Decimal("500.00")


def test_all_errors_come_at_once_and_nothing_moves(world, now):
    bundle = world.draft(
        now, bundle_price=Decimal(20000), stock=51, valid_to=None, items=(Line("CON-1", 1, ItemRole.MAIN),)
    )

    with pytest.raises(InvalidProposal) as refused:
        services.submit(bundle=bundle, actor=world.author, at=now)

    assert {finding.code for finding in refused.value.findings} == {
        "items.few",
        "saving.none",
        "window.missing",
        "stock.short",
    }
    assert state_of(bundle) == BundleState.DRAFT


def test_a_link_ruled_out_by_the_shop_stops_the_submission(world, now):
    matrix.mark_unsuitable(
        main_id=world.console.pk, companion_id=world.cable.pk, reason="Wrong plug", actor=world.manager, at=now
    )
    bundle = world.draft(now)

    with pytest.raises(InvalidProposal) as refused:
        services.submit(bundle=bundle, actor=world.author, at=now)

    (finding,) = refused.value.findings
    assert finding.code == "link.not_suitable"
    assert "Wrong plug" not in str(finding.values)


def test_a_companion_dearer_than_its_main_stops_the_submission(world, now):
    bundle = world.draft(now, bundle_price=Decimal(9900), items=(Line("CAB-1", 1, ItemRole.MAIN), Line("CON-1", 1)))

    with pytest.raises(InvalidProposal) as refused:
        services.submit(bundle=bundle, actor=world.author, at=now)

    assert [finding.code for finding in refused.value.findings] == ["ratio.block"]


def test_the_same_items_and_days_are_proposed_once(world, now):
    world.submitted(now)
    second = world.draft(now, name="Once more")

    with pytest.raises(InvalidProposal) as refused:
        services.submit(bundle=second, actor=world.author, at=now)

    assert [finding.code for finding in refused.value.findings] == ["overlap.same"]


def test_while_the_shop_decides_nothing_is_written(world, now):
    bundle = world.submitted(now)

    with pytest.raises(services.InHands):
        services.edit(bundle=bundle, content=world.content(stock=1), actor=world.author, at=now)

    assert BundleRevision.objects.get().stock == 20


# -- deciding


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


# -- the database holds the same


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


# -- the clock


def noon(day):
    return datetime(*day, 9, tzinfo=UTC)


def test_an_approved_bundle_is_scheduled_goes_live_and_ends_by_date(world, now):
    bundle = world.approved(now)
    seen = [state_of(bundle)]

    for day in ((2026, 11, 22), (2026, 11, 30), (2026, 12, 1), (2026, 12, 31), (2027, 1, 1)):
        services.advance_due(at=noon(day))
        seen.append(state_of(bundle))

    assert seen == ["approved", "scheduled", "scheduled", "live", "live", "ended"]


def test_the_clock_run_twice_does_nothing_the_second_time(world, now):
    world.approved(now)

    first, second = services.advance_due(at=noon((2026, 12, 1))), services.advance_due(at=noon((2026, 12, 1)))

    assert first == {"schedule": 1, "start": 1}
    assert second == {}


def test_a_bundle_out_of_stock_on_its_first_day_does_not_run(world, now):
    bundle = world.approved(now)
    type(world.cable).objects.filter(pk=world.cable.pk).update(stock=0)

    services.advance_due(at=noon((2026, 12, 1)))

    assert state_of(bundle) == BundleState.DID_NOT_RUN
    assert Pair.objects.get().approved is None
    assert "CAB-1" in AuditEvent.objects.get(kind="bundle.not_run").reason


def test_a_live_bundle_is_suspended_and_comes_back(world, now):
    bundle = world.approved(now)
    services.advance_due(at=noon((2026, 12, 1)))

    type(world.cable).objects.filter(pk=world.cable.pk).update(stock=0)
    services.advance_due(at=noon((2026, 12, 2)))
    suspended = state_of(bundle)
    held = selectors.released_bundles(noon((2026, 12, 2)))
    type(world.cable).objects.filter(pk=world.cable.pk).update(stock=9)
    services.advance_due(at=noon((2026, 12, 3)))

    assert suspended == BundleState.SUSPENDED
    assert held == []
    assert state_of(bundle) == BundleState.LIVE


def test_changes_that_do_not_come_in_five_days_expire(world, now):
    bundle = world.submitted(now)
    services.return_(bundle=bundle, actor=world.manager, at=now, comment="Cheaper")

    services.advance_due(at=now + timedelta(days=5, seconds=-1))
    before = state_of(bundle)
    services.advance_due(at=now + timedelta(days=5))

    assert before == BundleState.NEEDS_CHANGES
    assert state_of(bundle) == BundleState.EXPIRED
    assert AuditEvent.objects.get(kind="bundle.expire").actor is None


def test_the_task_does_what_was_ordered_once(world, now, monkeypatch):
    bundle = world.approved(now)

    advance_due()
    advance_due()

    run = JobRun.objects.get(task=advance_due.name)
    assert run.state == JobState.DONE
    assert run.result.get("schedule") == 1
    assert AuditEvent.objects.filter(kind="bundle.schedule").count() == 1
    assert bundle.pk


# -- who sees what


def test_reviewers_see_bundles_of_their_categories_and_no_drafts(world, now):
    bundle = world.submitted(now)
    world.draft(now, name="Not ready")

    assert list(selectors.bundles_for(world.manager)) == [bundle]
    assert list(selectors.bundles_for(world.head)) == [bundle]
    assert list(selectors.bundles_for(world.analyst)) == [bundle]
    assert list(selectors.bundles_for(world.stranger)) == []
    assert list(selectors.bundles_for(world.staff)) == []


def test_suppliers_see_their_own_only(world, now):
    bundle = world.draft(now)

    assert list(selectors.own_bundles(world.colleague)) == [bundle]
    assert list(selectors.own_bundles(world.rival)) == []
    assert list(selectors.own_bundles(world.manager)) == []
    assert world.foreign not in selectors.own_products(world.author)


def test_the_queue_holds_what_waits_for_this_person(world, now):
    plain = world.submitted(now)
    exclusive = world.submitted(
        now,
        name="Two",
        exclusive=True,
        items=(Line("CON-1", 1, ItemRole.MAIN), Line("GAM-1", 1)),
        bundle_price=Decimal(12000),
    )
    services.approve(bundle=exclusive, actor=world.manager, at=now)

    assert list(selectors.queue_for(world.manager)) == [plain]
    assert list(selectors.queue_for(world.analyst)) == [exclusive]
    assert list(selectors.queue_for(world.stranger)) == []


def test_history_for_the_supplier_has_no_names_or_notes_of_the_shop(world, now):
    bundle = world.submitted(now)
    services.return_(bundle=bundle, actor=world.manager, at=now, comment="Cheaper", note="They gave 9 % to others")

    theirs = selectors.history(bundle, for_supplier=True)
    ours = selectors.history(bundle, for_supplier=False)

    assert [line.kind for line in theirs] == ["bundle.return", "bundle.claim", "bundle.submit", "bundle.drafted"]
    assert (theirs[0].comment, theirs[0].note, theirs[0].actor) == ("Cheaper", "", None)
    assert theirs[2].actor == world.author
    assert (ours[0].note, ours[0].actor) == ("They gave 9 % to others", world.manager)


def test_a_content_that_is_not_changed_makes_no_revision(world, now):
    bundle = world.approved(now)

    services.edit(bundle=bundle, content=replace(world.content()), actor=world.author, at=now)

    assert BundleRevision.objects.count() == 1
