"""The queue of suggestions in a real browser: decided by keys, walked by J and K, open slots filled after a preview."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crossmatrix.insights import services
from crossmatrix.insights.models import Suggestion
from crossmatrix.matrix.models import PairRevision, Slot
from tests.factories import CategoryFactory, ProductFactory
from tests.insights.factories import orders
from tests.journeys.browser_page import accessibility_violations
from tests.journeys.live import press, until

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(people):
    """Phones with glass, cases and chargers, bought over some weeks; the newest phone has been bought by nobody."""
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
    last = timezone.localtime(now).replace(tzinfo=None, hour=12)
    dated = [(last - timedelta(days=1 + n % 60), basket) for n, basket in enumerate(baskets)]
    services.ingest_orders(lines=orders(*dated), batch="1", at=now)
    services.refresh_stats(at=now)


PATIENCE = 40  # seconds for what follows a key


def heading(page):
    return " ".join(page.inner_text("#pairh").split())


def test_suggestions_are_decided_and_walked_by_keys(enter, shop):
    page = enter("/evidence/suggestions/")
    until(page, lambda: heading(page) == "Orbis 12 Pro 256 ГБ × Стекло защитное 2.5D", PATIENCE)

    press(page, "j")
    until(page, lambda: heading(page).split(" × ")[0] == "Novara X5 512 ГБ", PATIENCE)
    press(page, "k")
    until(page, lambda: heading(page).split(" × ")[0] == "Orbis 12 Pro 256 ГБ", PATIENCE)

    press(page, "a")
    until(page, lambda: Suggestion.objects.filter(state="accepted", companion__sku="g1").count() == 1, PATIENCE)
    until(page, lambda: heading(page) == "Orbis 12 Pro 256 ГБ × Сетевое ЗУ 30 Вт USB-C", PATIENCE)

    press(page, "h")
    until(page, lambda: Suggestion.objects.filter(state="later", companion__sku="c1").count() == 1, PATIENCE)
    until(page, lambda: "Сетевое" not in heading(page), PATIENCE)

    press(page, "x")
    page.fill("#refuse input[name=reason]", "Другой разъём")
    press(page, "Enter")
    until(page, lambda: Suggestion.objects.filter(state="not_suitable").count() == 1, PATIENCE)


def test_open_slots_of_the_products_are_filled_after_a_preview(enter, shop):
    page = enter("/evidence/suggestions/fill/")
    ticked = page.locator("input[name=pair]:checked").count()
    assert ticked >= 4
    assert not PairRevision.objects.exists()

    page.click("form .btn.pri:has-text('черновики')")
    until(page, lambda: PairRevision.objects.filter(state="draft").count() == ticked, PATIENCE)
    page.click("text=Отменить")
    until(page, lambda: PairRevision.objects.filter(state="draft").count() == 0, PATIENCE)


@pytest.mark.parametrize(("theme", "language"), [("light", "ru"), ("dark", "en")])
def test_the_queue_is_accessible_in_both_themes(enter, shop, theme, language):
    page = enter("/evidence/suggestions/", theme=theme, language=language)

    for address in ("/evidence/suggestions/", "/evidence/suggestions/fill/"):
        page.goto(address)
        assert accessibility_violations(page) == []
