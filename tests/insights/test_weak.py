"""Flags raised, closed by themselves, decided; what may replace a companion."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.selectors import history_of
from crossmatrix.insights import services, tasks
from crossmatrix.insights.models import WeakFlag, WeakPolicy
from crossmatrix.insights.rules.words import Cause, Decision
from crossmatrix.insights.services.decisions import BadDate, FlagClosed, FlagOutOfScope, NoReplacement, NoteMissing
from crossmatrix.matrix.models import Pair, RatioPolicy
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(phones):
    return ProductFactory(sku="phone", category=phones, price="30000.00")


@pytest.fixture
def case(cases):
    return ProductFactory(sku="case", category=cases, price="1000.00", stock=5)


@pytest.fixture
def manager(phones):
    return member(Role.CATEGORY_MANAGER, category=phones)


def look(now):
    return services.flag_weak_pairs(at=now).as_dict()


def flag_of(pair, cause):
    return WeakFlag.objects.get(pair=pair, cause=cause)


@pytest.fixture
def weak_shop(phone, cases, now):
    """Two covers that every second buyer takes, and one that nearly nobody does; a fourth sells well but is no pair."""
    covers = [ProductFactory(sku=f"cover{n}", category=cases, price="900.00", stock=7) for n in range(4)]
    pairs = [approved_pair(phone, cover) for cover in covers[:3]]
    baskets = (
        [["phone", "cover0", "cover3"]] * 60
        + [["phone", "cover1", "cover3"]] * 50
        + [["phone", "cover2"]] * 2
        + [["phone"]] * 90
    )
    services.ingest_orders(lines=orders(*baskets, *[["cover0"]] * 5, *[["bread"]] * 400), batch="1", at=now)
    services.refresh_stats(at=now)
    return covers, pairs


def test_a_companion_out_of_stock_is_flagged_at_once_and_the_flag_closes_when_it_is_back(phone, case, now):
    pair = approved_pair(phone, case)
    case.stock = 0
    case.save()

    first = look(now)
    again = look(now + timedelta(hours=1))
    case.stock = 3
    case.save()
    back = look(now + timedelta(hours=2))

    assert (first["raised"], again["raised"], back["closed"]) == (1, 0, 1)
    flag = flag_of(pair, Cause.OUT_OF_STOCK)
    assert (flag.severity, flag.evidence, flag.decision) == ("urgent", {"stock": 0}, "")
    assert flag.closed_at == now + timedelta(hours=2)
    assert [event.kind for event in history_of(pair)] == ["weak.cleared", "weak.raised"]


@pytest.mark.parametrize("status", ["discontinued", "hidden"])
def test_a_companion_no_longer_on_sale_is_flagged_once_whatever_its_stock(phone, case, now, status):
    pair = approved_pair(phone, case)
    case.status, case.stock = status, 0
    case.save()

    answer = look(now)

    assert answer["raised"] == 1
    assert flag_of(pair, Cause.DISCONTINUED).evidence["status"] == status


def test_a_service_without_counted_stock_is_never_out_of_stock(phone, case, now):
    approved_pair(phone, case)
    case.stock = None
    case.save()

    assert look(now)["raised"] == 0


def test_a_price_that_rose_above_the_limit_breaks_the_ratio_with_the_prices_of_that_day(phone, case, now):
    RatioPolicy.objects.create(category=None, kind="", warn_above="0.3", block_above="0.5")
    pair = approved_pair(phone, case)
    case.price = Decimal(16500)
    case.save()
    look(now)
    case.price = Decimal(20000)
    case.save()

    look(now + timedelta(days=1))

    flag = flag_of(pair, Cause.RATIO_BROKEN)
    assert flag.evidence == {
        "ratio": 0.55, "limit": 0.5, "main_price": "30000.00", "companion_price": "16500.00", "currency": "RUB",
    }  # fmt: skip
    assert flag.raised_at == now


def test_a_ratio_at_its_limit_or_with_an_approved_override_is_not_broken(phone, case, now):
    RatioPolicy.objects.create(category=None, kind="", warn_above="0.3", block_above="0.5")
    dear = ProductFactory(sku="dear", price="29000.00")
    approved_pair(phone, dear, override_reason="A set with its own box")
    case.price = Decimal(15000)
    case.save()
    approved_pair(phone, case)

    assert look(now)["raised"] == 0


def test_pairs_that_are_not_approved_are_nobodys_offer(phone, case, now):
    pair = approved_pair(phone, case)
    pair.approved = None
    pair.save()
    case.stock = 0
    case.save()

    assert look(now) == {"checked": 0, "raised": 0, "closed": 0, "not_enough_data": 0}


def test_a_pair_rarely_taken_is_flagged_with_its_counts_and_what_is_usual(weak_shop, now):
    _covers, pairs = weak_shop

    answer = look(now)

    assert (answer["checked"], answer["raised"], answer["not_enough_data"]) == (3, 1, 0)
    flag = flag_of(pairs[2], Cause.RARELY_TAKEN)
    seen = flag.evidence
    assert (seen["orders_both"], seen["orders_main"]) == (2, 202)
    assert seen["attach_rate"] == pytest.approx(2 / 202)
    assert seen["low"] < seen["attach_rate"] < seen["high"]
    assert seen["probability"] > 0.9
    assert seen["threshold"] == pytest.approx(seen["usual"] / 2)


def test_a_flag_clears_itself_when_the_pair_is_taken_again(weak_shop, now):
    _covers, pairs = weak_shop
    look(now)
    services.ingest_orders(lines=orders(*[["phone", "cover2"]] * 300, prefix="new"), batch="2", at=now)
    services.refresh_stats(at=now)

    answer = look(now + timedelta(days=1))

    assert answer["closed"] == 1
    assert flag_of(pairs[2], Cause.RARELY_TAKEN).closed_at is not None


def test_below_the_minimum_of_orders_the_answer_is_not_enough_data(weak_shop, now):
    WeakPolicy.objects.create(category=None, min_orders=1000)

    answer = look(now)

    assert (answer["raised"], answer["not_enough_data"]) == (0, 3)


def test_a_policy_of_the_mains_category_counts_before_the_general_one(weak_shop, phones, now):
    WeakPolicy.objects.create(category=None, min_orders=1000)
    WeakPolicy.objects.create(category=phones, min_orders=10)

    assert look(now)["raised"] == 1


def test_without_any_counting_pairs_are_never_called_rarely_taken(phone, case, now):
    approved_pair(phone, case)

    answer = look(now)

    assert (answer["raised"], answer["not_enough_data"]) == (0, 1)


def test_replacements_are_of_the_same_category_in_stock_and_not_in_the_matrix_yet(weak_shop, now):
    covers, pairs = weak_shop
    look(now)

    flag = flag_of(pairs[2], Cause.RARELY_TAKEN)

    assert [row["companion"] for row in flag.replacements] == ["cover3"]
    (row,) = flag.replacements
    assert (row["orders_both"], row["orders_main"], row["stock"], row["verdict"]) == (110, 202, 7, "ok")
    covers[3].stock = 0
    covers[3].save()
    look(now + timedelta(hours=1))
    flag.refresh_from_db()
    assert flag.replacements == []


def test_replacing_is_one_step_that_keeps_the_rank_and_retires_the_old_pair(weak_shop, manager, now):
    covers, pairs = weak_shop
    look(now)
    flag = flag_of(pairs[2], Cause.RARELY_TAKEN)

    services.decide_flag(flag=flag, decision=Decision.REPLACE, actor=manager, at=now)

    new = Pair.objects.get(companion=covers[3])
    old = Pair.objects.select_related("current").get(pk=pairs[2].pk)
    flag.refresh_from_db()
    assert (new.current.state, new.current.rank, new.current.reason) == ("in_review", 2, "Goes with it")
    assert new.current.evidence["orders_both"] == 110
    assert (old.approved, old.current.state) == (None, "retired")
    assert (flag.decision, flag.replaced_with, flag.closed_at, flag.decided_by) == ("replace", covers[3], now, manager)


def test_replacing_without_a_replacement_is_refused_and_changes_nothing(phone, case, manager, now):
    pair = approved_pair(phone, case)
    case.stock = 0
    case.save()
    look(now)
    flag = flag_of(pair, Cause.OUT_OF_STOCK)

    with pytest.raises(NoReplacement):
        services.decide_flag(flag=flag, decision=Decision.REPLACE, actor=manager, at=now)

    flag.refresh_from_db()
    assert (flag.decision, flag.closed_at, Pair.objects.get(pk=pair.pk).approved) == ("", None, pair.approved)


def test_dropping_a_pair_closes_all_its_flags(phone, case, manager, now):
    pair = approved_pair(phone, case)
    case.stock, case.price = 0, Decimal(29000)
    case.save()
    look(now)
    assert WeakFlag.objects.filter(pair=pair, closed_at=None).count() == 2

    services.decide_flag(flag=flag_of(pair, Cause.OUT_OF_STOCK), decision=Decision.RETIRE, actor=manager, at=now)

    assert set(WeakFlag.objects.values_list("decision", "closed_at")) == {("retire", now)}
    assert look(now + timedelta(days=1)) == {"checked": 0, "raised": 0, "closed": 0, "not_enough_data": 0}


def test_a_pair_kept_until_a_day_is_out_of_the_way_until_then_and_comes_back(phone, case, manager, now):
    from crossmatrix.insights.selectors import weak

    pair = approved_pair(phone, case)
    case.stock = 0
    case.save()
    look(now)
    until = now.date() + timedelta(days=10)

    services.decide_flag(
        flag=flag_of(pair, Cause.OUT_OF_STOCK),
        decision=Decision.KEEP,
        actor=manager,
        at=now,
        until=until,
        note="Delivery",
    )

    flags = weak.flags_for(manager)
    assert weak.in_tab(flags, "open", now.date()).count() == 0
    assert weak.in_tab(flags, "later", now.date()).count() == 1
    assert weak.in_tab(flags, "open", until).count() == 1
    assert look(now + timedelta(days=1))["raised"] == 0


def test_a_pair_kept_for_good_is_left_in_peace_for_half_a_year(phone, case, manager, now):
    pair = approved_pair(phone, case)
    case.stock = 0
    case.save()
    look(now)
    services.decide_flag(
        flag=flag_of(pair, Cause.OUT_OF_STOCK), decision=Decision.KEEP, actor=manager, at=now, note="Made to order"
    )

    assert look(now + timedelta(days=179))["raised"] == 0
    assert look(now + timedelta(days=181))["raised"] == 1


def test_not_suitable_retires_the_pair_and_marks_it(phone, case, manager, now):
    pair = approved_pair(phone, case)
    case.stock = 0
    case.save()
    look(now)

    services.decide_flag(
        flag=flag_of(pair, Cause.OUT_OF_STOCK),
        decision=Decision.NOT_SUITABLE,
        actor=manager,
        at=now,
        note="Does not fit",
    )

    pair.refresh_from_db()
    assert (pair.verdict, pair.verdict_reason, pair.approved) == ("not_suitable", "Does not fit", None)


@pytest.mark.parametrize(
    ("decision", "extra", "refusal"),
    [
        (Decision.KEEP, {}, NoteMissing),
        (Decision.KEEP, {"note": "  "}, NoteMissing),
        (Decision.NOT_SUITABLE, {}, NoteMissing),
        (Decision.KEEP, {"note": "x", "until": "today"}, BadDate),
    ],
)
def test_a_decision_without_its_reason_or_with_a_past_day_is_refused(
    phone, case, manager, now, decision, extra, refusal
):
    pair = approved_pair(phone, case)
    case.stock = 0
    case.save()
    look(now)
    flag = flag_of(pair, Cause.OUT_OF_STOCK)
    if "until" in extra:
        extra = extra | {"until": now.date()}

    with pytest.raises(refusal):
        services.decide_flag(flag=flag, decision=decision, actor=manager, at=now, **extra)

    flag.refresh_from_db()
    assert (flag.decision, flag.closed_at) == ("", None)


def test_nobody_decides_twice_or_outside_their_categories(phone, case, manager, now):
    pair = approved_pair(phone, case)
    case.stock = 0
    case.save()
    look(now)
    flag = flag_of(pair, Cause.OUT_OF_STOCK)
    stranger = member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Toys"))

    with pytest.raises(FlagOutOfScope):
        services.decide_flag(flag=flag, decision=Decision.RETIRE, actor=stranger, at=now)
    services.decide_flag(flag=flag, decision=Decision.RETIRE, actor=manager, at=now)
    with pytest.raises(FlagClosed):
        services.decide_flag(flag=flag, decision=Decision.KEEP, actor=manager, at=now, note="x")

    assert WeakFlag.objects.get().decision == "retire"


def test_the_database_holds_one_open_flag_per_pair_and_cause(phone, case, now):
    pair = approved_pair(phone, case)
    fields = {
        "pair": pair,
        "cause": "out_of_stock",
        "severity": "urgent",
        "evidence": {},
        "raised_at": now,
        "seen_at": now,
    }
    WeakFlag.objects.create(**fields)

    with pytest.raises(IntegrityError), transaction.atomic():
        WeakFlag.objects.create(**fields)
    WeakFlag.objects.update(closed_at=now)
    WeakFlag.objects.create(**fields)

    assert WeakFlag.objects.count() == 2


def test_the_job_reports_what_it_did(phone, case, now):
    approved_pair(phone, case)
    case.stock = 0
    case.save()
    run = services.order_look(actor=None, at=now)

    tasks.flag_weak_pairs()

    run.refresh_from_db()
    assert (run.state, run.result) == ("done", {"checked": 1, "raised": 1, "closed": 0, "not_enough_data": 0})


def test_many_pairs_are_looked_at_with_no_more_queries_than_few(phones, cases, now, django_assert_max_num_queries):
    main = ProductFactory(category=phones)
    for _ in range(40):
        approved_pair(main, ProductFactory(category=cases, stock=0, price="100.00", cost="60.00"))

    with django_assert_max_num_queries(40):
        answer = look(now)

    assert answer["raised"] == 40
