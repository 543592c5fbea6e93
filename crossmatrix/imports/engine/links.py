"""The plan of a matrix file: links of products, or of whole categories, beside what the matrix says today."""

from collections.abc import Sequence
from typing import Any

from rapidfuzz import fuzz, process

from crossmatrix.imports.engine import plan
from crossmatrix.imports.models import ImportBatch, ImportProblem
from crossmatrix.imports.rules.states import Absent, Policy

UNKNOWN_ASKED = 200  # unknown codes for which a likely one is looked up; beyond, the file is simply another shop's
LIKELY = 78  # percent of likeness from which a suggestion is shown
CONTENT = ("reason", "kind", "rank", "offer_text", "placements", "valid_from", "valid_to")

PRODUCT_JOINS = """
    LEFT JOIN catalog_product m ON m.sku = s.main
    LEFT JOIN catalog_product c ON c.sku = s.companion
    LEFT JOIN matrix_pair p ON p.main_id = m.id AND p.companion_id = c.id
    LEFT JOIN matrix_pairrevision r ON r.id = p.current_id AND r.state NOT IN ('retired', 'discarded')
"""
CATEGORY_JOINS = """
    LEFT JOIN catalog_category m ON m.full_name = s.main
    LEFT JOIN catalog_category c ON c.full_name = s.companion
    LEFT JOIN matrix_slot p ON p.main_category_id = m.id AND p.companion_category_id = c.id AND p.verdict <> 'undecided'
"""


def make(batch: ImportBatch, *, scope: Sequence[str]) -> tuple[plan.Counts, str]:
    """Fill the plan table; returns the counts and the level (sku or type)."""
    plan.prepare(batch)
    fields = set(batch.counts["staged"]["fields"])
    stage = batch.stage_table
    if "verdict_reason" in fields and "verdict" in fields and "reason" in fields:
        plan.run(
            f"UPDATE \"{stage}\" SET verdict_reason = reason WHERE verdict = 'not_suitable' AND verdict_reason IS NULL"
        )
    level = level_of(batch)
    repeated = (plan_types if level == "type" else plan_skus)(batch, fields, scope)
    return plan.finish(batch, repeated), level


def level_of(batch: ImportBatch) -> str:
    """Whether the sides name products or categories, by what more of them are."""
    skus, categories = plan.rows(
        f"""
        WITH sides AS (SELECT DISTINCT main AS side FROM "{batch.stage_table}" WHERE NOT bad
                       UNION SELECT DISTINCT companion FROM "{batch.stage_table}" WHERE NOT bad)
        SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM catalog_product WHERE sku = side)),
               count(*) FILTER (WHERE EXISTS (SELECT 1 FROM catalog_category
                                              WHERE lower(full_name) = lower(side) OR lower(name) = lower(side))) FROM sides
        """
    )[0]
    return "type" if categories > skus else "sku"


def plan_skus(batch: ImportBatch, fields: set[str], scope: Sequence[str]) -> int:
    repeated = plan.settle_repeats(batch, ["main", "companion"], "main || ' → ' || companion")
    for side, alias in (("main", "m"), ("companion", "c")):
        plan.refuse_where(batch, f"{alias}.id IS NULL", "sku.unknown", field=side, joins=PRODUCT_JOINS)
    suggest(batch, "SELECT sku, name FROM catalog_product", "sku.unknown")
    plan.refuse_where(batch, "m.id = c.id", "link.self", field="companion", joins=PRODUCT_JOINS)
    if "" not in scope:
        plan.refuse_where(
            batch, "m.category_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM catalog_category k WHERE k.id = m.category_id AND k.path LIKE ANY(%s))",
            "product.foreign", field="main", joins=PRODUCT_JOINS, args=[[f"{path}%" for path in scope]],
        )  # fmt: skip
    verdict = "s.verdict" if "verdict" in fields else "NULL"
    plan.refuse_where(
        batch, f"p.verdict = 'not_suitable' AND {verdict} IS DISTINCT FROM 'not_suitable'", "pair.not_suitable", field="companion",
        joins=PRODUCT_JOINS, params="jsonb_build_object('reason', p.verdict_reason)",
    )  # fmt: skip
    columns = [c for c in CONTENT if c in fields and batch.options.get("policies", {}).get(c) != Policy.IGNORE]
    compare_skus(batch, columns, with_verdict="verdict" in fields, with_reason="verdict_reason" in fields)
    joined = PRODUCT_JOINS
    plan.add_error_rows(batch, "s.main", "s.companion", "m.name", joined, "c.name")
    if batch.options.get("absent") == Absent.RETIRE:
        add_absent(batch)
    return repeated


