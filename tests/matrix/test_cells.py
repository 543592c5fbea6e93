import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix, OpBatch, Pair, PairRevision, Slot
from crossmatrix.matrix.services import LinkDraft, SlotDraft
from crossmatrix.matrix.services.cells import KeyTaken
from crossmatrix.matrix.services.reverts import AlreadyUndone
from tests.factories import ProductFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def matrix(consoles, cables):
    return Matrix.objects.create(name="Consoles", mains=consoles, companions=cables)


@pytest.fixture
def send(matrix, writer, now):
    def write(*ops, key="k1", actor=writer):
        return services.write_cells(matrix=matrix, ops=ops, key=key, actor=actor, at=now)

    return write


@pytest.fixture
def with_default(consoles, cables, writer, now):
    services.set_slot(draft=SlotDraft(consoles.pk, cables.pk, reason="Needed for the TV"), actor=writer, at=now)


def edit(main, companion, op="set", **fields):
    return {"op": op, "main": main.pk, "companion": companion.pk, **fields}


def test_an_empty_cell_takes_a_reason(send, console, cable):
    answer = send(edit(console, cable, reason="Connects", base_rev=0))

    (result,) = answer["results"]
    current = Pair.objects.get().current
    assert (result["result"], result["rev"], current.state, current.reason) == ("ok", 1, "draft", "Connects")
    assert (answer["ok"], answer["changed"]) == (1, 1)


def test_the_same_send_twice_changes_once_and_answers_the_same(send, console, cable):
    first = send(edit(console, cable, reason="Connects", base_rev=0))
    second = send(edit(console, cable, reason="Connects", base_rev=0))

    assert second == first
    assert Pair.objects.get().version == 1


def test_nobody_reads_the_answer_of_another_persons_key(send, console, cable, approver):
    send(edit(console, cable, reason="Connects"))

    with pytest.raises(KeyTaken):
        send(edit(console, cable, reason="Mine"), actor=approver)


def test_a_stale_edit_answers_with_the_present_cell_and_its_writer(send, console, cable, approver):
    send(edit(console, cable, reason="Theirs", base_rev=0), key="a", actor=approver)

    (result,) = send(edit(console, cable, reason="Mine", base_rev=0), key="b")["results"]

    assert (result["result"], result["code"], result["rev"], result["who"]) == (
        "conflict",
        "stale",
        1,
        "Timur Approver",
    )
    assert result["value"]["reason"] == "Theirs"
    assert Pair.objects.get().current.reason == "Theirs"


def test_each_bad_op_is_told_and_the_good_ones_are_written(send, console, cable):
    elsewhere = ProductFactory()

    answer = send(
        edit(console, cable, reason="Connects"),
        edit(console, elsewhere, reason="Not a cable"),
        {"op": "set", "main": "one", "companion": 2},
        edit(console, cable, "explode"),
        edit(console, cable, "unsuitable"),
    )

    assert [one.get("code") for one in answer["results"]] == [
        None,
        "cell.outside",
        "op.invalid",
        "op.invalid",
        "reason.missing",
    ]
    assert Pair.objects.get().current.reason == "Connects"


@pytest.mark.parametrize(
    ("text", "state", "verdict", "reason"),
    [
        ("  Подключает\u00a0к телевизору ", "draft", "suitable", "Подключает к телевизору"),
        ("х", "draft", "suitable", "Needed for the TV"),
        ("Не подходит: другой разъём", None, "not_suitable", None),
    ],
)
@pytest.mark.usefixtures("with_default")
def test_the_text_of_a_cell_becomes_what_it_says(send, console, cable, text, state, verdict, reason):
    send(edit(console, cable, text=text))

    pair = Pair.objects.get()
    assert pair.verdict == verdict
    assert (pair.current and pair.current.state, pair.current and pair.current.reason) == (state, reason)


def test_an_x_on_a_link_keeps_its_reason(send, drafted, console, cable, consoles, cables, writer, now):
    services.set_slot(draft=SlotDraft(consoles.pk, cables.pk, reason="Default"), actor=writer, at=now)

    (result,) = send(edit(console, cable, text="x"))["results"]

    assert (result["changed"], Pair.objects.get().current.reason) == (False, "Connects to the TV")


@pytest.mark.parametrize("text", ["#Н/Д", "42", "???", "x" * 501])
def test_what_is_not_understood_is_not_guessed(send, console, cable, text):
    (result,) = send(edit(console, cable, text=text))["results"]

    assert (result["result"], result["code"]) == ("invalid", "text.unknown")
    assert not Pair.objects.exists()


def test_a_status_word_submits_and_own_approval_is_refused(send, drafted, console, cable):
    submitted = send(edit(console, cable, text="на согласовании"), key="a")
    approved = send(edit(console, cable, "state", state="approved"), key="b")

    assert (submitted["results"][0]["result"], Pair.objects.get().current.state) == ("ok", "in_review")
    assert approved["results"][0]["code"] == "approve.own"


def test_clearing_discards_a_draft_and_retires_what_is_approved(send, drafted, console, cable, writer, approver, now):
    send(edit(console, cable, "clear", base_rev=1), key="a")
    drafted.refresh_from_db()
    assert (drafted.state, Pair.objects.get().current) == ("discarded", None)

    again = services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Again"), actor=writer, at=now)
    services.submit(revision=again, actor=writer, at=now)
    assert send(edit(console, cable, "clear"), key="b")["results"][0]["code"] == "pair.in_review"
    services.approve(revision=again, actor=approver, at=now)
    send(edit(console, cable, "clear"), key="c")

    again.refresh_from_db()
    assert (again.state, Pair.objects.get().approved) == ("retired", None)


