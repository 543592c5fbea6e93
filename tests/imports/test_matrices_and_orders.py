"""Links of long and wide sheets, types of category sheets, orders once each."""

import pytest
from django.urls import reverse

from crossmatrix.catalog.models import Product
from crossmatrix.imports import services
from crossmatrix.imports.models import ImportProblem
from crossmatrix.matrix.models import Pair, RatioPolicy, Slot
from tests.factories import CategoryFactory, ProductFactory
from tests.imports.workbooks import codes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    games, cables = CategoryFactory(name="Приставки"), CategoryFactory(name="Кабели")
    ProductFactory(sku="PS-5", name="Консоль", category=games, price="50000.00")
    ProductFactory(sku="XB-1", name="Вторая консоль", category=games, price="40000.00")
    ProductFactory(sku="HDMI-2", name="Кабель", category=cables, price="1500.00")
    ProductFactory(sku="USB-3", name="Провод", category=cables, price="500.00")


LINKS = [
    ["Основной товар", "Спутник", "Причина", "Вид связи", "Ранг"],
    ["PS-5", "HDMI-2", "Нужен для подключения к телевизору", "нужен для работы", 1],
    ["PS-5", "USB-3", "Зарядка геймпада", "сопутствующий", 2],
]


def test_links_of_a_long_sheet_become_drafts(take, write, manager, shop):
    batch = write(take(LINKS, "matrix", actor=manager), manager)

    pair = Pair.objects.select_related("current").get(companion__sku="HDMI-2")
    assert (pair.current.reason, pair.current.kind, pair.current.rank) == (
        "Нужен для подключения к телевизору",
        "required",
        1,
    )
    assert (pair.current.state, batch.outcome["created"]) == ("draft", 2)


def test_the_same_matrix_twice_plans_no_change(take, write, manager, shop):
    write(take(LINKS, "matrix", actor=manager), manager)

    again = take(LINKS, "matrix", actor=manager)

    assert (again.counts["new"], again.counts["changed"], again.counts["same"]) == (0, 0, 2)


def test_undo_of_a_matrix_takes_the_links_away(take, write, undo, manager, shop):
    batch = write(take(LINKS, "matrix", actor=manager), manager)

    undone = undo(batch, manager)

    assert undone["reversed"] == 2
    assert not Pair.objects.filter(current__isnull=False).exists()


def test_an_unknown_sku_in_a_matrix_is_an_error_with_the_nearest_known_one(take, write, manager, shop, now):
    batch = take([*LINKS, ["PS-5", "HDMI2", "Опечатка", None, 3]], "matrix", actor=manager)
    unknown = ImportProblem.objects.get(batch=batch)
    assert (unknown.row, unknown.code, unknown.value, unknown.params["suggestion"]) == (
        4,
        "sku.unknown",
        "HDMI2",
        "HDMI-2",
    )

    helped = services.accept_suggestion(batch=batch, problem=unknown, everywhere=True, at=now)

    batch.refresh_from_db()
    assert helped == 1
    assert codes(batch) == [(2, "row.conflict"), (4, "row.conflict")]


def test_a_wide_matrix_of_products_is_unfolded(take, write, manager, shop):
    batch = take(
        [
            ["", "HDMI-2", "USB-3"],
            ["PS-5", "Нужен для подключения", None],
            ["XB-1", None, "Не подходит: другой разъём"],
        ],
        "matrix",
        actor=manager,
    )
    assert (batch.layout["layout"], batch.counts["new"]) == ("wide", 2)

    write(batch, manager)

    assert Pair.objects.get(main__sku="PS-5", companion__sku="HDMI-2").current.reason == "Нужен для подключения"
    refused = Pair.objects.get(main__sku="XB-1", companion__sku="USB-3")
    assert (refused.verdict, refused.verdict_reason) == ("not_suitable", "Другой разъём")
    assert not Pair.objects.filter(main__sku="PS-5", companion__sku="USB-3").exists()


