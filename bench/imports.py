"""100,000 rows × 12 columns, 5 % changed: file to committed, beside django-import-export's bulk engine and the bare limit.

    .venv/bin/python bench/imports.py [--rows 100000] [--without-peer]

Runs on a database of its own and prints ratios of one run; the machine does not matter, the ratios do. Wall is what a
person waits; CPU (client, its children and PostgreSQL) is what remains true on a busy machine.
"""

import argparse
import functools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crossmatrix.settings")
os.environ.setdefault("CROSSMATRIX_DEMO", "1")
os.environ.setdefault("LOG_LEVEL", "ERROR")

from crossmatrix import embedded

embedded.provide()

import django  # noqa: E402 - after set-up

django.setup()

import psycopg  # noqa: E402 - after set-up
import python_calamine  # noqa: E402 - after set-up
import tablib  # noqa: E402 - after set-up
import xlsxwriter  # noqa: E402 - after set-up
from django.conf import settings  # noqa: E402 - after set-up
from django.db import connection, connections  # noqa: E402 - after set-up
from django.utils import timezone  # noqa: E402 - after set-up
from import_export import resources  # noqa: E402 - after set-up
from import_export.instance_loaders import CachedInstanceLoader  # noqa: E402 - after set-up

from crossmatrix.catalog.models import Product  # noqa: E402 - after set-up
from crossmatrix.imports import services  # noqa: E402 - after set-up
from crossmatrix.imports.reader import child, guard  # noqa: E402 - after set-up
from crossmatrix.imports.resources import ProductResource  # noqa: E402 - after set-up
from crossmatrix.imports.services.apply import start_apply  # noqa: E402 - after set-up
from crossmatrix.imports.services.batches import dsn  # noqa: E402 - after set-up

HEAD = [
    "Артикул",
    "Наименование",
    "Бренд",
    "Тип",
    "Цена",
    "Закупочная цена",
    "Валюта",
    "Остаток",
    "Статус",
    "Штрихкод",
    "Ссылка",
    "Фото",
]
FIELDS = ["sku", "name", "brand", "kind", "price", "cost", "currency", "stock", "status", "barcode", "url", "image"]


def row(n: int, price: float) -> list[object]:
    return [
        f"{n:08d}", f"Кабель соединительный модель {n}", f"Бренд {n % 200}", "товар", price, round(price * 0.7, 2), "RUB", n % 300, "активен",
        f"46{n:011d}", f"https://shop.test/p/{n}", f"https://shop.test/i/{n}.jpg",
    ]  # fmt: skip


def write_book(path: Path, rows: int, *, changed: bool) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Товары")
        for number, values in enumerate(
            [HEAD, *(row(n, 100.0 + n % 900 + (5 if changed and n % 20 == 0 else 0)) for n in range(rows))]
        ):
            for column, value in enumerate(values):
                sheet.write(number, column, value)


@dataclass
class Cost:
    wall: float
    client: float
    server: float

    @property
    def cpu(self) -> float:
        return self.client + self.server

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.wall - other.wall, self.client - other.client, self.server - other.server)

    def __str__(self) -> str:
        return (
            f"{self.wall:6.2f} s wall, {self.cpu:6.2f} s CPU ({self.client:.2f} client + {self.server:.2f} PostgreSQL)"
        )


def ticks(pid: str) -> list[int]:
    """utime, stime, cutime, cstime of a process, and its parent in front."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(fields[1]), *map(int, fields[11:15])]


def server_seconds() -> float:
    """CPU of PostgreSQL and all its processes, those that have ended too (Linux, same machine)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        postmaster = ticks(str(cursor.fetchone()[0]))[0]
    total = sum(ticks(str(postmaster))[1:])
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                parent, user, system, *_ended = ticks(process.name)
            except OSError:
                continue  # ended meanwhile; its parent counts it
            total += user + system if parent == postmaster else 0
    return total / os.sysconf("SC_CLK_TCK")


def spent() -> Cost:
    me, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    client = me.ru_utime + me.ru_stime + children.ru_utime + children.ru_stime
    return Cost(time.perf_counter(), client, server_seconds())


def timed(run: Callable[[], object]) -> Cost:
    before = spent()
    run()
    return spent() - before


def ours(path: Path) -> None:
    with path.open("rb") as handle:
        batch = services.receive_file(
            chunks=iter(lambda: handle.read(1 << 20), b""),
            name=path.name,
            kind="catalog",
            actor=None,
            at=timezone.now(),
        )
    services.read_batch(batch=batch, at=timezone.now(), go_on="always")
    if batch.counts["new"] + batch.counts["changed"]:
        start_apply(batch=batch, actor=None, partial=True)
        services.apply_batch(batch=batch, at=timezone.now())
    print(
        "   ours:", {name: batch.counts[name] for name in ("rows", "new", "changed", "same", "error")}, file=sys.stderr
    )


def limit(path: Path) -> None:
    """calamine read + COPY of the bare cells: nothing can be faster with these two."""
    with path.open("rb") as handle:
        rows = python_calamine.CalamineWorkbook.from_filelike(handle).get_sheet_by_index(0).iter_rows()
        next(rows)
        with psycopg.connect(dsn()) as base, base.cursor() as cursor:
            cursor.execute(f"CREATE UNLOGGED TABLE bench_limit ({', '.join(f'{name} text' for name in FIELDS)})")
            with cursor.copy("COPY bench_limit FROM STDIN") as copy:
                for cells in rows:
                    copy.write_row([str(cell) for cell in cells])
            base.commit()
            cursor.execute("DROP TABLE bench_limit")


