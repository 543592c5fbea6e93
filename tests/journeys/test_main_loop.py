"""The main job through the screens alone: real web server, worker and beat, a fresh database, several people.

The chapters are one story and run in order; when one fails, the rest are skipped, for they would tell of nothing new.
"""

import csv
import json
import re
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.journeys import shop
from tests.journeys.live import press
from tests.journeys.story import (
    NAMES,
    WORKER,
    Grid,
    accessible,
    apply,
    cross_sells,
    cut,
    download,
    make_channel,
    make_matrix,
    next_changes,
    plain,
    plan,
    upload,
    wait_for_job,
)

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600), pytest.mark.usefixtures("chapter")]

MANAGER, SECOND, ANALYST, INTEGRATOR = "manager@demo", "manager2@demo", "analyst@demo", "integrator@demo"
FIRST, BROKEN = shop.CONSOLES[0], shop.CONSOLES[-1]  # the pair read back closely; the console that becomes too cheap
LINKS = 30  # of the file, one typed by hand, one emptied by hand


# -- imports ----------------------------------------------------------------------------------------------------------


def test_the_catalog_comes_in_after_its_plan_was_seen(story):
    page, file = story.page(MANAGER), shop.catalog(story.folder)
    upload(page, file)
    accessible(page)  # the columns of an unknown file are shown first
    counts = plan(page, file)
    accessible(page)
    expect(page.locator("#plan .diff tbody tr")).to_have_count(len(shop.PRODUCTS))
    expect(page.locator("#plan .diff tbody tr").filter(has_text=NAMES[FIRST])).to_contain_text("39 990")

    said = apply(page)
    accessible(page)
    page.goto("/products/")

    assert (counts["new"], counts["changed"], counts["error"]) == (len(shop.PRODUCTS), 0, 0)
    assert said == f"Применено {len(shop.PRODUCTS)} изменений"
    expect(page.locator("main tbody tr")).to_have_count(len(shop.PRODUCTS))
    accessible(page)


def test_the_same_catalog_again_changes_nothing(story):
    page = story.page(MANAGER)

    counts = plan(page, shop.catalog(story.folder))

    assert (counts["new"], counts["changed"], counts["error"]) == (0, 0, 0)
    expect(page.locator("#plan")).to_contain_text("В файле то, что уже есть: ничего не изменится.")
    expect(page.get_by_role("button", name=re.compile("^Применить"))).to_have_count(0)


def test_a_picture_named_as_a_workbook_is_refused_in_words(story):
    page = story.page(MANAGER)
    fake = story.folder / "картинка.xlsx"
    fake.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 500)

    upload(page, fake)

    expect(page.locator(".note.bad[role=alert]")).to_contain_text("Это не таблица. Загрузить можно Excel")
    expect(page.locator(".note.bad[role=alert]")).to_contain_text("Ничего не изменено.")


def test_the_matrix_comes_in_at_both_levels_and_a_bad_row_is_named(story):
    page = story.page(MANAGER)
    slots = plan(page, shop.types(story.folder))
    apply(page)
    bad_row = (FIRST, "00999", "Нет такого товара", "сопутствующий")

    links = plan(page, shop.links(story.folder, extra=(bad_row,)))
    page.locator("#tab-error").click()
    expect(page.locator("#plan .diff tbody tr")).to_have_count(1)
    expect(page.locator("#plan .diff tbody tr")).to_contain_text("00999")
    said = apply(page)

    assert slots["new"] == 3
    assert (links["new"], links["error"]) == (30, 1)
    assert said == "Применено 30 изменений"


# -- the matrix -------------------------------------------------------------------------------------------------------


def test_a_matrix_is_made_and_opened_down_to_its_products(story):
    page = story.page(MANAGER)
    types = make_matrix(page, "Приставки и спутники", mains="Игры / Приставки")
    slot = types.cell("Приставки", "HDMI")
    story.grid = re.sub(r"[?#].*", "", page.url)
    seen = [types.shows(slot), types.shows(types.cell("Приставки", "4K"))]
    accessible(page)

    types.js("(g.focus(), g.select(...a))", (slot[0], 0))
    page.get_by_role("button", name="Открыть товары выделения").click()
    page.wait_for_url("**level=sku**")
    products = Grid(page)

    assert seen[0] == ("slot", "Нужен для подключения к телевизору")
    assert seen[1] == ("not_suitable", "Дороже приставки")
    assert products.shows(products.cell(FIRST, shop.CABLE)) == ("draft", "Нужен для подключения")
    assert products.shows(products.cell(BROKEN, shop.DISK)) == ("draft", "Во что играть сразу")
    accessible(page)


def test_a_reason_is_typed_into_a_cell_another_cell_is_emptied_and_both_are_kept(story):
    page = story.page(MANAGER)
    grid = Grid(page)

    place = grid.write(FIRST, shop.STAND, "Чтобы стояла ровно")
    emptied = grid.go(BROKEN, shop.CABLE)
    page.keyboard.press("Delete")
    grid.saved()
    expect(page.locator("[data-m=saved]")).to_contain_text("Сохранено в")
    page.reload()
    again = Grid(page)

    assert again.shows(place) == ("draft", "Чтобы стояла ровно")
    assert again.shows(emptied)[0] in {"", "hint"}


