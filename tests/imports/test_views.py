"""The screens of an import, and who may see them."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.imports import tasks
from crossmatrix.imports.models import ImportBatch, ImportProblem, MappingProfile
from tests.factories import ProductFactory, member
from tests.imports.workbooks import workbook

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [["Артикул", "Наименование", "Цена"], ["A1", "Кабель", "1 299,00 ₽"], ["A2", "Консоль", "дорого"]]


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def send(client, rows=ROWS, kind="", name="прайс.xlsx"):
    file = SimpleUploadedFile(name, rows if isinstance(rows, bytes) else workbook(rows))
    return client.post(reverse("imports:upload"), {"file": file, "kind": kind})


def page(client, batch, **query):
    return client.get(reverse("imports:batch", args=[batch.pk]), query).content.decode()


def test_a_file_goes_from_upload_to_the_catalog_and_back_through_the_screens(signed_in):
    answer = send(signed_in)
    batch = ImportBatch.objects.get()
    assert (answer.status_code, answer.url, batch.state) == (302, reverse("imports:batch", args=[batch.pk]), "received")
    assert reverse("imports:progress", args=[batch.pk]) in page(signed_in, batch)

    tasks.read(batch=batch.pk)
    columns = page(signed_in, batch)
    assert "Какой столбец что значит" in columns

    chosen = {
        "column-0": "sku",
        "column-1": "name",
        "column-2": "price",
        "kind": "catalog",
        "confirm": "1",
        "header_row": "1",
    }
    signed_in.post(reverse("imports:columns", args=[batch.pk]), chosen)
    assert reverse("imports:progress", args=[batch.pk]) in page(signed_in, batch)  # not the columns again
    tasks.read(batch=batch.pk)
    plan = page(signed_in, batch)
    assert "Применить 1 изменение" in plan
    assert "Не число." in plan
    assert "В файле: «дорого». Напишите цифрами, например 1299,50." in plan
    assert "1 299,00" in plan.replace("\xa0", " ")
    assert Product.objects.count() == 0

    signed_in.post(reverse("imports:apply", args=[batch.pk]))
    tasks.apply(batch=batch.pk)
    assert list(Product.objects.values_list("sku", flat=True)) == ["A1"]
    assert "Применено 1 изменение" in page(signed_in, batch)

    signed_in.post(reverse("imports:undo", args=[batch.pk]))
    tasks.undo(batch=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, Product.objects.count()) == ("undone", 0)
    assert "Возвращено" in page(signed_in, batch)


def test_confirmed_columns_are_remembered_for_the_next_file(signed_in, manager, now):
    send(signed_in)
    first = ImportBatch.objects.get()
    tasks.read(batch=first.pk)
    chosen = {
        "column-0": "sku",
        "column-1": "name",
        "column-2": "cost",
        "kind": "catalog",
        "confirm": "1",
        "header_row": "1",
    }
    signed_in.post(reverse("imports:columns", args=[first.pk]), chosen)
    assert MappingProfile.objects.get().mapping == {"артикул": "sku", "наименование": "name", "цена": "cost"}

    send(signed_in, kind="catalog")
    second = ImportBatch.objects.latest("pk")
    tasks.read(batch=second.pk)

    second.refresh_from_db()
    assert second.state == "planned"
    assert [column["field"] for column in second.layout["columns"]] == ["sku", "name", "cost"]


def test_a_likely_field_is_offered_and_not_taken(signed_in):
    send(
        signed_in,
        [["Артикул", "Наименование", "Разъём"], ["A1", "Кабель", "USB-C"], ["A2", "Адаптер", "HDMI"]],
        kind="catalog",
    )
    batch = ImportBatch.objects.get()
    tasks.read(batch=batch.pk)

    shown = page(signed_in, batch)

    assert "Возможно, «Категория»" in shown
    assert 'data-take="column-2" value="category"' in shown
    assert '<option value="category" selected' not in shown


def test_two_columns_cannot_be_the_same_field(signed_in):
    send(signed_in)
    batch = ImportBatch.objects.get()
    tasks.read(batch=batch.pk)

    answer = signed_in.post(
        reverse("imports:columns", args=[batch.pk]),
        {"column-0": "sku", "column-1": "sku", "kind": "catalog", "confirm": "1", "header_row": "1"},
    )

    assert answer.status_code == 422
    assert "Два столбца не могут быть одним полем: Артикул." in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("ru", "Это не таблица."), ("en", "This is not a spreadsheet.")],
)
def test_a_wrong_file_is_refused_in_the_language_of_the_person(signed_in, language, sentence):
    signed_in.cookies["django_language"] = language
    send(signed_in, b"%PDF-1.7 not a table at all", name="счёт.pdf")
    batch = ImportBatch.objects.get()
    tasks.read(batch=batch.pk)

    shown = signed_in.get(
        reverse("imports:batch", args=[batch.pk]), headers={"accept-language": language}
    ).content.decode()

    batch.refresh_from_db()
    assert (batch.state, batch.error_code) == ("failed", "file.type")
    assert sentence in shown


def test_an_empty_file_is_refused(signed_in):
    send(signed_in, b"", name="empty.xlsx")
    batch = ImportBatch.objects.get()
    tasks.read(batch=batch.pk)

    assert "Файл пуст." in page(signed_in, batch)


def test_the_plan_is_searched_filtered_and_paged(signed_in, take, manager):
    batch = take([["Артикул", "Наименование"], *[[f"A{n:03}", f"Товар {n}"] for n in range(120)]], actor=manager)

    assert page(signed_in, batch).count('class="d-add"') == 50
    assert page(signed_in, batch, page="3").count('class="d-add"') == 20
    assert page(signed_in, batch, q="A11").count('class="d-add"') == 10
    assert page(signed_in, batch, tab="error").count('class="d-add"') == 0
    assert page(signed_in, batch, page="99999999").count('class="d-add"') == 50


def test_policies_are_in_words_and_change_the_plan(signed_in, take, manager):
    ProductFactory(sku="B1")
    batch = take([["Артикул", "Наименование", "Цена"], ["A1", "Кабель", 1]], actor=manager)
    assert "Не трогать" in page(signed_in, batch)

    answer = signed_in.post(
        reverse("imports:policies", args=[batch.pk]), {"absent": "retire"}, headers={"hx-request": "true"}
    )

    assert answer.status_code == 200
    batch.refresh_from_db()
    assert batch.counts["absent"] == 1


def test_a_suggestion_is_accepted_in_all_rows_at_once(signed_in, take, manager):
    for sku in ("PS-5", "HDMI-2", "USB-3"):
        ProductFactory(sku=sku)
    batch = take([["Основной товар", "Спутник"], ["PS5", "HDMI-2"], ["PS5", "USB-3"]], "matrix", actor=manager)
    assert batch.counts["error"] == 2
    problem = ImportProblem.objects.filter(batch=batch).first()

    signed_in.post(
        reverse("imports:accept", args=[batch.pk, problem.pk]), {"everywhere": "1"}, headers={"hx-request": "true"}
    )

    batch.refresh_from_db()
    assert (batch.counts["error"], batch.counts["new"]) == (0, 2)


def test_errors_come_back_in_the_persons_own_workbook(signed_in, take, manager):
    batch = take(ROWS, actor=manager, name="прайс.xlsx")

    answer = signed_in.get(reverse("imports:errors", args=[batch.pk]))

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[1]] == ["Артикул", "Наименование", "Цена", "Ошибки и замечания"]
    assert sheet["D3"].value == "Цена: Не число. Напишите цифрами, например 1299,50."
    assert sheet["D2"].value is None
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_template_reads_back_as_its_own_kind(signed_in, take):
    answer = signed_in.get(reverse("imports:template", args=["catalog"]))

    batch = take(answer.content, sheet="Данные")

    assert batch.state == "planned"
    assert {c["field"] for c in batch.layout["columns"]} >= {"sku", "name", "category", "price", "stock", "barcode"}


def test_discarding_changes_nothing(signed_in, take, manager):
    batch = take(ROWS, actor=manager)

    signed_in.post(reverse("imports:discard", args=[batch.pk]))

    batch.refresh_from_db()
    assert (batch.state, Product.objects.count()) == ("discarded", 0)


def test_applying_twice_says_that_it_is_done(signed_in, take, write, manager):
    batch = write(take(ROWS, actor=manager), manager)

    answer = signed_in.post(reverse("imports:apply", args=[batch.pk]), follow=True)

    assert "нельзя сделать" in answer.content.decode()
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.CATEGORY_MANAGER, True), (Role.HEAD, True), (Role.ANALYST, True), (Role.ADMIN, True),
        (Role.STAFF, False), (Role.INTEGRATOR, False),
    ],
)  # fmt: skip
def test_who_may_import(client, role, allowed):
    client.force_login(member(role))

    shown = client.get(reverse("imports:list")).status_code
    sent = send(client).status_code

    assert (shown, sent) == ((200, 302) if allowed else (403, 403))
    assert ImportBatch.objects.count() == int(allowed)


def test_the_list_shows_who_when_and_what(signed_in, take, manager):
    batch = take(ROWS, actor=manager, name="прайс.xlsx")

    shown = signed_in.get(reverse("imports:list")).content.decode()

    assert "прайс.xlsx" in shown
    assert "Elena Kovaleva" in shown
    assert batch.sha256[:8] in shown
