"""Dashboards, policies with their preview, the week, the orders behind a pair: as people see them."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.insights import services
from crossmatrix.insights.models import CategoryCohort, CategoryMonth, DashboardMonth, WeakFlag, WeakPolicy
from crossmatrix.insights.rules.policy import Limits
from crossmatrix.insights.rules.words import Decision
from crossmatrix.insights.selectors.dashboards import board
from crossmatrix.insights.selectors.digest import last_week
from crossmatrix.insights.selectors.preview import preview
from crossmatrix.insights.services.policies import PolicyThere
from crossmatrix.insights.views.queue import digest_section
from crossmatrix.jobs.models import JobRun
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders, wall

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(phones, now):
    """Three covers: two that half of the buyers take, one that nearly nobody does."""
    cases = CategoryFactory(name="Cases")
    phone = ProductFactory(sku="phone", name="Novara", category=phones, price="30000.00")
    pairs = [
        approved_pair(phone, ProductFactory(sku=f"cover{n}", name=f"Cover {n}", category=cases, price="900.00", cost="500.00"))
        for n in range(3)
    ]  # fmt: skip
    october = orders(*[["phone", "cover0"]] * 40, *[["phone"]] * 60, at=wall(2026, 10, 5, 12), prefix="oct")
    november = orders(
        *[["phone", "cover0", "cover1"]] * 50, *[["phone", "cover2"]] * 2, *[["phone"]] * 48, prefix="nov"
    )
    services.ingest_orders(lines=october, batch="1", at=now)
    services.ingest_orders(lines=november, batch="2", at=now)
    services.refresh_stats(at=now)
    return pairs


def everything(month):
    return CategoryMonth.objects.get(month__month=month, category=None)


def test_a_month_counts_orders_with_a_main_and_those_with_its_companions(shop, phones, now):
    months = services.count_dashboards(at=now)

    october, november = (everything(f"2026-{month}-01") for month in (10, 11))
    assert months == 2
    assert (october.orders, october.orders_with) == (100, 40)
    assert (november.orders, november.orders_with) == (100, 52)
    assert (october.amount, october.amount_with, october.amount_companions) == (1_400_000, 800_000, 400_000)
    assert CategoryMonth.objects.get(month__month="2026-10-01", category=phones).orders == 100


def test_only_months_whose_orders_or_pairs_changed_are_counted_again(shop, now):
    services.count_dashboards(at=now)

    again = services.count_dashboards(at=now)
    services.ingest_orders(lines=orders(["phone"], prefix="late", at=wall(2026, 10, 9, 9)), batch="3", at=now)
    late = services.count_dashboards(at=now)
    shop[0].approved = None
    shop[0].save()
    after = services.count_dashboards(at=now)

    assert (again, late, after) == (0, 1, 2)
    assert everything("2026-10-01").orders == 101
    assert everything("2026-10-01").orders_with == 0


def test_months_whose_orders_were_taken_back_go_away(shop, now):
    services.count_dashboards(at=now)
    services.forget_orders(batch="1")

    services.count_dashboards(at=now)

    assert [month.month.month for month in DashboardMonth.objects.all()] == [11]


def test_customers_are_followed_from_the_month_of_their_first_order(shop, now):
    services.count_dashboards(at=now)

    rows = CategoryCohort.objects.filter(category=None).order_by("cohort", "age")

    assert [(row.cohort.month, row.age, row.customers) for row in rows] == [(10, 0, 100), (10, 1, 100)]
    assert [(row.orders, row.orders_with) for row in rows] == [(100, 40), (100, 52)]


def test_the_year_before_stands_beside_each_month(shop, now):
    year_ago = orders(*[["phone", "cover0"]] * 30, *[["phone"]] * 10, at=wall(2025, 11, 5, 12), prefix="old")
    services.ingest_orders(lines=year_ago, batch="3", at=now)
    services.count_dashboards(at=now)

    shown = board(None, 3)

    assert shown.points[-1].now.attach_rate == 0.52
    assert shown.points[-1].before.attach_rate == 0.75
    assert shown.coverage.covered == 1


def test_the_dashboard_shows_its_figures_and_charts_with_their_tables(client, shop, now, django_assert_max_num_queries):
    services.count_dashboards(at=now)
    client.force_login(member(Role.ANALYST, language="en"))

    with django_assert_max_num_queries(40):
        page = client.get(
            reverse("insights:dashboard"), {"months": "3"}, headers={"Accept-Language": "en"}
        ).content.decode()

    assert page.count('role="img"') >= 3
    assert page.count("chart-data") == page.count('<figure class="chart')
    assert '46\xa0%</b> <span class="xs t3 num">92 из 200 чеков</span>' in page


def test_a_manager_sees_the_dashboards_of_their_categories_alone(client, shop, phones, now):
    services.count_dashboards(at=now)
    toys = CategoryFactory(name="Toys")
    client.force_login(member(Role.CATEGORY_MANAGER, category=toys))

    assert client.get(reverse("insights:dashboard"), {"category": phones.pk}).status_code == 403
    assert "dash-tiles" not in client.get(reverse("insights:dashboard")).content.decode()
    client.force_login(member(Role.CATEGORY_MANAGER, category=phones))
    assert client.get(reverse("insights:dashboard"), {"category": phones.pk}).status_code == 200


def test_before_any_counting_the_dashboard_says_what_to_do(client):
    client.force_login(member(Role.ANALYST))

    page = client.get(reverse("insights:dashboard"))

    assert page.status_code == 200
    assert "dash-tiles" not in page.content.decode()


def test_a_preview_says_how_many_more_a_change_would_flag_and_changes_nothing(shop, phones, now):
    shown = preview(category=phones, limits=Limits(min_orders=30, least_margin=0.6), at=now)

    assert (shown.more, shown.fewer) == (3, 0)
    assert [(cause.value, more, fewer) for cause, more, fewer in shown.by_cause] == [("losing_margin", 3, 0)]
    assert not WeakPolicy.objects.exists()
    assert not WeakFlag.objects.exists()


def test_a_policy_that_asks_for_more_orders_lets_flags_go(shop, phones, now):
    shown = preview(category=None, limits=Limits(min_orders=10_000), at=now)

    assert (shown.now, shown.more, shown.fewer) == (1, 0, 1)


def test_an_analyst_previews_and_saves_a_policy_and_a_look_is_owed(client, shop, phones, now):
    client.force_login(member(Role.ANALYST))
    form = {
        "category": phones.pk, "min_orders": "30", "share_of_usual": "50", "false_share": "10", "decline": "30",
        "returns_times": "2", "least_margin": "60", "promo_share": "80", "unseen_days": "30", "urgent_days": "3",
        "check_days": "14", "note_days": "30", "decider": "head",
    }  # fmt: skip

    seen = client.post(reverse("insights:weak_policies"), form | {"action": "preview"})
    assert not WeakPolicy.objects.exists()
    saved = client.post(reverse("insights:weak_policies"), form | {"action": "save"})

    assert (seen.status_code, saved.status_code) == (200, 302)
    assert "wprev" in seen.content.decode()
    policy = WeakPolicy.objects.get()
    assert (policy.least_margin, policy.decider, policy.category) == (0.6, "head", phones)
    assert AuditEvent.objects.filter(kind="weak_policy.set").count() == 1
    assert JobRun.objects.filter(task="crossmatrix.insights.tasks.flag_weak_pairs").count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("least_margin", "100"), ("min_orders", "0"), ("false_share", "60"), ("decider", "x")]
)
def test_a_policy_that_cannot_be_is_refused_beside_its_field(client, shop, field, value):
    client.force_login(member(Role.ANALYST))
    form = {
        "min_orders": "30", "share_of_usual": "50", "false_share": "10", "decline": "30", "returns_times": "2",
        "least_margin": "0", "promo_share": "80", "unseen_days": "30", "urgent_days": "3", "check_days": "14",
        "note_days": "30", "decider": "manager", field: value,
    }  # fmt: skip

    answer = client.post(reverse("insights:weak_policies"), form)

    assert answer.status_code == 422
    assert not WeakPolicy.objects.exists()


def test_a_category_has_one_policy_and_removing_it_is_recorded(phones, now):
    analyst = member(Role.ANALYST)
    policy = services.set_weak_policy(category=phones, limits=Limits(min_orders=5), actor=analyst, at=now)

    with pytest.raises(PolicyThere):
        services.set_weak_policy(category=phones, limits=Limits(min_orders=6), actor=analyst, at=now)
    services.remove_weak_policy(policy=policy, actor=analyst, at=now)

    assert not WeakPolicy.objects.exists()
    assert set(AuditEvent.objects.values_list("kind", flat=True)) >= {"weak_policy.set", "weak_policy.removed"}


def test_a_manager_may_not_write_policies(client, phones):
    client.force_login(member(Role.CATEGORY_MANAGER, category=phones))

    assert client.get(reverse("insights:weak_policies")).status_code == 403


def test_checking_now_ends_on_the_inbox_with_its_progress(client, shop, phones):
    client.force_login(member(Role.CATEGORY_MANAGER, category=phones))

    answer = client.post(reverse("insights:look"))
    page = client.get(answer.url).content.decode()

    run = JobRun.objects.get(task="crossmatrix.insights.tasks.flag_weak_pairs")
    assert answer.url == f"{reverse('insights:weak')}?job={run.pk}"
    assert f'id="job-{run.pk}"' in page


def test_the_week_counts_what_came_and_what_was_decided(client, shop, phones, now):
    user = member(Role.CATEGORY_MANAGER, category=phones, language="en")
    at = timezone.now()
    services.flag_weak_pairs(at=at)
    flag = WeakFlag.objects.select_related("pair__main", "pair__companion").get()
    client.force_login(user)
    address, this_week = reverse("insights:weak_digest"), {"week": timezone.localdate(at).isoformat()}
    waiting = client.get(address, this_week).content.decode()
    services.decide_flag(flag=flag, decision=Decision.KEEP, actor=user, at=at, note="A new one comes")

    page = client.get(address, this_week)

    assert f"{flag.pair.main.name} × {flag.pair.companion.name}" in waiting
    assert f"{flag.pair.main.name} × {flag.pair.companion.name}" not in page.content.decode()
    assert (page.context["digest"].raised_count, page.context["digest"].decided_count) == (1, 1)
    before = client.get(
        reverse("insights:weak_digest"), {"week": (timezone.localdate(at) - timedelta(days=7)).isoformat()}
    )
    assert before.context["digest"].raised_count == 0


@pytest.mark.parametrize(("days", "told"), [(0, True), (2, True), (3, False)])
def test_the_first_page_tells_of_the_week_before_from_monday_to_wednesday(rf, shop, phones, monkeypatch, days, told):
    services.flag_weak_pairs(at=timezone.now())
    monday = last_week(timezone.localdate()) + timedelta(days=14)  # the week after this one begins
    monkeypatch.setattr(timezone, "localdate", lambda: monday + timedelta(days=days))
    request = rf.get("/")
    request.user = member(Role.CATEGORY_MANAGER, category=phones)

    section = digest_section(request)

    assert (section is not None) == told
    if section:
        assert section.text.startswith("Пришло: 1, разобрано: 0, ушло само: 0, просрочено сегодня: ")


def test_the_orders_behind_a_pair_are_listed_and_go_to_excel(client, shop, phones, now):
    client.force_login(member(Role.CATEGORY_MANAGER, category=phones, language="en"))
    pair = shop[1]

    part = client.get(reverse("insights:orders", args=[pair.main_id, pair.companion_id])).content.decode()
    book = client.get(reverse("insights:orders_export", args=[pair.main_id, pair.companion_id]))

    assert part.count("<tr>") == 51
    rows = list(load_workbook(BytesIO(book.content)).active.iter_rows(values_only=True))
    assert len([row for row in rows if str(row[0]).startswith("nov")]) == 50
    client.force_login(member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Toys")))
    assert client.get(reverse("insights:orders", args=[pair.main_id, pair.companion_id])).status_code == 403