def test_what_does_not_suit_is_refused_in_the_cell_and_nothing_is_lost(story):
    page = story.page(MANAGER)
    grid = Grid(page)

    place = grid.write(FIRST, shop.TELEVISION, "Большой экран")
    grid.saved()

    expect(page.locator("#toasts [data-toast=error]")).to_contain_text("Дороже приставки")
    assert grid.shows(place)[0] in {"", "hint"}
    page.locator("#toasts [data-toast=error] [data-toast-close]").click()


# -- approval ---------------------------------------------------------------------------------------------------------


def test_the_drafts_go_to_approval_together_and_nobody_approves_their_own(story):
    page = story.page(MANAGER)
    grid = Grid(page)
    place = grid.cell(FIRST, shop.CABLE)

    grid.js("g.focus()")
    page.keyboard.press("Control+A")
    page.get_by_role("button", name="На согласование").click()
    page.locator("#confirm [data-confirm-yes]").click()
    expect(page.locator("#toasts")).to_contain_text(str(LINKS))
    grid.wait("m.p.get(...a)?.s === 'in_review'", place)
    grid.js("(g.focus(), g.select(...a))", place)
    page.keyboard.press("3")
    grid.saved()
    expect(page.locator("#toasts [data-toast=error]")).to_be_visible()
    after_key = grid.shows(place)[0]
    page.goto("/matrix/approvals/")

    assert after_key == "in_review"
    expect(page.locator("#why-not")).to_be_visible()
    expect(page.locator("#decide [value=approve]")).to_be_disabled()
    expect(page.locator(".apr .pill").filter(has_text="ваша")).to_have_count(LINKS)
    accessible(page)


def test_a_second_person_approves_with_keys_by_ticks_and_all_the_rest_at_once(story):
    page = story.page(SECOND)
    page.goto("/matrix/approvals/")
    waiting = page.locator("#approvals .wi.apr")
    expect(waiting).to_have_count(LINKS)
    accessible(page)

    press(page, "a")
    expect(waiting).to_have_count(LINKS - 1)
    for row in range(2):
        waiting.nth(row).locator("input[type=checkbox]").check()
    page.get_by_role("button", name="Согласовать отмеченные").click()
    expect(page.locator("#toasts")).to_contain_text("Согласованы 2 пары.")
    expect(waiting).to_have_count(LINKS - 3)
    page.goto(f"{story.grid}?level=sku")
    grid = Grid(page)
    grid.js("g.focus()")
    page.keyboard.press("Control+A")
    page.keyboard.press("3")
    grid.saved()
    grid.wait("m.p.get(...a)?.s === 'approved'", grid.cell(FIRST, shop.STAND))
    page.goto("/matrix/approvals/")

    expect(waiting).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Согласовывать нечего")


# -- releases ---------------------------------------------------------------------------------------------------------


def test_the_integrator_makes_two_channels(story):
    page = story.page(INTEGRATOR)

    make_channel(page, name="Магазин", code="woo", form="woocommerce", own_setting="upsells")
    make_channel(page, name="Лента", code="feed", form="json", own_setting="layout")

    assert next_changes(page, "woo") == (LINKS, 0, 0)
    accessible(page)


def test_a_release_is_cut_and_its_file_says_exactly_what_was_approved(story):
    page = story.page(MANAGER)

    said = cut(page, "woo")
    links = cross_sells(download(page))

    assert said == (1, LINKS, 0, 0)
    assert set(links) == set(shop.CONSOLES)
    assert set(links[FIRST]) == {shop.CABLE, shop.DISK, shop.LAMP, shop.STAND}
    assert set(links[BROKEN]) == {shop.DISK, shop.LAMP}
    page.goto(f"{story.grid}?level=sku")
    grid = Grid(page)
    assert grid.shows(grid.cell(FIRST, shop.CABLE))[0] == "published"


# -- evidence ---------------------------------------------------------------------------------------------------------


def test_orders_come_in_and_the_evidence_is_counted_on_demand(story):
    page, file = story.page(ANALYST), shop.orders(story.folder, today=date.today())
    lines = list(csv.DictReader(file.open(encoding="utf-8"), delimiter=";"))
    counts = plan(page, file)
    apply(page)

    page.goto("/evidence/")
    page.get_by_role("button", name="Пересчитать").click()
    expect(page.locator(".evc").first).to_be_visible(timeout=WORKER)  # the page shows by itself what was counted
    shown = page.locator(".evc").first.inner_text()
    accessible(page)

    baskets = {}
    for line in lines:
        baskets.setdefault(line["Номер заказа"], set()).add(line["Артикул"])
    with_main = [basket for basket in baskets.values() if FIRST in basket]
    with_both = [basket for basket in with_main if shop.CABLE in basket]
    page.goto("/matrix/pairs/")
    page.fill("input[name=q]", FIRST)
    page.locator("#list tr").filter(has_text=NAMES[FIRST]).filter(has_text=NAMES[shop.CABLE]).get_by_role(
        "link"
    ).first.click()
    facts = page.locator(".facts").first.inner_text()
    assert counts["new"] == len(lines)
    assert f"{shop.ORDERS:,}".replace(",", " ") in plain(shown)
    assert f"{len(with_both)} из {len(with_main)}" in plain(facts)


