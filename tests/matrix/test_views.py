import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision, RatioPolicy, Slot
from crossmatrix.matrix.services import LinkDraft, SlotDraft
from tests.factories import ProductFactory, SupplierFactory, member

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def as_(client):
    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def page(answer):
    return answer.content.decode()


PAGES = ["matrix:pairs", "matrix:pair_new", "matrix:approvals", "matrix:slots", "matrix:slot_new", "matrix:policies"]
WHO = {
    Role.CATEGORY_MANAGER: [200, 200, 200, 200, 200, 403],
    Role.HEAD: [200, 200, 200, 200, 200, 200],
    Role.ANALYST: [200, 403, 403, 200, 403, 200],
    Role.INTEGRATOR: [200, 403, 403, 200, 403, 403],
    Role.STAFF: [403, 403, 403, 403, 403, 403],
    Role.ADMIN: [200, 200, 200, 200, 200, 200],
}


@pytest.mark.parametrize("role", list(WHO))
def test_who_may_open_what(role, as_):
    client = as_(member(role))

    assert [client.get(reverse(name)).status_code for name in PAGES] == WHO[role]


def test_a_supplier_sees_no_page_of_the_matrix(as_, drafted):
    client = as_(member(Role.SUPPLIER, supplier=SupplierFactory()))

    for name in PAGES:
        assert client.get(reverse(name)).status_code in {302, 403, 404}
    assert client.get(reverse("matrix:pair", args=[drafted.pair_id])).status_code in {302, 403, 404}


def test_a_pair_of_another_category_is_not_found(as_, drafted, submitted, cables):
    client = as_(member(Role.HEAD, category=cables))

    for name, pk in [("pair", drafted.pair_id), ("approval", submitted.pk)]:
        assert client.get(reverse(f"matrix:{name}", args=[pk])).status_code == 404
    assert client.post(reverse("matrix:pair_move", args=[drafted.pair_id]), {"action": "submit"}).status_code == 404
    assert client.post(reverse("matrix:decide", args=[submitted.pk]), {"action": "approve"}).status_code == 404
    assert PairRevision.objects.get().state == "in_review"


def test_the_list_asks_as_often_for_many_pairs_as_for_one(
    as_, drafted, console, writer, now, django_assert_max_num_queries
):
    client = as_(writer)
    services.apply_links(
        links=[LinkDraft(console.pk, ProductFactory().pk, reason="Goes") for _ in range(30)],
        actor=writer,
        at=now,
        batch="b",
    )

    with django_assert_max_num_queries(20):
        answer = client.get(reverse("matrix:pairs"))

    assert page(answer).count("data-select-row") == 31


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "draft"}, True), ({"state": "approved"}, False), ({"ratio": "ok"}, True), ({"ratio": "block"}, False),
        ({"q": "HDMI"}, True), ({"q": "nothing"}, False), ({"kind": "required"}, True), ({"verdict": "not_suitable"}, False),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(as_, drafted, writer, query, found):
    answer = as_(writer).get(reverse("matrix:pairs"), query, **HTMX)

    assert ("HDMI-2" in page(answer)) is found
    assert "<html" not in page(answer)


def test_bulk_answers_for_each_row_before_and_after(as_, drafted, console, approver, writer, now):
    own = services.set_pair(draft=LinkDraft(console.pk, ProductFactory().pk, reason="Mine"), actor=approver, at=now)
    rows = [drafted.pair_id, own.pair_id]
    services.bulk_change(action="submit", revision_ids=[drafted.pk, own.pk], actor=writer, at=now)
    client = as_(approver)

    before = client.post(reverse("matrix:pairs_bulk"), {"action": "approve", "row": rows}, **HTMX)
    assert (before.context["good"], before.context["bad"]) == (1, 1)
    assert not Pair.objects.filter(approved__isnull=False).exists()

    after = client.post(reverse("matrix:pairs_bulk"), {"action": "approve", "row": rows, "apply": "1"}, **HTMX)
    assert (after.context["good"], after.context["bad"], after.context["rows"][0].pair.pk) == (1, 1, own.pair_id)
    assert "pairs-changed" in after.headers["HX-Trigger"]
    assert Pair.objects.get(approved__isnull=False).pk == drafted.pair_id


def test_bulk_edit_writes_only_the_filled_fields(as_, drafted, writer):
    client = as_(writer)
    empty = client.post(reverse("matrix:pairs_bulk"), {"action": "edit", "row": [drafted.pair_id], "apply": "1"})
    client.post(reverse("matrix:pairs_bulk"), {"action": "edit", "row": [drafted.pair_id], "apply": "1", "rank": "3"})

    current = Pair.objects.get().current
    assert (empty.status_code, current.rank, current.reason) == (422, 3, "Connects to the TV")


