"""Three consoles, one with six companions and three suggestions, and the product view that a person opens on them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crossmatrix.insights.models import ListedPair, PairStat, ProductStat, Refresh
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from crossmatrix.matrix.rules import LinkDraft
from tests.factories import CategoryFactory, ProductFactory
from tests.journeys.live import Screen

NAMES = ["Кабель HDMI", "Геймпад", "Игра «Трасса»", "Диск 2 ТБ", "Подписка", "Подставка"]
SUGGESTED = ["Зарядная станция", "Чехол дорожный", "Наушники"]


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


class View(Screen):
    """An open product view."""

    def __init__(self, page, *, of="matrix:product"):
        super().__init__(page)
        if of != "matrix:product":
            return
        self.until(lambda: page.locator("#pv-beside .slist").count() == 1 and page.locator("#pv-loading").count() == 0)

    def names(self):
        return self.page.locator("[data-rank-list] [data-pair] .cmain a .trunc").all_inner_texts()

    def until_saved(self):
        """Until the server has drawn the list anew."""
        self.until(lambda: self.page.locator("#pv-companions[aria-busy]").count() == 0)
        self.until(lambda: self.page.locator("[data-rank-list] .dragging").count() == 0)

    def grip(self, name):
        return self.page.locator(f"[data-pair][data-name='{name}'] .grip")

    def spoken(self):
        return self.page.locator("#live").inner_text()

    def suggestion(self):
        return self.page.locator("[data-suggestion][open] summary .m").inner_text()

    def suggestions(self):
        return self.page.locator("[data-suggestion]").count()


@pytest.fixture
def opened(enter, people):
    """Opens a product, or another page of it, for a person."""

    def open_product(product, email="manager@demo", query="", of="matrix:product", **options):
        return View(enter(reverse(of, args=[product.pk]) + query, email, **options), of=of)

    return open_product


def ranked(main):
    """Companions by their newest rank."""
    pairs = Pair.objects.filter(main=main, current__isnull=False).select_related("current", "companion")
    return [pair.companion.name for pair in sorted(pairs, key=lambda pair: (pair.current.rank, pair.companion.sku))]
