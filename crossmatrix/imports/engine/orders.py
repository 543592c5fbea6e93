"""The plan of an order file: append-only by (order, line); what is known stays as it is."""

import tempfile

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from django.db import connection

from crossmatrix.imports.engine import plan
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.rules.states import Severity

COLUMNS: dict[str, pa.DataType] = {
    "order_id": pa.string(),
    "line_no": pa.int32(),
    "ordered_at": pa.timestamp("us"),
    "sku": pa.string(),
    "quantity": pa.decimal128(14, 3),
    "price": pa.decimal128(14, 2),
    "discount": pa.decimal128(14, 2),
    "store": pa.string(),
    "segment": pa.string(),
    "channel": pa.string(),
    "customer": pa.string(),
    "is_return": pa.bool_(),
}
UNKNOWN_NAMED = 20


def check(batch: ImportBatch) -> int:
    """Settle repeats and dirty rows; returns the collapsed rows."""
    plan.prepare(batch)
    fields = batch.counts["staged"]["fields"]
    repeated = plan.settle_repeats(batch, ["order_id", "line_no"], "order_id || ' / ' || line_no")
    if "quantity" in fields:
        unless = "AND NOT coalesce(s.is_return, false)" if "is_return" in fields else ""
        plan.refuse_where(batch, f"s.quantity < 0 {unless}", "quantity.negative", field="quantity")
        plan.run(
            f'UPDATE "{batch.stage_table}" SET quantity = abs(quantity) WHERE quantity < 0 AND skip IS NULL AND NOT bad'
        )
    unknown = plan.rows(
        f"""
        SELECT s.sku, count(*), min(s.row_no), count(*) OVER () FROM "{batch.stage_table}" s WHERE NOT s.bad AND s.skip IS NULL
          AND NOT EXISTS (SELECT 1 FROM catalog_product p WHERE p.sku = s.sku) GROUP BY s.sku ORDER BY 2 DESC, 1 LIMIT %s
        """,
        [UNKNOWN_NAMED],
    )
    plan.keep(
        plan.problem(
            batch,
            row,
            "sku.unknown",
            {"times": times},
            Severity.WARNING,
            field="sku",
            value=sku,
            header=plan.header_of(batch, "sku"),
        )
        for sku, times, row, _all in unknown
    )
    return repeated


def lines(batch: ImportBatch) -> tuple[pa.Table, pa.ChunkedArray]:
    """The good rows as a columnar table, and their row numbers, in the order of the file.

    From COPY straight into columns: a row is never a Python object, so a year of orders costs seconds and its columns only.
    """
    names = [c for c in COLUMNS if c in set(batch.counts["staged"]["fields"])]
    quoted = ", ".join(f'"{name}"' for name in names)
    with tempfile.TemporaryFile() as text:
        with (
            connection.cursor() as cursor,
            cursor.copy(
                f'COPY (SELECT row_no, {quoted} FROM "{batch.stage_table}" WHERE NOT bad AND skip IS NULL '
                "ORDER BY row_no, line_no) TO STDOUT (FORMAT csv)"
            ) as copy,
        ):
            for block in copy:
                text.write(block)
        if not text.tell():
            nothing = pa.schema([(name, COLUMNS[name]) for name in names]).empty_table()
            return nothing, pa.chunked_array([], pa.int32())
        text.seek(0)
        table = pcsv.read_csv(
            text,
            pcsv.ReadOptions(column_names=["row_no", *names]),
            pcsv.ParseOptions(newlines_in_values=True),
            pcsv.ConvertOptions(
                column_types={"row_no": pa.int32(), **{name: COLUMNS[name] for name in names}},
                null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
                true_values=["t"], false_values=["f"],
            ),
        )  # fmt: skip
    return table.select(names), table["row_no"]


def make(batch: ImportBatch, known: pa.Array | pa.ChunkedArray, numbers: pa.ChunkedArray, repeated: int) -> plan.Counts:
    """Fill the plan with the lines that are not known yet."""
    fresh = numbers.filter(pc.invert(known)).to_pylist()
    joins = "LEFT JOIN catalog_product p ON p.sku = s.sku"
    shown = [
        c
        for c in ("quantity", "price", "discount", "ordered_at", "store", "segment", "channel")
        if c in batch.counts["staged"]["fields"]
    ]
    said = ", ".join(f'\'{c}\', CASE WHEN s."{c}" IS NOT NULL THEN jsonb_build_array(NULL, s."{c}") END' for c in shown)
    plan.run(
        f"""
        INSERT INTO "{batch.plan_table}" (row_no, state, label, label2, name, name2, changes)
        SELECT s.row_no, 'n', s.order_id || ' / ' || s.line_no, s.sku, '', p.name, jsonb_strip_nulls(jsonb_build_object({said}))
        FROM "{batch.stage_table}" s JOIN unnest(%s::integer[]) AS fresh(row_no) ON fresh.row_no = s.row_no {joins}
        WHERE NOT s.bad AND s.skip IS NULL
        """,
        [fresh],
    )
    plan.add_error_rows(batch, "s.order_id", "s.sku", name2="p.name", joins=joins)
    return plan.finish(batch, repeated)
