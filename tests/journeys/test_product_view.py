"""The product view in a real browser: companions moved by pointer and keys, suggestions decided by keys, J and K through a list."""

import os
import re
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from crossmatrix.accounts.models import Membership, User
from crossmatrix.accounts.rules import Role
from crossmatrix.insights.models import ListedPair, PairStat, ProductStat, Refresh
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import CategoryFactory, ProductFactory
from tests.journeys.browser_page import accessibility_violations, chromium, sign_in, watched_page

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

NAMES = ["Кабель HDMI", "Геймпад", "Игра «Трасса»", "Диск 2 ТБ", "Подписка", "Подставка"]
SUGGESTED = ["Зарядная станция", "Чехол дорожный", "Наушники"]


@pytest.fixture(scope="module", autouse=True)
def sync_playwright_beside_the_orm():
    """Playwright's sync API keeps an event loop in this thread; Django would refuse the database there."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def people():
    cache.clear()
    made = {}
    for email, name in (("manager@demo", "Елена Ковалёва"), ("manager2@demo", "Тимур Ахметов")):
        made[email] = User.objects.create_user(email, "demo", name=name)
        Membership.objects.create(user=made[email], role=Role.CATEGORY_MANAGER)
    return made


@pytest.fixture
def shelf(people):
    """Three consoles; the middle one has six companions, the first approved, and three suggestions."""
    consoles, things = CategoryFactory(name="Приставки"), CategoryFactory(name="Аксессуары")
    mains = [
        ProductFactory(sku=f"M{n}", name=f"Приставка {n}", category=consoles, price="50000", brand="Orbis")
        for n in range(3)
    ]
    now = timezone.now()
    Slot.objects.create(
        main_category=consoles, companion_category=things, reason="К приставке", wanted=2, updated_at=now
    )
    for place, name in enumerate(NAMES, start=1):
        companion = ProductFactory(sku=f"C{place}", name=name, category=things, price="900")
        draft = LinkDraft(mains[1].pk, companion.pk, reason=f"Причина {place}", rank=place * 10)
        services.set_pair(draft=draft, actor=people["manager@demo"], at=now)
    first = PairRevision.objects.get(pair__companion__sku="C1")
    services.submit(revision=first, actor=people["manager@demo"], at=now)
    first.refresh_from_db()
    services.approve(revision=first, actor=people["manager2@demo"], at=now)
    evidence_for(
        mains[1],
        [ProductFactory(sku=f"S{n}", name=name, category=things, price="1900") for n, name in enumerate(SUGGESTED)],
    )
    return mains


def evidence_for(main, companions):
    last = timezone.localdate() - timedelta(days=1)
    refresh = Refresh.objects.create(
        from_date=last - timedelta(days=27), to_date=last, state="ready", current=True, engine="duckdb",
        started_at=timezone.now(), orders=4000,
    )  # fmt: skip
    weeks = [125] * 4
    ProductStat.objects.create(refresh=refresh, product=main, orders=500, weekly=weeks)
    for place, companion in enumerate(companions):
        both = 200 - 40 * place
        ListedPair.objects.create(
            refresh=refresh, main=main, companion=companion, orders_main=500, orders_companion=600, orders_both=both,
            expected=75.0, excess=(both - 75) / 500,
        )  # fmt: skip
        PairStat.objects.create(
            refresh=refresh, main=main, companion=companion, orders_main=500, orders_companion=600, orders_both=both,
            orders_all=4000, expected=75.0, score=(both - 75) / 500, p_value=0.0, q_value=0.0, customers_both=both,
            revenue=both * 1900, weekly=[both // 4] * 4,
        )  # fmt: skip
    cable = Pair.objects.get(main=main, companion__sku="C1").companion
    PairStat.objects.create(
        refresh=refresh, main=main, companion=cable, orders_main=500, orders_companion=300, orders_both=250,
        orders_all=4000, expected=40.0, score=0.4, p_value=0.0, q_value=0.0, customers_both=250, revenue=250 * 900,
        weekly=[60] * 4,
    )  # fmt: skip


class View:
    """An open product view, as a person meets it."""

    def __init__(self, page):
        self.page = page
        self.until(lambda: page.locator("#pv-beside .slist").count() == 1 and page.locator("#pv-loading").count() == 0)

    def until(self, true, seconds=40):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if true():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("did not come true")

    def names(self):
        return self.page.locator("[data-rank-list] [data-pair] .cmain a .trunc").all_inner_texts()

    def until_saved(self):
        """Until the server has drawn the list anew."""
        self.until(lambda: self.page.locator("#pv-companions[aria-busy]").count() == 0)
        self.until(lambda: self.page.locator("[data-rank-list] .dragging").count() == 0)

    def grip(self, name):
        return self.page.locator(f"[data-pair][data-name='{name}'] .grip")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def spoken(self):
        return self.page.locator("#live").inner_text()

    def toasts(self):
        return " ".join(self.page.locator("#toasts .toast").all_inner_texts())

    def suggestion(self):
        return self.page.locator("[data-suggestion][open] summary .m").inner_text()

    def suggestions(self):
        return self.page.locator("[data-suggestion]").count()


@pytest.fixture
def opened(browser, live_server, people):
    """Opens a product for a person; at the end nothing may have been complained about."""
    pages = []

    def open_product(product, email="manager@demo", query="", **options):
        page, watched = watched_page(browser, base_url=live_server.url, **options)
        page.set_default_timeout(60_000)
        pages.append((page, watched))
        sign_in(page, email)
        page.goto(reverse("matrix:product", args=[product.pk]) + query)
        return View(page)

    yield open_product
    complaints = [complaint for _page, watched in pages for complaint in watched.complaints]
    for page, _watched in pages:
        page.context.close()
    assert complaints == []


def ranked(main):
    """Companions by their newest rank."""
    pairs = Pair.objects.filter(main=main, current__isnull=False).select_related("current", "companion")
    return [pair.companion.name for pair in sorted(pairs, key=lambda pair: (pair.current.rank, pair.companion.sku))]


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
