"""History of a matrix, and taking any batch back: whoever made it, for thirty days, keeping what others wrote since."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.services import record
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix, OpBatch, Pair, Slot
from crossmatrix.matrix.rules import LinkDraft, PairState, SlotDraft
from crossmatrix.matrix.selectors import history, sends
from crossmatrix.matrix.services import cells, reverts
from tests.factories import ProductFactory, member

KEY = "a" * 32


@pytest.fixture(autouse=True)
def no_kept_views():
    cache.clear()


@pytest.fixture
def matrix(consoles, cables):
    return Matrix.objects.create(name="Consoles", mains=consoles, companions=cables)


@pytest.fixture
def cords(cables):
    return [ProductFactory(sku=f"C{number}", name=f"Cord {number}", category=cables) for number in range(3)]


@pytest.fixture
def send(matrix, console, cords, writer, now):
    """Three cells written in one send."""
    ops = [{"op": "set", "main": console.pk, "companion": cord.pk, "text": f"Reason {cord.sku}"} for cord in cords]
    services.write_cells(matrix=matrix, ops=ops, key=KEY, actor=writer, at=now)
    return OpBatch.objects.get(key=KEY)


def reasons():
    pairs = Pair.objects.filter(current__isnull=False).select_related("companion", "current")
    return {pair.companion.sku: pair.current.reason for pair in pairs if pair.current.state != PairState.DISCARDED}


# -- reading ----------------------------------------------------------------------------------------------------------
def test_batches_stand_newest_first_with_who_how_many_and_from_where(
    matrix, send, console, cords, approver, writer, now
):
    later = now + timedelta(minutes=5)
    services.set_pair(draft=LinkDraft(console.pk, cords[0].pk, reason="Other"), actor=approver, at=later)

    batches, after = history.batches_of(matrix, writer)

    assert [(one.actor, one.kind, one.cells, one.undone) for one in batches] == [
        (approver, "pair.set", 1, False),
        (writer, "pair.set", 3, False),
    ]
    assert batches[1].name == f"ops:{KEY}"
    assert after is None


def test_a_matrix_tells_only_of_its_cells_and_of_the_persons_categories(matrix, send, writer, cables, consoles, now):
    elsewhere = Matrix.objects.create(name="Cables", mains=cables, companions=None)
    stranger = member(Role.CATEGORY_MANAGER, category=cables)

    assert history.batches_of(elsewhere, writer) == ([], None)
    assert history.batches_of(matrix, stranger) == ([], None)
    assert history.changes_of(matrix, stranger, f"ops:{KEY}") == ([], 0)
    assert history.changes_of(matrix, writer, f"ops:{KEY}")[1] == 3


def test_pages_of_batches_follow_each_other_without_gap(matrix, console, cords, writer, now, monkeypatch):
    monkeypatch.setattr(history, "BATCHES", 2)
    for minute in range(5):
        draft = LinkDraft(console.pk, cords[0].pk, reason=f"Reason {minute}")
        services.set_pair(draft=draft, actor=writer, at=now + timedelta(minutes=minute))

    seen, before = [], None
    while True:
        page, before = history.batches_of(matrix, writer, before=before)
        seen += [one.at for one in page]
        if before is None:
            break

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 5


# -- taking back --------------------------------------------------------------------------------------------------------
def test_anybody_who_may_edit_takes_anothers_batch_back_and_can_bring_it_again(send, matrix, approver, writer, now):
    undone = reverts.revert(batch=f"ops:{KEY}", actor=approver, at=now)

    assert (undone.reversed, undone.kept, reasons()) == (3, 0, {})
    assert sends.undoable(matrix, writer) is None
    newest = OpBatch.objects.order_by("-pk").first()
    assert reverts.revert(batch=f"ops:{newest.key}", actor=writer, at=now).reversed == 3
    assert reasons() == {"C0": "Reason C0", "C1": "Reason C1", "C2": "Reason C2"}


def test_a_preview_tells_cell_by_cell_and_writes_nothing(send, console, cords, approver, writer, now):
    pair = Pair.objects.get(companion=cords[1])
    services.set_pair(draft=LinkDraft(console.pk, cords[1].pk, reason="Theirs"), actor=approver, at=now)

    told = reverts.foresee(batch=f"ops:{KEY}", actor=writer, at=now)

    assert (told.reversed, told.kept, told.failed) == (2, 1, 0)
    kept = next(row for row in told.details if row["outcome"] == "kept")
    assert (kept["thing"], kept["now"]["reason"], kept["may"]) == (pair.pk, "Theirs", True)
    goes = next(row for row in told.details if row["companion"] == "C0")
    assert (goes["now"]["state"], goes["back"]["state"]) == ("draft", None)
    assert reasons() == {"C0": "Reason C0", "C1": "Theirs", "C2": "Reason C2"}
    assert OpBatch.objects.get().undone_at is None


def test_what_others_wrote_since_stays_unless_it_is_overruled_by_name(send, console, cords, approver, writer, now):
    for cord in cords[:2]:
        services.set_pair(draft=LinkDraft(console.pk, cord.pk, reason="Theirs"), actor=approver, at=now)
    overruled = Pair.objects.get(companion=cords[0])

    undone = reverts.revert(batch=f"ops:{KEY}", actor=writer, at=now, also={"pair": [overruled.pk]})

    assert (undone.reversed, undone.kept) == (2, 1)
    assert reasons() == {"C1": "Theirs"}


def test_an_edit_that_was_sent_for_approval_since_is_never_overruled(send, console, cords, approver, writer, now):
    pair = Pair.objects.get(companion=cords[0])
    services.submit(revision=pair.current, actor=writer, at=now)

    undone = reverts.revert(batch=f"ops:{KEY}", actor=writer, at=now, also={"pair": [pair.pk]})

    assert undone.kept == 1
    pair.refresh_from_db()
    assert pair.current.state == PairState.IN_REVIEW


def test_a_batch_is_taken_back_once(send, writer, approver, now):
    reverts.revert(batch=f"ops:{KEY}", actor=writer, at=now)

    with pytest.raises(reverts.AlreadyUndone):
        reverts.revert(batch=f"ops:{KEY}", actor=approver, at=now)


def test_after_thirty_days_nothing_is_taken_back_neither_here_nor_by_the_key(send, writer, now, settings):
    settings.UNDO_DAYS = 30
    in_time, late = now + timedelta(days=30), now + timedelta(days=30, seconds=1)

    for act in (
        lambda: reverts.revert(batch=f"ops:{KEY}", actor=writer, at=late),
        lambda: cells.undo(op_batch=send, actor=writer, at=late),
    ):
        with pytest.raises(reverts.UndoExpired) as refused:
            act()
        assert refused.value.values == {"days": 30}
    assert len(reasons()) == 3
    assert cells.undo(op_batch=send, actor=writer, at=in_time)["reversed"] == 3


@pytest.mark.parametrize("batch", ["bulk:1", ""])
def test_batches_of_lists_and_single_changes_are_taken_back_too(console, cords, writer, approver, now, batch):
    services.set_pair(draft=LinkDraft(console.pk, cords[0].pk, reason="Before"), actor=writer, at=now)
    services.set_pair(draft=LinkDraft(console.pk, cords[0].pk, reason="After"), actor=writer, at=now, batch=batch)
    matrix = Matrix.objects.create(name="C", mains=console.category, companions=cords[0].category)
    name = history.batches_of(matrix, writer)[0][0].name

    reverts.revert(batch=name, actor=approver, at=now)

    assert reasons() == {"C0": "Before"}
    assert name in history.taken_back([name])
    with pytest.raises(reverts.AlreadyUndone):
        reverts.revert(batch=name, actor=approver, at=now)


def test_slots_go_back_with_their_batch(matrix, consoles, cables, writer, approver, now):
    slot = services.set_slot(draft=SlotDraft(consoles.pk, cables.pk, reason="Old"), actor=writer, at=now)
    op = {"op": "set", "main_category": consoles.pk, "companion_category": cables.pk, "text": "New"}
    services.write_cells(matrix=matrix, ops=[op], key=KEY, actor=writer, at=now)

    told = reverts.foresee(batch=f"ops:{KEY}", actor=approver, at=now)
    reverts.revert(batch=f"ops:{KEY}", actor=approver, at=now)

    assert [(row["now"]["reason"], row["back"]["reason"]) for row in told.details] == [("New", "Old")]
    assert Slot.objects.get(pk=slot.pk).reason == "Old"


# -- pages --------------------------------------------------------------------------------------------------------------
def url(name, matrix, *more):
    return reverse(f"matrix:{name}", args=[matrix.pk, *more])


def test_the_pages_of_history_lead_from_the_list_to_the_deed(client, matrix, send, approver):
    client.force_login(approver)

    listed = client.get(url("grid_history", matrix)).content.decode()
    one = client.get(url("grid_batch", matrix, f"ops:{KEY}")).content.decode()
    preview = client.get(url("grid_revert", matrix, f"ops:{KEY}")).content.decode()

    assert url("grid_batch", matrix, f"ops:{KEY}") in listed
    assert "Reason C1" in one
    assert url("grid_revert", matrix, f"ops:{KEY}") in one
    assert preview.count("is-reversed") == 3
    assert len(reasons()) == 3
    done = client.post(url("grid_revert", matrix, f"ops:{KEY}"), headers={"HX-Request": "true"})
    assert "reverted" in done["HX-Trigger"]
    assert reasons() == {}
    assert client.post(url("grid_revert", matrix, f"ops:{KEY}"), headers={"HX-Request": "true"}).status_code == 409


def test_who_only_looks_sees_history_and_takes_nothing_back(client, matrix, send):
    client.force_login(member(Role.ANALYST))

    assert "Reason C1" in client.get(url("grid_batch", matrix, f"ops:{KEY}")).content.decode()
    assert client.post(url("grid_revert", matrix, f"ops:{KEY}")).status_code == 403
    assert len(reasons()) == 3


def test_other_categories_have_no_such_batch(client, matrix, send, cables):
    client.force_login(member(Role.CATEGORY_MANAGER, category=cables))

    assert client.get(url("grid_batch", matrix, f"ops:{KEY}")).status_code == 404
    assert client.post(url("grid_revert", matrix, f"ops:{KEY}")).status_code == 404


def test_a_pair_has_its_whole_history_on_one_page(client, matrix, send, console, cords, approver, now):
    services.set_pair(draft=LinkDraft(console.pk, cords[0].pk, reason="Second thought"), actor=approver, at=now)
    pair = Pair.objects.get(companion=cords[0])
    client.force_login(approver)

    page = client.get(reverse("matrix:pair_history", args=[pair.pk])).content.decode()

    assert "<del>Reason C0</del>" in page
    assert "<ins>Second thought</ins>" in page
    assert url("grid_batch", matrix, f"ops:{KEY}") in page


def test_what_areas_above_note_about_a_pair_is_told_in_words_and_is_no_change_of_the_matrix(
    client, matrix, send, cords, writer, now
):
    pair = Pair.objects.get(companion=cords[0])
    record(kind="weak.raised", subject=pair, at=now, actor=None, batch="nightly")
    client.force_login(writer)

    page = client.get(reverse("matrix:pair_history", args=[pair.pk])).content.decode()

    assert "weak.raised" not in page
    assert "nightly" not in page
    assert [one.name for one in history.batches_of(matrix, writer)[0]] == [f"ops:{KEY}"]
    assert client.get(url("grid_batch", matrix, "nightly")).status_code == 404
