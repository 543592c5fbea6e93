"""What people read when a file is wrong: what, where, what to do, in the language they chose."""

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crossmatrix.catalog.models import Product
from crossmatrix.imports import services, tasks
from crossmatrix.imports.models import ImportBatch
from crossmatrix.matrix.models import Pair
from tests.factories import ProductFactory
from tests.imports.workbooks import workbook

pytestmark = pytest.mark.django_db(transaction=True)

LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16le") + b"\x00" * 600
LINK = ["Артикул товара", "Артикул спутника", "Причина"]
WRONG_FILES = {
    "picture": (b"\x89PNG\r\n\x1a\n" + b"x" * 300, "", {
        "en": "This is not a spreadsheet. Excel (xlsx, xlsm, xlsb, xls), OpenDocument (ods) and CSV can be imported.",
        "ru": "Это не таблица. Загрузить можно Excel (xlsx, xlsm, xlsb, xls), OpenDocument (ods) и CSV.",
    }),
    "password": (LOCKED, "", {
        "en": "The workbook is protected by a password. Remove the password in Excel and upload the file again.",
        "ru": "Книга защищена паролем. Снимите пароль в Excel и загрузите файл снова.",
    }),
    "no SKU": (workbook([["Наименование", "Цена"], ["Кабель", 10], ["Диск", 20]]), "catalog", {
        "en": "The file has no column that we took for: SKU. Choose it below; if the file has none, add the column in Excel",
        "ru": "В файле не нашёлся столбец: Артикул. Выберите его ниже; если такого столбца в файле нет",
    }),
}  # fmt: skip
WRONG_ROWS = {
    "price in words": ([["Артикул", "Наименование", "Цена"], ["A1", "Кабель", "дорого"], ["A2", "Консоль", 100]], "catalog", {
        "en": ["Цена: Not a number.", "In the file: “дорого”. Write it in figures, for example 1299.50."],
        "ru": ["Цена: Не число.", "В файле: «дорого». Напишите цифрами, например 1299,50."],
    }),
    "unknown SKU": ([LINK, ["PS-5", "ZZ-000777", "Опечатка"]], "matrix", {
        "en": ["Артикул спутника: There is no product with this SKU.", "In the file: “ZZ-000777”. Correct it, or import the product first."],
        "ru": ["Артикул спутника: Артикул не найден.", "В файле: «ZZ-000777»."],
    }),
    "companion dearer": ([LINK, ["HDMI-2", "PS-5", "Наоборот"]], "matrix", {
        "en": ["blocks publishing", "33.33"],
        "ru": ["блокирует публикацию", "33,33"],
    }),
}  # fmt: skip


@pytest.fixture
def shown(client, manager, now):
    """The page of a file just uploaded, read and compared, as the person sees it."""
    client.force_login(manager)

    def show(data, kind, language):
        client.cookies["django_language"] = language
        client.post(reverse("imports:upload"), {"file": SimpleUploadedFile("файл.xlsx", data), "kind": kind})
        batch = ImportBatch.objects.get()
        tasks.read(batch=batch.pk)
        batch.refresh_from_db()
        if batch.state == "columns" and not batch.layout["missing"]:
            services.read_batch(batch=batch, at=now, go_on="always")
        answer = client.get(reverse("imports:batch", args=[batch.pk]), follow=True)
        return " ".join(html.unescape(answer.content.decode()).replace("\xa0", " ").split())

    return show


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("wrong", WRONG_FILES)
def test_a_wrong_file_is_told_in_the_persons_language_and_changes_nothing(shown, wrong, language):
    data, kind, said = WRONG_FILES[wrong]

    page = shown(data, kind, language)

    assert said[language] in page
    assert not Product.objects.exists()


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("wrong", WRONG_ROWS)
def test_a_wrong_row_is_told_in_the_persons_language_and_changes_nothing(shown, wrong, language):
    rows, kind, said = WRONG_ROWS[wrong]
    ProductFactory(sku="PS-5", name="Консоль", price="50000.00")
    ProductFactory(sku="HDMI-2", name="Кабель", price="1500.00")

    page = shown(workbook(rows), kind, language)

    words = page.replace("</b>", "").replace("<b>", "")
    assert [sentence for sentence in said[language] if sentence not in words] == []
    assert (Product.objects.count(), Pair.objects.count()) == (2, 0)
