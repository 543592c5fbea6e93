"""Shop events are kept as long as a setting says, and never less long than pairs are judged by them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.insights import services
from crossmatrix.insights.models import Exposure
from crossmatrix.insights.rules.periods import first_of_kept
from crossmatrix.insights.selectors.seen import SEEN_DAYS, counted
from crossmatrix.insights.services.exposures import drop_old_exposures
from tests.factories import ProductFactory, UserFactory
from tests.insights.factories import orders


@pytest.mark.parametrize(
    ("today", "months", "first"),
    [
        (date(2026, 11, 20), 2, date(2026, 9, 1)),
        (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 1, 31), 12, date(2025, 1, 1)),
    ],
)
def test_the_months_before_the_one_that_runs_are_counted_back(today, months, first):
    assert first_of_kept(today, months) == first


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(1, 120))
def test_it_is_the_first_of_a_month_that_many_months_back(today, months):
    first = first_of_kept(today, months)

    assert first.day == 1
    assert (today.year - first.year) * 12 + today.month - first.month == months


@pytest.fixture
def seen(now):
    """Views of a pair on five days: today, and 80, 91, 200 and 400 days before."""
    main, companion = ProductFactory(sku="phone"), ProductFactory(sku="case")
    today = now.date()
    Exposure.objects.bulk_create(
        Exposure(main=main, companion=companion, day=today - timedelta(days=n), shown=10) for n in (0, 80, 91, 200, 400)
    )
    return today


def days_back(today):
    return sorted((today - day).days for day in Exposure.objects.values_list("day", flat=True))


@pytest.mark.django_db
def test_every_view_is_kept_unless_a_setting_says_otherwise(seen, now):
    assert drop_old_exposures(at=now) == 0
    assert days_back(seen) == [0, 80, 91, 200, 400]


@pytest.mark.django_db
def test_months_beyond_the_kept_ones_go(seen, now, settings):
    settings.EXPOSURES_KEPT_MONTHS = 8

    assert drop_old_exposures(at=now) == 1
    assert days_back(seen) == [0, 80, 91, 200]


@pytest.mark.django_db
def test_what_pairs_are_judged_by_stays_however_little_is_kept(seen, now, settings):
    settings.EXPOSURES_KEPT_MONTHS = 1
    before = set(counted(seen).values_list("pk", flat=True))

    drop_old_exposures(at=now)

    assert set(counted(seen).values_list("pk", flat=True)) == before
    assert max(days_back(seen)) <= SEEN_DAYS


@pytest.mark.django_db
def test_the_nightly_count_drops_them(seen, now, settings):
    settings.EXPOSURES_KEPT_MONTHS = 8
    services.ingest_orders(lines=orders(*[["phone", "case"]] * 6), batch="1", at=now)

    services.refresh_stats(at=now)

    assert days_back(seen) == [0, 80, 91, 200]


@pytest.mark.django_db
def test_the_page_of_quality_says_how_long_views_are_kept(seen, client, settings):
    settings.EXPOSURES_KEPT_MONTHS = 7
    client.force_login(UserFactory(is_superuser=True))

    assert client.get(reverse("insights:quality")).context["kept_views"] == 7
