"""The pair beside the ranking in a real browser: evidence, discussion and history without leaving the list."""

import pytest
from django.utils import timezone

from crossmatrix.accounts.models import Membership, User
from crossmatrix.accounts.rules import Role
from crossmatrix.matrix.models import CardAnswer, Comment, Pair
from tests.journeys import shelf as view_of
from tests.journeys.browser_page import accessibility_violations
from tests.journeys.shelf import ranked
from tests.publishing.factories import channel

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

shelf, opened = view_of.shelf, view_of.opened


def shown(view):
    """The companion in the panel; nothing while it is closed."""
    return view.page.locator("#pv-pair:not([hidden]) .ih h2").all_inner_texts()


def focused(view, selector):
    return view.page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector)


def test_the_name_opens_the_pair_beside_the_list_and_escape_brings_the_suggestions_back(opened, shelf):
    view = opened(shelf[1])

    view.page.locator("[data-name='Кабель HDMI'] [data-beside]").first.click()

    view.until(lambda: shown(view) == ["Кабель HDMI"])
    view.until(lambda: focused(view, "#pv-pair .ih h2"))
    assert "согласовал" in view.page.locator("#pv-pair [data-part=history]").inner_text().lower()
    assert not view.page.locator("#pv-beside").is_visible()
    view.press("Escape")
    view.until(lambda: view.page.locator("#pv-beside").is_visible())
    assert focused(view, "[data-name='Кабель HDMI'] [data-beside]")
    assert f"/products/{shelf[1].pk}/" in view.page.url


def test_a_comment_is_said_beside_the_ranking_and_marks_its_line(opened, shelf):
    view = opened(shelf[1])
    view.grip("Геймпад").focus()

    view.press("Shift+F2")
    view.until(lambda: focused(view, "#say-text"))
    view.page.keyboard.type("@Тимур")
    view.until(lambda: view.page.locator("#pv-pair .people li").count() == 1)
    view.press("Enter")
    view.page.keyboard.type("второй геймпад нужен всем?")
    view.press("Control+Enter")

    view.until(lambda: Comment.objects.filter(text__contains="второй геймпад").count() == 1)
    view.until(lambda: view.page.locator("[data-name='Геймпад'] .talks").is_visible())
    assert Comment.objects.get().mentions.get().person.name == "Тимур Ахметов"
    view.page.reload()
    view.until(lambda: view.page.locator("[data-name='Геймпад'] .talks").is_visible())


def test_what_was_begun_is_kept_while_another_pair_is_looked_at(opened, shelf):
    view = opened(shelf[1])
    view.grip("Геймпад").focus()
    view.press("Shift+F2")
    view.until(lambda: focused(view, "#say-text"))
    view.page.keyboard.type("ещё не дописано")

    view.page.locator("[data-name='Подписка'] [data-beside]").first.click()
    view.until(lambda: shown(view) == ["Подписка"])
    assert view.page.locator("#say-text").input_value() == ""
    view.page.locator("[data-name='Геймпад'] [data-beside]").first.click()

    view.until(lambda: shown(view) == ["Геймпад"])
    view.until(lambda: view.page.locator("#say-text").input_value() == "ещё не дописано")


def test_a_move_shows_in_the_history_of_the_open_pair(opened, shelf):
    view = opened(shelf[1])
    view.page.locator("[data-name='Подставка'] [data-beside]").first.click()
    view.until(lambda: shown(view) == ["Подставка"])
    before = view.page.locator("#pv-pair [data-part=history] li").count()
    view.grip("Подставка").focus()

    view.press("Space", "Home", "Space")

    view.until(lambda: ranked(shelf[1])[0] == "Подставка")
    view.until(lambda: view.page.locator("#pv-pair [data-part=history] li").count() == before + 1)


