"""The guarded child: reads its order as JSON from stdin, writes JSON lines to stdout, and may die at any moment.

Commands: `read` (understand the sheet and, when the order says so, stage its rows) and `annotate` (error workbook).
"""

import contextlib
import ctypes
import gc
import itertools
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from crossmatrix.imports.reader import books, layout, staging
from crossmatrix.imports.rules import table, wide
from crossmatrix.imports.rules.columns import Match, Unit
from crossmatrix.imports.rules.problems import BadFile
from crossmatrix.imports.rules.specs import ColumnSpec

Order = dict[str, Any]
DIES_WITH_PARENT = 1  # prctl(PR_SET_PDEATHSIG)
TELL_EVERY = 0.3  # seconds between progress lines


def guard_myself(limits: dict[str, int]) -> None:
    """Memory, time, no files, no core dump, and no life after the worker that started us."""
    with contextlib.suppress(OSError, AttributeError):  # not Linux: the broken pipe ends us at the next progress line
        ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_mb"] << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_mb"] << 20,) * 2)


def tell(**message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


class Teller:
    """Progress at most a few times a second."""

    def __init__(self, total: int) -> None:
        self.total, self.last = total, 0.0

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self.last > TELL_EVERY:
            self.last = now
            tell(progress=done, total=max(self.total, done))


def read(order: Order) -> dict[str, Any]:
    book = books.open_book(Path(order["path"]), order.get("sheet") or "")
    units = [Unit(u["kind"], tuple(ColumnSpec.from_json(s) for s in u["specs"])) for u in order["units"]]
    import psycopg  # noqa: PLC0415 - only once the file turned out to be harmless

    with psycopg.connect(order["dsn"]) as connection:
        found = layout.understand(book, units, wishes_of(order), known_in(connection))
        specs = next((unit.specs for unit in units if unit.kind == found.kind), ())
        suggested = found.matches
        found.matches = {index: match for index, match in suggested.items() if match.how != "suggest"}
        missing = found.missing(specs)  # a mere likeness of words is never taken silently
        wanted = order["go_on"] == "always" or (order["go_on"] == "remembered" and found.remembered)
        if not (found.kind and not missing and wanted):
            found.matches = suggested
            return answer_of(book, found, missing)
        return {**answer_of(book, found, missing), "staged": stage(connection, book, found, specs, order)}


def wishes_of(order: Order) -> layout.Wishes:
    return layout.Wishes(
        kind=order.get("kind") or "",
        header_row=order.get("header_row"),
        mapping=order.get("mapping") or {},
        by_index={int(index): name for index, name in (order.get("by_index") or {}).items()},
        memories=order.get("memories") or {},
        layout=order.get("layout") or "",
        dialect=order.get("dialect") or {},
    )


def known_in(connection: Any) -> layout.Known:
    """Look-ups in the catalog: which texts are SKUs or names of categories."""

    def known(values: Sequence[str]) -> set[str]:
        asked = list({value for value in values if value})
        if not asked:
            return set()
        rows = connection.execute(
            "SELECT sku FROM catalog_product WHERE sku = ANY(%(asked)s) UNION "
            "SELECT full_name FROM catalog_category WHERE lower(full_name) = ANY(%(small)s) UNION "
            "SELECT name FROM catalog_category WHERE lower(name) = ANY(%(small)s)",
            {"asked": asked, "small": [value.lower() for value in asked]},
        ).fetchall()
        return {row[0].lower() for row in rows}

    return known


def answer_of(book: books.Book, found: layout.Layout, missing: list[str]) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "layout": found.layout,
        "sheet": book.sheet,
        "sheets": [{"name": s.name, "visible": s.visible, "rows": s.rows, "columns": s.columns} for s in book.sheets],
        "file_kind": book.kind,
        "first_row": found.first,
        "header_row": found.last,
        "left": book.left,
        "columns": [column_of(found, index) for index in range(len(found.titles))],
        "missing": missing,
        "remembered": found.remembered,
        "grouped": found.grouped,
        "dialect": {**book.dialect, **found.dialect},
        "warnings": [{"code": code, "params": params} for code, params in book.warnings],
        "head": found.head,
        "rows": max(book.rows - (found.last - found.first + 1), 0),
    }


def column_of(found: layout.Layout, index: int) -> dict[str, Any]:
    match: Match | None = found.matches.get(index)
    name = match.field if match else f"attr:{found.attributes[index]}" if index in found.attributes else ""
    return {
        "index": index,
        "title": found.titles[index],
        "samples": found.samples[index],
        "field": name,
        "score": round(match.score) if match else (100 if name else 0),
        "how": match.how if match else ("auto" if name else ""),
        "others": list(match.others) if match else [],
    }


