from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.bundles.rules import (
    MOVES,
    NEXT_STEPS,
    BundleAction,
    BundleState,
    Clock,
    FinanceReason,
    IllegalMove,
    ItemFacts,
    ItemRole,
    Other,
    Proposal,
    Severity,
    breaches,
    bundle_margin,
    bundle_saving,
    check_submission,
    due_after,
    due_move,
    finance_reasons,
    next_state,
)
from crossmatrix.matrix.rules import RatioStatus, RatioVerdict

TODAY = date(2026, 11, 22)
CONSOLE = ItemFacts("CON-1", "Console", 1, ItemRole.MAIN, Decimal(10000), Decimal(7000), 50)
CABLE = ItemFacts("CAB-1", "Cable", 2, ItemRole.COMPANION, Decimal(500), Decimal(200), 50)
CLEAN = Proposal(
    "Console and cables",
    Decimal(10000),
    date(2026, 12, 1),
    date(2026, 12, 31),
    Decimal("0.5"),
    20,
    items=(CONSOLE, CABLE),
)


def codes(proposal, **kwargs):
    return {finding.code for finding in check_submission(proposal, today=TODAY, **kwargs)}


# -- states


@pytest.mark.parametrize("state", list(BundleState))
@pytest.mark.parametrize("action", list(BundleAction))
def test_every_state_answers_every_action_by_the_table(state, action):
    if (state, action) in MOVES:
        assert next_state(state, action) is MOVES[state, action]
    else:
        with pytest.raises(IllegalMove) as refused:
            next_state(state, action)
        assert refused.value.code == "move.illegal"


def test_the_table_holds_the_life_that_was_agreed():
    road = [BundleState.DRAFT]
    for action in (
        "submit",
        "claim",
        "to_finance",
        "approve",
        "schedule",
        "start",
        "suspend",
        "resume",
        "end",
        "settle",
    ):
        road.append(next_state(road[-1], BundleAction(action)))

    assert road == [
        "draft", "submitted", "in_review", "in_finance", "approved", "scheduled", "live", "suspended", "live", "ended", "settled",
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["rejected", "withdrawn", "expired", "did_not_run", "settled", "superseded"])
def test_final_states_have_no_way_out(state):
    assert not [action for (was, action) in MOVES if was == state]


def test_every_state_can_be_reached():
    assert set(MOVES.values()) | {BundleState.DRAFT} == set(BundleState)


def test_every_state_tells_the_supplier_its_next_step():
    assert set(NEXT_STEPS) == set(BundleState)


# -- money


def test_the_saving_counts_quantities():
    saving = bundle_saving(price=Decimal(10000), items=CLEAN.items)

    assert (saving.regular, saving.amount, saving.share) == (Decimal(11000), Decimal(1000), Decimal("0.0909"))


def test_the_saving_is_unknown_while_a_price_is_missing():
    assert bundle_saving(price=Decimal(1), items=[CONSOLE, replace(CABLE, price=None)]) is None
    assert bundle_saving(price=None, items=[CONSOLE]) is None
    assert bundle_saving(price=Decimal(1), items=[]) is None


def test_the_margin_adds_what_the_supplier_pays():
    margin = bundle_margin(price=Decimal(10000), funding_share=Decimal("0.5"), items=CLEAN.items)

    assert (margin.amount, margin.share) == (Decimal("3100.00"), Decimal("0.3100"))  # 10000 + 500 - 7400


def test_the_margin_is_unknown_without_a_cost():
    assert bundle_margin(price=Decimal(10000), funding_share=None, items=[CONSOLE, replace(CABLE, cost=None)]) is None


MONEY = st.decimals(min_value="0.01", max_value="99999.99", places=2)
ITEMS = st.lists(
    st.builds(ItemFacts, sku=st.uuids().map(str), quantity=st.integers(1, 99), price=MONEY, cost=MONEY),
    min_size=1,
    max_size=8,
)


@given(price=MONEY, items=ITEMS)
def test_price_and_saving_make_the_regular_price(price, items):
    saving = bundle_saving(price=price, items=items)

    assert saving.price + saving.amount == saving.regular == sum(item.price * item.quantity for item in items)
    assert (saving.amount > 0) == (price < saving.regular)
    assert saving.share <= 1


@given(price=MONEY, items=ITEMS, low=st.decimals("0", "1", places=4), high=st.decimals("0", "1", places=4))
def test_more_funding_never_lowers_the_margin(price, items, low, high):
    low, high = sorted([low, high])

    less, more = (bundle_margin(price=price, funding_share=share, items=items) for share in (low, high))

    assert less.amount <= more.amount


# -- checks


def test_a_clean_proposal_has_no_findings():
    assert check_submission(CLEAN, today=TODAY) == []