# -- weak pairs -------------------------------------------------------------------------------------------------------


def test_a_new_price_breaks_a_pair_and_it_comes_into_the_inbox_with_its_evidence(story):
    page = story.page(MANAGER)
    cheaper = shop.catalog(story.folder, prices={BROKEN: "6 790,00 ₽"}, name="новые цены.xlsx")
    counts = plan(page, cheaper)
    row = page.locator("#plan .diff tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator("del")).to_contain_text("39 990")
    expect(row.locator("ins")).to_contain_text("6 790")
    apply(page)

    page.goto("/evidence/weak/")
    page.get_by_role("button", name="Проверить сейчас").click()
    wait_for_job(page)
    page.goto("/evidence/weak/")
    flag = page.locator(".wi").filter(has_text=NAMES[shop.DISK]).filter(has_text=NAMES[BROKEN])
    expect(flag).to_have_count(1)
    flag.locator("a").click()
    detail = page.locator("#weak-detail")
    expect(detail.locator("#pairh")).to_contain_text(NAMES[BROKEN])

    assert (counts["new"], counts["changed"]) == (0, 1)
    expect(detail).to_contain_text("Нарушено соотношение цен")
    expect(detail).to_contain_text("0,51")
    expect(detail.locator(".alts .best")).to_contain_text(NAMES[shop.CABLE])  # most often taken, not offered yet
    accessible(page)


def test_the_pair_is_replaced_with_a_key_and_a_second_person_approves_the_new_one(story):
    page, second = story.page(MANAGER), story.page(SECOND)

    press(page, "e")
    expect(page.locator("#toasts")).to_contain_text("новая пара ушла на согласование")
    expect(page.locator(".wi").filter(has_text=NAMES[shop.DISK]).filter(has_text=NAMES[BROKEN])).to_have_count(0)
    second.goto("/matrix/approvals/")
    expect(second.locator("#pairh")).to_contain_text(NAMES[BROKEN])
    expect(second.locator("#pairh")).to_contain_text(NAMES[shop.CABLE])
    press(second, "a")
    expect(second.locator("main")).to_contain_text("Согласовывать нечего")


def test_the_next_release_shows_and_carries_the_difference(story):
    page = story.page(MANAGER)
    coming = next_changes(page, "woo")
    page.locator("#next a[href*='tab=removed']").click()
    expect(page.locator("#next .rel tbody tr")).to_have_count(1)
    expect(page.locator("#next .rel tbody tr")).to_contain_text(NAMES[shop.DISK])
    accessible(page)

    said = cut(page, "woo")
    links = cross_sells(download(page))

    assert (coming[0], coming[2]) == (1, 1)  # whether the rest moves up a rank is the channel's matter
    assert said == (2, *coming)
    assert set(links[BROKEN]) == {shop.CABLE, shop.LAMP}
    assert set(links[FIRST]) == {shop.CABLE, shop.DISK, shop.LAMP, shop.STAND}


def test_the_other_channel_carries_the_same_links_as_json_without_the_replaced_one(story):
    page = story.page(MANAGER)

    said = cut(page, "feed")
    feed = json.loads(download(page))

    links = {(link["main_sku"], link["companion_sku"]) for link in feed["links"]}
    assert said == (1, LINKS, 0, 0)
    assert (BROKEN, shop.CABLE) in links
    assert (BROKEN, shop.DISK) not in links
    assert feed["release"]["links"] == len(feed["links"]) == LINKS


# -- two people in one cell -------------------------------------------------------------------------------------------


def test_a_stale_edit_from_a_second_browser_is_shown_and_nothing_is_lost(story):
    page, other = story.page(MANAGER), story.page(SECOND)
    main, companion = shop.CONSOLES[4], shop.STAND
    for one in (page, other):
        one.goto(f"{story.grid}?level=sku")
    mine, theirs = Grid(page), Grid(other)

    theirs.write(main, companion, "Её текст")
    theirs.saved()
    place = mine.write(main, companion, "Мой текст")
    mine.saved()
    mine.go(main, companion)
    box = page.locator("[data-m=conflict]")
    expect(box).to_contain_text("Эту ячейку раньше изменил другой человек")
    expect(box).to_contain_text("Мой текст")
    expect(box).to_contain_text("Её текст")
    accessible(page)
    other.reload()
    kept = Grid(other).shows(place)
    box.get_by_role("button", name="Записать моё").click()
    mine.saved()
    other.reload()

    assert kept == ("draft", "Её текст")
    assert Grid(other).shows(place) == ("draft", "Мой текст")
