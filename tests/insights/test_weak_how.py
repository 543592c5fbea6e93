"""Each verdict says how it was computed: what a pair was compared with, the threshold, the probability, the gate."""

import pytest
from django.urls import reverse
from django.utils import translation

from crossmatrix.accounts.rules import Role
from crossmatrix.insights import services
from crossmatrix.insights.models import PairStat, WeakFlag, WeakPolicy
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors.weak_words import why_weak
from crossmatrix.insights.views.weak_detail import chart_of
from crossmatrix.insights.views.weak_how import steps_of
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders, wall

SEEN = {
    "orders_main": 200, "orders_both": 2, "attach_rate": 0.01, "usual": 0.2, "threshold": 0.1, "compared_pairs": 40,
    "probability": 0.998, "share": 0.03, "share_low": 0.01, "share_high": 0.06, "certain": True, "unit": "orders",
    "wider": "",
}  # fmt: skip
RETURNED = {**SEEN, "sold": 60, "returned": 30, "threshold": 0.4}
FELL = {"before": 0.4, "after": 0.1, "gone": 0.7, "weeks": 4, "z": -4.2, "q_value": 0.01}


def values(cause, seen):
    with translation.override("en"):
        return {step.name: (step.formula, step.value) for step in steps_of(cause, seen)}


def test_a_threshold_by_share_is_the_usual_times_the_part_of_it():
    found = values(Cause.RARELY_TAKEN, SEEN)

    assert found["Usual in its category"] == ("α ÷ (α + β)", "20.00%")
    assert found["Threshold"] == ("20.00% × 0.50", "10.00%")
    assert found["Best guess of its share"] == ("(α + 2) ÷ (α + β + 200)", "3.00% (1.0–6.0%)")
    assert found["Surely weak"][1] == "99.8%"
    assert found["Strict gate"] == ("BH(Bin)", "passed")


def test_a_threshold_by_money_is_the_least_sum_over_what_a_piece_leaves():
    by_money = {**SEEN, "by": "money", "least_gain": 30, "unit_margin": 500, "unit_returned": 0.4, "currency": "RUB"}

    assert values(Cause.RARELY_TAKEN, by_money)["Threshold"] == ("30\u00a0₽ ÷ (500\u00a0₽ × (1 − 40.0%))", "10.00%")


def test_views_are_counted_where_they_were_judged():
    by_views = {**SEEN, "unit": "shown", "shown": 900, "bought": 5}

    assert values(Cause.RARELY_TAKEN, by_views)["Best guess of its share"][0] == "(α + 5) ÷ (α + β + 900)"


def test_returns_and_falls_have_their_own_steps_and_fixed_causes_none():
    assert values(Cause.RETURNED, RETURNED)["Threshold"] == ("20.00% × 2.00", "40.00%")
    assert values(Cause.RETURNED, RETURNED)["Best guess of its share"][0] == "(α + 30) ÷ (α + β + 60)"
    assert values(Cause.FALLING, FELL)["Gone"][1] == "70%"
    assert steps_of(Cause.OUT_OF_STOCK, {"stock": 0}) == []


@pytest.mark.parametrize(
    ("wider", "words"),
    [("", "40 pairs of its category"), ("above", "of the category above its own"), ("all", "of the whole shop")],
)
def test_the_sentence_names_what_the_pair_was_compared_with(wider, words):
    with translation.override("en"):
        assert words in why_weak(Cause.RARELY_TAKEN, {**SEEN, "wider": wider})


def test_returns_are_compared_with_what_is_usual_where_the_others_were_found():
    with translation.override("en"):
        said = why_weak(Cause.RETURNED, {**RETURNED, "wider": "above"})

    assert said == "Of 60 orders with both, 30 brought the companion back: 50%. Usual in the category above: 20%."


def charted(cause, evidence, stat):
    with translation.override("en"):
        line = chart_of(WeakFlag(cause=cause, evidence=evidence), stat)["data"]
    return list(line.bench)[:1], line.bench_name


@pytest.mark.django_db
def test_a_usual_share_stands_on_the_chart_of_attach_rates_only_where_it_is_one(now):
    approved_pair(ProductFactory(sku="phone"), ProductFactory(sku="case"))
    baskets = [(wall(2026, 9 + n % 2, 1 + n % 28, 12), ["phone", "case"] if n % 3 else ["phone"]) for n in range(120)]
    services.ingest_orders(lines=orders(*baskets), batch="a", at=now)
    services.refresh_stats(at=now)
    stat = PairStat.objects.select_related("refresh").get(main__sku="phone")

    assert charted(Cause.RARELY_TAKEN, SEEN, stat) == ([0.2], "Usual in its category")
    assert charted(Cause.RARELY_TAKEN, {**SEEN, "unit": "shown"}, stat) == ([], "")
    assert charted(Cause.RETURNED, RETURNED, stat) == ([], "")


@pytest.mark.django_db
def test_the_page_of_a_weak_pair_shows_the_steps_and_a_fine_one_shows_none(client, now):
    phone = ProductFactory(sku="phone", category=CategoryFactory(name="Phones"), price="30000", cost="25000")
    cables = CategoryFactory(name="Cables")
    dear, cheap = (
        approved_pair(phone, ProductFactory(sku=sku, category=cables, price="1000", cost=cost, stock=9))
        for sku, cost in (("dear", "600"), ("cheap", "980"))
    )
    WeakPolicy.objects.create(category=None, min_orders=30, least_gain=100)
    baskets = [["phone", "dear", "cheap"] if n % 2 else ["phone"] for n in range(200)]
    services.ingest_orders(lines=orders(*baskets), batch="a", at=now)
    services.refresh_stats(at=now)
    services.flag_weak_pairs(at=now)
    client.force_login(member(Role.ANALYST))

    weak, fine = (
        client.get(reverse("insights:pair", args=[one.main_id, one.companion_id])).context["hows"]
        for one in (cheap, dear)
    )

    assert [(how.flag.cause, len(how.steps)) for how in weak] == [("rarely_taken", 5)]
    assert WeakFlag.objects.get().evidence["wider"] == "all"
    assert fine == []
