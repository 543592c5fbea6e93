import itertools
from decimal import Decimal

import pytest

from crossmatrix.audit.models import AuditEvent
from crossmatrix.jobs.models import JobRun
from crossmatrix.matrix import services, tasks
from crossmatrix.matrix.models import PairRevision, RatioPolicy
from crossmatrix.matrix.services import LinkDraft
from crossmatrix.matrix.services.ratios import BadPolicy, PolicyTaken
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_a_price_that_changed_is_judged_again_and_told(drafted, cable, now):
    type(cable).objects.filter(pk=cable.pk).update(price="20000.00")

    assert services.recheck_ratios(at=now) == 1

    drafted.refresh_from_db()
    assert (drafted.ratio, drafted.ratio_status, drafted.judged_companion_price) == (
        Decimal("0.4000"),
        "warn",
        Decimal("20000.00"),
    )
    event = AuditEvent.objects.get(kind="pair.ratio")
    assert (event.actor, event.before["ratio_status"], event.after["ratio_status"]) == (None, "ok", "warn")
    assert services.recheck_ratios(at=now) == 0


def test_a_price_taken_away_makes_the_ratio_unknown(approved, console, now):
    type(console).objects.filter(pk=console.pk).update(price=None)

    services.recheck_ratios(at=now)

    approved.refresh_from_db()
    assert (approved.ratio, approved.ratio_status) == (None, "unknown")


def test_history_keeps_the_verdict_it_was_decided_on(approved, console, cable, writer, approver, now):
    second = services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Better"), actor=writer, at=now)
    services.submit(revision=second, actor=writer, at=now)
    services.approve(revision=second, actor=approver, at=now)
    type(cable).objects.filter(pk=cable.pk).update(price="40000.00")

    assert services.recheck_ratios(at=now) == 1

    approved.refresh_from_db()
    assert (approved.state, approved.ratio_status) == ("superseded", "ok")


def test_a_new_policy_is_found_without_any_price_change(drafted, consoles, writer, now):
    services.set_policy(
        category=consoles,
        kind="required",
        warn_above=Decimal("0.01"),
        block_above=Decimal("0.02"),
        actor=writer,
        at=now,
    )
    run = JobRun.objects.get()

    tasks.recheck_ratios()

    drafted.refresh_from_db()
    run.refresh_from_db()
    assert (drafted.ratio_status, run.state, run.result) == ("block", "done", {"changed": 1})


@pytest.mark.parametrize(
    ("scope", "kind", "wins"),
    [
        ("child", "required", True),
        ("child", "", True),
        ("parent", "required", True),
        (None, "required", True),
        ("sister", "required", False),
    ],
)
def test_sql_picks_the_same_policy_as_the_rule(scope, kind, wins, writer, now):
    parent = CategoryFactory()
    places = {
        "parent": parent,
        "child": CategoryFactory(parent=parent),
        "sister": CategoryFactory(parent=parent),
        None: None,
    }
    main, companion = ProductFactory(category=places["child"], price="100"), ProductFactory(price="10")
    revision = services.set_pair(
        draft=LinkDraft(main.pk, companion.pk, reason="Goes", kind="required"), actor=writer, at=now
    )
    RatioPolicy.objects.create(category=places[scope], kind=kind, warn_above="0.01", block_above="0.05")

    services.recheck_ratios(at=now)

    revision.refresh_from_db()
    assert revision.ratio_status == ("block" if wins else "ok")
    fresh = services.set_pair(
        draft=LinkDraft(main.pk, companion.pk, reason="Goes well", kind="required"), actor=writer, at=now
    )
    assert fresh.ratio_status == revision.ratio_status


def test_limits_are_in_order_and_each_scope_has_one_policy(consoles, cables, writer, now):
    with pytest.raises(BadPolicy):
        services.set_policy(
            category=None, kind="", warn_above=Decimal("0.6"), block_above=Decimal("0.5"), actor=writer, at=now
        )
    services.set_policy(
        category=None, kind="", warn_above=Decimal("0.1"), block_above=Decimal("0.5"), actor=writer, at=now
    )
    other = services.set_policy(
        category=cables, kind="", warn_above=Decimal("0.1"), block_above=Decimal("0.5"), actor=writer, at=now
    )

    with pytest.raises(PolicyTaken):
        services.set_policy(
            category=None,
            kind="",
            warn_above=Decimal("0.1"),
            block_above=Decimal("0.5"),
            actor=writer,
            at=now,
            policy=other,
        )

    assert RatioPolicy.objects.count() == 2


def test_rechecking_does_not_make_the_grid_stale(drafted, cable, console, writer, now):
    type(cable).objects.filter(pk=cable.pk).update(price="20000.00")
    services.recheck_ratios(at=now)

    edited = services.set_pair(
        draft=LinkDraft(console.pk, cable.pk, reason="Next"), actor=writer, at=now, base_version=1
    )

    assert PairRevision.objects.get(pk=edited.pk).ratio_status == "warn"


def test_limits_for_a_kind_of_companion_outweigh_those_for_every_companion(drafted, consoles, cables, writer, now):
    wide = {"warn_above": Decimal("0.5"), "block_above": Decimal("0.9")}
    services.set_policy(category=consoles, kind="required", actor=writer, at=now, **wide)

    tight = {"warn_above": Decimal("0.01"), "block_above": Decimal("0.02")}
    services.set_policy(category=consoles, companion_category=cables, kind="", actor=writer, at=now, **tight)
    services.recheck_ratios(at=now)

    drafted.refresh_from_db()
    assert drafted.ratio_status == "block"


@pytest.mark.parametrize(
    ("main", "companion", "kind"), list(itertools.product(["", "/1/", "/1/2/"], ["", "/5/", "/5/6/"], ["", "popular"]))
)
def test_the_database_and_the_rule_choose_the_same_limits(main, companion, kind, writer, now):
    """Every policy scope beside every other: recheck in SQL finds nothing that judging in Python did not say."""
    top, below = CategoryFactory(), CategoryFactory()
    under, beneath = CategoryFactory(parent=top), CategoryFactory(parent=below)
    at = {"": None, "/1/": top, "/1/2/": under, "/5/": below, "/5/6/": beneath}
    scopes = [(None, None, ""), (top, None, "popular"), (top, below, ""), (under, None, ""), (None, beneath, "popular")]
    scopes = [scope for scope in scopes if scope != (at[main], at[companion], kind)]
    for step, (one, other, word) in enumerate([*scopes, (at[main], at[companion], kind)], start=1):
        share = Decimal(step) / 100
        services.set_policy(
            category=one, companion_category=other, kind=word, warn_above=share, block_above=share, actor=writer, at=now
        )
    for share in range(1, 9):
        link = LinkDraft(
            ProductFactory(category=under, price=1000).pk,
            ProductFactory(category=beneath, price=share * 10).pk,
            reason="x",
            kind="popular",
        )
        services.set_pair(draft=link, actor=writer, at=now)

    assert services.recheck_ratios(at=now) == 0