def test_the_keys_of_suggestions_rest_while_a_pair_is_open(opened, shelf):
    view = opened(shelf[1])
    view.page.locator("[data-name='Подписка'] [data-beside]").first.click()
    view.until(lambda: shown(view) == ["Подписка"])

    view.press("a", "h")
    view.press("Escape")

    view.until(lambda: view.page.locator("#pv-beside").is_visible())
    assert view.suggestions() == 3
    assert len(ranked(shelf[1])) == 6


@pytest.mark.parametrize(("theme", "width", "height"), [("light", 1440, 900), ("dark", 1024, 768), ("dark", 390, 844)])
def test_the_panel_fits_and_is_accessible(opened, shelf, theme, width, height):
    view = opened(shelf[1], theme=theme)
    view.page.set_viewport_size({"width": width, "height": height})

    view.page.locator("[data-name='Кабель HDMI'] [data-beside]").first.click()

    view.until(lambda: shown(view) == ["Кабель HDMI"])
    assert accessibility_violations(view.page) == []
    assert view.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_cut_follows_the_channel_and_the_neighbours_keep_it(opened, shelf):
    channel("a-shop", name="Витрина А", cap=2)
    channel("b-shop", name="Витрина Б", cap=3)
    view = opened(shelf[1])
    assert view.page.locator("[data-cut]").get_attribute("data-cut") == "2"

    view.page.select_option("#pv-channel", "b-shop")

    view.until(lambda: view.page.locator("[data-cut]").get_attribute("data-cut") == "3")
    view.until(lambda: "channel=b-shop" in view.page.url)
    view.press("j")
    view.until(lambda: f"/products/{shelf[2].pk}/" in view.page.url)
    assert "channel=b-shop" in view.page.url


@pytest.mark.parametrize("page", ["shop", "print"])
def test_the_shop_and_the_paper_open_at_the_storefront_and_the_place_just_chosen(opened, shelf, page):
    channel("a-shop", name="Витрина А", cap=2)
    channel("b-shop", name="Витрина Б", cap=3)
    view = opened(shelf[1])
    view.page.select_option("#pv-channel", "b-shop")
    view.until(lambda: "channel=b-shop" in view.page.url)
    view.page.select_option("#pv-place", "cart")
    view.until(lambda: "place=cart" in view.page.url)

    view.page.click(f"header.top a[href*='/{page}/']")

    view.until(lambda: f"/products/{shelf[1].pk}/{page}/" in view.page.url)
    assert "channel=b-shop" in view.page.url
    assert "place=cart" in view.page.url


def test_staff_tell_what_came_of_an_offer_with_two_taps_on_a_phone(opened, shelf):
    staff = User.objects.create_user("staff@demo", "demo", name="Олег Продавец")
    Membership.objects.create(user=staff, role=Role.STAFF)
    cable = Pair.objects.get(companion__sku="C1").companion
    view = opened(shelf[1], email="staff@demo", of="matrix:card")
    view.page.set_viewport_size({"width": 390, "height": 844})
    offer = view.page.locator(f"#answer-{cable.pk}")
    assert accessibility_violations(view.page) == []

    offer.locator("summary").click()
    offer.locator("button[value=price]").click()

    view.until(lambda: CardAnswer.objects.filter(why="price", withdrawn_at=None).count() == 1)
    view.until(lambda: "Дорого" in offer.inner_text())
    assert accessibility_violations(view.page) == []
    offer.locator("form button").click()
    view.until(lambda: CardAnswer.objects.filter(withdrawn_at=None).count() == 0)
    offer.locator("button[value=sold]").dblclick()
    view.until(lambda: CardAnswer.objects.filter(outcome="sold").count() == 1)
    view.until(lambda: offer.locator(".done.sold").count() == 1)
    assert (
        min(offer.locator(".tap").evaluate_all("taps => taps.map((tap) => tap.getBoundingClientRect().height)")) >= 44
    )
    assert CardAnswer.objects.filter(at__lte=timezone.now()).count() == 2