def test_a_wide_matrix_of_categories_becomes_slots(take, write, undo, manager, shop):
    rows = [["", "Кабели", "Приставки"], ["Приставки", "Нужен для подключения", None], ["Кабели", None, "Не подходит"]]
    batch = write(take(rows, "matrix", actor=manager), manager)

    assert sorted(Slot.objects.values_list("main_category__name", "verdict", "reason")) == [
        ("Кабели", "not_suitable", "Не подходит"), ("Приставки", "suitable", "Нужен для подключения"),
    ]  # fmt: skip
    assert take(rows, "matrix", actor=manager).counts["same"] == 2
    assert undo(batch, manager)["reversed"] == 2


def test_lists_of_companions_in_one_cell_are_understood(take, manager, shop):
    batch = take([["Артикул", "Сопутствующие товары"], ["PS-5", "HDMI-2; USB-3"]], "matrix", actor=manager)

    assert (batch.counts["new"], batch.counts["error"]) == (2, 0)


def test_a_file_cannot_write_over_a_pair_marked_not_suitable(take, manager, shop, now):
    Pair.objects.create(
        main=Product.objects.get(sku="PS-5"), companion=Product.objects.get(sku="HDMI-2"),
        verdict="not_suitable", verdict_reason="Старый разъём", updated_at=now,
    )  # fmt: skip

    batch = take(LINKS, "matrix", actor=manager)

    assert codes(batch) == [(2, "pair.not_suitable")]
    assert batch.counts["new"] == 1


def test_a_companion_dearer_than_its_main_is_named_before_anything_is_written_and_comes_in_as_a_draft(take, write, manager, shop, client):  # fmt: skip
    batch = take([*LINKS, ["HDMI-2", "PS-5", "Телевизор ждёт", None, 1]], "matrix", actor=manager)
    client.force_login(manager)
    (remark,) = [r for r in batch.remarks if r["code"] == "guard.too_dear"]
    seen = client.get(reverse("imports:batch", args=[batch.pk])).content.decode()

    write(batch, manager)

    assert remark["params"] == {"count": 1, "pairs": "HDMI-2 → PS-5"}
    assert "33,33" in seen  # 50 000 ÷ 1 500
    assert "HDMI-2 → PS-5" in seen
    dear = Pair.objects.select_related("current").get(main__sku="HDMI-2")
    assert (dear.current.state, dear.current.ratio_status, dear.approved) == ("draft", "block", None)


def test_the_ratio_is_judged_by_the_kind_in_the_file(take, manager, shop):
    RatioPolicy.objects.create(kind="required", warn_above="0.01", block_above="0.02")

    batch = take(LINKS, "matrix", actor=manager)

    assert [r["params"]["pairs"] for r in batch.remarks if r["code"] == "guard.too_dear"] == ["PS-5 → HDMI-2"]


ORDERS = [
    ["Номер заказа", "Дата", "Артикул", "Количество", "Цена", "Возврат"],
    ["1001", "21.11.2026", "PS-5", 1, 50000, "нет"],
    ["1001", "21.11.2026", "HDMI-2", 2, 1500, "нет"],
    ["1002", "22.11.2026", "PS-5", 1, 50000, "да"],
]


def test_orders_are_added_once(take, write, undo, shop):
    batch = write(take(ORDERS, "orders"))
    assert batch.outcome["created"] == 3

    again = take(ORDERS, "orders")
    more = take([*ORDERS, ["1003", "22.11.2026", "USB-3", 1, 500, "нет"]], "orders")

    assert (again.counts["new"], again.counts["same"]) == (0, 3)
    assert (more.counts["new"], more.counts["same"]) == (1, 3)
    assert undo(batch)["reversed"] == 3


def test_dirty_order_lines_are_reported_not_guessed(take, shop):
    batch = take(
        [
            ORDERS[0],
            ["1", "21.11.2026", "NONE", 1, 1, None],
            ["2", "21.11.2026", None, 1, 1, None],
            ["3", "21.11.2026", "PS-5", -1, 1, None],
        ],
        "orders",
    )

    assert codes(batch) == [(2, "value.required"), (3, "value.required"), (4, "quantity.negative")]
    assert batch.counts["new"] == 0
