from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.matrix.rules import (
    MOVES,
    BadLink,
    CellWord,
    IllegalMove,
    LinkContent,
    LinkDraft,
    PairAction,
    PairState,
    RatioLimits,
    RatioStatus,
    SlotContent,
    SlotDraft,
    blocked_by_type,
    changes,
    judge_ratio,
    merge,
    merge_slot,
    next_state,
    read_cell_text,
)

LIMITS = RatioLimits(warn=Decimal("0.30"), block=Decimal("0.50"))


@pytest.mark.parametrize("state", list(PairState))
@pytest.mark.parametrize("action", list(PairAction))
def test_the_table_of_moves_is_the_whole_truth(state, action):
    if (state, action) in MOVES:
        assert next_state(state, action) == MOVES[state, action]
    else:
        with pytest.raises(IllegalMove):
            next_state(state, action)


@pytest.mark.parametrize(
    ("main", "companion", "status", "ratio"),
    [
        ("100", "30", "ok", "0.3000"),  # the limit itself is still fine
        ("100", "30.01", "warn", "0.3001"),
        ("100", "50", "warn", "0.5000"),
        ("100", "50.01", "block", "0.5001"),
        ("100", "250", "block", "2.5000"),
        ("100", "0", "ok", "0.0000"),
        ("20000", "6001", "warn", "0.3001"),  # 0.30005 rounds half up, as in SQL
        ("0", "10", "unknown", None),
        (None, "10", "unknown", None),
        ("100", None, "unknown", None),
    ],
)
def test_the_price_ratio_at_its_edges(main, companion, status, ratio):
    price = lambda text: None if text is None else Decimal(text)  # noqa: E731 - only here

    verdict = judge_ratio(main_price=price(main), companion_price=price(companion), limits=LIMITS)

    assert (verdict.status, verdict.ratio) == (RatioStatus(status), price(ratio))


@given(st.decimals(1, 10**6, places=2), st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_a_dearer_companion_is_never_judged_milder(main, cheaper, dearer):
    order = [RatioStatus.OK, RatioStatus.WARN, RatioStatus.BLOCK]
    low, high = sorted([cheaper, dearer])

    verdicts = [judge_ratio(main_price=main, companion_price=price, limits=LIMITS).status for price in (low, high)]

    assert order.index(verdicts[0]) <= order.index(verdicts[1])


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("", CellWord.EMPTY, ""), ("\u00a0\u200b", CellWord.EMPTY, ""), ("-", CellWord.CLEAR, ""), ("—", CellWord.CLEAR, ""),
        ("X", CellWord.LINK, ""), ("Х", CellWord.LINK, ""), ("✓", CellWord.LINK, ""), ("1", CellWord.LINK, ""),
        ("Да", CellWord.LINK, ""), ("ЧЕРНОВИК", CellWord.STATE, ""), ("approved", CellWord.STATE, ""),
        ("не подходит", CellWord.UNSUITABLE, ""), ("Не подходит — другой разъём", CellWord.UNSUITABLE, "другой разъём"),
        ("not suitable: too big", CellWord.UNSUITABLE, "too big"), ("не подходите", CellWord.REASON, "не подходите"),
        ("#ССЫЛКА!", CellWord.UNKNOWN, "#ССЫЛКА!"), ("3,14", CellWord.UNKNOWN, "3,14"),
        ("Нужен  для\nТВ", CellWord.REASON, "Нужен для ТВ"),
    ],
)  # fmt: skip
def test_the_text_of_a_cell(text, word, rest):
    said = read_cell_text(text)

    assert (said.word, said.text) == (word, rest)
    assert (said.state is not None) == (word == CellWord.STATE)


@given(st.text())
def test_no_text_breaks_the_reading_and_a_reason_reads_back_as_itself(text):
    said = read_cell_text(text)

    if said.word == CellWord.REASON:
        assert read_cell_text(said.text) == type(said)(CellWord.REASON, said.text)


def test_none_leaves_a_field_alone_and_empty_clears_it():
    content = LinkContent(reason="Fits", offer_text="Take it", rank=3, valid_to=date(2026, 12, 31))

    merged = merge(content, LinkDraft(1, 2, offer_text=""))

    assert merged == LinkContent(reason="Fits", offer_text="", rank=3, valid_to=date(2026, 12, 31))
    assert merge(content, LinkDraft(1, 2, clear_window=True)).valid_to is None


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"kind": "magic"}, "kind.unknown"), ({"rank": 0}, "rank.invalid"), ({"rank": 10_001}, "rank.invalid"),
        ({"placements": ["moon"]}, "placement.unknown"), ({"reason": "x" * 501}, "text.too_long"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "window.reversed"),
    ],
)  # fmt: skip
def test_content_that_cannot_be(draft, code):
    with pytest.raises(BadLink) as refusal:
        merge(LinkContent(), LinkDraft(1, 2, **draft))

    assert refusal.value.code == code


def test_the_digest_follows_the_content_only():
    assert LinkContent(reason="a").digest() == LinkContent(reason="a").digest()
    assert LinkContent(reason="a").digest() != LinkContent(reason="b").digest()


def test_what_changed_field_by_field():
    before = LinkContent(reason="Fits", rank=3)

    assert [(one.field, one.before, one.after) for one in changes(before, LinkContent(reason="Fits", rank=1))] == [
        ("rank", 3, 1)
    ]
    assert [one.field for one in changes(None, LinkContent(reason="Fits"))] == ["reason", "kind", "rank"]


def test_a_slot_turned_round_does_not_keep_the_opposite_reason():
    turned = merge_slot(SlotContent("suitable", "Needed"), SlotDraft(1, 2, verdict="not_suitable"))

    assert (turned.verdict, turned.reason) == ("not_suitable", "")
    assert merge_slot(SlotContent("suitable", "Needed"), SlotDraft(1, 2, verdict="undecided")) == SlotContent()


def test_not_suitable_types_reach_all_below_them_and_nothing_beside():
    unsuitable = {(1, 20): "Wireless"}

    assert blocked_by_type(main_path="/1/5/", companion_path="/20/21/", unsuitable=unsuitable) == "Wireless"
    assert blocked_by_type(main_path="/5/", companion_path="/20/", unsuitable=unsuitable) is None
    assert blocked_by_type(main_path="/20/", companion_path="/1/", unsuitable=unsuitable) is None
    assert blocked_by_type(main_path="/1/", companion_path="/2/", unsuitable=unsuitable) is None