def stage(
    connection: Any, book: books.Book, found: layout.Layout, specs: Sequence[ColumnSpec], order: Order
) -> dict[str, Any]:
    """Write the staging table and the problems of the batch in one transaction."""
    by_name = {spec.name: spec for spec in specs}
    counts = table.Counts()
    numbered = itertools.dropwhile(lambda numbered: numbered[0] <= found.last, book.read())
    data = table.data_rows(numbered, found.titles, counts, mapped=len(found.matches))
    if found.layout == "long":
        columns = [(index, found.titles[index], by_name[match.field]) for index, match in sorted(found.matches.items())]
        rows = data
    else:
        columns, rows = unfolded(found, data, by_name)
    if found.grouped:
        columns.append((-1, "", by_name["category"]))
    if found.kind == "matrix" and found.layout == "long":
        rows = exploded(rows, columns, len(found.titles), by_name)
    fields = {spec.name: index for index, _title, spec in columns}
    if found.kind == "orders" and "line_no" not in fields:
        rows = staging.with_line_numbers(rows, fields["order_id"], len(found.titles))
        columns.append((len(found.titles), "", by_name["line_no"]))
    worker = staging.Stage(columns, found.attributes, found.dialect, book.error_cells, order["batch"])
    target = order["stage"]
    connection.execute(f'DROP TABLE IF EXISTS "{target}"')
    connection.execute(
        staging.staging_ddl(target, [spec for _index, _title, spec in columns], attributes=bool(found.attributes))
    )
    connection.execute("DELETE FROM imports_importproblem WHERE batch_id = %s", [order["batch"]])
    names = ", ".join(f'"{name}"' for name in worker.names())
    with connection.cursor() as cursor, cursor.copy(f'COPY "{target}" ({names}) FROM STDIN') as copy:
        worker.run(rows, copy, Teller(book.rows))
    if worker.problems:
        kept = ", ".join(staging.PROBLEM_COLUMNS)
        with connection.cursor() as cursor, cursor.copy(f"COPY imports_importproblem ({kept}) FROM STDIN") as copy:
            copy.write("\n".join(worker.problems) + "\n")
    connection.execute(f'ANALYZE "{target}"')
    if not worker.rows:
        raise BadFile("file.no_rows")
    return {
        "rows": worker.rows, "bad": worker.bad, "errors": worker.errors, "warnings": worker.warnings,
        "blank": counts.blank, "group": counts.group, "total": counts.total, "repeat": counts.repeat,
        "fields": [spec.name for _index, _title, spec in columns], "attributes": list(found.attributes.values()),
        "cleared": sorted(worker.cleared),
    }  # fmt: skip


Rows = Iterator[tuple[int, Sequence[Any], str]]
Columns = list[tuple[int, str, ColumnSpec]]


def unfolded(found: layout.Layout, data: Rows, by_name: dict[str, ColumnSpec]) -> tuple[Columns, Rows]:
    """A wide matrix or rows of companion lists as one link per row."""
    main_at = next((index for index, match in found.matches.items() if match.field == "main"), 0)
    names = ("main", "companion", "verdict", "reason", "verdict_reason", "rank")
    columns = [
        (index, found.titles[main_at] if name == "main" else "", by_name[name]) for index, name in enumerate(names)
    ]
    return columns, wide_rows(found, data, main_at) if found.layout == "wide" else list_rows(data, main_at)


def wide_rows(found: layout.Layout, data: Rows, main_at: int) -> Rows:
    pairs = ((number, row) for number, row, _group in data)
    for number, main, companion, said in wide.unpivot(pairs, found.titles, main_at):
        refused = said.verdict == "not_suitable"
        yield (
            number,
            [main, companion, said.verdict, "" if refused else said.reason, said.reason if refused else "", ""],
            "",
        )


def list_rows(data: Rows, main_at: int) -> Rows:
    for number, row, _group in data:
        rank = 0
        for index, value in enumerate(row):
            for companion in wide.parts_of(value) if index != main_at else ():
                rank += 1
                yield number, [row[main_at], companion, "suitable", "", "", float(rank)], ""


def exploded(rows: Rows, columns: Columns, width: int, by_name: dict[str, ColumnSpec]) -> Rows:
    """A companion cell with a list becomes one row per companion, ranked in the order written."""
    at = next(index for index, _title, spec in columns if spec.name == "companion")
    ranked = any(spec.name == "rank" for _index, _title, spec in columns)
    if not ranked:
        columns.append((width, "", by_name["rank"]))

    def explode() -> Rows:
        for number, row, group in rows:
            cell = row[at] if at < len(row) else ""
            parts = wide.parts_of(cell) if isinstance(cell, str) else []
            padded = [*row[:width], *[""] * (width - len(row)), ""]
            if len(parts) < 2:
                yield number, padded, group
                continue
            for rank, part in enumerate(parts, start=1):
                padded[at] = part
                padded[width] = "" if ranked else float(rank)
                yield number, list(padded), group

    return explode()


def main() -> None:
    order: Order = json.loads(sys.stdin.read())
    guard_myself(order["limits"])
    gc.disable()  # one file, then the end: looking for rings among a million cells finds none
    try:
        if order["command"] == "annotate":
            from crossmatrix.imports.reader import annotate  # noqa: PLC0415 - loads openpyxl

            answer = annotate.annotate(order)
        else:
            answer = read(order)
    except BadFile as refused:
        tell(refused={"code": refused.code, "params": refused.params})
    except MemoryError:
        tell(refused={"code": "file.unreadable", "params": {}})
    except Exception as broken:  # the parent logs it; the person reads a sentence
        tell(broken={"type": type(broken).__name__, "text": str(broken)[:500], "where": where(broken)})
    except BaseException as panic:
        tell(refused={"code": "file.unreadable", "params": {"detail": str(panic)[:200]}})
    else:
        tell(done=answer)
    os._exit(0)  # everything is said: taking a million cells down one by one is nobody's gain


def where(broken: Exception) -> str:
    trace = broken.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


if __name__ == "__main__":
    main()
