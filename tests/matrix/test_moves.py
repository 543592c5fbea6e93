import pytest
from django.db import IntegrityError, connection, transaction

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import MOVES, PairAction, PairState
from crossmatrix.matrix.services import LinkDraft
from tests.factories import ProductFactory, member

pytestmark = pytest.mark.django_db


def test_another_person_approves_and_the_pair_points_at_what_was_approved(approved, approver):
    pair = Pair.objects.get()

    assert (approved.state, approved.decided_by) == ("approved", approver)
    assert (pair.approved_id, pair.current_id, pair.version) == (approved.pk, approved.pk, 3)


def test_nobody_approves_their_own_pair(submitted, writer, now):
    with pytest.raises(services.OwnApproval) as refusal:
        services.approve(revision=submitted, actor=writer, at=now)

    submitted.refresh_from_db()
    assert (refusal.value.code, submitted.state, Pair.objects.get().version) == ("approve.own", "in_review", 2)


def test_the_database_refuses_own_approval_too(submitted, writer):
    own = pytest.raises(IntegrityError, match="matrix_approved_by_another_person")
    with own, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE matrix_pairrevision SET state = 'approved', decided_by_id = %s", [writer.pk])


def test_the_database_refuses_approval_by_nobody(submitted):
    with pytest.raises(IntegrityError, match="matrix_approved_by_another_person"), transaction.atomic():
        PairRevision.objects.update(state="approved", decided_by=None)


def test_a_new_approval_supersedes_the_former(approved, console, cable, writer, approver, now):
    second = services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Better"), actor=writer, at=now)
    services.submit(revision=second, actor=writer, at=now)

    services.approve(revision=second, actor=approver, at=now)

    approved.refresh_from_db()
    assert (approved.state, Pair.objects.get().approved_id) == ("superseded", second.pk)


def test_a_return_needs_a_comment(submitted, approver, now):
    with pytest.raises(services.CommentMissing):
        services.return_(revision=submitted, actor=approver, at=now, comment="  ")

    returned = services.return_(revision=submitted, actor=approver, at=now, comment="Which cable?")
    assert (returned.state, returned.comment) == ("draft", "Which cable?")


def test_a_blocked_ratio_needs_a_reason_before_review(console, writer, approver, now):
    dear = ProductFactory(price="150000.00")
    revision = services.set_pair(draft=LinkDraft(console.pk, dear.pk, reason="To play on"), actor=writer, at=now)

    with pytest.raises(services.RatioBlocked) as refusal:
        services.submit(revision=revision, actor=writer, at=now)
    assert refusal.value.values == {"percent": "300", "limit": "50"}

    excused = services.set_pair(
        draft=LinkDraft(console.pk, dear.pk, override_reason="Sold as a set"), actor=writer, at=now
    )
    services.submit(revision=excused, actor=writer, at=now)
    assert services.approve(revision=excused, actor=approver, at=now).state == "approved"


def test_a_price_that_rose_during_review_blocks_the_approval(submitted, cable, approver, now):
    type(cable).objects.filter(pk=cable.pk).update(price="60000.00")

    with pytest.raises(services.RatioBlocked):
        services.approve(revision=submitted, actor=approver, at=now)

    assert PairRevision.objects.get().state == "in_review"


def test_who_may_not_approve_in_the_category_is_refused(submitted, cables, now):
    elsewhere = member(Role.HEAD, category=cables)
    analyst = member(Role.ANALYST)

    for person in (elsewhere, analyst):
        with pytest.raises(services.OutOfScope):
            services.approve(revision=submitted, actor=person, at=now)

    assert PairRevision.objects.get().state == "in_review"


def test_not_suitable_blocks_until_withdrawn(drafted, console, cable, writer, now):
    pair = services.mark_unsuitable(
        main_id=console.pk, companion_id=cable.pk, reason="Wrong plug", actor=writer, at=now
    )

    with pytest.raises(services.NotSuitable):
        services.submit(revision=drafted, actor=writer, at=now)
    with pytest.raises(services.NotSuitable):
        services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Try"), actor=writer, at=now)
    assert (pair.verdict, pair.verdict_reason) == ("not_suitable", "Wrong plug")

    services.withdraw_unsuitable(pair=pair, actor=writer, at=now)
    assert services.submit(revision=drafted, actor=writer, at=now).state == "in_review"


def test_not_suitable_takes_a_pair_out_of_review(submitted, console, cable, approver, now):
    services.mark_unsuitable(main_id=console.pk, companion_id=cable.pk, reason="Wrong plug", actor=approver, at=now)

    assert PairRevision.objects.get().state == "draft"


def bring_to(state, link, writer, approver, now):
    """A revision in the state, by the services alone."""
    revision = services.set_pair(draft=link, actor=writer, at=now)
    if state == PairState.DISCARDED:
        return services.discard(revision=revision, actor=writer, at=now)
    if state == PairState.DRAFT:
        return revision
    services.submit(revision=revision, actor=writer, at=now)
    if state == PairState.IN_REVIEW:
        return revision
    services.approve(revision=revision, actor=approver, at=now)
    if state == PairState.RETIRED:
        return services.retire(revision=revision, actor=writer, at=now)
    if state == PairState.SUPERSEDED:
        second = services.set_pair(
            draft=LinkDraft(link.main_id, link.companion_id, reason="Second"), actor=writer, at=now
        )
        services.submit(revision=second, actor=writer, at=now)
        services.approve(revision=second, actor=approver, at=now)
    return revision


@pytest.mark.parametrize("state", list(PairState))
@pytest.mark.parametrize("action", [one for one in PairAction if one != PairAction.SUPERSEDE])
def test_every_state_takes_exactly_the_actions_of_the_table(state, action, link, writer, approver, now):
    revision = bring_to(state, link, writer, approver, now)
    events = AuditEvent.objects.count()
    version = Pair.objects.get().version

    (result,) = services.bulk_change(
        action=action, revision_ids=[revision.pk], actor=approver, at=now, comment="Because"
    )

    revision.refresh_from_db()
    if (state, action) in MOVES:
        assert (result.ok, revision.state) == (True, MOVES[state, action])
        assert (AuditEvent.objects.count(), Pair.objects.get().version) == (events + 1, version + 1)
    else:
        assert (result.refusal.code, revision.state) == ("move.illegal", state)
        assert (AuditEvent.objects.count(), Pair.objects.get().version) == (events, version)


def test_many_rows_get_their_own_answers(link, console, writer, approver, now):
    own = services.set_pair(draft=LinkDraft(console.pk, ProductFactory().pk, reason="Mine"), actor=approver, at=now)
    other = services.set_pair(draft=link, actor=writer, at=now)
    services.bulk_change(action="submit", revision_ids=[own.pk, other.pk], actor=writer, at=now)
    preview = services.preview_change(action="approve", revision_ids=[own.pk, other.pk], actor=approver)

    results = services.bulk_change(action="approve", revision_ids=[own.pk, other.pk, 999], actor=approver, at=now)

    assert [row.refusal and row.refusal.code for row in preview] == ["approve.own", None]
    assert [row.refusal and row.refusal.code for row in results] == ["approve.own", None, "pair.unknown"]
    assert Pair.objects.get(companion=link.companion_id).approved_id == other.pk
