"""Orders of the demo shop: made, not recorded. The same day gives the same orders.

What people take together is planted (fixtures/shop/planted.csv), the rest is chance by popularity; so what the
evidence finds can be compared with what was put in.
"""

import csv
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

SEED = 20261122
ORDERS = 20_000
DAYS = 120
RECENT_DAYS = 28  # the last days, in which a falling pair has fallen
DISCOUNT, DISCOUNTED = 0.05, 0.08  # of the price, and on which share of the lines
ON_PROMOTION = 0.3  # of the price, where a planted pair is taken on promotion
MAIN_SHARE = 0.8  # orders that begin with a main of planted pairs; the rest are small things bought alone
STORES = ("Интернет-магазин", "Подольск, Ленина 12", "Тула, Советская 40", "Калуга, Мира 3")
CUSTOMERS, COMPANIES = 7_000, 400  # the rest are people
CARD = 0.85  # orders that show a loyalty card
COLUMNS = ("Номер заказа", "Дата", "Артикул", "Количество", "Цена", "Скидка", "Магазин", "Сегмент", "Покупатель", "Канал", "Возврат")  # fmt: skip


@dataclass(frozen=True)
class Planted:
    companion: str
    rate: float
    recent_rate: float
    returned: float
    promoted: float = 0.0  # share of the companion's lines that were on promotion


@dataclass(frozen=True)
class Taken:
    """One line of an order."""

    returned: bool = False
    promoted: bool = False


@dataclass(frozen=True)
class Item:
    sku: str
    price: str


def planted(path: Path) -> dict[str, list[Planted]]:
    """Planted companions of each main SKU."""
    found: dict[str, list[Planted]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            shares = (float(row[name]) for name in ("rate", "recent_rate", "returned", "promoted"))
            found.setdefault(row["main"], []).append(Planted(row["companion"], *shares))
    return found


class Popularity:
    """Draws an item, the earlier ones of a shuffled shelf more often."""

    def __init__(self, items: Sequence[Item], random: Random, *, exponent: float) -> None:
        self.items = random.sample(items, len(items))
        self.sums = list(accumulate(1 / (place + 3) ** exponent for place in range(len(items))))

    def draw(self, random: Random) -> Item:
        return self.items[bisect(self.sums, random.random() * self.sums[-1])]


def write(
    path: Path, *, items: Iterable[Item], pairs: dict[str, list[Planted]], until: date, orders: int = ORDERS
) -> int:
    """Write orders of the DAYS days before `until` as CSV, oldest first; returns how many lines."""
    random = Random(SEED)  # noqa: S311 - shopping, not secrets
    shelf = sorted(items, key=lambda item: item.sku)
    by_sku = {item.sku: item for item in shelf}
    mains = Popularity([item for item in shelf if item.sku in pairs], random, exponent=1.0)
    others = Popularity(shelf, random, exponent=0.6)
    moments = sorted(_moment(random, until) for _ in range(orders))
    lines, known = 0, set[int]()
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";", lineterminator="\r\n")
        table.writerow(COLUMNS)
        for number, moment in enumerate(moments, start=1):
            recent = (until - moment.date()).days <= RECENT_DAYS
            basket = _basket(random, mains, others, by_sku, pairs, recent=recent)
            order = f"З-{moment:%y%m%d}-{number:05d}"
            store = random.choice(STORES)
            customer, segment = _customer(random, known)
            channel = "сайт" if store == STORES[0] else "магазин"
            for item, taken in basket.items():
                quantity = 2 if random.random() < 0.02 else 1
                share = ON_PROMOTION if taken.promoted else DISCOUNT * (random.random() < DISCOUNTED)
                discount = f"{float(item.price) * share:.2f}".replace(".", ",") if share else ""
                line = [order, f"{moment:%d.%m.%Y %H:%M}", item.sku, quantity, item.price.replace(".", ","), discount,
                        store, segment, customer, channel]  # fmt: skip
                rows = [[*line, ""], [*line, "да"]] if taken.returned else [[*line, ""]]  # sold, and brought back
                table.writerows(rows)
                lines += len(rows)
    return lines


def _customer(random: Random, known: set[int]) -> tuple[str, str]:
    """Who buys, as the shop knows them: the number of a card ("" without one) and the segment; notes who came."""
    if random.random() >= CARD:
        return "", ""
    number = int(CUSTOMERS * random.random() ** 1.5)  # some come much more often than others
    segment = (
        "корпоративный" if number % (CUSTOMERS // COMPANIES) == 0 else "постоянный" if number in known else "новый"
    )
    known.add(number)
    return f"К-{number + 1:05d}", segment


def _moment(random: Random, until: date) -> datetime:
    day = until - timedelta(days=random.randint(1, DAYS))
    return datetime.combine(day, time(random.randint(9, 20), random.randint(0, 59)))


def _basket(
    random: Random,
    mains: Popularity,
    others: Popularity,
    by_sku: dict[str, Item],
    pairs: dict[str, list[Planted]],
    *,
    recent: bool,
) -> dict[Item, Taken]:
    """Items of one order, and how they were taken."""
    first = mains.draw(random) if random.random() < MAIN_SHARE else others.draw(random)
    basket = {first: Taken(returned=random.random() < 0.02)}
    for link in pairs.get(first.sku, []):
        if link.companion in by_sku and random.random() < (link.recent_rate if recent else link.rate):
            basket[by_sku[link.companion]] = Taken(
                returned=random.random() < (link.returned or 0.02), promoted=random.random() < link.promoted
            )
    while random.random() < 0.12:
        basket.setdefault(others.draw(random), Taken())
    return basket
