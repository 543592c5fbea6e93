"""Compatibility conditions: what they read, what they refuse, whom they match."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.matrix.rules.condition import (
    BadCondition,
    Clause,
    NoComparison,
    NoName,
    NotJoined,
    NoValue,
    Ref,
    fitting,
    goods,
    judge_fit,
    names_of,
    number_of,
    parse,
    told,
)

MAIN = goods(1, {"Разъём": "USB-C", "model": "PS5", "Мощность": "65 Вт"}, brand="Sony", price=Decimal(50000))
CABLE = goods(2, {"разъем": "usb-c", "fits": "PS4, PS5", "Мощность": "100 Вт"}, brand="Anker", price=Decimal(900))


def test_the_conditions_of_the_trade_are_read():
    assert parse("main.connector = companion.connector") == (
        Clause(Ref("main", "connector"), "=", Ref("companion", "connector")),
    )
    assert parse("main.model in companion.fits and companion.price < 1.5") == (
        Clause(Ref("main", "model"), "in", Ref("companion", "fits")),
        Clause(Ref("companion", "price"), "<", "1.5"),
    )
    assert parse('основной.«Тип разъёма» = спутник.«Тип разъёма» и основной.brand != "No name"') == (
        Clause(Ref("main", "тип разъема"), "=", Ref("companion", "тип разъема")),
        Clause(Ref("main", "brand"), "!=", "No name"),
    )
    assert parse("  ") == ()


@pytest.mark.parametrize(
    ("text", "error", "word"),
    [
        ("connector = companion.connector", BadCondition, "connector"),
        ("main = companion", BadCondition, "main"),
        ("main. = companion.connector", NoName, "main"),
        ("main.connector", NoComparison, "connector"),
        ("main.connector companion.connector", NoComparison, "connector"),
        ("main.connector =", NoValue, "="),
        ("main.a = companion.a companion.b = 1", NotJoined, "companion"),
        ("main.a = companion.a and", BadCondition, "…"),
        ("main.a = and main.b = 1", NoValue, "="),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text, error, word):
    with pytest.raises(BadCondition) as refused:
        parse(text)

    assert (type(refused.value), refused.value.values["word"]) == (error, word)


@given(st.text(alphabet='main.copi =!<>"«»и1 ', max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        condition = parse(text)
    except BadCondition:
        return
    assert all(clause.sign for clause in condition)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("main.разъём = companion.разъём", True),
        ("main.разъём != companion.разъём", False),
        ("main.model in companion.fits", True),
        ("main.model = companion.fits", False),
        ("companion.мощность >= main.мощность", True),
        ("companion.мощность < main.мощность", False),
        ("companion.price < 1000", True),
        ("main.brand = Sony", True),
        ("main.colour = companion.colour", None),
        ("main.colour = companion.colour and main.model != PS5", False),  # a contradiction outweighs what is unknown
        ("", True),
    ],
)
def test_a_companion_fits_contradicts_or_is_unknown(text, fits):
    assert judge_fit(parse(text), MAIN, CABLE).fits is fits


@given(st.integers(0, 10**6), st.sampled_from(["", " Вт", " W", "\N{NO-BREAK SPACE}мм"]))
def test_a_number_is_read_whatever_unit_follows(number, unit):
    assert number_of(f"{number}{unit}") == number


values = st.sampled_from(["usb-c", "USB-C", "hdmi", "Lightning", "usb-c, hdmi"])
shelf = st.lists(st.dictionaries(st.sampled_from(["plug", "fits"]), values), max_size=8)


@given(
    shelf,
    shelf,
    st.sampled_from(
        [
            "main.plug = companion.plug",
            "main.plug in companion.fits",
            "companion.plug in main.fits",
            "main.plug = companion.plug and main.fits != companion.fits",
        ]
    ),
)
def test_looking_up_finds_what_comparing_each_with_each_finds(above, below, text):
    mains = [goods(n, one) for n, one in enumerate(above)]
    companions = [goods(100 + n, one) for n, one in enumerate(below)]
    condition = parse(text)

    found = fitting(condition, mains, companions)

    each = {
        main.id: hits
        for main in mains
        if (hits := [one.id for one in companions if judge_fit(condition, main, one).fits])
    }
    assert found == each


def test_a_product_is_no_companion_of_itself():
    one = goods(1, {"plug": "usb-c"})

    assert fitting(parse("main.plug = companion.plug"), [one], [one]) == {}


def test_the_attributes_asked_for_and_the_values_found_are_told():
    condition = parse("main.разъём = companion.разъём and companion.price < 1000")

    assert (names_of(condition, "main"), names_of(condition, "companion")) == (["разъем"], ["разъем", "price"])
    assert told(condition[0], MAIN, CABLE) == "разъем: USB-C = usb-c"
