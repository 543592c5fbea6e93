"""Files that cannot be taken, said in words, and what a batch leaves behind."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import translation

from crossmatrix.catalog.models import Product
from crossmatrix.imports import services, tasks
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.services.batches import BadSpreadsheet
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.ui.text import sentence
from tests.imports.workbooks import PRICE_LIST, workbook

pytestmark = pytest.mark.django_db(transaction=True)


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
