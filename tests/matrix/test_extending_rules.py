"""Which products a companion fits by their attributes, and how alike products are."""

from crossmatrix.matrix.rules.extending import Fit, Item, judge_fit, likeness

PHONE = Item("Смартфон Orbis 12 Pro 256 ГБ", "Orbis", {"Модель": "Orbis 12 Pro", "Разъём": "USB-C", "Цвет": "чёрный"})
SISTER = Item("Смартфон Orbis 12 Pro 512 ГБ", "Orbis", {"Модель": "Orbis 12 Pro", "Разъём": "USB-C", "Цвет": "белый"})
OTHER = Item("Смартфон Novara X", "Novara", {"Модель": "Novara X", "Разъём": "USB-C"})
CONSOLE = Item("Приставка Orbis Station 2 Slim", "Orbis", {"Разъём": "HDMI"})


def fit(companion, other, main=PHONE):
    return judge_fit(main=main, companion=companion, other=other)


def test_a_case_for_the_model_fits_the_same_model_and_no_other():
    case = Item("Чехол", attributes={"Подходит к": "Orbis 12 Pro"})

    assert fit(case, SISTER).fit is Fit.FITS
    assert (fit(case, OTHER).fit, fit(case, OTHER).attribute, fit(case, OTHER).value) == (
        Fit.DOES_NOT,
        "Подходит к",
        "Orbis 12 Pro",
    )


def test_a_charger_fits_whatever_has_the_same_connector():
    charger = Item("Зарядка", attributes={"Разъём": "USB-C", "Размер": "30 Вт"})

    assert fit(charger, OTHER).fit is Fit.FITS
    assert fit(charger, Item("Плеер", attributes={"Разъём": "Lightning"})).fit is Fit.DOES_NOT


def test_one_of_several_values_is_enough():
    case = Item("Чехол", attributes={"Подходит к": "Orbis 12 Pro, Novara X"})

    assert fit(case, OTHER).fit is Fit.FITS


def test_a_missing_attribute_is_no_contradiction():
    charger = Item("Зарядка", attributes={"Разъём": "USB-C"})

    assert fit(charger, Item("Плеер")).fit is Fit.UNKNOWN


def test_a_value_in_the_name_of_the_main_has_to_stand_in_the_name_of_the_other():
    pad = Item("Геймпад", attributes={"Подходит к": "Orbis Station"})

    assert fit(pad, Item("Приставка Orbis Station 2 Pro"), main=CONSOLE).fit is Fit.FITS
    assert fit(pad, Item("Приставка Novara Play"), main=CONSOLE).fit is Fit.DOES_NOT


def test_a_shared_colour_says_nothing_about_what_fits():
    lamp = Item("Лампа", attributes={"Цвет": "чёрный"})

    assert fit(lamp, SISTER).fit is Fit.UNKNOWN


def test_a_contradiction_weighs_more_than_a_fit():
    dock = Item("Док", attributes={"Разъём": "USB-C", "Подходит к": "Orbis 12 Pro"})

    assert fit(dock, OTHER).fit is Fit.DOES_NOT


def test_the_same_brand_and_attributes_make_products_alike():
    assert likeness(PHONE, SISTER) > likeness(PHONE, OTHER) > likeness(PHONE, Item("Лампа"))
