"""The workbooks of a tiny shop: ten consoles, their companions, and a month of orders with planted truth.

A cable is taken with 40 % of the consoles, a disk with 30 %, a lamp almost never; the stand is sold alone.
"""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

CONSOLES = [f"00{i}" for i in range(101, 111)]
CABLE, DISK, LAMP, STAND, TELEVISION = "00201", "00301", "00401", "00501", "00601"
PRODUCTS = [
    *[(sku, f"Приставка Орбис {sku[-2:]}", "Игры / Приставки", "39 990,00 ₽", 30000, 25) for sku in CONSOLES],
    (CABLE, "Кабель HDMI 2 м", "Кабели / HDMI", "1 290,00 ₽", 400, 300),
    (DISK, "Диск «Гонки по льду»", "Игры / Диски", "3 490,00 ₽", 2100, 80),
    (LAMP, "Лампа настольная «Уют»", "Дом / Лампы", "2 190,00 ₽", 900, 40),
    (STAND, "Подставка для приставки", "Игры / Подставки", "1 990,00 ₽", 700, 60),
    (TELEVISION, "Телевизор Кадр 55", "Телевизоры / 4K", "54 990,00 ₽", 45000, 12),
]
HEADER = ("Артикул", "Наименование", "Категория", "Цена", "Закупочная цена", "Остаток", "Поставщик")
SUPPLIER, RIVAL = "Орбис Трейд", "Новара Дистрибуция"  # companies of supplier@demo and rival@demo
ORDERS, FIRST_DAY = 3000, 60  # orders, and days before today of the first


def catalog(folder: Path, *, prices: dict[str, str] | None = None, name: str = "каталог.xlsx") -> Path:
    rows = [
        (*row[:3], (prices or {}).get(row[0], row[3]), *row[4:], RIVAL if row[0] == LAMP else SUPPLIER)
        for row in PRODUCTS
    ]
    return workbook(folder / name, [("Прайс-лист магазина",), (), HEADER, *rows])


def types(folder: Path) -> Path:
    """Type level, wide: categories on both sides, reasons in the cells."""
    return workbook(
        folder / "типы.xlsx",
        [
            ("Основной товар", "Кабели / HDMI", "Игры / Диски", "Телевизоры / 4K"),
            (
                "Игры / Приставки",
                "Нужен для подключения к телевизору",
                "Игра в подарок себе",
                "Не подходит: дороже приставки",
            ),
        ],
    )


def links(folder: Path, *, name: str = "связи.xlsx", extra: tuple[tuple[str, ...], ...] = ()) -> Path:
    """SKU level, long: one row for each link."""
    reasons = [
        (CABLE, "Нужен для подключения", "обязательный"),
        (DISK, "Во что играть сразу", "по тематике"),
        (LAMP, "Свет для игры", "импульсный"),
    ]
    rows = [(console, sku, why, kind) for console in CONSOLES for sku, why, kind in reasons]
    return workbook(folder / name, [("Основной артикул", "Артикул спутника", "Причина", "Вид связи"), *rows, *extra])


def orders(folder: Path, *, today: date) -> Path:
    rng = random.Random(7)
    path = folder / "заказы.csv"
    price = {row[0]: row[3].replace("\xa0", "").replace(" ", "").replace("₽", "") for row in PRODUCTS}
    with path.open("w", newline="", encoding="utf-8") as handle:
        out = csv.writer(handle, delimiter=";")
        out.writerow(["Номер заказа", "Дата", "Артикул", "Количество", "Цена", "Покупатель"])
        for number in range(ORDERS):
            day = today - timedelta(days=1 + number * (FIRST_DAY - 1) // ORDERS)
            items = [rng.choice(CONSOLES)] if rng.random() < 0.6 else [STAND]
            if items[0] != STAND:
                items += [sku for sku, share in ((CABLE, 0.40), (DISK, 0.30), (LAMP, 0.002)) if rng.random() < share]
                items += [STAND] if rng.random() < 0.25 else []
            else:
                items += [LAMP] if rng.random() < 0.2 else []
            for sku in items:
                out.writerow([f"Z{number:06d}", day.strftime("%d.%m.%Y"), sku, 1, price[sku], f"П{number % 900}"])
    return path


def workbook(path: Path, rows: list[tuple[object, ...]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path
