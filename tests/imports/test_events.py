"""What shops report as shown and bought comes in like any other file, and weak pairs are judged from it."""

from datetime import date

import pytest
from django.db import connection

from crossmatrix.imports.models import ImportProblem
from crossmatrix.imports.services.apply import can_undo
from crossmatrix.insights import services as insights
from crossmatrix.insights.models import Exposure, WeakFlag
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors.offers import offers
from crossmatrix.insights.services.exposures import Shown
from crossmatrix.jobs.models import JobRun
from tests.factories import CategoryFactory, ProductFactory
from tests.insights.factories import approved_pair

pytestmark = pytest.mark.django_db(transaction=True)

LOOK = "crossmatrix.insights.tasks.flag_weak_pairs"
HEAD = [
    "Дата",
    "Основной товар",
    "Спутник",
    "Канал",
    "Место показа",
    "Показы",
    "Клики",
    "Купили",
    "Вернули",
    "В наличии",
]
ROWS = [
    HEAD,
    ["21.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 480, 96, 35, 2, "да"],
    ["21.11.2026", "PS-5", "HDMI-2", "приложение", "корзина", 120, 10, 6, 0, "да"],
    ["22.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 300, 40, 0, 0, "нет"],
]


@pytest.fixture
def pair():
    console, cable = CategoryFactory(name="Консоль"), CategoryFactory(name="Кабель")
    return (
        ProductFactory(sku="PS-5", name="Консоль", category=console, price="50000", cost="30000"),
        ProductFactory(sku="HDMI-2", name="Кабель HDMI", category=cable, price="1500", cost="700"),
    )


def stored():
    return list(
        Exposure.objects.order_by("day", "-shown").values_list(
            "day", "channel", "placement", "in_stock", "shown", "clicked", "bought", "returned"
        )
    )


def codes(batch):
    found = ImportProblem.objects.filter(batch=batch, severity="error").order_by("row", "code")
    return list(found.values_list("row", "code"))


def test_a_report_of_a_shop_is_planned_applied_and_recognised_without_naming_its_kind(take, write, pair):
    batch = take(ROWS, "")

    assert (batch.kind, batch.counts["new"], batch.counts["error"]) == ("events", 3, 0)
    assert [r["params"] for r in batch.remarks if r["code"] == "guard.views_without_stock"] == [{"count": 1}]
    assert stored() == []

    write(batch)

    assert batch.outcome["created"] == 3
    assert stored() == [
        (date(2026, 11, 21), "сайт", "product_page", True, 480, 96, 35, 2),
        (date(2026, 11, 21), "приложение", "cart", True, 120, 10, 6, 0),
        (date(2026, 11, 22), "сайт", "product_page", False, 300, 40, 0, 0),
    ]
    assert JobRun.objects.filter(task=LOOK).exists()


def test_the_same_report_again_changes_nothing_and_a_corrected_day_changes_that_day(take, write, pair):
    write(take(ROWS, "events"))
    corrected = [HEAD, ["21.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 500, 96, 36, 2, "да"], *ROWS[2:]]

    again, more = take(ROWS, "events"), take(corrected, "events")

    assert (again.counts["new"], again.counts["changed"], again.counts["same"]) == (0, 0, 3)
    assert (more.counts["new"], more.counts["changed"], more.counts["same"]) == (0, 1, 2)
    assert more.counts["by_field"] == {"shown": 1, "bought": 1}
    write(more)
    assert stored()[0] == (date(2026, 11, 21), "сайт", "product_page", True, 500, 96, 36, 2)
    assert Exposure.objects.count() == 3


def test_an_undo_puts_the_day_back_as_it_was_and_leaves_what_was_written_since(take, write, undo, pair):
    first = write(take(ROWS, "events"))
    before = stored()
    second = write(take([HEAD, ["21.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 500, 96, 36, 2, "да"]], "events"))

    assert undo(second)["reversed"] == 1
    assert stored() == before

    third = write(take([HEAD, ["21.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 900, 99, 40, 2, "да"]], "events"))
    undone = undo(first)

    assert (undone["reversed"], undone["kept"]) == (2, 1)
    assert undone["details"][0]["label"] == "PS-5 → HDMI-2, 21.11.2026"
    assert [row[4] for row in stored()] == [900]
    assert can_undo(third)


def test_a_day_that_somebody_wrote_since_the_plan_is_left_alone(take, write, pair):
    main, companion = pair
    plan = take(
        [["Дата", "Основной товар", "Спутник", "Показы", "Купили"], ["21.11.2026", "PS-5", "HDMI-2", 10, 1]], "events"
    )
    insights.record_exposures(rows=[Shown(main.pk, companion.pk, date(2026, 11, 21), shown=7)])

    write(plan)

    assert (plan.outcome["created"], plan.outcome["refused_count"]) == (0, 1)
    assert Exposure.objects.get().shown == 7


def test_rows_that_cannot_be_are_errors_and_the_rest_is_taken(take, pair):
    batch = take(
        [
            HEAD,
            ["21.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 10, 1, 11, 0, "да"],
            ["21.11.2026", "PS-5", "HDMI-2", "касса", "корзина", 10, 1, 2, 3, "да"],
            ["21.11.2036", "PS-5", "HDMI-2", "сайт", "корзина", 10, 1, 2, 0, "да"],
            ["21.11.2026", "PS-5", "НЕТ-ТАКОГО", "сайт", "карточка", 10, 1, 2, 0, "да"],
            ["21.11.2026", "PS-5", "PS-5", "сайт", "карточка", 10, 1, 2, 0, "да"],
            ["20.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", -5, 1, 2, 0, "да"],
            ["20.11.2026", "PS-5", "HDMI-2", "сайт", "у двери", 5, 1, 2, 0, "да"],
            ["19.11.2026", "PS-5", "HDMI-2", None, None, 10, 1, 2, 0, None],
            ["18.11.2026", "PS-5", "HDMI-2", "сайт", None, 10, 1, 2, 0, None],
            ["18.11.2026", "PS-5", "HDMI-2", "сайт", None, 12, 1, 2, 0, None],
        ],
        "events",
    )  # fmt: skip

    assert codes(batch) == [
        (2, "event.bought_more"), (3, "event.returned_more"), (4, "event.future"), (5, "sku.unknown"), (6, "link.self"),
        (7, "value.too_small"), (8, "value.unknown_word"), (10, "row.conflict"), (11, "row.conflict"),
    ]  # fmt: skip
    assert batch.counts["new"] == 1


def test_a_corrected_count_is_judged_with_what_is_stored(take, write, pair):
    write(take(ROWS, "events"))

    fewer = take([["Дата", "Основной товар", "Спутник", "Канал", "Место показа", "Показы", "Купили"],
                  ["21.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 480, 1]], "events")  # fmt: skip

    assert codes(fewer) == [(2, "event.returned_more")]


def test_the_database_itself_refuses_more_bought_than_shown(pair):
    from django.db import IntegrityError

    main, companion = pair
    for impossible in ({"shown": 1, "bought": 2}, {"shown": 3, "bought": 1, "returned": 2}, {"shown": -1}):
        with pytest.raises(IntegrityError):
            Exposure.objects.create(main=main, companion=companion, day=date(2026, 11, 1), **impossible)
    connection.rollback()


def test_a_manager_reports_only_of_mains_in_the_own_categories(take, pair, manager):
    from crossmatrix.accounts.models import Membership

    Membership.objects.filter(user=manager).update(category=pair[1].category)

    batch = take(ROWS[:2], "events", actor=manager)

    assert codes(batch) == [(2, "product.foreign")]


def test_after_an_import_pairs_are_judged_from_views_net_of_returns_while_in_stock(take, write, pair, now):
    main, cable = pair
    weak = approved_pair(main, cable)
    others = [
        approved_pair(main, ProductFactory(sku=f"C-{n}", category=cable.category, price="1500", cost="700"))
        for n in range(4)
    ]
    rows = [HEAD, ["20.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 480, 9, 9, 5, "да"],
            ["21.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 20, 0, 0, 0, "да"],
            ["22.11.2026", "PS-5", "HDMI-2", "сайт", "карточка", 5000, 0, 0, 0, "нет"]]  # fmt: skip
    rows += [["20.11.2026", "PS-5", f"C-{n}", "сайт", "карточка", 500, 200, 100 + 3 * n, 0, "да"] for n in range(4)]
    write(take(rows, "events"))

    known = offers(now.date())
    insights.flag_weak_pairs(at=now)

    assert (known.seen[weak.pk].shown, known.seen[weak.pk].bought) == (500, 4)
    flag = WeakFlag.objects.get(pair=weak, cause=Cause.RARELY_TAKEN)
    assert (flag.evidence["unit"], flag.evidence["shown"], flag.evidence["bought"]) == ("shown", 500, 4)
    assert not WeakFlag.objects.filter(pair__in=others, cause=Cause.RARELY_TAKEN).exists()


def test_the_template_filled_in_as_its_example_is_taken(take, pair):
    from io import BytesIO

    from openpyxl import load_workbook

    from crossmatrix.imports import services
    from crossmatrix.imports.rules.states import Kind

    book = load_workbook(BytesIO(services.template_workbook(kind=Kind.EVENTS)))
    sheet = book.worksheets[0]
    by_title = {str(cell.value).rstrip(" *"): cell.column for cell in sheet[1]}
    for title, sku in (("Основной товар", "PS-5"), ("Спутник", "HDMI-2")):
        sheet.cell(2, by_title[title]).value = sku
    out = BytesIO()
    book.save(out)

    batch = take(out.getvalue(), "", sheet=sheet.title)

    assert (batch.kind, batch.counts["new"], batch.counts["error"]) == ("events", 1, 0)
