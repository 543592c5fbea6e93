from datetime import timedelta

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import Hidden
from crossmatrix.matrix.selectors import pairs as selectors
from crossmatrix.matrix.selectors.companions import companions_of
from crossmatrix.matrix.services import LinkDraft, SlotDraft
from tests.factories import ProductFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def approve_all(writer, approver, now):
    def approve(*drafts):
        made = [services.set_pair(draft=draft, actor=writer, at=now) for draft in drafts]
        ids = [revision.pk for revision in made]
        services.bulk_change(action="submit", revision_ids=ids, actor=writer, at=now)
        return services.bulk_change(action="approve", revision_ids=ids, actor=approver, at=now)

    return approve


def test_only_ones_own_categories_are_seen(drafted, consoles, cables):
    inside, outside = member(Role.ANALYST, category=consoles), member(Role.ANALYST, category=cables)

    assert list(selectors.pairs_for(inside)) == [drafted.pair]
    assert list(selectors.pairs_for(outside)) == []
    assert list(selectors.revisions_for(outside)) == []


def test_what_waits_for_a_person_is_never_their_own(submitted, writer, approver, cables):
    elsewhere, analyst = member(Role.HEAD, category=cables), member(Role.ANALYST)

    assert list(selectors.waiting_for(approver)) == [submitted]
    for person in (writer, elsewhere, analyst):
        assert not selectors.waiting_for(person).exists()
    assert selectors.in_review_for(writer).get().own is True
    assert selectors.in_review_for(approver).get().own is False


def test_a_returned_draft_comes_to_its_writer(submitted, writer, approver, now):
    services.return_(revision=submitted, actor=approver, at=now, comment="Which cable?")

    assert [one.comment for one in selectors.returned_to(writer)] == ["Which cable?"]
    assert not selectors.returned_to(approver).exists()


def test_shown_reserve_and_hidden_companions(approve_all, console, now):
    cap = [ProductFactory(price="100") for _ in range(3)]
    sold_out = ProductFactory(price="100", stock=0)
    service = ProductFactory(price="100", stock=None)
    gone = ProductFactory(price="100", status="discontinued")
    over = ProductFactory(price="100")
    day = now.date()
    approve_all(
        *(LinkDraft(console.pk, one.pk, reason="Goes", rank=rank) for rank, one in enumerate(cap, 2)),
        LinkDraft(console.pk, sold_out.pk, reason="Goes"),
        LinkDraft(console.pk, service.pk, reason="Goes", rank=1),
        LinkDraft(console.pk, gone.pk, reason="Goes"),
        LinkDraft(console.pk, over.pk, reason="Goes", valid_to=day - timedelta(days=1)),
    )

    found = companions_of(console, cap=2, today=day)

    assert [row.companion for row in found.shown] == [service, cap[0]]
    assert [row.companion for row in found.waiting if row.hidden is None] == cap[1:]
    assert {row.companion: row.hidden for row in found.waiting if row.hidden} == {
        sold_out: Hidden.OUT_OF_STOCK, gone: Hidden.GONE, over: Hidden.OVER,
    }  # fmt: skip


def test_a_placement_shows_what_names_it_or_names_none(approve_all, console, cable, now):
    other = ProductFactory(price="100")
    approve_all(
        LinkDraft(console.pk, cable.pk, reason="Goes", placements=["cart"]),
        LinkDraft(console.pk, other.pk, reason="Goes"),
    )

    today = now.date()
    assert {row.companion for row in companions_of(console, "cart", today=today).shown} == {cable, other}
    assert {row.companion for row in companions_of(console, "checkout", today=today).shown} == {other}


def test_not_suitable_leaves_the_releases_until_withdrawn(approved, console, cable, consoles, cables, writer, now):
    pair = services.mark_unsuitable(main_id=console.pk, companion_id=cable.pk, reason="Plug", actor=writer, at=now)
    assert not selectors.approved_links().exists()
    services.withdraw_unsuitable(pair=pair, actor=writer, at=now)
    assert list(selectors.approved_links(consoles)) == [pair]

    services.set_slot(
        draft=SlotDraft(consoles.pk, cables.pk, verdict="not_suitable", reason="Wireless"), actor=writer, at=now
    )
    assert not selectors.approved_links().exists()


def test_coverage_counts_approved_companions_of_each_slot(approved, console, consoles, cables, writer, now):
    services.set_slot(draft=SlotDraft(consoles.pk, cables.pk, reason="Needed", wanted=3), actor=writer, at=now)

    (covered,) = selectors.coverage_of(console)

    assert (covered.have, covered.slot.wanted, covered.missing) == (1, 3, 2)


def test_rows_for_a_file_hold_the_newest_content(drafted):
    (row,) = selectors.link_rows()

    assert (row["main__sku"], row["companion__sku"], row["current__reason"]) == ("PS-5", "HDMI-2", "Connects to the TV")
    assert selectors.state_counts(member(Role.HEAD)) == {"draft": 1}
    assert Pair.objects.count() == 1