def compare_skus(batch: ImportBatch, columns: Sequence[str], *, with_verdict: bool, with_reason: bool) -> None:
    marked = "coalesce(s.verdict = 'not_suitable', false)" if with_verdict else "false"
    parts = [
        f'\'{c}\', CASE WHEN NOT {marked} AND s."{c}" IS NOT NULL AND s."{c}" IS DISTINCT FROM {present(c)} '
        f'THEN jsonb_build_array({present(c)}, s."{c}") END'
        for c in columns
    ]
    differs = [f'(NOT {marked} AND s."{c}" IS NOT NULL AND s."{c}" IS DISTINCT FROM {present(c)})' for c in columns]
    differs.append("(r.id IS NULL AND p.verdict IS DISTINCT FROM 'not_suitable')")
    if with_verdict:
        parts.append(
            f"'verdict', CASE WHEN {marked} AND p.verdict IS DISTINCT FROM 'not_suitable' "
            "THEN jsonb_build_array(coalesce(p.verdict, 'undecided'), 'not_suitable') END"
        )
        differs.append(f"({marked} AND p.verdict IS DISTINCT FROM 'not_suitable')")
        why = "coalesce(s.verdict_reason, '')" if with_reason else "''"
        parts.append(
            f"'verdict_reason', CASE WHEN {marked} AND {why} IS DISTINCT FROM coalesce(p.verdict_reason, '') "
            f"THEN jsonb_build_array(coalesce(p.verdict_reason, ''), {why}) END"
        )
        differs.append(f"({marked} AND {why} IS DISTINCT FROM coalesce(p.verdict_reason, ''))")
    undecided = "AND s.verdict IS DISTINCT FROM 'undecided'" if with_verdict else ""
    plan.run(
        f"""
        INSERT INTO "{batch.plan_table}" (row_no, state, target_id, version, label, label2, name, name2, changes)
        SELECT s.row_no, CASE WHEN r.id IS NULL AND coalesce(p.verdict, '') <> 'not_suitable' THEN 'n' ELSE 'c' END::"char",
               p.id, coalesce(p.version, 0), s.main, s.companion, m.name, c.name,
               jsonb_strip_nulls(jsonb_build_object({", ".join(parts)}))
        FROM "{batch.stage_table}" s {PRODUCT_JOINS}
        WHERE NOT s.bad AND s.skip IS NULL {undecided} AND ({" OR ".join(differs)})
        """
    )


def present(column: str) -> str:
    return f"r.{column}" + ("::text[]" if column == "placements" else "")


def add_absent(batch: ImportBatch) -> None:
    """Live links of the mains in the file that the file does not name."""
    plan.run(
        f"""
        INSERT INTO "{batch.plan_table}" (state, target_id, version, label, label2, name, name2, changes)
        SELECT 'd', p.id, p.version, m.sku, c.sku, m.name, c.name, jsonb_build_object('reason', jsonb_build_array(r.reason, NULL))
        FROM matrix_pair p JOIN matrix_pairrevision r ON r.id = p.current_id AND r.state IN ('draft', 'approved')
        JOIN catalog_product m ON m.id = p.main_id JOIN catalog_product c ON c.id = p.companion_id
        WHERE EXISTS (SELECT 1 FROM "{batch.stage_table}" s WHERE s.main = m.sku)
          AND NOT EXISTS (SELECT 1 FROM "{batch.stage_table}" s WHERE s.main = m.sku AND s.companion = c.sku)
        """
    )


