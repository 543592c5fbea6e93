"""kill -9 of the real worker while it counts: the former evidence is readable all the while, the new one whole at the end."""

import os
import random
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations

import psycopg
import pyarrow as pa
import pytest
from django.db import connection, connections
from django.utils import timezone

from crossmatrix.catalog.models import Product
from crossmatrix.insights import services
from crossmatrix.insights.models import PairStat, Refresh
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from tests.insights.factories import DAY, orders
from tests.killing import database, kill, lapse_leases, start_worker, until

KILLS = int(os.environ.get("KILLS", "10"))
PRODUCTS, ORDERS = 400, 6_000
SECONDS_TO_CLAIM, SECONDS_TO_FINISH = 120, 300
STEPS = ["", "Reading orders", "Counting pairs", "Looking closer at the pairs found", "Storing"]
SECONDS_TO_STEP, LONGEST_LIFE = 60, 0.6  # a worker is killed a random moment after it began a random step


@contextmanager
def nobody_finishes():
    """A refresh may do everything but make its evidence the current one: it is at work when it is killed."""
    with psycopg.connect(database()) as gate:
        assert gate.execute("SELECT 1 FROM insights_refresh WHERE current FOR UPDATE").fetchall() == [(1,)]
        yield
        gate.rollback()


def claimed(pk, dead):
    """By another worker than the one that was killed."""
    run = JobRun.objects.get(pk=pk)
    return run.state == "running" and run.token != dead


def reached(pk, wanted):
    return JobRun.objects.get(pk=pk).message in wanted


class Reader(threading.Thread):
    """Reads the current evidence again and again, each time in one statement; keeps every different answer."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.reads, self.stop = Counter(), 0, threading.Event()

    def run(self):
        while not self.stop.is_set():
            with connection.cursor() as cursor:
                cursor.execute(
                    """
                    SELECT r.id, r.pairs, count(s.id), coalesce(sum(s.orders_both), 0)
                    FROM insights_refresh r LEFT JOIN insights_pairstat s ON s.refresh_id = r.id
                    WHERE r.current GROUP BY r.id
                    """
                )
                self.seen[tuple(cursor.fetchall())] += 1
            self.reads += 1
            time.sleep(0.01)
        connections.close_all()


def bought(chance, many):
    products = [f"{n:03d}" for n in range(PRODUCTS)]
    weights = [1 / (n + 5) for n in range(PRODUCTS)]
    return [
        (DAY - timedelta(days=chance.randrange(60)), sorted(set(chance.choices(products, weights, k=chance.randint(2, 12)))))
        for _ in range(many)
    ]  # fmt: skip


def pairs_of(baskets):
    both = Counter(pair for _day, basket in baskets for pair in permutations(basket, 2))
    return {pair: n for pair, n in both.items() if n >= 5}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_evidence_survives_a_worker_killed_again_and_again(settings, tmp_path, capsys):
    settings.ORDERS_ROOT = tmp_path / "orders"
    Product.objects.bulk_create([Product(sku=f"{n:03d}", name=f"Товар {n}", price=10) for n in range(PRODUCTS)])
    chance, at = random.Random(20261122), timezone.now()
    first, more = bought(chance, ORDERS), bought(chance, ORDERS)
    services.ingest_orders(lines=orders(*first), batch="1", at=at)
    former = services.refresh_stats(at=at, days=60, until=DAY.date())
    services.ingest_orders(lines=pa.concat_tables([orders(*more, prefix="more")]), batch="2", at=at)
    job = services.order_refresh(actor=None, at=at, days=60, until=DAY.date())
    reader = Reader()
    reader.start()
    dead, moments = None, Counter()
    worker = start_worker("mining", CROSSMATRIX_HOME=str(tmp_path))

    try:
        for _kill in range(KILLS):
            with nobody_finishes():
                lapse_leases()
                assert until(lambda seen=dead: claimed(job.pk, seen), SECONDS_TO_CLAIM)
                spare = start_worker(
                    "mining", CROSSMATRIX_HOME=str(tmp_path)
                )  # the successor starts up while this one works
                dead, later = JobRun.objects.get(pk=job.pk).token, STEPS[chance.randrange(len(STEPS)) :]
                assert until(lambda wanted=later: reached(job.pk, wanted), SECONDS_TO_STEP)
                time.sleep(chance.uniform(0, LONGEST_LIFE))
                kill(worker)
                worker, run = spare, JobRun.objects.get(pk=job.pk)
                assert (run.state, run.token) == ("running", dead)
            moments[run.message or "claimed"] += 1
            assert Refresh.objects.filter(current=True).get() == former
        lapse_leases()
        done = until(lambda: JobRun.objects.filter(pk=job.pk, state="done").exists(), SECONDS_TO_FINISH, jobs.sweep)
        assert done
    finally:
        kill(worker)
        reader.stop.set()
        reader.join()

    current = Refresh.objects.get(current=True)
    stored = {
        (main, companion): both
        for main, companion, both in PairStat.objects.filter(refresh=current).values_list(
            "main__sku", "companion__sku", "orders_both"
        )
    }
    assert stored == pairs_of(first + more)
    assert current.pk != former.pk
    assert all(
        len(answer) == 1 and answer[0][1] == answer[0][2] for answer in reader.seen
    )  # never none, never half of one
    assert not list((tmp_path / "orders" / "ledger").glob("*.tmp*"))
    with capsys.disabled():
        sys.stdout.write(
            f"\nkills={moments.total()} at={dict(moments)} reads={reader.reads} halves=0 answers={len(reader.seen)}\n"
        )
