"""Ordinary files as shops really keep them; `tests/golden/*` holds what an import must make of each."""

from datetime import datetime

from tests.imports.workbooks import workbook

NBSP = "\u00a0"


def price_list():
    """A title block, the header on row 5, groups between the rows, a total below."""
    return workbook(
        [
            ["ООО «Вектор», отдел оптовых продаж"],
            ["Прайс-лист на 20.11.2026"],
            ["Цены в рублях с НДС. Звоните: 8 800 000-00-00"],
            [],
            ["Артикул", "Наименование товара", "Розничная цена, руб.", "Остаток, шт."],
            ["Кабели"],
            ["00000105438", "Кабель HDMI 2.1, 2 м", "1 290.00 руб.", 14],
            ["00000105439", "Кабель USB-C, 1 м", "690.00 руб.", "более 10"],
            ["Игры"],
            ["00000200001", "Диск «Полюс»", f"3{NBSP}499.00 руб.", 0],
            ["00000200002", "Диск «Тайга»", "по запросу", 3],
            ["Итого", None, None, 27],
        ],
        sheet="Прайс",
    )


def cp1251():
    """What 1C and a Russian Excel save as CSV: cp1251, semicolons, decimal commas."""
    lines = [
        "Код;Наименование;Цена;Закупка;Валюта;Штрихкод",
        'КБ-01;"Кабель ""Север""; 2 м";1 290,00;700,50;руб.;4601234567893',
        "КБ-02;Кабель «Юг»;990,5;;руб.;",
        "КБ-03;Адаптер USB-C — HDMI;2 490,00;1 500,00;руб.;4601234567890",
    ]
    return ("\r\n".join(lines) + "\r\n").encode("cp1251")


def wide():
    """Categories by categories; an empty cell is undecided, «Не подходит» has its reason."""
    return workbook(
        [
            ["", "Кабель", "Диск", "Игра"],
            ["Консоль", "Нужен для подключения к телевизору", "Есть дисковод", "Во что играть"],
            ["Компьютер", "Подключить второй экран", "Не подходит: дисковода нет", None],
        ],
        sheet="Матрица",
    )


def long():
    """One row per link, an unknown SKU, a SKU one letter off, a product beside itself, a list in a cell."""
    return workbook(
        [
            ["Основной товар", "Спутник", "Причина", "Ранг"],
            ["PS-5", "HDMI-2", "Нужен для подключения", 1],
            ["PS-5", "HDMl-2M", "Опечатка в артикуле", 2],
            ["PS-5", "НЕТ-ТАКОГО", "Неизвестный товар", 3],
            ["PS-5", "PS-5", "Сам к себе", 4],
            ["PC-1", "HDMI-2; DISC-7", "Подключить и смотреть", None],
        ],
        sheet="Связи",
    )


def dirty_catalog():
    """A price in words, blank rows, equal and contradicting duplicates, a code whose digits are lost, an unknown column."""
    return workbook(
        [
            ["SKU", "Название", "Категория", "Цена", "Остаток", "Разъём"],
            ["PS-5", "Консоль", "Консоль", 52990, 4, "HDMI"],
            [],
            ["A-1", "Лампа", "Свет > Лампы", "дорого", 5, "E27"],
            ["A-2", "Лента", "Свет > Ленты", "1 290,00 ₽", "нет", "USB"],
            ["A-2", "Лента", "Свет > Ленты", "1 290,00 ₽", "нет", "USB"],
            ["A-3", "Щит", "Свет", 100, 1, None],
            ["A-3", "Щит", "Свет", 120, 1, None],
            [None, "Без артикула", "Свет", 10, 1, None],
            ["4,60123E+12", "Из Excel", "Свет", 10, 1, None],
            [None, None, None, None, None, None],
            ["A-4", None, "Свет", 70, 2, None],
        ],
        sheet="Товары",
    )


def orders():
    """Lines without numbers, a return, a negative quantity, an unknown SKU, a SKU that says NONE, a repeated order."""
    day = datetime(2026, 11, 1)
    return workbook(
        [
            ["Номер заказа", "Дата заказа", "Артикул", "Количество", "Цена"],
            ["З-1", "01.11.2026", "PS-5", 1, 49990],
            ["З-1", "01.11.2026", "HDMI-2", 2, "1 290,00"],
            ["З-2", "02.11.2026 14:30", "НЕТ-ТАКОГО", 1, 10],
            ["З-3", f"{day:%d.%m.%Y}", "NONE", 1, 10],
            ["З-4", "03.11.2026", "HDMI-2", -1, 1290],
            ["З-5", "31.02.2026", "HDMI-2", 1, 1290],
        ],
        sheet="Заказы",
    )


def events():
    """A report of a shop: a title above, places told apart, views without stock, a typo, a repeated and an impossible row."""
    return workbook(
        [
            ["Отчёт блока «С этим покупают» за ноябрь"],
            [],
            [
                "Дата",
                "Артикул товара",
                "Артикул рекомендации",
                "Витрина",
                "Размещение",
                "Показы",
                "Клики",
                "Заказов",
                "Возвратов",
                "В наличии",
            ],
            ["01.11.2026", "PS-5", "HDMI-2", "сайт", "карточка товара", 1480, 96, 35, 2, "да"],
            ["01.11.2026", "PS-5", "HDMI-2", "сайт", "корзина", "1 120", 44, 21, 0, "да"],
            ["02.11.2026", "PS-5", "DISC-7", "приложение", "карточка товара", 310, 12, 0, 0, "нет"],
            ["02.11.2026", "PS-5", "HDMl-2M", "сайт", "карточка товара", 75, 4, 1, 0, "да"],
            ["01.11.2026", "PS-5", "HDMI-2", "сайт", "карточка товара", 1480, 96, 35, 2, "да"],
            ["03.11.2026", "PC-1", "DISC-7", "сайт", "баннер", 10, 1, 0, 0, "да"],
            ["03.11.2026", "PC-1", "DISC-7", "сайт", "корзина", 5, 1, 6, 0, "да"],
            ["03.11.2026", "PC-1", "DISC-7", "сайт", "касса", 5, None, 0, None, None],
        ],
        sheet="Отчёт",
    )


FILES = {
    "price_list.xlsx": ("catalog", price_list),
    "cp1251.csv": ("catalog", cp1251),
    "wide.xlsx": ("matrix", wide),
    "long.xlsx": ("matrix", long),
    "dirty_catalog.xlsx": ("catalog", dirty_catalog),
    "orders.xlsx": ("orders", orders),
    "events.xlsx": ("events", events),
}
