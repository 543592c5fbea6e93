"""What came of an offer of a sales card: two taps, counted once, taken back, told beside the evidence."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import CardAnswer
from crossmatrix.matrix.rules import LinkDraft
from crossmatrix.matrix.rules.cards import FEWEST, NoteMissing, OutcomeUnknown, WhyMissing, floor_of, read_answer
from crossmatrix.matrix.selectors.cards import DAYS, floors_of
from crossmatrix.matrix.services.cards import TAKE_BACK, NotOffered, TooLate, answer_card, withdraw_answer
from crossmatrix.ui.numbers import percent
from tests.factories import ProductFactory, SupplierFactory, member

HTMX = {"headers": {"HX-Request": "true"}}
DAY = date(2026, 11, 1)


def test_a_reason_means_declined_and_another_reason_needs_words():
    assert read_answer(outcome="sold").why == ""
    assert read_answer(outcome="", why="price").outcome == "declined"
    assert read_answer(outcome="", why="other", note="  ждёт  скидку ").note == "ждёт скидку"
    assert read_answer(outcome="", why="price", note="кто-то начал писать").note == ""


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"outcome": "lost"}, OutcomeUnknown),
        ({"outcome": "declined"}, WhyMissing),
        ({"outcome": "", "why": "weather"}, WhyMissing),
        ({"outcome": "", "why": "other", "note": " "}, NoteMissing),
    ],
)
def test_what_says_nothing_is_refused(said, refusal):
    with pytest.raises(refusal):
        read_answer(**said)


def test_answers_add_up_and_too_few_make_no_share():
    later = DAY + timedelta(days=3)

    floor = floor_of(
        [("sold", "", 2, DAY, later), ("declined", "price", 1, DAY, DAY), ("declined", "other", 1, DAY, DAY)]
    )

    assert (floor.offered, floor.share, floor.first, floor.last) == (4, None, DAY, later)
    assert floor.reasons == (("other", 1), ("price", 1))
    assert floor_of([("sold", "", FEWEST, DAY, DAY)]).share == 1.0
    assert floor_of([]) is None


@pytest.fixture
def staff():
    return member(Role.STAFF)


@pytest.fixture
def shown(console, cable, writer, approver, now):
    """The approved revision that the card of the console shows."""
    draft = LinkDraft(console.pk, cable.pk, reason="Connects to the TV", offer_text="Take the cable along")
    revision = services.submit(revision=services.set_pair(draft=draft, actor=writer, at=now), actor=writer, at=now)
    services.approve(revision=revision, actor=approver, at=now)
    return revision


@pytest.fixture
def tell(shown, staff, now):
    def do(key="k", **said):
        named = {"outcome": "sold", "actor": staff, "at": now} | said
        pair = shown.pair
        return answer_card(main=pair.main_id, companion=pair.companion_id, revision=shown.pk, key=key, **named)

    return do


@pytest.mark.django_db
def test_the_same_tap_twice_counts_once(tell, shown, now):
    assert tell("one") == tell("one")
    tell("two", outcome="declined", why="price")

    floor = floors_of(shown.pair.main_id, [shown.pair.companion_id], today=timezone.localdate(now))
    assert (floor[shown.pair.companion_id].sold, floor[shown.pair.companion_id].declined) == (1, 1)


@pytest.mark.django_db
def test_what_is_old_or_taken_back_counts_no_more(tell, shown, staff, now):
    tell("old", at=now - timedelta(days=DAYS + 1))
    wrong = tell("wrong")

    withdraw_answer(answer=wrong, actor=staff, at=now + timedelta(minutes=1))

    assert floors_of(shown.pair.main_id, [shown.pair.companion_id], today=timezone.localdate(now)) == {}
    assert CardAnswer.objects.count() == 2


@pytest.mark.django_db
def test_only_ones_own_tap_of_the_shift_is_taken_back(tell, staff, now):
    mine = tell()

    for actor, at in ((member(Role.STAFF), now), (staff, now + TAKE_BACK + timedelta(minutes=1))):
        with pytest.raises(TooLate):
            withdraw_answer(answer=mine, actor=actor, at=at)

    mine.refresh_from_db()
    assert mine.withdrawn_at is None


@pytest.mark.django_db
def test_an_answer_is_about_what_a_card_has_shown(console, shown, staff, now):
    other = ProductFactory()

    with pytest.raises(NotOffered):
        answer_card(
            main=console.pk, companion=other.pk, revision=shown.pk, outcome="sold", key="k", actor=staff, at=now
        )

    assert not CardAnswer.objects.exists()


@pytest.mark.django_db
def test_the_database_holds_that_a_refusal_has_its_reason(tell):
    kept = tell()

    with pytest.raises(IntegrityError), transaction.atomic():
        CardAnswer.objects.filter(pk=kept.pk).update(outcome="declined")


# -- the card -------------------------------------------------------------------------------------------------------
def posted(client, shown, **form):
    address = reverse("matrix:card_answer", args=[shown.pair.main_id, shown.pair.companion_id])
    return client.post(address, {"revision": shown.pk, "key": "tap-1"} | form, **HTMX)


@pytest.mark.django_db
def test_two_taps_tell_it_and_a_third_takes_it_back(client, shown, staff):
    client.force_login(staff)

    answer = posted(client, shown, why="price")

    said = CardAnswer.objects.get()
    assert (said.outcome, said.why, said.person, said.revision) == ("declined", "price", staff, shown)
    assert "Дорого" in answer.content.decode()
    undo = reverse("matrix:card_withdraw", args=[shown.pair.main_id, shown.pair.companion_id, said.pk])
    again = client.post(undo, **HTMX).content.decode()
    said.refresh_from_db()
    assert said.withdrawn_at is not None
    assert 'value="sold"' in again


@pytest.mark.django_db
def test_a_tap_that_says_nothing_is_answered_with_the_sentence(client, shown, staff):
    client.force_login(staff)

    answer = posted(client, shown, why="other", note="")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not CardAnswer.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CATEGORY_MANAGER, Role.HEAD, Role.ANALYST, Role.INTEGRATOR, Role.SUPPLIER])
def test_only_shop_staff_tell(client, shown, role):
    client.force_login(member(role, supplier=SupplierFactory() if role == Role.SUPPLIER else None))

    assert posted(client, shown, outcome="sold").status_code in (403, 404)
    assert not CardAnswer.objects.exists()


@pytest.mark.django_db
def test_staff_see_the_buttons_and_managers_what_came_of_it(client, shown, tell, staff, writer):
    for number in range(4):
        tell(f"sold-{number}", at=timezone.now())
    tell("declined", outcome="declined", why="has_one", at=timezone.now())
    page = reverse("matrix:card", args=[shown.pair.main_id])

    client.force_login(staff)
    floor = client.get(page).content.decode()
    client.force_login(writer)
    desk = client.get(page).content.decode()

    assert ('name="outcome"' in floor, f"({percent(0.8)})" in floor) == (True, False)
    assert ('name="outcome"' in desk, f"({percent(0.8)})" in desk) == (False, True)
    beside = client.get(reverse("matrix:product_pair", args=[shown.pair.main_id, shown.pair.companion_id]))
    pair = client.get(reverse("matrix:pair", args=[shown.pair_id]))
    assert beside.context["floor"].reasons == pair.context["floor"].reasons == (("has_one", 1),)
