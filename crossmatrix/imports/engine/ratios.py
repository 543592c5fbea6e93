"""Price ratios of planned links, judged as the matrix will judge them once they are written."""

from collections.abc import Collection, Iterator

from crossmatrix.imports.engine import plan
from crossmatrix.imports.engine.links import PRODUCT_JOINS
from crossmatrix.imports.models import ImportBatch
from crossmatrix.matrix.rules import RatioStatus, RatioVerdict, ReasonKind
from crossmatrix.matrix.selectors.ratios import Judge

NAMED = 3  # pairs named in the remark; the rows show the rest


def judged(batch: ImportBatch, rows: Collection[int] | None = None) -> Iterator[tuple[int, str, RatioVerdict]]:
    """(row, "main → companion", verdict) of planned links that are suitable; of these rows only, when they are given."""
    judge = Judge()
    kind = "coalesce(s.kind, r.kind)" if "kind" in batch.counts["staged"]["fields"] else "r.kind"
    only = "AND planned.row_no = ANY(%s)" if rows is not None else ""
    found = plan.rows(
        f"""
        SELECT planned.row_no, m.sku || ' → ' || c.sku, coalesce({kind}, %s), m.price,
               CASE WHEN c.currency = m.currency THEN c.price END, coalesce(mk.path, ''), coalesce(ck.path, '')
        FROM "{batch.plan_table}" planned JOIN "{batch.stage_table}" s ON s.row_no = planned.row_no {PRODUCT_JOINS}
        LEFT JOIN catalog_category mk ON mk.id = m.category_id LEFT JOIN catalog_category ck ON ck.id = c.category_id
        WHERE planned.state IN ('n', 'c') AND NOT planned.changes ? 'verdict' {only} ORDER BY planned.row_no
        """,
        [ReasonKind.ACCESSORY.value, *([list(rows)] if rows is not None else [])],
    )
    for number, pair, sort, main_price, companion_price, path, companion_path in found:
        yield number, pair, judge.verdict(
            category_path=path, kind=sort, main_price=main_price, companion_price=companion_price,
            companion_path=companion_path,
        )  # fmt: skip


def too_dear(batch: ImportBatch) -> tuple[int, str]:
    """How many planned links have a companion that is too dear for its main product, and the first of them by name."""
    pairs = [pair for _row, pair, verdict in judged(batch) if verdict.status is RatioStatus.BLOCK]
    return len(pairs), ", ".join(pairs[:NAMED]) + ("…" if len(pairs) > NAMED else "")
