"""How an import writes: only what it must."""

import pytest
from django.db import connection, transaction

from crossmatrix.catalog.models import Product
from crossmatrix.imports.models import ImportJournal

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 400
HEAD = ["Артикул", "Наименование", "Цена", "Ссылка"]


def rows(changed_every=0):
    return [
        [f"{n:06d}", f"Кабель соединительный модель {n}", 100 + n + (5 if changed_every and n % changed_every == 0 else 0), "https://shop.test/" + "p" * 200]
        for n in range(ROWS)
    ]  # fmt: skip


def updates():
    """(product rows updated, those of them that touched no index) by this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_get_xact_tuples_updated(c), pg_stat_get_xact_tuples_hot_updated(c) "
            "FROM (SELECT 'catalog_product'::regclass AS c) t"
        )
        return cursor.fetchone()


def test_new_prices_here_and_there_touch_no_index(take, write):
    write(take([HEAD, *rows()]))

    batch = take([HEAD, *rows(changed_every=20)])
    with transaction.atomic():
        write(batch)

        assert updates() == (ROWS // 20, ROWS // 20)


def test_the_journal_keeps_every_stored_column_of_a_changed_product_and_not_its_word_index(take, write):
    write(take([HEAD, *rows()[:1]]))
    batch = write(take([HEAD, ["000000", "Другое имя", 7, ""]]))

    kept = ImportJournal.objects.get(batch=batch, action="u").before

    assert kept["name"] == "Кабель соединительный модель 0"
    assert kept["price"] == 100.0
    assert set(kept) == {f.column for f in Product._meta.concrete_fields} - {"search"}
