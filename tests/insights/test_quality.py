"""The page that says how far the orders can be trusted, and the notice on the first page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crossmatrix.insights import services
from crossmatrix.insights.models import OrderDay, OrderFile, OrderIntake
from crossmatrix.insights.selectors import quality
from crossmatrix.insights.services.orders import drop_old_orders
from tests.factories import ProductFactory, UserFactory
from tests.insights.factories import DAY, orders, wall

pytestmark = pytest.mark.django_db
TODAY = DAY.date()


def usual(weeks=10, each=100):
    OrderDay.objects.bulk_create(
        OrderDay(day=TODAY - timedelta(days=n), orders=each, lines=each * 3) for n in range(7 * weeks)
    )


def test_lines_that_come_twice_or_late_are_told_apart(now):
    ProductFactory(sku="tv")
    services.ingest_orders(lines=orders(*[["tv", "cable"]] * 6), batch="1", at=now)
    services.refresh_stats(at=now)
    again_and_late = orders(
        *[["tv", "cable"]] * 6, (DAY - timedelta(days=3), ["tv"]), (DAY + timedelta(days=1), ["tv"])
    )

    services.ingest_orders(lines=again_and_late, batch="2", at=now)

    first, second = OrderIntake.objects.order_by("batch")
    assert (first.added, first.same, first.late) == (12, 0, 0)
    assert (second.added, second.same, second.late) == (2, 12, 1)
    assert quality.intake_totals() == {"added": 14, "same": 12, "late": 1}


def test_a_lost_day_and_silence_are_noticed(now):
    usual()
    OrderDay.objects.filter(day=TODAY - timedelta(days=2)).delete()

    found = quality.pulse(TODAY)

    assert [(one.day, one.orders) for one in found.unusual] == [(TODAY - timedelta(days=2), 0)]
    assert found.silent_since is None
    assert quality.pulse(TODAY + timedelta(days=3)).silent_since == TODAY


def test_a_refresh_says_how_many_orders_each_day_had(now):
    ProductFactory(sku="tv")
    services.ingest_orders(lines=orders(["tv"], ["tv", "cable"], (DAY - timedelta(days=1), ["tv"])), batch="1", at=now)

    services.refresh_stats(at=now)

    assert list(OrderDay.objects.order_by("day").values_list("day", "orders", "lines")) == [
        (TODAY - timedelta(days=1), 1, 1),
        (TODAY, 2, 3),
    ]


def test_months_beyond_the_kept_ones_are_dropped_whole(now, settings, django_capture_on_commit_callbacks):
    settings.ORDERS_KEPT_MONTHS = 2  # beside the month that runs
    for month in (8, 9, 10, 11):
        services.ingest_orders(
            lines=orders((wall(2026, month, 3), ["tv"]), prefix=f"m{month}-"), batch=str(month), at=now
        )

    with django_capture_on_commit_callbacks(execute=True):
        gone = drop_old_orders(at=now.replace(year=2026, month=11, day=20))

    assert gone == 1
    assert sorted(OrderFile.objects.values_list("batch", flat=True)) == ["10", "11", "9"]
    assert len(list(settings.ORDERS_ROOT.glob("month=*/*.parquet"))) == 3


def test_everything_is_kept_unless_a_setting_says_otherwise(now):
    services.ingest_orders(lines=orders((wall(2001, 1, 3), ["tv"])), batch="1", at=now)

    assert drop_old_orders(at=now) == 0
    assert OrderFile.objects.count() == 1


def test_the_page_says_what_is_wrong_with_the_orders(client, now, django_assert_max_num_queries):
    ProductFactory(sku="tv", category=None, name="Телевизор")
    services.ingest_orders(lines=orders(*[["tv", "ghost"]] * 6), batch="1", at=now)
    services.refresh_stats(at=now)
    client.force_login(UserFactory(is_superuser=True))

    with django_assert_max_num_queries(40):
        page = client.get(reverse("insights:quality")).content.decode()

    assert "ghost" in page
    assert "Телевизор" in page


def test_the_page_is_for_those_who_may_see_evidence(client):
    client.force_login(UserFactory())

    assert client.get(reverse("insights:quality")).status_code == 403
