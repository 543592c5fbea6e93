"""The supplier's side: drafts, edits, submissions, and who sees what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crossmatrix.audit.models import AuditEvent
from crossmatrix.bundles import selectors, services
from crossmatrix.bundles.models import Bundle, BundleRevision
from crossmatrix.bundles.rules import BundleState, InvalidProposal, ItemRole, Line
from crossmatrix.matrix import services as matrix
from tests.bundles.factories import state_of

pytestmark = pytest.mark.django_db


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