def test_a_cell_twice_in_one_send_ends_as_its_last_edit(send, console, cable):
    answer = send(edit(console, cable, reason="First", base_rev=0), edit(console, cable, reason="Second", base_rev=0))

    assert (answer["ok"], Pair.objects.get().current.reason) == (2, "Second")


def test_a_thousand_cells_take_few_statements(send, console, cables, django_assert_max_num_queries):
    below = ProductFactory.create_batch(100, category=cables)

    with django_assert_max_num_queries(45):
        answer = send(*(edit(console, one, reason="Goes with it", base_rev=0) for one in below))

    assert (answer["ok"], PairRevision.objects.count()) == (100, 100)


def test_undo_gives_back_and_undone_again_redoes(send, drafted, console, cable, writer, now):
    other = ProductFactory(category=cable.category)
    send(edit(console, cable, reason="Changed"), edit(console, other, reason="New"), key="a")

    undone = services.undo(op_batch=OpBatch.objects.get(key="a"), actor=writer, at=now)
    assert (undone["reversed"], undone["kept"], undone["failed"]) == (2, 0, 0)
    assert Pair.objects.get(companion=cable).current.reason == "Connects to the TV"
    assert (Pair.objects.get(companion=other).current, Pair.objects.get(companion=other).verdict) == (None, "undecided")

    services.undo(op_batch=OpBatch.objects.get(key=undone["key"]), actor=writer, at=now)
    assert Pair.objects.get(companion=cable).current.reason == "Changed"
    assert Pair.objects.get(companion=other).current.reason == "New"


def test_a_send_is_undone_once(send, console, cable, writer, now):
    send(edit(console, cable, reason="New"), key="a")
    services.undo(op_batch=OpBatch.objects.get(key="a"), actor=writer, at=now)

    with pytest.raises(AlreadyUndone):
        services.undo(op_batch=OpBatch.objects.get(key="a"), actor=writer, at=now)


def test_undo_keeps_what_somebody_edited_since(send, console, cable, approver, writer, now):
    send(edit(console, cable, reason="Mine"), key="a")
    services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Theirs"), actor=approver, at=now)

    undone = services.undo(op_batch=OpBatch.objects.get(key="a"), actor=writer, at=now)

    assert (undone["reversed"], undone["kept"], undone["details"][0]["code"]) == (0, 1, "edited.since")
    assert Pair.objects.get().current.reason == "Theirs"


def test_undo_of_clearing_an_approved_link_brings_a_draft(send, approved, console, cable, writer, now):
    send(edit(console, cable, "clear"), key="a")

    undone = services.undo(op_batch=OpBatch.objects.get(key="a"), actor=writer, at=now)

    pair = Pair.objects.get()
    assert (pair.approved, pair.current.state, pair.current.reason) == (None, "draft", "Connects to the TV")
    assert undone["details"][0]["code"] == "undo.needs_approval"


def test_undo_of_not_suitable_restores_the_approved_link(send, approved, console, cable, writer, now):
    send(edit(console, cable, "unsuitable", reason="Wrong plug"), key="a")

    services.undo(op_batch=OpBatch.objects.get(key="a"), actor=writer, at=now)

    pair = Pair.objects.get()
    assert (pair.verdict, pair.verdict_reason, pair.approved_id, pair.current_id) == (
        "suitable",
        "",
        approved.pk,
        approved.pk,
    )


def test_a_type_cell_is_written_cleared_and_undone(send, consoles, cables, writer, now):
    cell = {"main_category": consoles.pk, "companion_category": cables.pk}
    send({"op": "set", **cell, "text": "Needed for the TV", "wanted": 2, "base_rev": 0}, key="a")
    send({"op": "clear", **cell, "base_rev": 1}, key="b")
    assert Slot.objects.get().verdict == "undecided"

    services.undo(op_batch=OpBatch.objects.get(key="b"), actor=writer, at=now)

    slot = Slot.objects.get()
    assert (slot.verdict, slot.reason, slot.wanted, slot.version) == ("suitable", "Needed for the TV", 2, 3)


def test_not_suitable_types_block_the_pairs_below(send, console, cable, consoles, cables, writer, now):
    send(
        {"op": "unsuitable", "main_category": consoles.pk, "companion_category": cables.pk, "reason": "Wireless"},
        key="a",
    )

    (result,) = send(edit(console, cable, reason="Connects"), key="b")["results"]

    assert (result["code"], Pair.objects.exists()) == ("pair.not_suitable", False)


def test_without_the_category_nothing_is_written(send, console, cable, cables):
    elsewhere = member(Role.CATEGORY_MANAGER, category=cables)

    (result,) = send(edit(console, cable, reason="Connects"), actor=elsewhere)["results"]

    assert result["code"] == "pair.out_of_scope"


def test_a_file_is_undone_as_a_whole(drafted, console, cable, writer, approver, now):
    other, third = ProductFactory(), ProductFactory()
    services.apply_links(
        links=[
            LinkDraft(console.pk, cable.pk, rank=1),
            LinkDraft(console.pk, other.pk, reason="New"),
            LinkDraft(console.pk, third.pk, reason="New"),
        ],
        actor=writer, at=now, batch="import:7",
    )  # fmt: skip
    services.set_pair(draft=LinkDraft(console.pk, third.pk, reason="Better"), actor=approver, at=now)

    undone = services.undo_links(batch="import:7", actor=writer, at=now)

    assert (undone.reversed, undone.kept, undone.failed) == (2, 1, 0)
    assert undone.details[0]["companion"] == third.sku
    assert Pair.objects.get(companion=cable).current.rank == 100
    assert Pair.objects.get(companion=other).current is None