def plan_types(batch: ImportBatch, fields: set[str], scope: Sequence[str]) -> int:
    """Cells of categories × categories."""
    stage = batch.stage_table
    for side in ("main", "companion"):
        plan.run(
            f"""
            UPDATE "{stage}" s SET "{side}" = known.full_name FROM (
                SELECT given.side, coalesce(
                    (SELECT min(c.full_name) FROM catalog_category c WHERE lower(c.full_name) = lower(given.side)),
                    (SELECT min(c.full_name) FROM catalog_category c WHERE lower(c.name) = lower(given.side)
                     HAVING count(*) = 1)) AS full_name
                FROM (SELECT DISTINCT "{side}" AS side FROM "{stage}") given
            ) known WHERE s."{side}" = known.side AND known.full_name <> s."{side}"
            """
        )
    repeated = plan.settle_repeats(batch, ["main", "companion"], "main || ' × ' || companion")
    for side, alias in (("main", "m"), ("companion", "c")):
        several = f'(SELECT count(*) FROM catalog_category k WHERE lower(k.name) = lower(s."{side}")) > 1'
        paths = (
            f"jsonb_build_object('paths', (SELECT string_agg(k.full_name, '; ' ORDER BY k.full_name) "
            f'FROM catalog_category k WHERE lower(k.name) = lower(s."{side}")))'
        )
        plan.refuse_where(
            batch,
            f"{alias}.id IS NULL AND {several}",
            "category.ambiguous",
            field=side,
            joins=CATEGORY_JOINS,
            params=paths,
        )
        plan.refuse_where(batch, f"{alias}.id IS NULL", "category.unknown", field=side, joins=CATEGORY_JOINS)
    suggest(batch, "SELECT full_name, full_name FROM catalog_category", "category.unknown")
    if "" not in scope:
        plan.refuse_where(
            batch, "NOT m.path LIKE ANY(%s)", "product.foreign", field="main", joins=CATEGORY_JOINS,
            args=[[f"{path}%" for path in scope]],
        )  # fmt: skip
    verdict = "coalesce(s.verdict, 'suitable')" if "verdict" in fields else "'suitable'"
    why = "s.verdict_reason" if "verdict_reason" in fields else "NULL"
    reason = "s.reason" if "reason" in fields else "NULL"
    said = f"CASE WHEN {verdict} = 'not_suitable' THEN coalesce({why}, {reason}) ELSE {reason} END"
    new = {"verdict": verdict, "reason": f"coalesce({said}, p.reason)"}
    for column in ("kind", "offer_text"):
        if column in fields:
            new[column] = f's."{column}"'
    differs = " OR ".join(f"(({value}) IS NOT NULL AND ({value}) IS DISTINCT FROM p.{c})" for c, value in new.items())
    parts = ", ".join(
        f"'{c}', CASE WHEN ({value}) IS NOT NULL AND ({value}) IS DISTINCT FROM p.{c} THEN jsonb_build_array(p.{c}, {value}) END"
        for c, value in new.items()
    )
    plan.run(
        f"""
        INSERT INTO "{batch.plan_table}" (row_no, state, target_id, version, label, label2, name, name2, changes)
        SELECT s.row_no, CASE WHEN p.id IS NULL THEN 'n' ELSE 'c' END::"char", p.id, coalesce(p.version, 0), m.full_name, c.full_name,
               m.name, c.name, jsonb_strip_nulls(jsonb_build_object({parts}))
        FROM "{stage}" s {CATEGORY_JOINS} WHERE NOT s.bad AND s.skip IS NULL AND {verdict} <> 'undecided' AND (p.id IS NULL OR {differs})
        """
    )
    plan.add_error_rows(batch, "s.main", "s.companion")
    return repeated


def suggest(batch: ImportBatch, known_sql: str, code: str) -> None:
    """Name the nearest known code beside each unknown one."""
    problems = list(ImportProblem.objects.filter(batch=batch, code=code, planned=True))
    asked = sorted({problem.value for problem in problems if problem.value})[:UNKNOWN_ASKED]
    if not asked:
        return
    known = dict(plan.rows(known_sql))
    folded = {folded_code(key): key for key in known}
    keys = list(folded)
    found: dict[str, dict[str, Any]] = {}
    for value in asked:
        exact = folded.get(folded_code(value))
        best = (exact, 99.0) if exact else None
        if best is None:
            near = process.extractOne(folded_code(value), keys, scorer=fuzz.ratio, score_cutoff=LIKELY)
            best = (folded[near[0]], near[1]) if near else None
        if best:
            found[value] = {"suggestion": best[0], "name": known[best[0]], "score": round(best[1])}
    for problem in problems:
        if problem.value in found:
            problem.params = {
                **problem.params,
                **found[problem.value],
                "times": sum(1 for p in problems if p.value == problem.value),
            }
    ImportProblem.objects.bulk_update([p for p in problems if p.value in found], ["params"], batch_size=2000)


LOOKALIKES = str.maketrans("АВСЕНКМОРТХУ", "ABCEHKMOPTXY")


def folded_code(code: str) -> str:
    """A code without case, blanks, dashes and look-alike letters: «ст 20114» is СТ-20114."""
    return "".join(c for c in code.upper().translate(LOOKALIKES) if c.isalnum())
