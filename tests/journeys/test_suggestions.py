"""The queue of suggestions in a real browser: decided by keys, walked by J and K, open slots filled after a preview."""

import os
import time

import pytest
from django.core.cache import cache
from django.utils import timezone

from crossmatrix.accounts.models import Membership, User
from crossmatrix.accounts.rules import Role
from crossmatrix.insights import services
from crossmatrix.insights.models import Suggestion
from crossmatrix.matrix.models import PairRevision, Slot
from tests.factories import CategoryFactory, ProductFactory
from tests.insights.factories import orders
from tests.journeys.browser_page import accessibility_violations, chromium, sign_in, watched_page

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


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
def shop():
    """Phones with glass, cases and chargers, bought over some weeks; the newest phone has been bought by nobody."""
    cache.clear()
    manager = User.objects.create_user("manager@demo", "demo", name="Елена Ковалёва")
    Membership.objects.create(user=manager, role=Role.CATEGORY_MANAGER)
    phones, glass, power = (CategoryFactory(name=name) for name in ("Смартфоны", "Защита", "Питание"))
    for sku, name in (("p1", "Orbis 12 Pro 256 ГБ"), ("p2", "Novara X5 512 ГБ"), ("p3", "Тайга М2 (новый)")):
        ProductFactory(sku=sku, name=name, category=phones, price="59990.00", brand="Orbis")
    for sku, name, category, price in (
        ("g1", "Стекло защитное 2.5D", glass, "1290.00"), ("g2", "Чехол силиконовый, графит", glass, "1490.00"),
        ("c1", "Сетевое ЗУ 30 Вт USB-C", power, "2490.00"), ("c2", "Power bank 10 000 мА·ч", power, "3490.00"),
    ):  # fmt: skip
        ProductFactory(sku=sku, name=name, category=category, price=price, stock=120)
    now = timezone.now()
    for category, reason, wanted in ((glass, "Защита экрана", 1), (power, "Нет ЗУ в коробке", 1)):
        Slot.objects.create(
            main_category=phones, companion_category=category, reason=reason, wanted=wanted, updated_at=now
        )
    baskets = [
        *[["p1", "g1"]] * 70, *[["p1", "c1"]] * 45, *[["p1", "g2"]] * 30, *[["p1"]] * 40, *[["p2", "g2"]] * 50,
        *[["p2", "c2"]] * 30, *[["p2"]] * 60, *[[f"x{n % 40}", f"x{n % 37}y"] for n in range(500)],
    ]  # fmt: skip
    from datetime import timedelta

    last = timezone.localtime(now).replace(tzinfo=None, hour=12)
    dated = [(last - timedelta(days=1 + n % 60), basket) for n, basket in enumerate(baskets)]
    services.ingest_orders(lines=orders(*dated), batch="1", at=now)
    services.refresh_stats(at=now)
    return manager


def until(read, wanted, seconds=40):
    """Poll for what is read until it is what is wanted."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = read()
        except Exception:
            found = None
        if found == wanted:
            return
        time.sleep(0.1)
    assert read() == wanted


def heading(page):
    """The pair shown, once the page listens to keys."""
    page.wait_for_load_state("load")
    return " ".join(page.inner_text("#pairh").split())


def shoot(page, name):
    if folder := os.environ.get("SUGGESTIONS_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_suggestions_are_decided_and_walked_by_keys(live_server, browser, shop):
    page, watched = watched_page(browser, base_url=live_server.url)
    sign_in(page, "manager@demo")
    page.goto("/evidence/suggestions/")
    until(lambda: heading(page), "Orbis 12 Pro 256 ГБ × Стекло защитное 2.5D")
    shoot(page, "queue_light")

    page.keyboard.press("j")
    until(lambda: heading(page).split(" × ")[0], "Novara X5 512 ГБ")
    page.keyboard.press("k")
    until(lambda: heading(page).split(" × ")[0], "Orbis 12 Pro 256 ГБ")

    page.keyboard.press("a")
    until(lambda: Suggestion.objects.filter(state="accepted", companion__sku="g1").count(), 1)
    until(lambda: heading(page), "Orbis 12 Pro 256 ГБ × Сетевое ЗУ 30 Вт USB-C")

    page.keyboard.press("h")
    until(lambda: Suggestion.objects.filter(state="later", companion__sku="c1").count(), 1)
    until(lambda: "Сетевое" in heading(page), False)

    page.keyboard.press("x")
    page.fill("#refuse input[name=reason]", "Другой разъём")
    page.keyboard.press("Enter")
    until(lambda: Suggestion.objects.filter(state="not_suitable").count(), 1)
    assert watched.complaints == []


def test_open_slots_of_the_products_are_filled_after_a_preview(live_server, browser, shop):
    page, watched = watched_page(browser, base_url=live_server.url)
    sign_in(page, "manager@demo")
    page.goto("/evidence/suggestions/fill/")
    ticked = page.locator("input[name=pair]:checked").count()
    assert ticked >= 4
    assert not PairRevision.objects.exists()
    shoot(page, "fill_light")

    page.click("form .btn.pri:has-text('черновики')")
    until(lambda: PairRevision.objects.filter(state="draft").count(), ticked)
    page.click("text=Отменить")
    until(lambda: PairRevision.objects.filter(state="draft").count(), 0)
    assert watched.complaints == []


@pytest.mark.parametrize(("theme", "language"), [("light", "ru"), ("dark", "en")])
def test_the_queue_is_accessible_in_both_themes(live_server, browser, shop, theme, language):
    page, watched = watched_page(browser, base_url=live_server.url, theme=theme, language=language)
    sign_in(page, "manager@demo")

    for address in ("/evidence/suggestions/", "/evidence/suggestions/fill/"):
        page.goto(address)
        shoot(page, f"{'fill' if 'fill' in address else 'queue'}_{theme}_{language}")
        assert accessibility_violations(page) == []
    assert watched.complaints == []