def test_an_empty_proposal_is_told_everything_at_once():
    assert codes(Proposal()) == {
        "name.missing", "items.few", "funding.range", "price.missing", "window.missing", "stock.missing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ({"name": "  "}, "name.missing", "error"),
        ({"items": (CONSOLE,)}, "items.few", "error"),
        ({"items": (CONSOLE, CONSOLE)}, "item.twice", "error"),
        ({"items": (replace(CONSOLE, role=ItemRole.COMPANION), CABLE)}, "main.one", "error"),
        ({"items": (CONSOLE, replace(CABLE, role=ItemRole.MAIN))}, "main.one", "error"),
        ({"items": (CONSOLE, replace(CABLE, own=False))}, "item.unknown", "error"),
        ({"items": (CONSOLE, replace(CABLE, sold=False))}, "item.not_sold", "error"),
        ({"items": (CONSOLE, replace(CABLE, price=None))}, "price.unknown", "error"),
        ({"items": (CONSOLE, replace(CABLE, quantity=0))}, "quantity.low", "error"),
        ({"items": (CONSOLE, replace(CABLE, currency="USD"))}, "currency.mixed", "error"),
        ({"items": (CONSOLE, replace(CABLE, suitable=False))}, "link.not_suitable", "error"),
        ({"items": (CONSOLE, replace(CABLE, stock=39))}, "stock.short", "error"),
        ({"price": None}, "price.missing", "error"),
        ({"price": Decimal(0)}, "price.missing", "error"),
        ({"price": Decimal(11000)}, "saving.none", "error"),
        ({"price": Decimal(12000)}, "saving.none", "error"),
        ({"price": Decimal(4399)}, "saving.implausible", "error"),
        ({"price": Decimal(10900)}, "saving.small", "warn"),
        ({"funding_share": None}, "funding.range", "error"),
        ({"funding_share": Decimal("1.01")}, "funding.range", "error"),
        ({"valid_from": TODAY - timedelta(days=1)}, "window.past", "error"),
        ({"valid_from": TODAY}, "window.soon", "warn"),
        ({"valid_to": date(2026, 11, 30)}, "window.reversed", "error"),
        ({"valid_to": date(2027, 12, 31)}, "window.long", "warn"),
        ({"valid_from": None}, "window.missing", "error"),
        ({"stock": 0}, "stock.missing", "error"),
    ],
)
def test_each_fault_is_found(changes, code, severity):
    found = {finding.code: finding.severity for finding in check_submission(replace(CLEAN, **changes), today=TODAY)}

    assert found.get(code) == severity


@pytest.mark.parametrize(
    "changes", [{"price": Decimal(4400)}, {"valid_from": TODAY}, {"stock": 25}, {"funding_share": Decimal(1)}]
)
def test_a_limit_itself_is_still_fine(changes):
    assert not [finding for finding in check_submission(replace(CLEAN, **changes), today=TODAY) if finding.stops]


def test_a_service_that_is_not_counted_is_never_short():
    assert codes(replace(CLEAN, stock=10**6, items=(replace(CONSOLE, stock=None), replace(CABLE, stock=None)))) == set()


@pytest.mark.parametrize(
    ("status", "severity"), [(RatioStatus.WARN, Severity.WARN), (RatioStatus.BLOCK, Severity.ERROR)]
)
def test_a_dear_companion_is_named_with_its_ratio(status, severity):
    dear = replace(CABLE, ratio=RatioVerdict(status, Decimal("0.6")), ratio_limit=Decimal("0.3"))

    (finding,) = check_submission(replace(CLEAN, items=(CONSOLE, dear)), today=TODAY)

    assert (finding.code, finding.severity, finding.field) == (f"ratio.{status.value}", severity, "item:CAB-1")
    assert finding.values["ratio"] == Decimal("0.6")


def test_margin_is_the_shops_matter_and_stops_no_submission():
    costly = replace(CLEAN, items=(replace(CONSOLE, cost=Decimal(9999)), CABLE))

    (finding,) = check_submission(costly, today=TODAY)

    assert finding.code == "margin.low"
    assert finding.internal
    assert not finding.stops


def other(skus, main="CON-1", start=date(2026, 12, 31), end=date(2027, 1, 5)):
    return Other("Old set", frozenset(skus), main, start, end)


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        (other(["CON-1", "CAB-1"]), {"overlap.same"}),
        (other(["CON-1", "CAB-1"], start=date(2027, 1, 1)), set()),
        (other(["CON-1", "CAB-1"], start=date(2026, 1, 1), end=date(2026, 11, 30)), set()),
        (other(["CON-1", "CAB-1", "GAM-1"]), {"overlap.partly"}),
        (other(["CON-1", "GAM-1"]), set()),
        (other(["CON-1", "CAB-1", "GAM-1"], main="GAM-1"), set()),
    ],
)
def test_another_bundle_of_the_same_items_and_days_is_in_the_way(busy, expected):
    assert codes(CLEAN, others=[busy]) == expected


