"""Addresses of the grid: who may, what a repeated or stale send does, and what people get back."""

import io
import json

import pytest
from django.core.cache import cache
from django.urls import reverse
from openpyxl import load_workbook

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix, OpBatch, Pair, PairRevision, Slot
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import CategoryFactory, ProductFactory, member

KEY = "k" * 32


@pytest.fixture(autouse=True)
def no_kept_views():
    cache.clear()


@pytest.fixture
def matrix(console, cable):
    return Matrix.objects.create(name="Consoles and cables", mains=console.category, companions=cable.category)


@pytest.fixture
def at_work(client, writer):
    client.force_login(writer)
    return client


def send(client, matrix, *ops, key=KEY, name="ops"):
    return client.post(
        reverse(f"matrix:grid_{name}", args=[matrix.pk]),
        json.dumps({"key": key, "ops": ops}),
        content_type="application/json",
    )


def op(console, cable, **fields):
    return {"op": "set", "main": console.pk, "companion": cable.pk, "base_rev": 0, "text": "Connects", **fields}


def test_an_edit_is_written_and_answered_with_the_cell(at_work, matrix, console, cable):
    answer = send(at_work, matrix, op(console, cable)).json()

    assert [result["result"] for result in answer["results"]] == ["ok"]
    assert answer["cells"] == [[console.pk, cable.pk, "draft", "Connects", 1, 0.03, "ok", None, None, "accessory", ""]]
    assert PairRevision.objects.get().reason == "Connects"


def test_the_same_send_twice_changes_nothing_more(at_work, matrix, console, cable):
    first = send(at_work, matrix, op(console, cable)).json()

    second = send(at_work, matrix, op(console, cable)).json()

    assert second["results"] == first["results"]
    assert (Pair.objects.get().version, PairRevision.objects.count(), OpBatch.objects.count()) == (1, 1, 1)


def test_a_stale_edit_conflicts_and_loses_nothing(at_work, matrix, console, cable, approver, now):
    services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Theirs"), actor=approver, at=now)

    (result,) = send(at_work, matrix, op(console, cable, text="Mine")).json()["results"]

    assert (result["result"], result["who"], result["rev"]) == ("conflict", "Timur Approver", 1)
    assert PairRevision.objects.get().reason == "Theirs"


def test_an_edit_that_cannot_be_is_said_in_the_language_of_the_page(at_work, matrix, console, cable):
    at_work.cookies["django_language"] = "ru"

    (result,) = send(at_work, matrix, op(console, cable, text="???")).json()["results"]

    assert result["result"] == "invalid"
    assert result["code"] == "text.unknown"
    assert not PairRevision.objects.exists()


def test_one_bad_cell_does_not_stop_the_others(at_work, matrix, console, cable):
    other = ProductFactory(sku="HDMI-3", category=cable.category)

    answer = send(at_work, matrix, op(console, cable, text="???"), op(console, other)).json()

    assert [result["result"] for result in answer["results"]] == ["invalid", "ok"]


def test_outside_the_matrix_nothing_is_written(at_work, matrix, console):
    stranger = ProductFactory(category=CategoryFactory(name="Lamps"))

    (result,) = send(at_work, matrix, op(console, stranger)).json()["results"]

    assert result["code"] == "cell.outside"
    assert not PairRevision.objects.exists()


def test_a_slot_is_written_at_type_level(at_work, matrix, console, cable):
    answer = send(
        at_work, matrix,
        {"op": "set", "main_category": console.category_id, "companion_category": cable.category_id, "base_rev": 0, "text": "To the TV"},
    ).json()  # fmt: skip

    assert Slot.objects.get().reason == "To the TV"
    assert answer["cells"][0][2:5] == ["slot", "To the TV", 1]


def test_an_analyst_may_look_and_not_write(client, matrix, console, cable):
    client.force_login(member(Role.ANALYST))

    looked = client.get(reverse("matrix:grid", args=[matrix.pk]))
    wrote = send(client, matrix, op(console, cable))

    assert (looked.status_code, wrote.status_code) == (200, 403)
    assert not Pair.objects.exists()