class PeerResource(resources.ModelResource):
    """The same declarations under django-import-export's own engine, tuned: bulk, cached loader, unchanged rows skipped."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)

    class Meta:
        model = Product
        import_id_fields = ("sku",)
        fields = tuple(FIELDS)
        use_bulk = True
        batch_size = 1000
        skip_unchanged = True
        report_skipped = False
        skip_diff = False
        skip_html_diff = True
        instance_loader_class = CachedInstanceLoader


for name in FIELDS:
    PeerResource.fields[name] = ProductResource.fields[name]


def peer(path: Path) -> None:
    with path.open("rb") as handle:
        data = tablib.Dataset().load(handle.read(), format="xlsx")
    data.headers = [PeerResource.fields[name].column_name for name in FIELDS]
    result = PeerResource().import_data(data, raise_errors=False, use_transactions=True)
    errors = [str(e.error) for e in result.base_errors] + [
        str(e.error) for r in result.error_rows[:3] for e in r.errors
    ]
    print("   django-import-export:", dict(result.totals), errors[:3], file=sys.stderr)


PHASES = {  # in the order they happen; a phase that runs inside another one is taken off it
    "preflight": ("crossmatrix.imports.reader.preflight", "check"),
    "open with calamine": ("crossmatrix.imports.reader.books", "open_book"),
    "understand header and columns": ("crossmatrix.imports.reader.layout", "understand"),
    "rows: clean, COPY, ANALYZE": ("crossmatrix.imports.reader.child", "stage"),
    "compare, plan": ("crossmatrix.imports.services.batches", "plan_batch"),
    "write: products, journal, history": ("crossmatrix.imports.services.apply", "apply_batch"),
}


@contextmanager
def watched(costs: dict[str, Cost]) -> Iterator[None]:
    """Every phase measured, with the child's work done in this process."""

    def watch(name: str, work: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(work)
        def measured(*args: object, **kwargs: object) -> object:
            before = spent()
            try:
                return work(*args, **kwargs)
            finally:
                costs[name] = spent() - before

        return measured

    def in_this_process(order: dict[str, object], **_limits: object) -> dict[str, object]:
        return json.loads(json.dumps(child.read(json.loads(json.dumps(order, default=str))), default=str))

    with ExitStack() as patches:
        patches.enter_context(patch("crossmatrix.imports.services.batches.run_child", in_this_process))
        patches.enter_context(patch("crossmatrix.imports.reader.child.tell", lambda **_message: None))
        for name, (module, function) in PHASES.items():
            measured = watch(name, getattr(sys.modules[module], function))
            patches.enter_context(patch(f"{module}.{function}", measured))
        patches.enter_context(
            patch("crossmatrix.imports.services.apply_batch", measured)
        )  # the last phase's front door
        yield


def phase_table(path: Path) -> None:
    costs: dict[str, Cost] = {}
    start = timed(
        lambda: subprocess.run(
            [
                sys.executable,
                "-I",
                "-B",
                "-c",
                guard.START.format(root=str(guard.ROOT)).replace("main()", "import psycopg"),
            ],
            check=True,
        )
    )
    with watched(costs):
        whole = timed(lambda: ours(path))
    costs["open with calamine"] -= costs["preflight"]
    rows = [("start of the child process", start), *((name, costs[name]) for name in PHASES)]
    rows.append(
        ("everything else", functools.reduce(lambda left, one: left - one, (cost for _name, cost in rows[1:]), whole))
    )
    print("\nwhere it goes (the child's work in one process, so nothing overlaps):")
    print(f"  {'phase':34} {'wall':>6} {'client CPU':>11} {'PostgreSQL CPU':>15}")
    for name, cost in rows:
        print(f"  {name:34} {cost.wall:6.2f} {cost.client:11.2f} {cost.server:15.2f}")


def own_database() -> str:
    name = f"bench_imports_{os.getpid()}"
    with psycopg.connect(dsn(), autocommit=True) as base:
        base.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        )
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    return name


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--without-peer", action="store_true")
    asked = parser.parse_args()
    from django.core.management import call_command

    address = dsn()
    name = own_database()
    try:
        call_command("migrate", verbosity=0)
        with tempfile.TemporaryDirectory() as folder:
            settings.MEDIA_ROOT = Path(folder)
            old, new = Path(folder) / "old.xlsx", Path(folder) / "new.xlsx"
            write_book(old, asked.rows, changed=False)
            write_book(new, asked.rows, changed=True)
            ours(old)  # the catalog as it stands
            with connection.cursor() as cursor:
                cursor.execute("VACUUM (ANALYZE)")  # what the server would do in the middle of a measurement
            print(f"rows {asked.rows} x {len(HEAD)}, 5 % changed, file to committed; load {os.getloadavg()[0]:.1f}")
            mine, bare, same = timed(lambda: ours(new)), timed(lambda: limit(new)), timed(lambda: ours(new))
            print(f"ours                             {mine}")
            print(f"the limit, calamine read + COPY  {bare}")
            print(f"  ours / limit: {mine.wall / bare.wall:.2f} wall (goal <= 3), {mine.cpu / bare.cpu:.2f} CPU")
            print(f"the same file, nothing changes   {same}")
            if not asked.without_peer:
                other = timed(lambda: peer(old))  # back to the old prices: again 5 % changed
                print(f"django-import-export, bulk mode  {other}")
                print(f"  times faster: {other.wall / mine.wall:.1f} wall (goal >= 15), {other.cpu / mine.cpu:.1f} CPU")
                phase_table(new)
    finally:
        connections.close_all()
        with psycopg.connect(address, autocommit=True) as base:
            base.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


if __name__ == "__main__":
    main()
