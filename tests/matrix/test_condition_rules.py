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
    NotClosed,
    NotJoined,
    NoValue,
    Ref,
    TooManyWays,
    clauses_of,
    fitting,
    goods,
    held,
    judge_fit,
    names_of,
    number_of,
    parse,
    told,
)

MAIN = goods(1, {"Разъём": "USB-C", "model": "PS5", "Мощность": "65 Вт"}, brand="Sony", price=Decimal(50000))
CABLE = goods(
    2,
    {"разъем": "usb-c", "fits": "PS4, PS5", "Мощность": "100 Вт", "Экран": True},
    brand="Anker",
    price=Decimal(900),
    name="Кабель для PS5, 2 м",
)


def test_the_conditions_of_the_trade_are_read():
    assert parse("main.connector = companion.connector") == (
        (Clause(Ref("main", "connector"), "=", Ref("companion", "connector")),),
    )
    assert parse("main.model in companion.fits and companion.price < 1.5") == (
        (
            Clause(Ref("main", "model"), "in", Ref("companion", "fits")),
            Clause(Ref("companion", "price"), "<", "1.5"),
        ),
    )
    assert parse('основной.«Тип разъёма» = спутник.«Тип разъёма» и основной.brand != "No name"') == (
        (
            Clause(Ref("main", "тип разъема"), "=", Ref("companion", "тип разъема")),
            Clause(Ref("main", "brand"), "!=", "No name"),
        ),
    )
    assert parse("  ") == ()


A, B, C = (Clause(Ref("main", name), "=", "1") for name in "abc")


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("main.a = 1 or main.b = 1", ((A,), (B,))),
        ("main.a = 1 или main.b = 1 и main.c = 1", ((A,), (B, C))),  # "and" binds closer
        ("(main.a = 1 or main.b = 1) and main.c = 1", ((A, C), (B, C))),
        ("main.a = 1 and (main.b = 1 or (main.c = 1))", ((A, B), (A, C))),
    ],
)
def test_alternatives_and_brackets_become_ways_to_fit(text, ways):
    assert parse(text) == ways


@pytest.mark.parametrize(
    ("text", "sign", "right"),
    [
        ("main.a == 1", "=", "1"), ("main.a <> 1", "!=", "1"), ("main.a ≤ 1", "<=", "1"), ("main.a >= 1 000.5", ">=", "1000.5"),
        ("main.a не в companion.b", "not in", Ref("companion", "b")), ("main.a not in companion.b", "not in", Ref("companion", "b")),
        ("main.a содержит “два слова”", "contains", "два слова"), ('main.a = "and"', "=", "and"), ("main.a < -5", "<", "-5"),
    ],
)  # fmt: skip
def test_signs_and_values_are_read_as_people_write_them(text, sign, right):
    ((clause,),) = parse(text)

    assert (clause.sign, clause.right) == (sign, right)


@pytest.mark.parametrize(
    ("text", "error", "word", "at"),
    [
        ("connector = companion.connector", BadCondition, "connector", 1),
        ("main = companion", BadCondition, "main", 1),
        ("main. = companion.connector", NoName, "main", 7),
        ("main.a = companion", NoName, "companion", 10),
        ("main.connector", NoComparison, "connector", 15),
        ("main.connector companion.connector", NoComparison, "connector", 16),
        ("main.connector =", NoValue, "=", 17),
        ("main.a = = 1", NoValue, "=", 10),
        ("main.a = companion.a companion.b = 1", NotJoined, "companion", 22),
        ("main.a = No name", NotJoined, "name", 13),
        ("main.a = companion.a and", BadCondition, "…", 25),
        ("main.a = and main.b = 1", NoValue, "=", 10),
        ("(main.a = 1 or main.b = 1", NotClosed, "(", 1),
        ("main.a = 1)", NotJoined, ")", 11),
        ('main.a = "USB', NotClosed, '"', 10),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text, error, word, at):
    with pytest.raises(BadCondition) as refused:
        parse(text)

    assert (type(refused.value), refused.value.values["word"], refused.value.values["at"]) == (error, word, at)


def test_too_many_alternatives_are_refused():
    with pytest.raises(TooManyWays):
        parse(" and ".join("(main.a = 1 or main.b = 2)" for _ in range(6)))


@given(st.text(alphabet='main.copi =!<>"«»и1()or ', max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        condition = parse(text)
    except BadCondition:
        return
    assert all(clause.sign for clause in clauses_of(condition))


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
        ("main.brand = Apple or main.model = PS5", True),
        ("main.brand = Apple or main.colour = red", None),
        ("main.brand = Apple or main.model = PS4", False),
        ("main.model not in companion.fits", False),
        ("companion.name contains main.model", True),
        ("companion.name contains PS", False),  # whole words
        ("companion.мощность = 100", True),  # a bare number meets the number of "100 Вт"
        ("companion.мощность != 100", False),
        ("companion.мощность = 10", False),
        ("спутник.цена < 1 000 и спутник.бренд = anker", True),
        ("companion.экран = да", True),
        ("companion.экран = нет", False),
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
            "main.plug = companion.plug or main.fits in companion.fits",
            "main.plug = companion.plug or companion.fits != hdmi",
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
    assert told(condition[0][0], MAIN, CABLE) == "разъем: USB-C = usb-c"


def test_a_comparison_is_told_in_the_words_it_was_written_in():
    condition = parse("основной.model не в спутник.model и спутник.разъём содержит usb")

    assert [told(clause, MAIN, CABLE) for clause in condition[0]] == [
        "model: PS5 не в —",
        "разъем: usb-c содержит usb",
    ]


def test_of_alternatives_the_one_that_holds_is_told():
    condition = parse("main.brand = Apple or main.разъём = companion.разъём and main.model = PS5")

    assert [told(clause, MAIN, CABLE) for clause in held(condition, MAIN, CABLE)] == [
        "разъем: USB-C = usb-c",
        "model: PS5 = PS5",
    ]


def test_thousands_are_read_with_their_spaces():
    assert [number_of(text) for text in ("1 500 мм", "1\u00a0500,5", "65 Вт", "x")] == [
        1500,
        Decimal("1500.5"),
        65,
        None,
    ]