def test_bulk_return_asks_for_its_comment(as_, submitted, approver):
    answer = as_(approver).post(
        reverse("matrix:pairs_bulk"),
        {"action": "return", "row": [submitted.pair_id], "apply": "1", "comment": " "},
        **HTMX,
    )

    assert answer.status_code == 422
    assert PairRevision.objects.get().state == "in_review"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Timur Approver changed this pair meanwhile. Nothing was written; look at the present state."),
        ("ru", "Пару тем временем изменил другой человек (Timur Approver). Ничего не записано, посмотрите,"),
    ],
)
def test_the_pair_is_edited_and_a_stale_form_keeps_what_was_typed(as_, drafted, approver, writer, now, language, said):
    client = as_(writer)
    client.cookies["django_language"] = language
    url = reverse("matrix:pair_edit", args=[drafted.pair_id])
    typed = {"reason": "Typed here", "kind": "required", "rank": "2", "base_version": "1"}
    pair = drafted.pair
    services.set_pair(draft=LinkDraft(pair.main_id, pair.companion_id, reason="Theirs"), actor=approver, at=now)

    stale = client.post(url, typed)
    assert stale.status_code == 409
    assert "Typed here" in page(stale)
    assert said in page(stale)
    assert Pair.objects.get().current.reason == "Theirs"

    assert client.post(url, typed | {"base_version": "2"}).status_code == 302
    assert Pair.objects.get().current.reason == "Typed here"


def test_a_pair_is_made_from_two_skus_and_bad_ones_are_named(as_, console, cable, writer):
    client = as_(writer)
    typed = {"main": " PS-5 ", "companion": "NO-1", "reason": "Goes", "kind": "theme", "rank": "1"}

    wrong = client.post(reverse("matrix:pair_new"), typed)
    right = client.post(reverse("matrix:pair_new"), typed | {"companion": "HDMI-2"})
    again = client.post(reverse("matrix:pair_new"), typed | {"companion": "HDMI-2"})

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 302, 422)
    assert "NO-1" in page(wrong)
    assert Pair.objects.get().current.kind == "theme"


def test_the_page_of_a_pair_moves_it_through_its_life(as_, drafted, writer, approver):
    url = reverse("matrix:pair_move", args=[drafted.pair_id])

    assert as_(writer).post(url, {"action": "submit", "version": "1"}).status_code == 302
    own = as_(writer).post(url, {"action": "approve", "version": "2"})
    assert own.status_code == 422
    assert PairRevision.objects.get().state == "in_review"
    stale = as_(approver).post(url, {"action": "approve", "version": "1"})
    assert stale.status_code == 409
    assert as_(approver).post(url, {"action": "approve", "version": "2"}).status_code == 302
    assert as_(writer).post(url, {"action": "unsuitable", "comment": "Plug"}).status_code == 302
    assert as_(writer).post(url, {"action": "withdraw"}).status_code == 302
    assert as_(writer).post(url, {"action": "explode"}).status_code == 422
    assert as_(writer).post(url, {"action": "retire"}).status_code == 302
    assert PairRevision.objects.get().state == "retired"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_inbox_shows_what_changed_since_the_last_approval(
    as_, approved, console, cable, writer, approver, now, language
):
    second = services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Better", rank=1), actor=writer, at=now)
    services.submit(revision=second, actor=writer, at=now)
    client = as_(approver)
    client.cookies["django_language"] = language

    answer = client.get(reverse("matrix:approvals"))

    assert [one.field for one in answer.context["detail"].changed] == ["reason", "rank"]
    assert "<del>Connects to the TV</del>" in page(answer)
    assert "<ins>Better</ins>" in page(answer)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "You wrote this pair or changed it: another person has to approve it."),
        ("ru", "Вы создали или меняли эту пару: согласовать её должен другой человек."),
    ],
)
def test_ones_own_pair_says_why_it_cannot_be_approved(as_, submitted, writer, language, said):
    client = as_(writer)
    client.cookies["django_language"] = language

    answer = client.get(reverse("matrix:approval", args=[submitted.pk]))
    forced = client.post(reverse("matrix:decide", args=[submitted.pk]), {"action": "approve"})

    assert answer.context["detail"].own
    assert said in page(answer)
    assert forced.status_code == 422
    assert said in page(forced)
    assert PairRevision.objects.get().state == "in_review"


