"""What shop staff answer on sales cards: beside weak pairs and evidence, and a source of suggestions, never a verdict."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.insights import services
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.insights.selectors.suggestions import suggest
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import CardAnswer
from crossmatrix.matrix.services.cards import answer_card
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone():
    return ProductFactory(sku="phone", category=CategoryFactory(name="Phones"), price="30000")


@pytest.fixture
def strap():
    return ProductFactory(sku="strap", category=CategoryFactory(name="Straps"), price="900", stock=0)


@pytest.fixture
def pair(phone, strap):
    return approved_pair(phone, strap)


def answers(pair, *said, days=3):
    """Staff tells what came of as many offers; "sold", or why not."""
    seller = member(Role.STAFF, email=f"staff{CardAnswer.objects.count()}@shop.test")
    for n, one in enumerate(said):
        answer_card(
            main=pair.main_id, companion=pair.companion_id, revision=pair.approved_id,
            outcome="sold" if one == "sold" else "", why="" if one == "sold" else one,
            key=f"{pair.pk}-{CardAnswer.objects.count()}-{n}", actor=seller, at=timezone.now() - timedelta(days=days),
        )  # fmt: skip


def retired(pair, now):
    matrix.retire(revision=pair.approved, actor=member(Role.HEAD, email="head@shop.test"), at=now)


def in_stock(product):
    product.stock = 10
    product.save()


def feedback(main):
    phone = Product.objects.select_related("category").get(pk=main.pk)
    return [row for row in suggest(main=phone) if SuggestionSource.FEEDBACK in row["sources"]]


def test_a_weak_pair_shows_what_staff_answered_beside_its_evidence(pair, client, now):
    answers(pair, "sold", "sold", "price", "price", "has_one")
    services.flag_fixed_causes(at=now)
    client.force_login(member(Role.CATEGORY_MANAGER))

    page = client.get(reverse("insights:weak_flag", args=[WeakFlag.objects.get().pk]))

    floor = page.context["floor"]
    assert (floor.offered, floor.sold, floor.share) == (5, 2, 0.4)
    assert floor.reasons == (("price", 2), ("has_one", 1))
    assert "Что ответили сотрудники магазинов" in page.content.decode()


def test_with_few_answers_there_is_no_share_but_the_counts(pair, client, now):
    answers(pair, "sold", "sold", "sold", "sold")
    client.force_login(member(Role.ANALYST))

    page = client.get(reverse("insights:pair", args=[pair.main_id, pair.companion_id]))

    assert (page.context["floor"].sold, page.context["floor"].share) == (4, None)
    assert "меньше 5 ответов" in page.content.decode()


def test_answers_raise_no_flag_and_close_none(pair, now):
    services.flag_weak_pairs(at=now)
    before = set(WeakFlag.objects.values_list("pair", "cause"))
    answers(pair, *["does_not_fit"] * 12)

    services.flag_weak_pairs(at=now)

    assert set(WeakFlag.objects.filter(closed_at=None).values_list("pair", "cause")) == before == {
        (pair.pk, "out_of_stock")
    }  # fmt: skip


def test_what_sells_in_shops_and_is_no_pair_any_more_is_suggested_again(pair, phone, strap, now):
    answers(pair, "sold", "sold", "price", "sold", "has_one")
    in_stock(strap)
    while_it_is_a_pair = feedback(phone)
    retired(pair, now)

    with translation.override("en"):
        (row,) = feedback(phone)

    assert while_it_is_a_pair == []
    assert (row["companion"], row["source"]) == ("strap", "feedback")
    assert (row["floor_offered"], row["floor_sold"], row["floor_rate"]) == (5, 3, 0.6)
    assert "Shop staff offered it 5 times and sold it 3 (60%)." in row["why"]


@pytest.mark.parametrize("said", [["sold"] * 4, ["price"] * 9])
def test_too_few_answers_or_no_sale_suggest_nothing(pair, phone, strap, now, said):
    answers(pair, *said)
    in_stock(strap)
    retired(pair, now)

    assert feedback(phone) == []


def test_answers_older_than_three_months_suggest_nothing(pair, phone, strap, now):
    answers(pair, *["sold"] * 9, days=120)
    in_stock(strap)
    retired(pair, now)

    assert feedback(phone) == []


def test_what_is_marked_not_suitable_is_not_suggested_however_well_it_sells(pair, phone, strap, now):
    answers(pair, *["sold"] * 9)
    in_stock(strap)
    retired(pair, now)
    matrix.mark_unsuitable(
        main_id=phone.pk, companion_id=strap.pk, reason="Breaks", actor=member(Role.CATEGORY_MANAGER), at=now
    )

    assert feedback(phone) == []


def test_the_command_prints_the_answers_beside_the_numbers(pair, capsys, now):
    answers(pair, "sold", "price", "price", "sold", "price", "has_one")
    services.ingest_orders(lines=orders(*[["phone", "strap"]] * 6), batch="1", at=now)
    services.refresh_stats(at=now)

    call_command("evidence", "pair", "phone", "strap", "--json")

    (row,) = json.loads(capsys.readouterr().out)
    assert (row["staff_offered"], row["staff_sold"], row["staff_share"]) == (6, 2, pytest.approx(1 / 3))
    assert row["staff_declined"] == {"price": 3, "has_one": 1}
