"""kill -9 of the real worker while it writes 50,000 rows: every row is there once, the batch ends by itself, undo restores."""

import hashlib
import os
import random
import sys
import time

import pytest
from django.db import connection
from django.utils import timezone

from crossmatrix.catalog.models import Product
from crossmatrix.imports import services
from crossmatrix.imports.models import ImportBatch, ImportJournal
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from tests.imports.workbooks import workbook
from tests.killing import kill, lapse_leases, start_worker, until

KILLS = int(os.environ.get("KILLS", "10"))
ROWS, EXISTING = 50_000, 10_000
SECONDS_TO_CLAIM, SECONDS_TO_FINISH = 60, 120
LONGEST_LIFE = 1.2  # seconds a worker works before it is killed; the apply takes longer


def digest_of_products():
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(p)::text FROM catalog_product p ORDER BY id")
        return hashlib.sha256("\n".join(row[0] for row in cursor.fetchall()).encode()).hexdigest()


def figures(batch):
    """(rows the file names that are not there, rows there more than once)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM generate_series(0, %s - 1) n
                    WHERE NOT EXISTS (SELECT 1 FROM catalog_product p WHERE p.sku = lpad(n::text, 6, '0') AND p.price = 20)),
                   (SELECT count(*) - count(DISTINCT sku) FROM catalog_product)
                   + (SELECT count(*) - count(DISTINCT row_id) FROM imports_importjournal WHERE batch_id = %s)
            """,
            [ROWS, batch.pk],
        )
        return cursor.fetchone()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_rows_survive_a_worker_killed_again_and_again(take, undo, capsys):
    Product.objects.bulk_create(
        [Product(sku=f"{n:06d}", name=f"Товар {n}", price=10) for n in range(EXISTING)], batch_size=5000
    )
    before = digest_of_products()
    rows = [
        ["Артикул", "Наименование", "Цена", "Остаток"],
        *([f"{n:06d}", f"Товар {n}", 20, n % 7] for n in range(ROWS)),
    ]
    batch = take(workbook(rows))
    assert (batch.counts["new"], batch.counts["changed"]) == (ROWS - EXISTING, EXISTING)
    job = services.confirm_batch(batch=batch, actor=None, at=timezone.now())
    chance, kills, attempts = random.Random(20261122), 0, 0
    worker = start_worker("import")

    try:
        while kills < KILLS:
            token = JobRun.objects.get(pk=job.pk).token
            lapse_leases()
            claimed = until(lambda seen=token: JobRun.objects.get(pk=job.pk).token != seen, SECONDS_TO_CLAIM)
            assert claimed
            spare = start_worker("import")  # the successor starts up while this one works
            time.sleep(chance.uniform(0, LONGEST_LIFE))
            kill(worker)
            kills += 1
            worker = spare
            attempts = max(attempts, JobRun.objects.get(pk=job.pk).attempts)
            assert ImportBatch.objects.get(pk=batch.pk).state == "applying"  # killed in the middle of it
            assert Product.objects.count() == EXISTING  # and nobody sees half an import
        lapse_leases()
        done = until(lambda: JobRun.objects.filter(pk=job.pk, state="done").exists(), SECONDS_TO_FINISH, jobs.sweep)
    finally:
        kill(worker)

    assert done
    batch.refresh_from_db()
    lost, doubled = figures(batch)
    assert (batch.state, batch.outcome["created"], batch.outcome["changed"]) == ("applied", ROWS - EXISTING, EXISTING)
    assert (lost, doubled, Product.objects.count()) == (0, 0, ROWS)
    assert ImportJournal.objects.filter(batch=batch).count() == ROWS
    undone = undo(batch)
    assert (undone["reversed"], undone["kept"]) == (ROWS, 0)
    assert digest_of_products() == before
    with capsys.disabled():
        sys.stdout.write(f"\nkills={kills} rows={ROWS} lost={lost} duplicated={doubled} attempts={attempts}\n")
