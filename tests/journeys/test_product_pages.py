"""Around the product view in a real browser: J and K through a list, adding by hand, extending, paper, every width."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import ProductFactory
from tests.journeys import shelf as view_of
from tests.journeys.browser_page import accessibility_violations
from tests.journeys.shelf import View, ranked

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

shelf, opened = view_of.shelf, view_of.opened


def test_j_and_k_walk_the_list_one_came_from(opened, shelf, people):
    cable = Pair.objects.get(companion__sku="C1").companion
    for main in (shelf[2], shelf[0]):
        services.set_pair(
            draft=LinkDraft(main.pk, cable.pk, reason="Подключить"), actor=people["manager@demo"], at=timezone.now()
        )
    view = opened(shelf[2], query="?list=/matrix/pairs/%3Fq%3DC1")

    view.press("k")

    view.until(lambda: f"/products/{shelf[0].pk}/" in view.page.url)
    assert "list=" in view.page.url
    View(view.page)
    assert "1" in view.page.locator("header.top nav .num").inner_text()
    view.press(
        "j",
    )
    view.until(lambda: f"/products/{shelf[2].pk}/" in view.page.url)


def test_the_sheet_of_keys_opens_with_a_question_mark(opened, shelf):
    view = opened(shelf[1])

    view.press("Shift+Slash")

    view.until(lambda: view.page.locator("#shortcuts[open]").count() == 1)


def test_a_companion_is_found_and_added_by_hand(opened, shelf):
    ProductFactory(sku="LAMP-1", name="Лампа «Уют»", price="700")
    view = opened(shelf[0])
    view.page.click("#pv-add-open")
    view.until(lambda: view.page.locator("#pv-add[open]").count() == 1)
    view.page.fill("#pv-add [name=q]", "лампа")
    view.until(lambda: view.page.locator("#pv-found [name=companion]").count() == 1)
    view.page.fill("#pv-add [name=reason]", "Свет для игры")

    view.page.click("#pv-add .pri")

    view.until(lambda: ranked(shelf[0]) == ["Лампа «Уют»"])
    view.until(lambda: view.names() == ["Лампа «Уют»"])


def test_a_pair_is_extended_to_similar_products_and_taken_back(opened, shelf):
    view = opened(shelf[1])
    pair = Pair.objects.get(companion__sku="C1")
    view.page.goto(reverse("matrix:pair_extend", args=[pair.pk]))
    view.until(lambda: view.page.locator("[name=main]").count() == 2)
    assert view.page.locator("[name=main]:checked").count() == 2
    view.page.locator("[name=main]").first.uncheck()
    view.until(lambda: view.page.locator("[data-selected-count]").inner_text() == "1")

    view.page.click("form.col .pri")

    view.until(lambda: Pair.objects.filter(companion__sku="C1", current__state="draft").count() == 1)
    view.until(lambda: view.page.locator(".ext .note").count() == 1)
    view.page.click(".ext .note button")
    view.until(lambda: not Pair.objects.filter(companion__sku="C1", current__state="draft").exists())


@pytest.mark.parametrize(
    ("theme", "width", "height"), [("light", 1440, 900), ("dark", 1024, 768), ("light", 390, 844), ("dark", 720, 450)]
)
def test_the_view_fits_and_is_accessible(opened, shelf, theme, width, height):
    """390 px is a phone; 720 × 450 is a desktop at 200 %."""
    view = opened(shelf[1], theme=theme)
    view.page.set_viewport_size({"width": width, "height": height})
    pair = Pair.objects.get(companion__sku="C1")

    for address in (
        reverse("matrix:product", args=[shelf[1].pk]), reverse("matrix:shop", args=[shelf[1].pk]) + "?place=cart&as=plan",
        reverse("matrix:card", args=[shelf[1].pk]), reverse("matrix:cards"), reverse("matrix:product_print", args=[shelf[1].pk]),
        reverse("matrix:pair_extend", args=[pair.pk]),
    ):  # fmt: skip
        view.page.goto(address)
        view.page.wait_for_load_state("networkidle")

        assert accessibility_violations(view.page) == [], address
        assert view.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
            address
        )


def test_the_printed_product_is_one_sheet(opened, shelf):
    view = opened(shelf[1])
    view.page.goto(reverse("matrix:product_print", args=[shelf[1].pk]))

    sheet = view.page.pdf(format="A4")

    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
