from decimal import Decimal

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import BadLink
from crossmatrix.matrix.services import LinkDraft
from tests.factories import ProductFactory, member

pytestmark = pytest.mark.django_db


def test_a_new_link_is_a_judged_draft_signed_by_its_writer(drafted, writer):
    pair = Pair.objects.get()

    assert (drafted.state, drafted.number, drafted.ratio, drafted.ratio_status) == ("draft", 1, Decimal("0.0300"), "ok")
    assert drafted.contributors == [writer.pk]
    assert (pair.version, pair.verdict, pair.current_id, pair.approved_id) == (1, "suitable", drafted.pk, None)
    assert AuditEvent.objects.get().after["reason"] == "Connects to the TV"


def test_the_same_content_again_makes_no_revision(drafted, link, approver, now):
    again = services.set_pair(draft=link, actor=approver, at=now)

    assert again.pk == drafted.pk
    assert again.contributors == drafted.contributors
    assert AuditEvent.objects.count() == 1


def test_an_edit_of_a_draft_discards_it_and_keeps_all_writers(drafted, console, cable, writer, approver, now):
    edited = services.set_pair(draft=LinkDraft(console.pk, cable.pk, offer_text="Take a cable"), actor=approver, at=now)

    drafted.refresh_from_db()
    assert drafted.state == "discarded"
    assert (edited.number, edited.reason, edited.offer_text) == (2, "Connects to the TV", "Take a cable")
    assert edited.contributors == sorted([writer.pk, approver.pk])


def test_an_edit_of_an_approved_pair_leaves_the_approved_one_live(approved, console, cable, writer, now):
    edited = services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Other"), actor=writer, at=now)

    pair = Pair.objects.get()
    assert (pair.approved_id, pair.current_id) == (approved.pk, edited.pk)
    assert edited.contributors == [writer.pk]
    approved.refresh_from_db()
    assert (approved.state, approved.reason) == ("approved", "Connects to the TV")


def test_a_pair_in_review_stands_still(submitted, console, cable, writer, now):
    with pytest.raises(services.PairInReview):
        services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Other"), actor=writer, at=now)

    assert PairRevision.objects.count() == 1


def test_a_stale_edit_changes_nothing_and_shows_the_present_cell(drafted, console, cable, approver, writer, now):
    services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="First"), actor=approver, at=now, base_version=1)

    with pytest.raises(services.StalePair) as stale:
        services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Second"), actor=writer, at=now, base_version=1)

    assert (stale.value.code, stale.value.current["reason"], stale.value.current["rev"]) == ("stale", "First", 2)
    assert stale.value.values == {"who": "Timur Approver"}
    assert Pair.objects.get().current.reason == "First"


def test_an_empty_cell_that_got_filled_is_stale_for_whoever_saw_it_empty(drafted, console, cable, approver, now):
    with pytest.raises(services.StalePair):
        services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Mine"), actor=approver, at=now, base_version=0)


def test_a_product_is_not_its_own_companion(console, writer, now):
    with pytest.raises(BadLink) as refusal:
        services.set_pair(draft=LinkDraft(console.pk, console.pk, reason="Itself"), actor=writer, at=now)

    assert refusal.value.code == "pair.self"
    assert not Pair.objects.exists()


def test_outside_of_ones_categories_nothing_is_written(link, cables, now):
    elsewhere = member(Role.CATEGORY_MANAGER, category=cables)

    with pytest.raises(services.OutOfScope):
        services.set_pair(draft=link, actor=elsewhere, at=now)

    assert not Pair.objects.exists()


def test_a_companion_dearer_than_its_main_is_a_blocked_draft(console, writer, now):
    dear = ProductFactory(sku="TV-85", price="150000.00")

    revision = services.set_pair(draft=LinkDraft(console.pk, dear.pk, reason="To play on"), actor=writer, at=now)

    assert (revision.ratio, revision.ratio_status) == (Decimal("3.0000"), "block")


def test_a_file_creates_changes_keeps_and_refuses(drafted, console, cable, writer, now):
    other = ProductFactory(sku="PAD")

    applied = services.apply_links(
        links=[
            LinkDraft(console.pk, cable.pk, reason="Connects to the TV"),
            LinkDraft(console.pk, other.pk, reason="Second player"),
            LinkDraft(console.pk, console.pk, reason="Itself"),
            LinkDraft(console.pk, other.pk, rank=1),
            LinkDraft(console.pk, 999_999, reason="Nothing"),
        ],
        actor=writer,
        at=now,
        batch="import:1",
    )

    assert (applied.created, applied.changed, applied.same) == (1, 1, 1)
    assert [(index, code) for index, code, _ in applied.refused] == [(2, "pair.self"), (4, "sku.unknown")]
    assert Pair.objects.get(companion=other).current.rank == 1
