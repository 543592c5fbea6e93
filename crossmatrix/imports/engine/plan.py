"""What all kinds share: the plan table, repeated rows, problems found by the comparison, reading the plan back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from crossmatrix.imports.models import ImportBatch, ImportProblem
from crossmatrix.imports.rules.states import RowState, Severity

INDEX_FROM = 2000  # rows; a smaller plan is read faster without an index
PAIRS_NAMED = 20_000  # repeated rows named one by one


@dataclass
class Counts:
    """Rows of the plan by state; `same` rows are not stored."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    absent: int = 0
    same: int = 0
    error: int = 0
    repeated: int = 0
    warning: int = 0
    by_field: dict[str, int] = field(default_factory=dict)


def run(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Execute; returns the number of rows touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return int(cursor.rowcount)


def rows(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return list(cursor.fetchall())


def exists(table: str) -> bool:
    return bool(rows("SELECT to_regclass(%s) IS NOT NULL", [table])[0][0])


def prepare(batch: ImportBatch) -> None:
    """An empty plan beside the stage, with the marks and problems of an earlier plan taken off."""
    run("SET LOCAL work_mem = '256MB'")
    run(f'DROP TABLE IF EXISTS "{batch.plan_table}"')
    run(
        f'CREATE UNLOGGED TABLE "{batch.plan_table}" (seq bigint, row_no integer, state "char", target_id bigint, '
        "version integer, label text, label2 text, name text, name2 text, changes jsonb)"
    )
    run(f'UPDATE "{batch.stage_table}" SET skip = NULL WHERE skip IS NOT NULL')
    ImportProblem.objects.filter(batch=batch, planned=True).delete()
    apply_fixes(batch)


def apply_fixes(batch: ImportBatch) -> None:
    """Spellings the person corrected on the plan page, everywhere or in one row."""
    for fix in batch.options.get("fixes", []):
        column = fix["field"]
        where = "row_no = %s AND " if fix.get("row") else ""
        params = [fix["good"], *([fix["row"]] if fix.get("row") else []), fix["bad"]]
        run(f'UPDATE "{batch.stage_table}" SET "{column}" = %s WHERE {where}"{column}" = %s', params)


def columns_of(table: str) -> list[str]:
    found = rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [table],
    )
    return [row[0] for row in found]


def settle_repeats(batch: ImportBatch, keys: Sequence[str], label: str) -> int:
    """Equal rows collapse into the first with a warning; rows that contradict each other are errors. Returns the collapsed."""
    stage = batch.stage_table
    content = [c for c in columns_of(stage) if c not in ("row_no", "bad", "skip")]
    key = ", ".join(f'"{k}"' for k in keys)
    cells = ", ".join(f'coalesce("{c}"::text, chr(1))' for c in content)
    said = f"md5(concat_ws('|', {cells}))"
    found = rows(
        f"""
        WITH twice AS (SELECT {key} FROM "{stage}" WHERE NOT bad AND skip IS NULL GROUP BY {key} HAVING count(*) > 1)
        SELECT array_agg(row_no ORDER BY row_no), array_agg(said ORDER BY row_no), min({label}) FROM (
            SELECT row_no, {said} AS said, {key} FROM "{stage}" JOIN twice USING ({key}) WHERE NOT bad AND skip IS NULL
        ) repeated GROUP BY {key} ORDER BY 1
        """
    )
    equal: list[int] = []
    contrary: list[int] = []
    problems: list[ImportProblem] = []
    for numbers, contents, shown in found:
        if len(set(contents)) == 1:
            equal += numbers[1:]
            problems += [
                problem(batch, n, "row.repeated", {"other": numbers[0]}, Severity.WARNING) for n in numbers[1:]
            ]
        else:
            contrary += numbers
            problems += [
                problem(
                    batch, n, "row.conflict", {"other": numbers[1] if n == numbers[0] else numbers[0], "key": shown}
                )
                for n in numbers
            ]
    if equal:  # two links may stand in one row of a wide sheet: the key tells them apart
        run(
            f"""
            UPDATE "{stage}" s SET skip = 'r' FROM (
                SELECT ctid AS at, row_number() OVER (PARTITION BY {key} ORDER BY row_no) AS nth FROM "{stage}"
                WHERE NOT bad AND skip IS NULL AND ({key}) IN (SELECT {key} FROM "{stage}" WHERE row_no = ANY(%s))
                  AND ({key}) NOT IN (SELECT {key} FROM "{stage}" WHERE row_no = ANY(%s))
            ) n WHERE s.ctid = n.at AND n.nth > 1
            """,
            [equal, contrary],
        )
    if contrary:
        run(
            f"""
            UPDATE "{stage}" SET skip = 'x' WHERE NOT bad AND skip IS NULL AND ({key}) IN (
                SELECT {key} FROM "{stage}" WHERE NOT bad AND skip IS NULL GROUP BY {key} HAVING count(*) > 1)
            """
        )
    keep(problems[:PAIRS_NAMED])
    return len(equal)


def problem(
    batch: ImportBatch, row: int | None, code: str, params: Mapping[str, Any] | None = None,
    severity: Severity = Severity.ERROR, *, field: str = "", value: str = "", header: str = "",
) -> ImportProblem:  # fmt: skip
    return ImportProblem(
        batch=batch, row=row, code=code, params=dict(params or {}), severity=severity.value, field=field,
        value=value[:300], header=header, planned=True,
    )  # fmt: skip


def keep(problems: Iterable[ImportProblem]) -> None:
    ImportProblem.objects.bulk_create(problems, batch_size=5000)


def refuse_where(
    batch: ImportBatch,
    condition: str,
    code: str,
    *,
    field: str,
    joins: str = "",
    params: str = "'{}'::jsonb",
    args: Sequence[Any] = (),
) -> int:
    """Every staged row that meets the condition becomes an error row with this problem. Stage is `s`."""
    stage = batch.stage_table
    value = f"coalesce(s.\"{field}\"::text, '')" if field else "''"
    header = header_of(batch, field)
    return run(
        f"""
        WITH wrong AS (
            UPDATE "{stage}" t SET skip = 'x' FROM "{stage}" s {joins}
            WHERE t.ctid = s.ctid AND NOT s.bad AND s.skip IS NULL AND ({condition})
            RETURNING s.row_no, {value} AS value, {params} AS params
        )
        INSERT INTO imports_importproblem (batch_id, "row", header, field, value, code, severity, params, planned)
        SELECT %s, row_no, %s, %s, left(value, 300), %s, 'error', params, true FROM wrong
        """,
        [*args, batch.pk, header, field, code],
    )


def header_of(batch: ImportBatch, field: str) -> str:
    """The header the person gave the field in the file."""
    return next((c["title"] for c in batch.layout.get("columns", []) if field and c["field"] == field), "")


def add_error_rows(
    batch: ImportBatch, label: str, label2: str = "''", name: str = "''", joins: str = "", name2: str = "''"
) -> None:
    """Show rows with errors inside the plan, in their place."""
    run(
        f"""
        INSERT INTO "{batch.plan_table}" (row_no, state, label, label2, name, name2)
        SELECT s.row_no, 'e', {label}, {label2}, {name}, {name2} FROM "{batch.stage_table}" s {joins} WHERE s.bad OR s.skip = 'x'
        """
    )


def finish(batch: ImportBatch, repeated: int) -> Counts:
    """Number the plan in the order of the file and count it."""
    table, stage = batch.plan_table, batch.stage_table
    run(
        f'UPDATE "{table}" p SET seq = n.seq FROM (SELECT ctid, row_number() OVER (ORDER BY row_no NULLS LAST, label, label2) '
        f'AS seq FROM "{table}") n WHERE p.ctid = n.ctid'
    )
    found = {
        state if isinstance(state, str) else state.decode(): n
        for state, n in rows(f'SELECT state, count(*) FROM "{table}" GROUP BY state')
    }
    total = rows(f'SELECT count(*) FROM "{stage}"')[0][0]
    if sum(found.values()) > INDEX_FROM:
        run(f'CREATE INDEX ON "{table}" (state, seq)')
        run(f'CREATE INDEX ON "{table}" (seq)')
    run(f'ANALYZE "{table}"')
    counts = Counts(
        rows=total,
        new=found.get(RowState.NEW.value, 0),
        changed=found.get(RowState.CHANGED.value, 0),
        absent=found.get(RowState.ABSENT.value, 0),
        error=found.get(RowState.ERROR.value, 0),
        repeated=repeated,
        warning=ImportProblem.objects.filter(batch=batch, severity=Severity.WARNING).count(),
        by_field=dict(
            rows(
                f"SELECT key, count(*) FROM \"{table}\", jsonb_object_keys(changes) AS key WHERE state = 'c' GROUP BY key ORDER BY 2 DESC"
            )
        ),
    )
    counts.same = total - counts.new - counts.changed - counts.error - repeated
    return counts


PLAN_COLUMNS = ("seq", "row_no", "state", "target_id", "version", "label", "label2", "name", "name2", "changes")


def read_page(
    batch: ImportBatch, *, states: Sequence[str], search: str, start: int, count: int
) -> tuple[list[dict[str, Any]], int]:
    """(rows of one page, how many match)."""
    where, params = ['state = ANY(%s::"char"[])'], [list(states)]
    if search:
        where.append("(label ILIKE %s OR label2 ILIKE %s OR name ILIKE %s OR name2 ILIKE %s)")
        like = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        params += [like] * 4  # type: ignore[list-item]  # the list holds what the placeholders take
    condition = " AND ".join(where)
    total = rows(f'SELECT count(*) FROM "{batch.plan_table}" WHERE {condition}', params)[0][0]
    page = rows(
        f'SELECT {", ".join(PLAN_COLUMNS)} FROM "{batch.plan_table}" WHERE {condition} ORDER BY seq OFFSET %s LIMIT %s',
        [*params, start, count],
    )
    found = []
    for row in page:
        item = dict(zip(PLAN_COLUMNS, row, strict=True))
        state = item["state"]
        item["state"] = state if isinstance(state, str) else state.decode()
        item["changes"] = json.loads(item["changes"]) if isinstance(item["changes"], str) else item["changes"] or {}
        found.append(item)
    return found, int(total)


def drop(batch: ImportBatch) -> None:
    """Remove the tables of a batch that is over."""
    run(f'DROP TABLE IF EXISTS "{batch.stage_table}", "{batch.plan_table}"')


def stored_numbers() -> set[int]:
    """Batches that still have a stage or a plan."""
    found = rows(
        "SELECT DISTINCT substring(relname FROM '[0-9]+$')::bigint FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname ~ '^imports_(stage|plan)_[0-9]+$'"
    )
    return {row[0] for row in found}