def test_a_manager_of_other_categories_neither_sees_nor_writes(client, matrix, console, cable):
    client.force_login(member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Lamps")))

    looked = client.get(reverse("matrix:grid", args=[matrix.pk]))
    wrote = send(client, matrix, op(console, cable))

    assert (looked.status_code, wrote.status_code) == (404, 404)
    assert not Pair.objects.exists()


@pytest.mark.parametrize(
    "name", ["grid", "grid_layout", "grid_tile", "grid_find", "grid_cell", "grid_export", "grid_print"]
)
def test_a_supplier_reads_no_matrix(client, matrix, name):
    from tests.factories import SupplierFactory

    client.force_login(member(Role.SUPPLIER, supplier=SupplierFactory()))

    assert client.get(reverse(f"matrix:{name}", args=[matrix.pk])).status_code in (302, 403, 404)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"key": "short", "ops": []}', b'{"key": "kkkkkkkk", "ops": [1]}', b'{"key": "kkkkkkkk"}'],
)
def test_a_broken_request_is_refused_whole(at_work, matrix, body):
    answer = at_work.post(reverse("matrix:grid_ops", args=[matrix.pk]), body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json()["code"] == "request.invalid"


def test_undo_and_redo_walk_through_the_persons_own_sends(at_work, matrix, console, cable):
    send(at_work, matrix, op(console, cable, text="One"), key="a" * 32)
    send(at_work, matrix, op(console, cable, text="Two", base_rev=1), key="b" * 32)

    def reason():
        current = Pair.objects.get().current
        return current.reason if current else None

    seen = [reason()]
    for name in ("undo", "undo", "undo", "redo", "redo", "redo", "undo"):
        send(at_work, matrix, name=name)
        seen.append(reason())

    assert seen == ["Two", "One", None, None, "One", "Two", "Two", "One"]


def test_after_a_new_edit_there_is_nothing_to_redo(at_work, matrix, console, cable):
    send(at_work, matrix, op(console, cable, text="One"), key="a" * 32)
    send(at_work, matrix, name="undo")
    send(at_work, matrix, op(console, cable, text="New", base_rev=2), key="c" * 32)

    answer = send(at_work, matrix, name="redo").json()

    assert answer["reversed"] == 0
    assert Pair.objects.get().current.reason == "New"


def test_nobody_undoes_the_edits_of_another(client, at_work, matrix, console, cable, approver):
    send(at_work, matrix, op(console, cable))
    client.force_login(approver)

    answer = send(client, matrix, name="undo").json()

    assert answer["reversed"] == 0
    assert Pair.objects.get().current.reason == "Connects"


def test_drafts_of_a_selection_are_submitted_and_refusals_named(at_work, matrix, console, cable, drafted):
    dear = ProductFactory(sku="GOLD", name="Gold cable", category=cable.category, price="40000.00")
    send(at_work, matrix, op(console, dear))

    answer = at_work.post(
        reverse("matrix:grid_submit", args=[matrix.pk]),
        json.dumps({"pairs": [[console.pk, cable.pk], [console.pk, dear.pk], [1, 2]]}),
        content_type="application/json",
    ).json()

    assert answer["done"] == 1
    assert [row["companion"] for row in answer["refused"]] == [dear.pk]
    drafted.refresh_from_db()
    assert drafted.state == "in_review"


def test_all_drafts_of_a_view_are_submitted(at_work, matrix, drafted):
    answer = at_work.post(
        reverse("matrix:grid_submit", args=[matrix.pk]),
        json.dumps({"all": True, "query": "level=sku"}),
        content_type="application/json",
    ).json()

    assert answer == {"done": 1, "refused": []}


def tile(client, matrix, **query):
    return client.get(
        reverse("matrix:grid_tile", args=[matrix.pk]), {"level": "sku", "r0": 0, "r1": 64, "c0": 0, "c1": 32, **query}
    )


def test_a_tile_of_a_view_whose_rows_changed_says_so(at_work, matrix, consoles):
    key = at_work.get(reverse("matrix:grid_layout", args=[matrix.pk]), {"level": "sku"}).json()["key"]
    assert tile(at_work, matrix, k=key).status_code == 200
    cache.clear()
    assert tile(at_work, matrix, k=key).status_code == 200
    cache.clear()
    ProductFactory(sku="A-2", category=consoles)

    answer = tile(at_work, matrix, k=key)

    assert (answer.status_code, answer.json()["code"]) == (409, "view.changed")


@pytest.mark.parametrize("place", [{"r0": ""}, {"r0": "-1"}, {"c1": "x"}, {"r1": "9" * 30}])
def test_a_tile_without_a_place_is_not_found(at_work, matrix, place):
    assert tile(at_work, matrix, **place).status_code == 404


def test_the_panel_of_a_cell_tells_its_history_and_checks(at_work, matrix, approved, console, cable):
    page = at_work.get(
        reverse("matrix:grid_cell", args=[matrix.pk]), {"main": console.pk, "companion": cable.pk}
    ).content.decode()

    assert "Timur Approver" in page
    assert "Connects to the TV" in page


def test_the_workbook_holds_the_view_and_its_links(at_work, matrix, drafted, console, cable):
    answer = at_work.get(reverse("matrix:grid_export", args=[matrix.pk]), {"level": "sku"})

    book = load_workbook(io.BytesIO(answer.content))
    sheet, links = book.worksheets
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][1:] == [
        [None, "Consoles", None], ["PS-5", "Console", "Connects to the TV"],
    ]  # fmt: skip
    assert sheet["C1"].value == "HDMI-2"
    assert [cell.value for cell in links[2]][:5] == ["PS-5", "HDMI-2", "draft", "Connects to the TV", "required"]
    assert links[2][7].value == 0.03


