"""What is usual between two categories: the other pairs of the matrix, in all and by week, read once a minute."""

from datetime import date

import pytest
from django.core.cache import cache
from django.utils import timezone

from crossmatrix.insights.models import PairStat, ProductStat, Refresh
from crossmatrix.insights.selectors import evidence
from tests.factories import CategoryFactory, ProductFactory
from tests.insights.factories import approved_pair

pytestmark = pytest.mark.django_db
WEEKS = 2


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def refresh(db):
    return Refresh.objects.create(
        from_date=date(2026, 11, 2), to_date=date(2026, 11, 15), state="ready", current=True, engine="duckdb",
        started_at=timezone.now(), finished_at=timezone.now(), orders=10_000,
    )  # fmt: skip


@pytest.fixture
def bought(refresh):
    """Store how often two products were bought: bought(main, companion, of=100, both=20), half in each week."""

    def store(main, companion, *, of, both, in_matrix=True):
        if in_matrix:
            approved_pair(main, companion)
        ProductStat.objects.get_or_create(
            refresh=refresh, product=main, defaults={"orders": of, "weekly": [of // 2, of // 2]}
        )
        return PairStat.objects.create(
            refresh=refresh, main=main, companion=companion, orders_main=of, orders_companion=500, orders_both=both,
            orders_all=10_000, expected=1.0, score=0.1, p_value=0.01, q_value=0.01, weekly=[both // 2, both // 2],
        )  # fmt: skip

    return store


@pytest.fixture
def shop(bought):
    phones, cases = CategoryFactory(name="Phones"), CategoryFactory(name="Cases")
    mains = ProductFactory.create_batch(3, category=phones)
    others = ProductFactory.create_batch(3, category=cases)
    own = bought(mains[0], others[0], of=100, both=60)
    bought(mains[1], others[1], of=100, both=20)
    bought(mains[2], others[2], of=300, both=20)
    bought(mains[1], others[2], of=100, both=90, in_matrix=False)
    bought(mains[1], ProductFactory(category=phones), of=100, both=90)
    return own


def test_the_other_pairs_of_the_matrix_say_what_is_usual(shop):
    share, weeks = evidence.usual_of(evidence.stat_of(shop.main_id, shop.companion_id))

    assert share == 40 / 400
    assert weeks == [20 / 200, 20 / 200]


def test_a_pair_alone_between_its_categories_has_nothing_to_be_compared_with(shop, bought):
    lonely = bought(
        ProductFactory(category=CategoryFactory()), ProductFactory(category=CategoryFactory()), of=99, both=9
    )

    assert evidence.usual_of(evidence.stat_of(lonely.main_id, lonely.companion_id)) == (None, [])


def test_what_is_usual_is_a_minute_old_at_most_and_of_one_refresh(shop, bought, django_assert_num_queries):
    own = evidence.stat_of(shop.main_id, shop.companion_id)
    first = evidence.usual_of(own)
    late = bought(
        ProductFactory(category=own.main.category), ProductFactory(category=own.companion.category), of=600, both=60
    )

    with django_assert_num_queries(1):  # its own weeks
        assert evidence.usual_of(own) == first

    cache.clear()  # a minute later
    assert evidence.usual_of(own)[0] == 100 / 1000
    Refresh.objects.filter(pk=late.refresh_id).update(current=False)
    assert evidence.stat_of(shop.main_id, shop.companion_id) is None
