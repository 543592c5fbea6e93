"""Who may see and decide what, and that the screens carry it."""

import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.insights import services
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.selectors import weak
from crossmatrix.jobs.models import JobRun
from crossmatrix.matrix.models import Pair
from tests.factories import CategoryFactory, ProductFactory, SupplierFactory, member
from tests.insights.factories import approved_pair, orders

pytestmark = pytest.mark.django_db


@pytest.fixture
def flag(phones, now):
    main = ProductFactory(sku="phone", name="Novara X5", category=phones, price="30000.00")
    companion = ProductFactory(sku="case", name="Leather case", price="900.00", stock=0)
    approved_pair(main, companion)
    other = ProductFactory(
        sku="cover", name="Silicone cover", price="700.00", cost="300.00", category=companion.category, stock=4
    )
    lines = orders(*[["phone", "case"]] * 40, *[["phone", "cover"]] * 60, *[["bread"]] * 300)
    services.ingest_orders(lines=lines, batch="1", at=now)
    services.refresh_stats(at=now)
    services.flag_weak_pairs(at=now)
    assert other.pk
    return WeakFlag.objects.get()


def person(role, phones):
    return member(role, category=phones if role == Role.CATEGORY_MANAGER else None, language="en")


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.CATEGORY_MANAGER, 200), (Role.HEAD, 200), (Role.ANALYST, 200), (Role.STAFF, 403), (Role.ADMIN, 200)],
)
@pytest.mark.parametrize("page", ["insights:weak", "insights:evidence"])
def test_who_may_open_the_pages(client, phones, role, status, page):
    client.force_login(person(role, phones))

    assert client.get(reverse(page)).status_code == status


def test_a_supplier_sees_nothing_of_it(client):
    client.force_login(member(Role.SUPPLIER, supplier=SupplierFactory()))

    assert client.get(reverse("insights:weak")).status_code != 200


def test_the_inbox_shows_verdict_numbers_and_replacement(client, phones, flag):
    client.force_login(person(Role.CATEGORY_MANAGER, phones))

    text = client.get(reverse("insights:weak")).content.decode()

    assert "Leather case" in text
    assert "Спутника нет на складе" in text
    assert "Silicone cover" in text
    assert "40 из 100" in text
    assert 'data-key="KeyE"' in text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("novara", 1),
        ("leather X5", 1),
        ("PHO", 1),
        ("cas", 1),
        ("x5 silicone", 0),
        ("hone", 0),
        (" ", 1),
        ("?!", 0),
        ("covers cases", 0),
        ("cases", 1),
    ],
)
def test_the_inbox_is_searched_by_names_and_skus_of_both_sides(flag, words, found):
    assert weak.matching(weak.flags(), text=words).count() == found


def test_a_row_asks_only_for_the_detail(client, phones, flag):
    client.force_login(person(Role.CATEGORY_MANAGER, phones))

    part = client.get(
        reverse("insights:weak_flag", args=[flag.pk]), headers={"HX-Request": "true", "HX-Target": "weak-detail"}
    ).content.decode()

    assert "<html" not in part
    assert "Leather case" in part


