"""What people say about a cell: who may, who is named, who hears of it."""

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Comment, Matrix, Mention
from crossmatrix.matrix.rules.comments import Place, labels_of, mention_spans, mentions_in, read_comment
from crossmatrix.matrix.selectors import grid
from crossmatrix.matrix.selectors.comments import comments_of, mentions_for, people_for
from crossmatrix.matrix.services import comments
from tests.factories import ProductFactory, SupplierFactory, member


@pytest.fixture(autouse=True)
def no_kept_views():
    cache.clear()


@pytest.fixture
def place(console, cable):
    return Place(console.pk, cable.pk)


@pytest.fixture
def types(consoles, cables):
    return Place(consoles.pk, cables.pk, by_type=True)


@pytest.fixture
def stranger(cables):
    """Manages companions only: a console's pairs are not theirs."""
    return member(Role.CATEGORY_MANAGER, name="Olga Stranger", category=cables)


@pytest.fixture
def supplier(db):
    return member(Role.SUPPLIER, supplier=SupplierFactory(), name="Sam Supplier")


def say(place, author, now, text="Why this one?"):
    return comments.say(place=place, text=text, author=author, at=now)


# -- rules ----------------------------------------------------------------------------------------------------------
def test_lines_stay_lines_and_other_blanks_become_one():
    assert read_comment("  one\u00a0\u00a0two \r\n\n\n\n three\u200b ") == "one two\n\nthree"


@pytest.mark.parametrize(("text", "code"), [(" \n\u200b ", "comment.empty"), ("x" * 2001, "comment.long")])
def test_an_empty_or_endless_comment_is_refused(text, code):
    with pytest.raises(Refusal) as refused:
        read_comment(text)

    assert refused.value.code == code


def test_names_are_found_the_longest_first_and_only_whole():
    labels = {1: "Anna", 2: "Anna Petrova", 3: "Иван Ёжиков"}

    assert mentions_in("@anna petrova and @Anna, not post@anna or @Annabel", labels) == [2, 1]
    assert mentions_in("@ИВАН  ЁЖИКОВ: да", labels) == [3]
    assert mentions_in("@(nobody)", labels) == []


def test_people_of_one_name_are_told_apart_by_mail():
    labels = labels_of({1: ("Anna Petrova", "a@x.ru"), 2: ("anna petrova", "b@x.ru"), 3: ("Boris", "c@x.ru")})

    assert labels == {1: "Anna Petrova (a@x.ru)", 2: "anna petrova (b@x.ru)", 3: "Boris"}
    assert mentions_in("@anna petrova (b@x.ru) look", labels) == [2]


def test_the_text_falls_into_pieces_around_the_names():
    assert mention_spans("Hi @Anna, see", ["Anna"]) == [("Hi ", False), ("@Anna", True), (", see", False)]
    assert mention_spans("@Anna (a@x.ru)!", ["Anna"]) == [("@Anna (a@x.ru)", True), ("!", False)]


# -- services -------------------------------------------------------------------------------------------------------
def test_whoever_is_named_and_may_see_the_cell_finds_a_mention(place, writer, approver, stranger, supplier, now):
    said = say(place, writer, now, "@Timur Approver @Olga Stranger @Sam Supplier @Elena Writer look")

    assert list(Mention.objects.values_list("comment", "person", "read_at")) == [(said.pk, approver.pk, None)]
    assert [one.comment_id for one in mentions_for(approver)] == [said.pk]


@pytest.mark.parametrize("who", ["stranger", "supplier"])
def test_outside_the_categories_nobody_reads_or_writes(request, who, place, types, writer, now):
    person = request.getfixturevalue(who)
    say(place, writer, now)
    say(types, writer, now)

    for cell in (place, types):
        with pytest.raises(comments.NoSuchCell):
            say(cell, person, now)
        with pytest.raises(comments.NoSuchCell):
            comments.resolve(place=cell, actor=person, at=now)
        assert comments_of(cell, person) == []
        assert person not in people_for(cell)
    assert Comment.objects.count() == 2


def test_a_mention_of_a_category_that_was_taken_away_is_no_longer_shown(place, writer, approver, cables, now):
    say(place, writer, now, "@Timur Approver")
    approver.memberships.update(category=cables)

    assert not mentions_for(approver.__class__.objects.get(pk=approver.pk)).exists()


def test_a_settled_discussion_is_opened_again_by_hand_or_by_a_new_word(place, writer, approver, now):
    say(place, writer, now)
    say(place, approver, now)

    assert comments.resolve(place=place, actor=approver, at=now) == 2
    assert Comment.objects.filter(resolved_by=approver, resolved_at=now).count() == 2
    assert comments.reopen(place=place, actor=writer, at=now) == 2
    assert Comment.objects.filter(resolved_at=None).count() == 2

    comments.resolve(place=place, actor=approver, at=now)
    say(place, writer, now, "But still")

    assert [one.text for one in comments_of(place, writer) if one.resolved_at is None] == ["But still"]
    kinds = AuditEvent.objects.filter(subject_type="matrix.comment").values_list("kind", flat=True)
    assert sorted(set(kinds)) == ["comment.added", "comment.reopened", "comment.resolved"]


def test_what_was_said_cannot_be_changed_or_removed(place, writer, now):
    said = say(place, writer, now)

    for change in ("UPDATE matrix_comment SET text = 'other'", "DELETE FROM matrix_comment"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)

    said.refresh_from_db()
    assert said.text == "Why this one?"


