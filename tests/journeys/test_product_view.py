"""The product view in a real browser: companions moved by pointer and keys, suggestions decided by keys."""

import pytest
from django.utils import timezone

from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import LinkDraft
from tests.journeys import shelf as view_of
from tests.journeys.shelf import NAMES, ranked

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

shelf, opened = view_of.shelf, view_of.opened


def test_space_picks_up_arrows_move_and_space_puts_down(opened, shelf):
    view = opened(shelf[1])
    view.grip("Диск 2 ТБ").focus()

    view.press("Space")
    view.until(lambda: "Диск 2 ТБ" in view.spoken())
    view.press("ArrowUp", "ArrowUp")

    assert view.names()[:3] == ["Кабель HDMI", "Диск 2 ТБ", "Геймпад"]
    assert ranked(shelf[1]) == NAMES
    view.press("Space")
    view.until(lambda: ranked(shelf[1])[:3] == ["Кабель HDMI", "Диск 2 ТБ", "Геймпад"])
    view.until_saved()
    view.until(
        lambda: view.page.evaluate("document.activeElement?.closest('[data-pair]')?.dataset.name") == "Диск 2 ТБ"
    )


def test_escape_puts_the_companion_back_and_writes_nothing(opened, shelf):
    view = opened(shelf[1])
    written = PairRevision.objects.count()
    view.grip("Диск 2 ТБ").focus()

    view.press("Space", "ArrowUp", "ArrowUp", "Escape")

    assert view.names() == NAMES
    view.until(lambda: "4" in view.spoken())
    assert PairRevision.objects.count() == written


def test_the_pointer_drags_a_companion_to_another_place(opened, shelf):
    view = opened(shelf[1])
    source, target = view.grip("Подписка").bounding_box(), view.grip("Геймпад").bounding_box()

    view.page.mouse.move(source["x"] + 8, source["y"] + 8)
    view.page.mouse.down()
    view.page.mouse.move(source["x"] + 8, source["y"] - 40, steps=4)
    view.page.mouse.move(target["x"] + 8, target["y"] - 12, steps=6)
    assert view.page.locator(".dropline").count() == 1
    view.page.mouse.up()

    view.until(lambda: ranked(shelf[1])[:3] == ["Кабель HDMI", "Подписка", "Геймпад"])
    view.until_saved()
    assert view.names() == ranked(shelf[1])


def test_escape_in_the_middle_of_a_drag_leaves_the_order(opened, shelf):
    view = opened(shelf[1])
    source = view.grip("Подписка").bounding_box()
    view.page.mouse.move(source["x"] + 8, source["y"] + 8)
    view.page.mouse.down()
    view.page.mouse.move(source["x"] + 8, source["y"] - 160, steps=6)

    view.press("Escape")
    view.page.mouse.up()

    assert view.names() == NAMES
    assert ranked(shelf[1]) == NAMES


def test_a_new_rank_of_an_approved_companion_says_that_shops_keep_theirs(opened, shelf):
    view = opened(shelf[1])
    view.grip("Кабель HDMI").focus()

    view.press("Space", "End", "Space")

    view.until(lambda: "магазин" in view.toasts().lower() or "витрин" in view.toasts().lower())
    pair = Pair.objects.get(companion__sku="C1")
    assert (pair.approved.rank, pair.current.state) == (10, "draft")


def test_ctrl_z_takes_the_order_back_and_ctrl_y_brings_it_again(opened, shelf):
    view = opened(shelf[1])
    view.grip("Подставка").focus()
    view.press("Space", "Home", "Space")
    view.until(lambda: ranked(shelf[1])[0] == "Подставка")
    view.until_saved()
    view.until(lambda: not view.page.locator("[data-back=undo]").is_disabled())

    view.press("Control+z")

    view.until(lambda: ranked(shelf[1]) == NAMES)
    view.until(lambda: view.names() == NAMES and view.page.locator("[data-back=redo]").count() == 1)
    view.press("Control+y")
    view.until(lambda: ranked(shelf[1])[0] == "Подставка")


def test_a_list_changed_by_another_person_is_refused_with_the_reason(opened, shelf, people):
    view = opened(shelf[1])
    other = Pair.objects.get(companion__sku="C3")
    services.set_pair(
        draft=LinkDraft(other.main_id, other.companion_id, reason="Другое"),
        actor=people["manager2@demo"],
        at=timezone.now(),
    )
    view.grip("Подписка").focus()

    view.press("Space", "ArrowUp", "Space")

    view.until(lambda: view.page.locator(".pv-note[role=alert]").count() == 1)
    assert "Тимур Ахметов" in view.page.locator(".pv-note[role=alert]").inner_text()
    assert ranked(shelf[1]) == NAMES


def test_move_to_a_place_from_the_menu(opened, shelf):
    view = opened(shelf[1])
    row = view.page.locator("[data-name='Подставка']")
    row.locator("[data-menu] summary").click()
    row.locator("[data-move]").click()
    view.until(lambda: view.page.locator("#pv-move[open]").count() == 1)

    view.page.fill("#pv-move [name=place]", "2")
    view.press("Enter")

    view.until(lambda: ranked(shelf[1])[:2] == ["Кабель HDMI", "Подставка"])
    view.until_saved()
    assert view.names()[:2] == ["Кабель HDMI", "Подставка"]


def test_a_accepts_the_open_suggestion_and_the_next_one_gets_the_focus(opened, shelf):
    view = opened(shelf[1])
    assert view.suggestion() == "Зарядная станция"

    view.press("a")

    view.until(lambda: "Зарядная станция" in ranked(shelf[1]))
    view.until(lambda: view.suggestions() == 2 and view.suggestion() == "Чехол дорожный")
    view.until(lambda: view.page.evaluate("document.activeElement?.matches('[data-suggestion] > summary')"))
    view.until(lambda: "Зарядная станция" in view.names())
    pair = Pair.objects.get(companion__name="Зарядная станция")
    assert (pair.current.source, pair.current.state, pair.current.reason) == ("suggestion", "draft", "К приставке")
    assert pair.current.evidence["orders_both"] == 200


def test_x_asks_for_the_reason_and_enter_marks_as_not_suitable(opened, shelf):
    view = opened(shelf[1])

    view.press("x")
    view.until(lambda: view.page.evaluate("document.activeElement?.name") == "reason")
    view.page.keyboard.type("Другой разъём")
    view.press("Enter")

    view.until(lambda: Pair.objects.filter(verdict="not_suitable", verdict_reason="Другой разъём").count() == 1)
    view.until(lambda: view.suggestions() == 2)


def test_x_without_a_reason_writes_nothing_and_says_so(opened, shelf):
    view = opened(shelf[1])

    view.press("x", "Enter")

    view.until(lambda: view.page.locator("#pv-beside [role=alert]").count() == 1)
    assert not Pair.objects.filter(verdict="not_suitable").exists()


def test_h_puts_off_and_an_accepted_suggestion_is_undone_by_ctrl_z(opened, shelf):
    view = opened(shelf[1])
    view.press("h")
    view.until(lambda: view.suggestions() == 2)
    assert "Зарядная станция" not in ranked(shelf[1])
    view.press("a")
    view.until(lambda: "Чехол дорожный" in ranked(shelf[1]))
    view.until(lambda: view.suggestions() == 1 and not view.page.locator("[data-back=undo]").is_disabled())

    view.press("Control+z")

    view.until(lambda: PairRevision.objects.filter(pair__companion__name="Чехол дорожный", state="discarded").exists())