def test_a_decision_leads_to_the_next(as_, submitted, console, writer, approver, now):
    other = services.set_pair(draft=LinkDraft(console.pk, ProductFactory().pk, reason="Goes"), actor=writer, at=now)
    services.submit(revision=other, actor=writer, at=now)
    client = as_(approver)

    first = client.post(reverse("matrix:decide", args=[submitted.pk]), {"action": "approve", "version": "2"})
    second = client.post(reverse("matrix:decide", args=[other.pk]), {"action": "return", "comment": "Which one?"})

    assert first.url == reverse("matrix:approval", args=[other.pk])
    assert second.url == reverse("matrix:approvals")
    other.refresh_from_db()
    assert (other.state, other.comment) == ("draft", "Which one?")


def test_the_ticked_ones_are_approved_with_an_answer_for_each(as_, submitted, console, approver, now):
    own = services.set_pair(draft=LinkDraft(console.pk, ProductFactory().pk, reason="Mine"), actor=approver, at=now)
    services.submit(revision=own, actor=approver, at=now)

    answer = as_(approver).post(reverse("matrix:approve_many"), {"row": [submitted.pk, own.pk]})

    assert (answer.context["good"], answer.context["bad"]) == (1, 1)
    assert set(PairRevision.objects.values_list("state", flat=True)) == {"approved", "in_review"}


def test_a_slot_is_made_changed_and_cleared(as_, consoles, cables, writer):
    client = as_(writer)
    typed = {
        "main_category": consoles.pk, "companion_category": cables.pk, "verdict": "suitable", "reason": "Needed",
        "kind": "required", "wanted": "2",
    }  # fmt: skip

    assert client.post(reverse("matrix:slot_new"), typed).status_code == 302
    assert client.post(reverse("matrix:slot_new"), typed).status_code == 422
    slot = Slot.objects.get()
    url = reverse("matrix:slot", args=[slot.pk])
    assert client.post(url, typed | {"base_version": "0", "reason": "Stale"}).status_code == 422
    assert (
        client.post(url, typed | {"base_version": "1", "verdict": "not_suitable", "reason": "Wireless"}).status_code
        == 302
    )
    assert "Wireless" in page(client.get(reverse("matrix:slots")))
    assert client.post(reverse("matrix:slot_clear", args=[slot.pk])).status_code == 302
    assert client.get(url).status_code == 404
    assert client.post(reverse("matrix:slot_new"), typed).status_code == 302


def test_an_analyst_sees_a_slot_and_cannot_write_it(as_, consoles, cables, writer, now):
    slot = services.set_slot(draft=SlotDraft(consoles.pk, cables.pk, reason="Needed"), actor=writer, at=now)
    client = as_(member(Role.ANALYST))

    assert client.get(reverse("matrix:slot", args=[slot.pk])).status_code == 200
    client.post(reverse("matrix:slot", args=[slot.pk]), {"reason": "Other", "verdict": "suitable", "base_version": "1"})
    assert client.post(reverse("matrix:slot_clear", args=[slot.pk])).status_code == 403
    assert Slot.objects.get().reason == "Needed"


def test_limits_are_typed_in_percent(as_, consoles):
    client = as_(member(Role.HEAD))
    typed = {"category": consoles.pk, "kind": "", "warn": "10", "block": "25.5"}

    assert client.post(reverse("matrix:policies"), typed).status_code == 302
    policy = RatioPolicy.objects.get()
    assert (str(policy.warn_above), str(policy.block_above)) == ("0.1000", "0.2550")
    assert client.post(reverse("matrix:policies"), typed).status_code == 422
    assert client.post(reverse("matrix:policy", args=[policy.pk]), typed | {"warn": "30"}).status_code == 422
    assert client.get(reverse("matrix:policy", args=[policy.pk])).status_code == 200
    assert client.post(reverse("matrix:policy_remove", args=[policy.pk])).status_code == 302
    assert not RatioPolicy.objects.exists()


def test_what_waits_stands_on_the_first_page(as_, submitted, writer, approver, now, rf):
    from crossmatrix.matrix.views.queue import approvals, approvals_count, returned

    request = rf.get("/")
    request.user = approver
    section = approvals(request)
    assert (section.count, approvals_count(request), len(section.rows)) == (1, 1, 1)
    services.return_(revision=submitted, actor=approver, at=now, comment="Which?")
    request.user = writer
    assert (approvals(request).count, returned(request).rows[0].hint) == (0, "Which?")
    request.user = member(Role.STAFF)
    assert (approvals(request), returned(request)) == (None, None)
