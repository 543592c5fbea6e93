from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from crossmatrix.ui import numbers

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        (1290, "1 290 ₽", "1,290 ₽"),
        (Decimal("1290.00"), "1 290 ₽", "1,290 ₽"),
        ("1290.5", "1 290,50 ₽", "1,290.50 ₽"),
        (0, "0 ₽", "0 ₽"),
        (-61400, "−61 400 ₽", "−61,400 ₽"),
        (Decimal("0.005"), "0,01 ₽", "0.01 ₽"),
        (None, "—", "—"),
        ("дорого", "—", "—"),
    ],
)
def test_money_reads_as_people_of_the_language_write_it(value, russian, english):
    with translation.override("ru"):
        in_russian = numbers.money(value)
    with translation.override("en"):
        in_english = numbers.money(value)

    assert in_russian == russian.replace(" ", NBSP)
    assert in_english == english.replace(" ", NBSP)


@pytest.mark.parametrize(("currency", "sign"), [("RUB", "₽"), ("EUR", "€"), ("CHF", "CHF"), ("", "₽")])
def test_money_carries_its_currency(currency, sign):
    with translation.override("en"):
        assert numbers.money(5, currency) == f"5{NBSP}{sign}"


@pytest.mark.parametrize(
    ("share", "russian", "english"),
    [
        (Decimal("0.46"), "46 %", "46%"),
        (0.004, "0,4 %", "0.4%"),
        (0, "0 %", "0%"),
        (1, "100 %", "100%"),
        (0.01, "1 %", "1%"),
        (None, "—", "—"),
    ],
)
def test_a_share_reads_as_percent_and_few_is_not_none(share, russian, english):
    with translation.override("ru"):
        in_russian = numbers.percent(share)
    with translation.override("en"):
        in_english = numbers.percent(share)

    assert in_russian == russian.replace(" ", NBSP)
    assert in_english == english


@pytest.mark.parametrize(
    ("value", "russian"),
    [(Decimal("0.334"), "0,33"), (Decimal("0.335"), "0,34"), (0.001, "<0,01"), (0, "0,00"), (None, "—")],
)
def test_a_ratio_has_two_decimals_and_small_is_not_zero(value, russian):
    with translation.override("ru"):
        assert numbers.ratio(value) == russian


@pytest.mark.parametrize(
    ("seconds", "russian"),
    [(0.42, "0,4 с"), (5, "5 с"), (59, "59 с"), (60, "1 мин"), (4205, "1 ч 10 мин"), (None, "—")],
)
def test_a_duration_is_as_fine_as_it_needs_to_be(seconds, russian):
    with translation.override("ru"):
        assert numbers.duration(seconds) == russian


NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # 12:00 in Moscow


@pytest.mark.parametrize(
    ("back", "russian", "english"),
    [
        (timedelta(seconds=30), "только что", "just now"),
        (timedelta(minutes=1), "1 минуту назад", "1 minute ago"),
        (timedelta(minutes=22), "22 минуты назад", "22 minutes ago"),
        (timedelta(minutes=5), "5 минут назад", "5 minutes ago"),
        (timedelta(hours=2), "сегодня, 10:00", "today, 10:00"),
        (timedelta(hours=13), "вчера, 23:00", "yesterday, 23:00"),
        (timedelta(days=3), "19 ноября, 12:00", "19 November, 12:00"),
        (timedelta(days=400), "18 октября 2025, 12:00", "18 October 2025, 12:00"),
        (timedelta(days=-1), "завтра, 12:00", "tomorrow, 12:00"),
    ],
)
def test_a_moment_reads_in_words(back, russian, english):
    with translation.override("ru"):
        in_russian = numbers.moment(NOON - back, now=NOON)
    with translation.override("en"):
        in_english = numbers.moment(NOON - back, now=NOON)

    assert in_russian == russian
    assert in_english == english