# -- the grid's window ------------------------------------------------------------------------------------------------
def test_a_cell_with_an_open_discussion_carries_a_flag_with_or_without_a_pair(
    drafted, place, console, cables, writer, now
):
    bare = ProductFactory(category=cables)
    say(place, writer, now)
    say(Place(console.pk, bare.pk), writer, now)

    cells = grid.cells_of_pairs([(console.pk, drafted.pair.companion_id), (console.pk, bare.pk)])

    assert {key[1]: (cell[2], cell[10]) for key, cell in cells.items()} == {
        drafted.pair.companion_id: ("draft", "m"),
        bare.pk: ("", "m"),
    }
    comments.resolve(place=place, actor=writer, at=now)
    assert grid.cells_of_pairs([(console.pk, drafted.pair.companion_id)]).popitem()[1][10] == ""


def test_a_type_cell_carries_the_flag_behind_its_counts(types, consoles, cables, writer, now):
    say(types, writer, now)

    ((_, cell),) = grid.cells_of_slots([(consoles.pk, cables.pk)]).items()

    assert (cell[2], cell[10]) == ("", "0/0/0/m")


# -- pages ------------------------------------------------------------------------------------------------------------
def url(name, place):
    return reverse(f"matrix:{name}", args=[place.level, place.main, place.companion])


def test_a_comment_is_sent_and_comes_back_as_the_fragment(client, place, writer, approver, now):
    client.force_login(writer)

    answer = client.post(url("say", place), {"text": "@Timur Approver <b>look</b>"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert '<span class="at">@Timur Approver</span> &lt;b&gt;look&lt;/b&gt;' in answer.content.decode()
    assert '"open": true' in answer["HX-Trigger"]


def test_an_empty_comment_comes_back_with_its_sentence(client, place, writer):
    client.force_login(writer)

    answer = client.post(url("say", place), {"text": "  "}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert not Comment.objects.exists()
    assert 'id="say-problem"' in answer.content.decode()


@pytest.mark.parametrize("who", ["stranger", "supplier"])
@pytest.mark.parametrize(("name", "post"), [("cell", False), ("people", False), ("say", True), ("settle", True)])
def test_others_get_no_page_no_names_and_no_word(request, client, who, name, post, place, writer, now):
    say(place, writer, now)
    client.force_login(request.getfixturevalue(who))

    answer = client.post(url(name, place), {"text": "me too"}) if post else client.get(url(name, place))

    assert answer.status_code in (403, 404)
    assert Comment.objects.count() == 1


def test_the_picker_offers_those_who_may_read_names_that_begin_so_first(client, place, writer, approver, stranger):
    member(Role.HEAD, name="Anna Timurova", email="anna@shop.test")
    client.force_login(writer)

    found = client.get(url("people", place), {"q": "tim"}).json()["people"]

    assert [one["label"] for one in found] == ["Timur Approver", "Anna Timurova"]


def test_showing_a_discussion_is_reading_its_mentions(client, drafted, place, writer, approver, now):
    say(place, writer, now, "@Timur Approver")
    client.force_login(approver)
    assert "Elena Writer: @Timur Approver" in client.get(reverse("home:home")).content.decode()

    page = client.get(reverse("matrix:mentions")).content.decode()
    assert reverse("matrix:pair", args=[drafted.pair_id]) in page
    client.get(reverse("matrix:pair", args=[drafted.pair_id]))

    assert Mention.objects.get().read_at is not None
    assert "Elena Writer" not in client.get(reverse("home:home")).content.decode()
    assert "Elena Writer" in client.get(reverse("matrix:mentions"), {"all": 1}).content.decode()


def test_a_mention_can_be_kept_as_unread_and_only_by_its_person(client, place, writer, approver, now):
    say(place, writer, now, "@Timur Approver")
    mention = Mention.objects.get()
    client.force_login(writer)
    client.post(reverse("matrix:mentions_read"))
    mention.refresh_from_db()
    assert mention.read_at is None

    client.force_login(approver)
    client.post(reverse("matrix:mentions_read"), {"row": mention.pk})
    mention.refresh_from_db()
    assert mention.read_at is not None
    client.post(reverse("matrix:mentions_read"), {"row": mention.pk, "unread": 1})
    mention.refresh_from_db()
    assert mention.read_at is None


def test_a_cell_without_a_pair_has_a_page_of_its_own(client, place, types, writer, now):
    say(place, writer, now, "Is there a cable for it?")
    client.force_login(writer)

    assert "Is there a cable for it?" in client.get(url("cell", place)).content.decode()
    assert client.get(url("cell", types)).status_code == 200
    assert client.get(reverse("matrix:cell", args=["other", 1, 2])).status_code == 404


def test_many_mentions_take_as_many_statements_as_few(
    client, console, cables, writer, approver, now, django_assert_max_num_queries
):
    for number in range(6):
        companion = ProductFactory(category=cables)
        say(Place(console.pk, companion.pk), writer, now, f"@Timur Approver {number}")
    client.force_login(approver)
    client.get(reverse("matrix:mentions"))

    with django_assert_max_num_queries(14):
        client.get(reverse("matrix:mentions"))


def test_the_panel_of_a_cell_shows_its_discussion_at_both_levels(client, place, types, console, cable, writer, now):
    matrix = Matrix.objects.create(name="C", mains=console.category, companions=cable.category)
    say(place, writer, now, "About the pair")
    say(types, writer, now, "About the types")
    client.force_login(writer)
    panel = reverse("matrix:grid_cell", args=[matrix.pk])

    sku = client.get(panel, {"main": place.main, "companion": place.companion}).content.decode()
    by_type = client.get(panel, {"main_category": types.main, "companion_category": types.companion}).content.decode()

    assert "About the pair" in sku
    assert "About the types" not in sku
    assert "About the types" in by_type
