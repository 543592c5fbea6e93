"""`manage.py weak_policy`: what holds where, what a change would flag, and who may make it."""

import json

import pytest
from django.core.management import call_command

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.insights.models import WeakFlag, WeakPolicy
from crossmatrix.jobs.models import JobRun
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair

pytestmark = pytest.mark.django_db
LOOK = "crossmatrix.insights.tasks.flag_weak_pairs"


@pytest.fixture
def shop(phones):
    """Three pairs whose companions leave a margin of a half, one whose leaves a tenth."""
    phone, cases = ProductFactory(category=phones, price="50000", cost="40000"), CategoryFactory(name="Cases")
    for cost in ("500", "500", "500", "900"):
        approved_pair(phone, ProductFactory(category=cases, price="1000", cost=cost))


@pytest.fixture
def analyst():
    return member(Role.ANALYST, email="analyst@shop.test")


def run(capsys, *args):
    call_command("weak_policy", *args, "--json")
    return json.loads(capsys.readouterr().out)


def test_without_any_policy_the_defaults_hold_everywhere(shop, capsys, settings):
    (row,) = run(capsys, "list")

    assert (row["category"], row["own"]) == ("", False)
    assert row["limits"]["min_orders"] == settings.WEAK_MIN_ORDERS
    assert row["limits"]["decider"] == "manager"


def test_a_change_is_shown_and_not_made(shop, capsys):
    told = run(capsys, "set", "--category", "Phones", "--least-margin", "0.6", "--language", "en")

    assert (told["checked"], told["now"], told["more"], told["fewer"]) == (4, 0, 4, 0)
    assert told["by_cause"] == [{"cause": "losing_margin", "more": 4, "fewer": 0}]
    assert told["message"] == "This change would flag 4 more pairs"
    assert {example["cause"] for example in told["examples"]} == {"losing_margin"}
    assert told["applied"] is False
    assert not WeakPolicy.objects.exists()
    assert not WeakFlag.objects.exists()


def test_applied_it_is_written_signed_and_a_look_is_owed(shop, phones, analyst, capsys):
    told = run(capsys, "set", "--category", "Phones", "--least-margin", "0.2", "--decider", "head", "--apply",
               "--actor", analyst.email)  # fmt: skip

    policy = WeakPolicy.objects.get()
    assert (told["more"], told["applied"]) == (1, True)
    assert (policy.category, policy.least_margin, policy.decider) == (phones, 0.2, "head")
    assert AuditEvent.objects.get(kind="weak_policy.set").actor == analyst
    assert JobRun.objects.filter(task=LOOK).count() == 1
    assert [row["category"] for row in run(capsys, "list")] == ["", "Phones"]


def test_a_second_change_keeps_what_it_does_not_name(shop, analyst, capsys):
    run(capsys, "set", "--category", "Phones", "--least-margin", "0.2", "--apply", "--actor", analyst.email)

    told = run(capsys, "set", "--category", "Phones", "--unseen-days", "60", "--apply", "--actor", analyst.email)

    assert (told["limits"]["least_margin"], told["limits"]["unseen_days"]) == (0.2, 60)
    assert WeakPolicy.objects.count() == 1


def test_a_policy_is_removed_after_its_effect_was_shown(shop, analyst, capsys):
    run(capsys, "set", "--category", "Phones", "--least-margin", "0.2", "--apply", "--actor", analyst.email)

    shown = run(capsys, "remove", "--category", "Phones")
    assert (shown["more"], shown["fewer"], shown["applied"]) == (0, 1, False)
    assert WeakPolicy.objects.exists()
    run(capsys, "remove", "--category", "Phones", "--apply", "--actor", analyst.email)

    assert not WeakPolicy.objects.exists()


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("set", "--category", "Nowhere"), "category.unknown"),
        (("remove", "--category", "Phones"), "weak_policy.unknown"),
        (("set", "--least-margin", "1.5"), "weak_policy.invalid"),
        (("set", "--min-orders", "0", "--apply", "--actor", "analyst@shop.test"), "weak_policy.invalid"),
        (("set", "--least-margin", "0.5", "--apply"), "actor.unknown"),
        (("set", "--least-margin", "0.5", "--apply", "--actor", "manager@shop.test"), "weak_policy.may_not"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(shop, phones, analyst, capsys, args, code):
    member(Role.CATEGORY_MANAGER, category=phones, email="manager@shop.test")

    with pytest.raises(SystemExit) as ended:
        call_command("weak_policy", *args)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"{code}: ")
    assert not WeakPolicy.objects.exists()


def test_two_categories_of_one_name_need_their_path(shop, phones, capsys):
    CategoryFactory(name="Phones", parent=CategoryFactory(name="Used"))

    told = run(capsys, "set", "--category", "Used / Phones", "--least-margin", "0.2")

    assert told["category"] == "Used / Phones"
