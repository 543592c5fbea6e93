"""The companions of a main put in order by hand: drafts, four eyes, stale lists, undo."""

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix import services
from crossmatrix.matrix.models import OpBatch, Pair, PairRevision
from crossmatrix.matrix.rules import LinkDraft
from crossmatrix.matrix.services.ranking import KeepsItsPlace, NotItsCompanion, rank_companions
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


def seen(*pairs):
    return [(pair.pk, pair.version) for pair in pairs]


def ranks(*pairs):
    return [Pair.objects.get(pk=pair.pk).current.rank for pair in pairs]


def test_moving_the_last_to_the_top_changes_its_rank_alone(console, companions, writer, now):
    first, second, third = companions

    answer = rank_companions(main=console, order=seen(third, first, second), actor=writer, at=now, key="k")

    assert answer["changed"] == 1
    assert ranks(third, first, second) == [5, 10, 20]


def test_a_new_rank_of_an_approved_pair_is_a_draft_and_the_approved_one_stands(
    console, companions, approve, writer, now
):
    first, second, third = companions
    approve(third)

    answer = rank_companions(main=console, order=seen(third, first, second), actor=writer, at=now, key="k")

    third.refresh_from_db()
    assert (answer["changed"], answer["live"]) == (1, 1)
    assert (third.approved.rank, third.approved.state) == (30, "approved")
    assert (third.current.rank, third.current.state, third.current.contributors) == (5, "draft", [writer.pk])


def test_whoever_reranked_cannot_approve_the_new_rank(console, companions, approve, writer, now):
    first, second, third = companions
    approve(third)
    rank_companions(main=console, order=seen(third, first, second), actor=writer, at=now, key="k")
    third.refresh_from_db()
    services.submit(revision=third.current, actor=writer, at=now)

    with pytest.raises(services.OwnApproval):
        services.approve(revision=PairRevision.objects.get(pk=third.current_id), actor=writer, at=now)

    third.refresh_from_db()
    assert third.approved.rank == 30


def test_a_list_somebody_wrote_into_meanwhile_is_refused_whole(console, companions, approver, writer, now):
    first, second, third = companions
    order = seen(third, second, first)
    services.set_pair(draft=LinkDraft(console.pk, second.companion_id, reason="Other"), actor=approver, at=now)

    with pytest.raises(services.StalePair) as refused:
        rank_companions(main=console, order=order, actor=writer, at=now, key="k")

    assert refused.value.values["who"] == "Timur Approver"
    assert ranks(first, second, third) == [10, 20, 30]
    assert not OpBatch.objects.exists() or not OpBatch.objects.get().answer


def test_others_are_put_around_a_companion_in_review(console, companions, writer, now):
    first, second, third = companions
    services.submit(revision=first.current, actor=writer, at=now)
    first.refresh_from_db()

    rank_companions(main=console, order=seen(second, third, first), actor=writer, at=now, key="k")

    assert ranks(first)[0] == 10
    assert sorted(ranks(second, third)) == ranks(second, third)
    assert max(ranks(second, third)) < 10


def test_an_order_that_needs_a_new_rank_in_review_is_refused_by_name(console, companions, writer, now):
    first, second, third = companions
    for pair in (first, second):
        services.submit(revision=pair.current, actor=writer, at=now)
        pair.refresh_from_db()

    with pytest.raises(KeepsItsPlace) as refused:
        rank_companions(main=console, order=seen(second, first, third), actor=writer, at=now, key="k")

    assert refused.value.values["name"] in {"Companion 1", "Companion 2"}
    assert ranks(first, second, third) == [10, 20, 30]


def test_a_pair_of_another_product_is_refused(console, companions, cable, writer, now):
    stranger = services.set_pair(
        draft=LinkDraft(ProductFactory(price="50000").pk, cable.pk, reason="Because"), actor=writer, at=now
    ).pair

    with pytest.raises(NotItsCompanion):
        rank_companions(main=console, order=[*seen(*companions), (stranger.pk, 1)], actor=writer, at=now, key="k")


def test_a_product_outside_the_persons_categories_is_refused(console, companions, now):
    stranger = member(Role.CATEGORY_MANAGER, category=CategoryFactory())
    first, second, third = companions

    with pytest.raises(services.OutOfScope):
        rank_companions(main=console, order=seen(third, first, second), actor=stranger, at=now, key="k")

    assert ranks(first, second, third) == [10, 20, 30]


def test_the_same_send_again_writes_nothing_more(console, companions, writer, now):
    first, second, third = companions
    order = seen(third, first, second)
    answer = rank_companions(main=console, order=order, actor=writer, at=now, key="k")
    written = PairRevision.objects.count(), AuditEvent.objects.count()

    again = rank_companions(main=console, order=order, actor=writer, at=now, key="k")

    assert again == answer
    assert (PairRevision.objects.count(), AuditEvent.objects.count()) == written


def test_one_undo_takes_the_whole_order_back_and_undone_again_brings_it(console, companions, writer, now):
    first, second, third = companions
    rank_companions(main=console, order=seen(third, second, first), actor=writer, at=now, key="k")

    undone = services.undo(op_batch=OpBatch.objects.get(key="k"), actor=writer, at=now)

    assert undone["failed"] == undone["kept"] == 0
    assert ranks(first, second, third) == [10, 20, 30]

    services.undo(op_batch=OpBatch.objects.get(key=undone["key"]), actor=writer, at=now)

    assert ranks(third, second, first) == sorted(ranks(third, second, first))
