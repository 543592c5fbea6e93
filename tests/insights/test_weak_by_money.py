"""Rarely taken by money (EVIDENCE 5.1, point 2): the threshold is what the rules ask of each order, not a share of the usual."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from crossmatrix.accounts.rules import Role
from crossmatrix.insights import services
from crossmatrix.insights.models import WeakFlag, WeakPolicy
from crossmatrix.insights.rules.money import money_threshold
from crossmatrix.insights.rules.policy import Limits
from crossmatrix.insights.rules.priors import priors_of
from crossmatrix.insights.rules.weakness import Placement, WeakVerdict, judge
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors.weak_words import short_weak, why_weak
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders

shares = st.floats(0, 1)
sums = st.floats(0, 1e6)


def test_the_threshold_is_the_least_sum_over_what_a_piece_leaves():
    """30 of each order, 500 a piece of which 40 % come back: 30 ÷ (500 × 0.6) = a tenth."""
    assert money_threshold(least=30, margin=500, returned=0.4) == pytest.approx(0.1)
    assert money_threshold(least=30, margin=120) == 0.25


@pytest.mark.parametrize("margin", [-50, 0, 10, 30])
def test_what_no_share_would_bring_is_asked_of_every_order(margin):
    assert money_threshold(least=30, margin=margin) == 1.0


@given(sums, st.floats(-1e6, 1e6), shares)
def test_the_threshold_is_a_share_and_brings_the_least_sum_where_any_does(least, margin, returned):
    threshold = money_threshold(least=least, margin=margin, returned=returned)

    assert 0 <= threshold <= 1
    if threshold < 1:
        assert threshold * margin * (1 - returned) == pytest.approx(least)


@given(sums, st.floats(0, 1e6), st.floats(0, 1e6), shares)
def test_a_dearer_piece_or_fewer_returns_never_ask_for_a_larger_share(least, margin, more, returned):
    threshold = money_threshold(least=least, margin=margin, returned=returned)

    assert money_threshold(least=least, margin=margin + more, returned=returned) <= threshold + 1e-9
    assert money_threshold(least=least, margin=margin, returned=returned / 2) <= threshold + 1e-9


def fine_pairs():
    return [Placement(key, "/1/", 500, 90 + key % 20, least=30) for key in range(40)]


@given(st.integers(30, 2000), shares, st.floats(0.01, 1))
def test_judged_by_money_the_probability_is_the_beta_of_scipy_at_that_threshold(trials, part, bar):
    hits = int(trials * part)
    asked = Placement(99, "/1/", trials, hits, least=30, bar=bar)
    placements = [*fine_pairs(), asked]

    found = judge(placements)[99]

    prior = priors_of(placements)["/1/"]
    assume(prior is not None)
    theirs = stats.beta.cdf(bar, prior.alpha + hits, prior.beta + trials - hits)
    assert found.threshold == pytest.approx(bar)
    assert found.probability == pytest.approx(theirs, abs=1e-9)


def test_a_pair_as_usual_is_weak_where_money_asks_for_more_than_the_usual():
    usual = Placement(99, "/1/", 2000, 400, least=30)
    by_money = Placement(99, "/1/", 2000, 400, least=30, bar=0.4)

    assert judge([*fine_pairs(), usual])[99].verdict == WeakVerdict.FINE
    assert judge([*fine_pairs(), by_money])[99].verdict == WeakVerdict.WEAK


def test_below_the_least_orders_money_says_nothing_either():
    young = Placement(99, "/1/", 29, 0, least=30, bar=1.0)

    assert judge([*fine_pairs(), young])[99].verdict == WeakVerdict.TOO_FEW


def test_unless_a_policy_asks_for_money_shares_decide():
    assert Limits(min_orders=30).least_gain == 0
    assert Limits(min_orders=30, least_gain=-1).out_of_bounds() == ["least_gain"]


@pytest.fixture
def shop(now):
    """Two cables taken with every second phone: one leaves 400 a piece, one 20; a third of unknown cost."""
    phone = ProductFactory(sku="phone", category=CategoryFactory(name="Phones"), price="30000", cost="25000")
    cables = CategoryFactory(name="Cables")
    pairs = {}
    for sku, cost in (("dear", "600"), ("cheap", "980"), ("unknown", None)):
        pairs[sku] = approved_pair(phone, ProductFactory(sku=sku, category=cables, price="1000", cost=cost, stock=9))
    baskets = [["phone", "dear", "cheap", "unknown"] if n % 2 else ["phone"] for n in range(200)]
    services.ingest_orders(lines=orders(*baskets), batch="a", at=now)
    services.refresh_stats(at=now)
    return pairs


def rare():
    return {
        flag.pair.companion.sku: flag for flag in WeakFlag.objects.filter(cause="rarely_taken", closed_at__isnull=True)
    }


@pytest.mark.django_db
def test_a_policy_by_money_flags_what_brings_too_little_and_lets_it_go_without(shop, now):
    services.flag_weak_pairs(at=now)
    by_share = rare()
    policy = WeakPolicy.objects.create(category=None, min_orders=30, least_gain=100)

    services.flag_weak_pairs(at=now)

    assert by_share == {}
    assert set(rare()) == {"cheap"}
    evidence = rare()["cheap"].evidence
    assert (evidence["by"], evidence["least_gain"], evidence["unit_margin"]) == ("money", 100, 20)
    assert evidence["gain"] == pytest.approx(0.5 * 20)
    assert evidence["threshold"] == 1.0
    policy.delete()
    services.flag_weak_pairs(at=now)
    assert rare() == {}


@pytest.mark.django_db
def test_the_words_name_what_is_brought_what_is_asked_for_and_the_share_that_takes(shop, now):
    WeakPolicy.objects.create(category=None, min_orders=30, least_gain=12)

    services.flag_weak_pairs(at=now)

    evidence = rare()["cheap"].evidence
    with translation.override("en"):
        said, short = why_weak("rarely_taken", evidence), short_weak("rarely_taken", evidence)
    assert "100 of 200 orders" in said
    assert "brings 10\u00a0₽ for each order with the product; the rules ask for 12\u00a0₽." in said
    assert "That takes a share of 60%." in said
    assert short == "Brings 10\u00a0₽ an order, 12\u00a0₽ asked for"


@pytest.mark.django_db
def test_the_page_of_rules_shows_what_a_least_sum_would_flag_before_it_is_saved(shop, client):
    client.force_login(member(Role.ANALYST))
    fields = {
        "category": "", "min_orders": "30", "share_of_usual": "50", "false_share": "10", "decline": "30",
        "returns_times": "2", "least_margin": "0", "promo_share": "80", "unseen_days": "30", "urgent_days": "3",
        "check_days": "14", "note_days": "30", "decider": "manager", "least_gain": "100", "action": "preview",
    }  # fmt: skip

    preview = client.post(reverse("insights:weak_policies"), fields).context["preview"]

    assert (preview.more, preview.fewer) == (1, 0)
    assert preview.by_cause == [(Cause.RARELY_TAKEN, 1, 0)]
    assert not WeakPolicy.objects.exists()


@pytest.mark.django_db
def test_the_command_takes_the_least_sum_and_refuses_one_below_nothing(shop, capsys):
    call_command("weak_policy", "set", "--least-gain", "100", "--json")
    told = json.loads(capsys.readouterr().out)

    assert (told["more"], told["limits"]["least_gain"]) == (1, 100)
    assert told["by_cause"] == [{"cause": "rarely_taken", "more": 1, "fewer": 0}]
    with pytest.raises(SystemExit) as stopped:
        call_command("weak_policy", "set", "--least-gain", "-1", "--json")
    assert stopped.value.code == 2
