"""A supplier's bundle through the screens alone: proposed, returned, proposed again, approved, in the matrix, released.

The chapters are one story and run in order; when one fails, the rest are skipped, for they would tell of nothing new.
"""

import json
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys import shop
from tests.journeys.live import press
from tests.journeys.story import NAMES, Grid, accessible, add_product, cut, download, hand_in, make_channel, make_matrix

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600), pytest.mark.usefixtures("chapter")]

MANAGER, SECOND, INTEGRATOR = "manager@demo", "manager2@demo", "integrator@demo"
SUPPLIER, RIVAL = "supplier@demo", "rival@demo"
BUNDLE = "Играть сразу"
LINK = (shop.CONSOLES[0], shop.CABLE)  # approved and released beside the bundle


@pytest.fixture(scope="module", autouse=True)
def stocked(story):
    """The shop has its catalog and one approved pair; the suppliers' people are tied to their companies."""
    run = story.application.manage
    run("import", "catalog", str(shop.catalog(story.folder)), "--apply", "--actor", MANAGER)
    run("demo", "--load-only", "--dataset", "none")
    run("pair", "set", *LINK, "--reason", "Нужен для подключения", "--actor", MANAGER)
    run("pair", "submit", *LINK, "--actor", MANAGER)
    run("pair", "approve", *LINK, "--actor", SECOND)


def test_a_supplier_sees_every_error_of_a_proposal_at_once(story):
    page = story.page(SUPPLIER)
    page.goto("/portal/")
    page.get_by_role("link", name="Предложить комплект").first.click()
    page.fill("#find", shop.LAMP)
    expect(page.locator("#found")).to_contain_text("Среди ваших товаров ничего не нашлось.")  # it is the rival's
    add_product(page, shop.CONSOLES[1])

    hand_in(page)

    expect(page.locator(".note.bad[role=alert]")).to_contain_text("Исправить: 7 мест.")
    expect(page.locator(".bd-err")).to_have_text(["В комплекте должно быть не меньше двух разных товаров."])
    for field, words in {
        "name": "Назовите комплект",
        "bundle_price": "Укажите цену комплекта больше нуля.",
        "funding": "Укажите свою долю в скидке",
        "valid_from": "Укажите первый день.",
        "valid_to": "Укажите последний день.",
        "stock": "Укажите, сколько комплектов вы поставите",
    }.items():
        expect(page.locator(f"#id_{field}_error")).to_contain_text(words)
        expect(page.locator(f"#id_{field}")).to_have_attribute("aria-invalid", "true")
    accessible(page)


def test_the_corrected_proposal_goes_to_the_shop_and_is_nobody_elses(story):
    page, rival = story.page(SUPPLIER), story.page(RIVAL)
    start = date.today() + timedelta(days=3)

    add_product(page, shop.STAND)
    page.fill("#id_name", BUNDLE)
    page.fill("#id_bundle_price", "40 490")
    page.fill("#id_funding", "100")
    page.fill("#id_valid_from", start.isoformat())
    page.fill("#id_valid_to", (start + timedelta(days=27)).isoformat())
    page.fill("#id_stock", "10")
    expect(page.locator("[data-out=saving]")).to_contain_text("1 490")
    hand_in(page)
    expect(page.locator("#toasts")).to_contain_text("Отправлено. Магазин ответит за 3 рабочих дня.")
    story.proposal = page.url
    foreign = [rival.goto(address).status for address in (story.proposal, f"{story.proposal}edit/")]

    assert foreign == [404, 404]
    assert BUNDLE not in rival.content()
    assert page.goto("/bundles/").status == 404  # the shop's own pages are not the supplier's
    page.goto(story.proposal)
    accessible(page)


def test_the_manager_returns_it_with_a_comment_and_the_supplier_submits_it_again(story):
    manager, supplier = story.page(MANAGER), story.page(SUPPLIER)
    manager.goto("/bundles/")
    manager.get_by_role("link", name=BUNDLE).click()
    accessible(manager)

    press(manager, "r")
    manager.fill("#return-dialog textarea[name=comment]", "Снизьте цену до 39 490 ₽")
    manager.locator("#return-dialog .btn.pri").click()
    expect(manager.locator("#toasts")).to_contain_text(BUNDLE)
    supplier.goto(story.proposal)
    expect(supplier.locator("blockquote")).to_contain_text("Снизьте цену до 39 490 ₽")
    supplier.get_by_role("link", name="Изменить").click()
    supplier.fill("#id_bundle_price", "39 490")
    hand_in(supplier)
    expect(supplier.locator("#toasts")).to_contain_text("Отправлено.")

    manager.reload()
    expect(manager.locator(".bd-diff")).to_contain_text("40 490")
    expect(manager.locator(".bd-diff ins")).to_contain_text("39 490")


def test_the_manager_approves_the_bundle_and_its_pair_stands_in_the_matrix(story):
    page = story.page(MANAGER)

    press(page, "a")
    expect(page.locator("#toasts")).to_contain_text("Согласован")
    types = make_matrix(page, "Приставки и спутники", mains="Игры / Приставки")
    types.js("(g.focus(), g.select(...a))", (types.cell("Приставки", "Подставки")[0], 0))
    page.get_by_role("button", name="Открыть товары выделения").click()
    page.wait_for_url("**level=sku**")
    grid = Grid(page)
    state, _reason = grid.shows(grid.cell(shop.CONSOLES[1], shop.STAND))
    page.goto("/matrix/pairs/")
    page.fill("input[name=q]", shop.CONSOLES[1])
    page.locator("#list tr").filter(has_text=NAMES[shop.CONSOLES[1]]).filter(has_text=NAMES[shop.STAND]).get_by_role(
        "link"
    ).first.click()

    assert state == "approved"
    expect(page.get_by_role("complementary", name="О паре")).to_contain_text("комплект")
    accessible(page)


def test_the_json_release_carries_the_bundle_while_its_pair_waits_for_the_first_day(story):
    make_channel(story.page(INTEGRATOR), name="Лента", code="feed", form="json", own_setting="layout")
    page = story.page(MANAGER)

    said = cut(page, "feed")
    feed = json.loads(download(page))

    links = {(link["main_sku"], link["companion_sku"]) for link in feed["links"]}
    assert said == (1, 1, 0, 0)
    assert [bundle["name"] for bundle in feed["bundles"]] == [BUNDLE]
    assert links == {LINK}  # not yet (shop.CONSOLES[1], shop.STAND)
    assert feed["release"]["links"] == len(feed["links"]) == 1
