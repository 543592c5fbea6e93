"""What is suggested for a product, and what never is."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from crossmatrix.accounts.rules import Role
from crossmatrix.insights import services
from crossmatrix.insights.models import Suggestion
from crossmatrix.insights.rules.suggesting import Candidate, worth_suggesting
from crossmatrix.insights.selectors.money import pair_rows
from crossmatrix.insights.selectors.suggestions import product_of, suggest
from crossmatrix.insights.services.suggestions import LaterWhen, NoSuggestion
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair, RatioPolicy, Slot
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders


@pytest.fixture
def shop(db, now):
    """tv with a cable every second time, a mount every fourth; bread goes with everything by chance alone."""
    tvs, cables = CategoryFactory(name="TV"), CategoryFactory(name="Cables")
    products = {
        "tv": ProductFactory(sku="tv", category=tvs, price="50000.00"),
        "cable": ProductFactory(sku="cable", category=cables, price="900.00", stock=3),
        "mount": ProductFactory(sku="mount", category=cables, price="2000.00", stock=3),
        "bread": ProductFactory(sku="bread", price="50.00", stock=99),
    }
    baskets = (
        [["tv", "cable"]] * 60 + [["tv", "mount"]] * 30 + [["tv", "bread"]] * 12 + [["tv"]] * 30
        + [["bread", f"x{n % 40}"] for n in range(600)] + [["x1", "x2"]] * 100
    )  # fmt: skip
    services.ingest_orders(lines=orders(*baskets), batch="1", at=now)
    services.refresh_stats(at=now)
    return {sku: product_of(sku) for sku in products}


@pytest.fixture
def manager(db):
    return member(Role.CATEGORY_MANAGER, email="boss@shop.test")


def names(shop, **kwargs):
    return [row["companion"] for row in suggest(main=shop["tv"], **kwargs)]


@pytest.mark.parametrize(
    ("candidate", "worth"),
    [
        (Candidate(0.05, 20, 10.0, 3), True),
        (Candidate(0.0501, 20, 10.0, 3), False),
        (Candidate(0.01, 10, 10.0, 3), False),
        (Candidate(0.01, 20, 10.0, 2), False),
        (Candidate(0.01, 20, 10.0, None), False),
    ],
)
def test_a_suggestion_is_significant_above_chance_and_bought_by_several(candidate, worth):
    assert worth_suggesting(candidate) is worth


def test_the_best_come_first_and_what_chance_explains_is_not_suggested(shop):
    assert names(shop) == ["cable", "mount"]
    assert names(shop, k=1) == ["cable"]
    assert names(shop, k=0) == []


def test_a_suggestion_says_why_in_words_with_counts_and_period(shop):
    from django.utils import translation

    with translation.override("en"):
        row = suggest(main=shop["tv"])[0]

    assert (row["orders_both"], row["orders_main"], row["verdict"]) == (60, 132, "ok")
    assert row["ratio"] == pytest.approx(0.018)
    assert row["why"].startswith("In 60 of 132 orders with the product (45%), ")
    assert row["attach_rate"] == pair_rows(main_sku="tv", companion_sku="cable")[0]["attach_rate"]


@pytest.mark.parametrize("change", [{"stock": 0}, {"status": "discontinued"}, {"status": "hidden"}])
def test_what_cannot_be_bought_is_never_suggested(shop, change):
    for name, value in change.items():
        setattr(shop["cable"], name, value)
    shop["cable"].save()

    assert names(shop) == ["mount"]


def test_a_pair_marked_not_suitable_is_never_suggested_until_withdrawn(shop, manager, now):
    pair = matrix.mark_unsuitable(
        main_id=shop["tv"].pk, companion_id=shop["cable"].pk, reason="Wrong plug", actor=manager, at=now
    )
    assert names(shop) == ["mount"]

    matrix.withdraw_unsuitable(pair=pair, actor=manager, at=now)

    assert names(shop) == ["cable", "mount"]


def test_a_type_marked_not_suitable_is_never_suggested(shop, now):
    Slot.objects.create(
        main_category=shop["tv"].category,
        companion_category=shop["cable"].category,
        verdict="not_suitable",
        updated_at=now,
    )

    assert names(shop) == []


def test_a_companion_dearer_than_its_limit_is_never_suggested(shop):
    RatioPolicy.objects.create(category=None, kind="", warn_above="0.01", block_above="0.02")

    assert names(shop) == ["cable"]


def test_what_is_in_the_matrix_already_is_not_suggested_again(shop):
    approved_pair(shop["tv"], shop["cable"])

    assert names(shop) == ["mount"]


def test_accepting_writes_a_draft_with_the_evidence_of_that_moment(shop, manager, now):
    revision = services.accept_suggestion(
        main=shop["tv"], companion=shop["cable"], reason="Connects it", actor=manager, at=now
    )

    assert (revision.state, revision.source, revision.reason) == ("draft", "suggestion", "Connects it")
    assert revision.evidence["orders_both"] == 60
    assert Suggestion.objects.get().state == "accepted"
    assert names(shop) == ["mount"]


def test_rejecting_marks_the_pair_as_not_suitable(shop, manager, now):
    services.reject_suggestion(main=shop["tv"], companion=shop["cable"], reason="Wrong plug", actor=manager, at=now)

    assert Pair.objects.get().verdict == "not_suitable"
    assert names(shop) == ["mount"]


def test_later_hides_the_suggestion_until_the_day(shop, manager, now):
    from django.utils import timezone

    day = timezone.localdate() + timedelta(days=3)

    services.put_off_suggestion(main=shop["tv"], companion=shop["cable"], until=day, actor=manager, at=now)

    assert names(shop) == ["mount"]
    Suggestion.objects.update(later_until=timezone.localdate())
    assert names(shop) == ["cable", "mount"]


def test_what_is_not_suggested_cannot_be_accepted_nor_put_off_into_the_past(shop, manager, now):
    with pytest.raises(NoSuggestion):
        services.accept_suggestion(main=shop["tv"], companion=shop["tv"], reason="x", actor=manager, at=now)
    with pytest.raises(LaterWhen):
        services.put_off_suggestion(main=shop["tv"], companion=shop["cable"], until=now.date(), actor=manager, at=now)

    assert not Suggestion.objects.exists()
    assert not Pair.objects.exists()


def test_in_shuffled_orders_nothing_is_called_proven(db, now):
    """Products drawn independently into baskets of all sizes: whatever looks like a pair is chance."""
    from random import Random

    chance = Random(17)
    products = [ProductFactory(sku=f"p{n}", price=None) for n in range(60)]
    weights = [1 / (n + 3) for n in range(60)]
    baskets = []
    for _ in range(3000):
        size = min(30, max(1, round(chance.lognormvariate(1.5, 0.9))))
        baskets.append(sorted({f"p{n}" for n in chance.choices(range(60), weights, k=size)}))
    services.ingest_orders(lines=orders(*baskets), batch="1", at=now)
    done = services.refresh_stats(at=now)

    found = [row for product in products for row in suggest(main=product_of(product.sku), k=60)]

    assert done.pairs > 1000
    assert len(found) > 100
    assert [row for row in found if row["significant"] or row["reliability"] == "high"] == []
    assert [row for product in products for row in suggest(main=product_of(product.sku), proven=True)] == []


def run(capsys, *args):
    call_command(*args)
    return json.loads(capsys.readouterr().out)


def test_the_commands_speak_the_keys_of_the_manual(shop, capsys):
    refreshed = run(capsys, "evidence", "refresh", "--json", "--days", "30")
    pair = run(capsys, "evidence", "pair", "tv", "cable", "--json")
    suggested = run(capsys, "suggest", "tv", "-k", "1", "--json")

    assert {"orders", "lines", "pairs", "from", "to", "engine", "seconds"} <= set(refreshed)
    assert set(pair[0]) >= {
        "main", "companion", "orders_main", "orders_companion", "orders_both", "orders_all", "attach_rate", "low", "high",
        "lift", "llr", "from", "to",
    }  # fmt: skip
    assert (pair[0]["orders_main"], pair[0]["orders_both"]) == (132, 60)
    assert set(suggested[0]) >= {
        "companion", "score", "source", "attach_rate", "low", "high", "lift", "orders_both", "ratio", "verdict", "why",
    }  # fmt: skip
    assert [row["companion"] for row in suggested] == ["cable"]


def test_the_weak_command_flags_lists_and_decides(shop, manager, now, capsys):
    approved_pair(shop["tv"], shop["cable"])
    shop["cable"].stock = 0
    shop["cable"].save()

    flagged = run(capsys, "weak", "flag", "--json")
    (listed,) = run(capsys, "weak", "list", "--json")
    decided = run(capsys, "weak", "decide", "tv", "cable", "retire", "--actor", "boss@shop.test", "--json")

    assert flagged == {"checked": 1, "raised": 1, "closed": 0, "not_enough_data": 0}
    assert set(listed) >= {"main", "companion", "cause", "severity", "evidence", "replacements", "raised_at"}
    assert (listed["main"], listed["cause"], listed["severity"]) == ("tv", "out_of_stock", "urgent")
    assert decided["decision"] == "retire"
    assert run(capsys, "weak", "list", "--json") == []


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("suggest", "ghost"), "sku.unknown"),
        (("evidence", "pair", "ghost"), "sku.unknown"),
        (("evidence", "refresh", "--until", "2001-01-01"), "evidence.no_orders"),
        (("weak", "decide", "tv", "cable", "retire", "--actor", "boss@shop.test"), "flag.unknown"),
        (("weak", "decide", "tv", "cable", "retire", "--actor", "nobody@shop.test"), "flag.unknown"),
    ],
)
def test_a_command_that_is_refused_ends_with_two_and_a_stable_code(shop, manager, capsys, args, code):
    with pytest.raises(SystemExit) as ended:
        call_command(*args)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"{code}: ")