OPTIONAL_MONEY = st.none() | MONEY
ANY_ITEM = st.builds(
    ItemFacts,
    sku=st.sampled_from(["A", "B", "C"]),
    quantity=st.integers(-1, 5),
    role=st.sampled_from(ItemRole),
    price=OPTIONAL_MONEY,
    cost=OPTIONAL_MONEY,
    stock=st.none() | st.integers(-5, 50),
    own=st.booleans(),
    sold=st.booleans(),
    suitable=st.booleans(),
)
ANY_DAY = st.none() | st.dates(date(2026, 11, 1), date(2028, 1, 1))
ANY_PROPOSAL = st.builds(
    Proposal,
    name=st.sampled_from(["", "Set"]),
    price=OPTIONAL_MONEY,
    valid_from=ANY_DAY,
    valid_to=ANY_DAY,
    funding_share=st.none() | st.decimals("-1", "2", places=2),
    stock=st.none() | st.integers(-1, 30),
    exclusive=st.booleans(),
    items=st.lists(ANY_ITEM, max_size=5),
)


@given(ANY_PROPOSAL)
def test_whatever_passes_the_checks_is_a_real_offer(proposal):
    if any(finding.stops for finding in check_submission(proposal, today=TODAY)):
        return

    saving = bundle_saving(price=proposal.price, items=proposal.items)
    assert saving.amount > 0
    assert TODAY <= proposal.valid_from <= proposal.valid_to
    assert len({item.sku for item in proposal.items}) == len(proposal.items) >= 2
    assert [item.role for item in proposal.items].count(ItemRole.MAIN) == 1
    assert all(item.own and item.sold and item.suitable for item in proposal.items)
    assert all(item.stock is None or item.stock >= item.quantity * proposal.stock for item in proposal.items)


@given(ANY_PROPOSAL)
def test_every_finding_can_be_said(proposal):
    for finding in check_submission(proposal, today=TODAY):
        text = finding.sentence % finding.values if finding.values else finding.sentence

        assert "%(" not in text


# -- finance, clock


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, []),
        ({"exclusive": True}, [FinanceReason.EXCLUSIVITY]),
        ({"price": Decimal(7000), "funding_share": Decimal(1)}, [FinanceReason.DISCOUNT]),
        ({"funding_share": Decimal("0.29")}, [FinanceReason.FUNDING]),
        ({"items": (replace(CONSOLE, cost=Decimal(9400)), CABLE)}, [FinanceReason.MARGIN]),
    ],
)
def test_finance_looks_only_when_a_limit_is_passed(changes, reasons):
    assert finance_reasons(replace(CLEAN, **changes)) == reasons


def test_due_dates_follow_the_step():
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)

    assert due_after(BundleState.SUBMITTED, monday) == monday + timedelta(days=3)
    assert due_after(BundleState.IN_FINANCE, monday) == monday + timedelta(days=2)
    assert due_after(BundleState.NEEDS_CHANGES, monday) == monday + timedelta(days=5)
    assert due_after(BundleState.LIVE, monday) is None


NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RUNS = Clock(valid_from=TODAY, valid_to=TODAY)


@pytest.mark.parametrize(
    ("state", "clock", "expected"),
    [
        ("approved", RUNS, "schedule"),
        ("scheduled", RUNS, "start"),
        ("scheduled", replace(RUNS, valid_from=TODAY + timedelta(days=1), valid_to=TODAY + timedelta(days=1)), None),
        ("scheduled", replace(RUNS, broken=True), "not_run"),
        ("live", RUNS, None),
        ("live", replace(RUNS, broken=True), "suspend"),
        ("live", replace(RUNS, valid_to=TODAY - timedelta(days=1)), "end"),
        ("suspended", RUNS, "resume"),
        ("suspended", replace(RUNS, broken=True), None),
        ("needs_changes", replace(RUNS, due_at=NOW), "expire"),
        ("needs_changes", replace(RUNS, due_at=NOW + timedelta(seconds=1)), None),
        ("in_review", replace(RUNS, valid_to=TODAY - timedelta(days=1)), "expire"),
        ("in_review", replace(RUNS, due_at=NOW), None),
        ("draft", replace(RUNS, valid_to=TODAY - timedelta(days=1)), None),
        ("ended", RUNS, None),
    ],
)
def test_the_clock_moves_what_is_due(state, clock, expected):
    assert due_move(BundleState(state), clock, at=NOW, today=TODAY) == expected


@given(st.sampled_from(BundleState), ANY_DAY, ANY_DAY, st.booleans())
def test_the_clock_only_makes_moves_of_the_table(state, start, end, broken):
    action = due_move(state, Clock(NOW, start, end, broken), at=NOW, today=TODAY)

    assert action is None or (state, action) in MOVES


def test_an_agreed_bundle_breaks_on_stock_price_and_loss():
    assert breaches(replace(CLEAN, stock=10**6)) == []
    assert [f.code for f in breaches(replace(CLEAN, items=(CONSOLE, replace(CABLE, stock=1))))] == ["stock.short"]
    assert [f.code for f in breaches(replace(CLEAN, price=Decimal(11000)))] == ["saving.none"]
    assert [f.code for f in breaches(replace(CLEAN, items=(replace(CONSOLE, cost=Decimal(10500)), CABLE)))] == [
        "margin.loss"
    ]
    assert [f.code for f in breaches(replace(CLEAN, items=(CONSOLE, replace(CABLE, suitable=False))))] == [
        "link.not_suitable"
    ]