def test_flags_of_other_categories_are_not_seen_nor_decided(client, flag):
    client.force_login(member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Toys")))

    assert client.get(reverse("insights:weak_flag", args=[flag.pk])).status_code == 404
    assert client.post(reverse("insights:decide", args=[flag.pk]), {"decision": "retire"}).status_code == 404
    assert WeakFlag.objects.get().decision == ""


def test_an_analyst_sees_but_does_not_decide(client, phones, flag):
    client.force_login(person(Role.ANALYST, phones))

    shown = client.get(reverse("insights:weak")).content.decode()
    answer = client.post(reverse("insights:decide", args=[flag.pk]), {"decision": "retire"})

    assert 'data-key="KeyE"' not in shown
    assert answer.status_code == 403
    assert WeakFlag.objects.get().decision == ""


def test_replacing_from_the_inbox_goes_on_to_the_next(client, phones, flag):
    client.force_login(person(Role.CATEGORY_MANAGER, phones))

    answer = client.post(reverse("insights:decide", args=[flag.pk]), {"decision": "replace", "companion": "cover"})

    assert (answer.status_code, answer.url) == (302, reverse("insights:weak"))
    assert WeakFlag.objects.get().decision == "replace"
    assert Pair.objects.get(companion__sku="cover").current.state == "in_review"


@pytest.mark.parametrize(
    "form", [{"decision": "keep"}, {"decision": "nonsense"}, {"decision": "keep", "note": "x", "until": "soon"}]
)
def test_a_refused_decision_says_why_and_changes_nothing(client, phones, flag, form):
    client.force_login(person(Role.CATEGORY_MANAGER, phones))

    answer = client.post(reverse("insights:decide", args=[flag.pk]), form)

    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert WeakFlag.objects.get().decision == ""


def test_counting_is_ordered_by_who_may_and_by_nobody_else(client, phones, flag):
    client.force_login(person(Role.ANALYST, phones))
    allowed = client.post(reverse("insights:refresh"), {"days": "30"})
    client.force_login(person(Role.STAFF, phones))
    denied = client.post(reverse("insights:refresh"), {"days": "60"})

    assert (allowed.status_code, denied.status_code) == (302, 403)
    assert JobRun.objects.get(task="crossmatrix.insights.tasks.refresh_stats").arguments["days"] == 30


def test_a_period_of_no_days_is_refused_on_the_page(client, phones):
    client.force_login(person(Role.HEAD, phones))

    answer = client.post(reverse("insights:refresh"), {"days": "0"})

    assert answer.status_code == 422
    assert not JobRun.objects.exists()


def test_the_evidence_of_a_pair_shows_counts_formula_and_period(client, phones, flag):
    client.force_login(person(Role.CATEGORY_MANAGER, phones))

    text = client.get(reverse("insights:pair", args=[flag.pair.main_id, flag.pair.companion_id])).content.decode()

    assert "40 ÷ 100" in text
    assert "Wilson" in text


def test_evidence_of_another_category_is_closed(client, flag):
    client.force_login(member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Toys")))

    assert client.get(reverse("insights:pair", args=[flag.pair.main_id, flag.pair.companion_id])).status_code == 403


def test_the_list_asks_the_database_no_more_for_many_flags_than_for_few(
    client, phones, flag, now, django_assert_max_num_queries
):
    main = flag.pair.main
    for _ in range(30):
        approved_pair(main, ProductFactory(stock=0, price="10.00", cost="6.00"))
    services.flag_weak_pairs(at=now)
    client.force_login(person(Role.CATEGORY_MANAGER, phones))

    with django_assert_max_num_queries(40):
        answer = client.get(reverse("insights:weak"))

    assert answer.content.decode().count('class="wi') == 31


def test_the_product_page_fetches_its_suggestions(client, phones, flag):
    client.force_login(person(Role.CATEGORY_MANAGER, phones))
    main, cover = flag.pair.main, ProductFactory._meta.model.objects.get(sku="cover")
    beside = reverse("insights:suggestions_beside", args=[main.pk])

    page = client.get(reverse("catalog:product", args=[main.pk])).content.decode()
    text = client.get(beside).content.decode()
    later = client.post(reverse("insights:suggestion", args=[main.pk, cover.pk]), {"action": "later"})

    assert f'hx-get="{beside}"' in page
    assert "Silicone cover" in text
    assert '<article class="card sg1">' in text
    assert later.status_code == 302
    assert '<article class="card sg1">' not in client.get(beside).content.decode()


def test_the_suggestions_of_a_product_are_for_people_who_see_evidence(client, phones, flag):
    client.force_login(person(Role.STAFF, phones))
    main = flag.pair.main
    beside = reverse("insights:suggestions_beside", args=[main.pk])

    page = client.get(reverse("catalog:product", args=[main.pk]))

    assert (page.status_code, beside in page.content.decode()) == (200, False)
    assert client.get(beside).status_code == 403