def test_the_printed_view_is_a_plain_table(at_work, matrix, drafted):
    page = at_work.get(reverse("matrix:grid_print", args=[matrix.pk]), {"level": "sku"}).content.decode()

    assert "Connects to the TV" in page
    assert "<script type" not in page.split("mprint")[1]


def test_matrices_are_listed_with_their_links(at_work, matrix, drafted):
    page = at_work.get(reverse("matrix:matrices")).content.decode()

    assert "Consoles and cables" in page


def test_the_list_leaves_out_matrices_of_other_categories(client, matrix):
    client.force_login(member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Lamps")))

    assert "Consoles and cables" not in client.get(reverse("matrix:matrices")).content.decode()


def test_a_manager_of_a_part_sees_the_matrix_around_it(client, matrix, consoles):
    part = CategoryFactory(name="Small consoles", parent=consoles)
    client.force_login(member(Role.CATEGORY_MANAGER, category=part))

    assert "Consoles and cables" in client.get(reverse("matrix:matrices")).content.decode()


def test_a_matrix_is_made_and_changed(at_work, consoles, cables):
    made = at_work.post(reverse("matrix:grid_new"), {"name": "New one", "mains": consoles.pk, "companions": ""})
    matrix = Matrix.objects.get()
    changed = at_work.post(
        reverse("matrix:grid_edit", args=[matrix.pk]), {"name": "Other", "mains": consoles.pk, "companions": cables.pk}
    )

    matrix.refresh_from_db()
    assert (made.status_code, changed.status_code) == (302, 302)
    assert (matrix.name, matrix.companions) == ("Other", cables)


def test_a_matrix_with_a_taken_name_is_refused_beside_the_name(at_work, matrix, consoles):
    answer = at_work.post(reverse("matrix:grid_new"), {"name": "Consoles and cables", "mains": consoles.pk})

    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors
    assert Matrix.objects.count() == 1


def test_an_empty_matrix_says_what_to_do(at_work, consoles, cables):
    empty = Matrix.objects.create(name="Empty", mains=consoles, companions=cables)

    page = at_work.get(reverse("matrix:grid", args=[empty.pk]), {"level": "sku"}).content.decode()

    assert reverse("matrix:grid_edit", args=[empty.pk]) in page
