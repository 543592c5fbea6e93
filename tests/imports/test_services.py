"""The way of a file from bytes to the catalog, the matrix and the orders, and back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from crossmatrix.audit.models import AuditEvent
from crossmatrix.catalog.models import Category, PriceChange, Product, Supplier
from crossmatrix.imports import services, tasks
from crossmatrix.imports.models import ImportBatch, ImportJournal, ImportProblem
from crossmatrix.imports.services.apply import PlanLost, start_apply
from crossmatrix.imports.services.batches import BadSpreadsheet
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.matrix.models import Pair, Slot
from tests.factories import CategoryFactory, ProductFactory
from tests.imports.workbooks import workbook

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = ["Артикул", "Наименование", "Категория", "Поставщик", "Цена", "Остаток"]
PRICE_LIST = [
    HEAD,
    ["000123", "Кабель HDMI", "Аксессуары / Кабели", "ООО «Кабель»", "1 299,00 ₽", 5],
    ["000124", "Консоль", "Игры / Приставки", "Игромир", 49990, 3],
    ["000125", "Настройка", "Услуги", None, 990.5, None],
]


def bytes_of_products():
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(p)::text FROM catalog_product p ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def codes(batch):
    return sorted(ImportProblem.objects.filter(batch=batch).values_list("row", "code"))


def test_a_price_list_becomes_products_with_their_categories_and_suppliers(take, write, manager):
    batch = take(PRICE_LIST, actor=manager)

    write(batch, manager)

    cable = Product.objects.get(sku="000123")
    assert (cable.name, cable.price, cable.stock) == ("Кабель HDMI", Decimal("1299.00"), 5)
    assert cable.category.full_name == "Аксессуары / Кабели"
    assert cable.category.path == f"/{Category.objects.get(name='Аксессуары').pk}/{cable.category.pk}/"
    assert cable.supplier.name == "ООО «Кабель»"
    assert Product.objects.get(sku="000125").stock is None
    assert batch.outcome["created"] == 3
    assert PriceChange.objects.filter(batch=batch.tag).count() == 3
    assert AuditEvent.objects.filter(batch=batch.tag, kind="product.created").count() == 3


def test_the_same_file_twice_plans_no_change(take, write):
    data = workbook(PRICE_LIST)
    first = write(take(data))

    second = take(data)

    assert {name: second.counts[name] for name in ("rows", "new", "changed", "same", "error")} == {
        "rows": 3, "new": 0, "changed": 0, "same": 3, "error": 0,
    }  # fmt: skip
    assert any(r["code"] == "guard.same_file" and r["params"]["batch"] == first.pk for r in second.remarks)


def test_undo_restores_the_former_bytes(take, write, undo):
    write(take(PRICE_LIST))
    before = bytes_of_products()
    changed = [[*row] for row in PRICE_LIST]
    changed[1][4], changed[2][1] = 1500, "Консоль Pro"
    batch = write(take([*changed, ["000126", "Новинка", "Новое / Раздел", "Новый", 10, 1]]))

    undone = undo(batch)

    assert bytes_of_products() == before
    assert (undone["reversed"], undone["kept"]) == (3, 0)
    assert not Category.objects.filter(full_name__startswith="Новое").exists()
    assert not Supplier.objects.filter(name="Новый").exists()
    assert AuditEvent.objects.filter(kind="product.import_undone").count() == 3


def test_undo_keeps_what_somebody_edited_since(take, write, undo):
    batch = write(take(PRICE_LIST))
    Product.objects.filter(sku="000123").update(price=1, version=7)

    undone = undo(batch)

    assert undone["kept"] == 1
    assert undone["details"] == [{"label": "000123", "outcome": "kept", "code": "edited"}]
    assert list(Product.objects.values_list("sku", flat=True)) == ["000123"]


def test_undo_keeps_a_new_product_that_is_used_since(take, write, undo, now):
    batch = write(take(PRICE_LIST))
    Pair.objects.create(
        main=Product.objects.get(sku="000124"), companion=Product.objects.get(sku="000123"), updated_at=now
    )

    undone = undo(batch)

    assert undone["kept"] == 2
    assert {item["code"] for item in undone["details"]} == {"in_use"}


def test_a_row_changed_after_the_plan_is_left_alone(take, write):
    ProductFactory(sku="A1", name="Old", price="10.00")
    ProductFactory(sku="A2", name="Old", price="10.00")
    batch = take([["Артикул", "Цена"], ["A1", 20], ["A2", 20]])
    Product.objects.filter(sku="A1").update(price=15, version=2)

    write(batch)

    assert dict(Product.objects.values_list("sku", "price")) == {"A1": Decimal("15.00"), "A2": Decimal("20.00")}
    assert batch.outcome["refused"] == [{"label": "A1", "code": "row.changed_since", "params": {}}]


def test_an_absent_column_and_an_empty_cell_change_nothing(take, write):
    product = ProductFactory(sku="A1", name="Cable", price="10.00", stock=5, barcode="4601234567893")

    batch = write(take([["Артикул", "Цена", "Остаток"], ["A1", None, 7]]))

    product.refresh_from_db()
    assert (product.price, product.stock, product.barcode, product.name) == (
        Decimal("10.00"),
        7,
        "4601234567893",
        "Cable",
    )
    assert batch.counts["by_field"] == {"stock": 1}


def test_a_clear_word_empties_the_value(take, write):
    product = ProductFactory(sku="A1", price="10.00", barcode="4601234567893")

    write(take([["Артикул", "Цена", "Штрихкод"], ["A1", 11, "очистить"]]))

    product.refresh_from_db()
    assert (product.price, product.barcode) == (Decimal("11.00"), "")


def test_the_policy_clear_lets_an_empty_cell_empty_the_value(take, write, now):
    product = ProductFactory(sku="A1", price="10.00", cost="7.00")
    batch = take([["Артикул", "Цена", "Закупочная цена"], ["A1", 11, None]])

    services.set_policies(batch=batch, policies={"cost": "clear"}, at=now)
    write(batch)

    product.refresh_from_db()
    assert (product.price, product.cost) == (Decimal("11.00"), None)


def test_products_absent_from_the_file_stay_unless_the_policy_retires_them(take, write, now):
    ProductFactory(sku="A1", name="In the file", price="10.00")
    gone = ProductFactory(sku="A2", name="Not in the file")
    batch = take([["Артикул", "Цена"], ["A1", 20]])
    assert batch.counts["absent"] == 0

    services.set_policies(batch=batch, absent="retire", at=now)
    write(batch)

    gone.refresh_from_db()
    assert (batch.counts["absent"], gone.status) == (1, "discontinued")


def test_a_price_in_words_is_a_row_error_and_the_other_rows_are_fine(take, write):
    batch = take([["Артикул", "Наименование", "Цена"], ["A1", "Кабель", "дорого"], ["A2", "Консоль", 100]])

    write(batch)

    assert codes(batch) == [(2, "value.not_number")]
    assert list(Product.objects.values_list("sku", flat=True)) == ["A2"]


def test_equal_rows_collapse_and_contradicting_rows_are_errors_naming_each_other(take):
    batch = take(
        [
            ["Артикул", "Наименование", "Цена"],
            ["A1", "Кабель", 1],
            ["A1", "Кабель", 1],
            ["A2", "Диск", 1],
            ["A2", "Диск", 2],
            ["A3", "X", 3],
        ]
    )

    assert (batch.counts["new"], batch.counts["error"], batch.counts["repeated"], batch.counts["same"]) == (2, 2, 1, 0)
    assert codes(batch) == [(3, "row.repeated"), (4, "row.conflict"), (5, "row.conflict")]
    assert ImportProblem.objects.get(batch=batch, row=4).params == {"other": 5, "key": "A2"}


def test_a_new_product_without_a_name_is_an_error(take):
    batch = take([["Артикул", "Цена"], ["A1", 10]])

    assert codes(batch) == [(2, "product.incomplete")]


def test_attribute_columns_are_merged_into_the_attributes(take, write):
    product = ProductFactory(sku="A1", attributes={"Вес": "1 кг"})

    write(take([["Артикул", "attr: Цвет"], ["A1", "чёрный"]]))

    product.refresh_from_db()
    assert product.attributes == {"Вес": "1 кг", "Цвет": "чёрный"}


def test_a_person_writes_only_inside_the_own_categories(take, now):
    from crossmatrix.accounts.rules import Role
    from tests.factories import member

    mine, theirs = CategoryFactory(name="Mine"), CategoryFactory(name="Theirs")
    ProductFactory(sku="A1", category=mine)
    ProductFactory(sku="A2", category=theirs)
    person = member(Role.CATEGORY_MANAGER, category=mine)

    batch = take([["Артикул", "Цена"], ["A1", 5], ["A2", 5]], actor=person)

    assert codes(batch) == [(3, "product.foreign")]
    assert batch.counts["changed"] == 1


def test_changed_prices_ring_for_new_ratio_verdicts(take, write):
    write(take(PRICE_LIST))

    assert JobRun.objects.filter(task="crossmatrix.matrix.tasks.recheck_ratios").exists()


def test_a_lost_plan_writes_nothing_and_says_so(take, now):
    batch = take(PRICE_LIST)
    start_apply(batch=batch, actor=None, partial=True)
    with connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{batch.plan_table}"')

    with pytest.raises(PlanLost):
        services.apply_batch(batch=batch, at=now)

    batch.refresh_from_db()
    assert (batch.state, Product.objects.count()) == ("planned", 0)


def test_applying_twice_writes_once(take, write, now):
    batch = write(take(PRICE_LIST))

    services.apply_batch(batch=batch, at=now)

    assert ImportJournal.objects.filter(batch=batch, table="catalog_product").count() == 3


# -- matrices -----------------------------------------------------------------------------------------------------------


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


# -- orders -------------------------------------------------------------------------------------------------------------

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


# -- files that cannot be taken -----------------------------------------------------------------------------------------


def refused(take, content, kind="catalog", **more):
    with pytest.raises(BadSpreadsheet) as caught:
        take(content, kind, **more)
    assert Product.objects.count() == 0
    return caught.value.code


def test_files_that_are_no_spreadsheets_are_refused_with_their_own_code(take):
    assert refused(take, b"\x89PNG\r\n\x1a\n" + b"x" * 100) == "file.type"
    assert refused(take, b"%PDF-1.7 ...") == "file.type"
    assert refused(take, b"") == "file.empty"
    assert refused(take, workbook([])) == "file.empty"
    assert refused(take, b"PK\x03\x04" + b"\x00" * 300) == "file.damaged"


def test_a_workbook_with_a_password_is_refused_in_both_languages(take):
    from django.utils import translation

    from crossmatrix.ui.text import sentence

    protected = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16le") + b"\x00" * 600
    )
    with pytest.raises(BadSpreadsheet) as caught:
        take(protected)

    assert caught.value.code == "file.encrypted"
    with translation.override("ru"):
        assert sentence(caught.value) == "Книга защищена паролем. Снимите пароль в Excel и загрузите файл снова."
    with translation.override("en"):
        assert sentence(caught.value).startswith("The workbook is protected by a password.")


def test_a_file_without_a_sku_column_waits_for_the_person(take):
    batch = take([["Наименование", "Цена"], ["Кабель", 10], ["Диск", 20]])

    assert (batch.state, batch.layout["missing"]) == ("columns", ["sku"])


# -- what a batch leaves behind -------------------------------------------------------------------------------------------


def tables_of(batch):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(to_regclass(name)) FROM unnest(%s::text[]) AS name", [[batch.stage_table, batch.plan_table]]
        )
        return cursor.fetchone()[0]


def test_an_applied_and_a_discarded_batch_leave_no_tables(take, write, now):
    applied, discarded = take(PRICE_LIST), take(PRICE_LIST)
    assert (tables_of(applied), tables_of(discarded)) == (2, 2)

    write(applied)
    services.discard(batch=discarded, actor=None, at=now)

    assert (tables_of(applied), tables_of(discarded)) == (0, 0)


def test_the_night_drops_forgotten_plans_and_keeps_fresh_ones(take, now):
    services.clean_up(at=now)  # what earlier tests left in this database
    fresh, forgotten, broken = take(PRICE_LIST), take(PRICE_LIST), take(PRICE_LIST)
    long_ago = now - timedelta(days=30)
    ImportBatch.objects.filter(pk=forgotten.pk).update(created_at=long_ago, planned_at=long_ago)
    ImportBatch.objects.filter(pk=broken.pk).update(state="failed")
    jobs.order(tasks.clean_up.name, at=now, queue="import")

    tasks.clean_up()

    assert [tables_of(batch) for batch in (fresh, forgotten, broken)] == [2, 0, 0]
    assert JobRun.objects.get(task=tasks.clean_up.name).result == {"dropped": 2}


# -- what is recognised ---------------------------------------------------------------------------------------------------


def test_a_header_that_only_looks_like_a_field_is_left_out(take, write):
    batch = take([["Артикул", "Наименование", "Разъём"], ["A1", "Кабель", "USB-C"], ["A2", "Адаптер", "HDMI"]])

    write(batch)

    assert batch.state == "applied"
    assert [column["field"] for column in batch.layout["columns"]] == ["sku", "name", ""]
    assert Category.objects.count() == 0
