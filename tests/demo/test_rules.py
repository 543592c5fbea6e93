import csv
from collections import Counter, defaultdict
from datetime import date, datetime

import pytest

from crossmatrix.demo import rules

TODAY = date(2026, 11, 22)
ITEMS = [rules.Item("MAIN", "50000.00"), rules.Item("CABLE", "990.00"), rules.Item("FALLS", "1990.00")]
ITEMS += [rules.Item(f"X{n}", "100.00") for n in range(40)]
PAIRS = {"MAIN": [rules.Planted("CABLE", 0.4, 0.4, 0.3, promoted=0.9), rules.Planted("FALLS", 0.5, 0.1, 0.0)]}


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    rules.write(path, items=ITEMS, pairs=PAIRS, until=TODAY, orders=4000)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def day_of(line):
    return datetime.strptime(line["Дата"], "%d.%m.%Y %H:%M").date()  # noqa: DTZ007 - shop's own time


def baskets(lines):
    found = defaultdict(set)
    for line in lines:
        found[line["Номер заказа"]].add(line["Артикул"])
    return found


def test_the_same_day_gives_the_same_orders(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"

    rules.write(first, items=ITEMS, pairs=PAIRS, until=TODAY, orders=200)
    rules.write(second, items=list(reversed(ITEMS)), pairs=PAIRS, until=TODAY, orders=200)

    assert first.read_bytes() == second.read_bytes()


def test_orders_end_yesterday_and_span_the_planted_days(lines):
    days = {day_of(line) for line in lines}

    assert max(days) == date(2026, 11, 21)
    assert (TODAY - min(days)).days == rules.DAYS


def test_a_planted_pair_is_taken_at_its_rate(lines):
    found = [basket for basket in baskets(lines).values() if "MAIN" in basket]

    rate = sum("CABLE" in basket for basket in found) / len(found)

    assert len(found) > 3000
    assert rate == pytest.approx(0.4, abs=0.03)


def test_a_falling_pair_falls_in_the_last_days(lines):
    recent = {line["Номер заказа"] for line in lines if (TODAY - day_of(line)).days <= rules.RECENT_DAYS}
    taken = Counter()
    for order, basket in baskets(lines).items():
        if "MAIN" in basket:
            taken[order in recent, "FALLS" in basket] += 1

    now = taken[True, True] / (taken[True, True] + taken[True, False])
    before = taken[False, True] / (taken[False, True] + taken[False, False])

    assert now == pytest.approx(0.1, abs=0.04)
    assert before == pytest.approx(0.5, abs=0.04)


def test_no_article_is_sold_twice_in_one_order(lines):
    sold = [(line["Номер заказа"], line["Артикул"]) for line in lines if not line["Возврат"]]

    assert len(set(sold)) == len(sold)


def test_what_comes_back_was_sold_in_the_same_order_and_comes_back_at_its_rate(lines):
    sold = {(line["Номер заказа"], line["Артикул"]) for line in lines if not line["Возврат"]}
    back = {(line["Номер заказа"], line["Артикул"]) for line in lines if line["Возврат"]}

    cables = [key for key in sold if key[1] == "CABLE"]

    assert back < sold
    assert sum(key in back for key in cables) / len(cables) == pytest.approx(0.3, abs=0.04)


def test_what_is_planted_on_promotion_has_a_discount_and_the_rest_has_it_seldom(lines):
    share = {
        sku: sum(line["Скидка"] != "" for line in lines if line["Артикул"] == sku)
        / sum(line["Артикул"] == sku for line in lines)
        for sku in ("CABLE", "FALLS")
    }

    assert share["CABLE"] == pytest.approx(0.9, abs=0.05)
    assert share["FALLS"] == pytest.approx(rules.DISCOUNTED, abs=0.04)


def test_a_customer_is_new_once_and_comes_back_as_a_regular(lines):
    segments = defaultdict(list)
    for line in {line["Номер заказа"]: line for line in lines}.values():
        segments[line["Покупатель"]].append(line["Сегмент"])

    unknown = segments.pop("")
    people = [found for found in segments.values() if "корпоративный" not in found]

    assert len(unknown) / 4000 == pytest.approx(1 - rules.CARD, abs=0.03)
    assert all(found[0] == "новый" and set(found[1:]) <= {"постоянный"} for found in people)
    assert sum(len(found) > 1 for found in people) > 100
