"""The plan of a catalog file: staged rows beside catalog_product, one comparison."""

from collections.abc import Sequence
from typing import Any

from crossmatrix.imports.engine import plan
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.rules.guards import PRICE_SHIFT, Figures
from crossmatrix.imports.rules.states import Absent, Policy

# staged column → (expression of the present value, value of "empty", may it be emptied)
PRESENT: dict[str, tuple[str, str, bool]] = {
    "name": ("p.name", "''", False),
    "category": ("pc.full_name", "NULL::text", True),
    "supplier": ("ps.name", "NULL::text", True),
    "brand": ("p.brand", "''", True),
    "kind": ("p.kind", "''", False),
    "price": ("p.price", "NULL::numeric", True),
    "cost": ("p.cost", "NULL::numeric", True),
    "currency": ("p.currency", "''", False),
    "stock": ("p.stock", "NULL::integer", True),
    "status": ("p.status", "''", False),
    "barcode": ("p.barcode", "''", True),
    "url": ("p.url", "''", True),
    "image": ("p.image", "''", True),
}


def wanted(column: str, policy: str, *, clear_words: bool) -> str:
    """SQL of the value the product will have."""
    present, empty, clearable = PRESENT[column]
    given = f's."{column}"'
    if policy == Policy.FILL:
        return (
            f"coalesce(nullif({present}, ''), {given}, {present})" if empty == "''" else f"coalesce({present}, {given})"
        )
    if policy == Policy.CLEAR and clearable:
        return f"coalesce({given}, {empty})"
    value = f"coalesce({given}, {present})"
    if clear_words and clearable:
        return f"CASE WHEN '{column}' = ANY(s.cleared) THEN {empty} ELSE {value} END"
    return value


def wanted_attributes() -> str:
    return "coalesce(p.attributes, '{}'::jsonb) || coalesce(s.attributes, '{}'::jsonb)"


JOINS = """
    LEFT JOIN catalog_product p ON p.sku = s.sku
    LEFT JOIN catalog_category pc ON pc.id = p.category_id
    LEFT JOIN catalog_supplier ps ON ps.id = p.supplier_id
"""


def make(batch: ImportBatch, *, scope: Sequence[str]) -> tuple[plan.Counts, Figures, dict[str, list[str]]]:
    """Fill the plan table. `scope`: category paths the person may write ("" = all).

    Returns counts, figures for the guard rails, and the names of categories and suppliers that would be made.
    """
    staged = batch.counts["staged"]
    policies: dict[str, str] = batch.options.get("policies", {})
    columns = [c for c in staged["fields"] if c in PRESENT and policies.get(c) != Policy.IGNORE]
    attributes = bool(staged["attributes"])
    plan.prepare(batch)
    use_our_spelling(batch, staged["fields"])
    repeated = plan.settle_repeats(batch, ["sku"], "sku")
    if "" not in scope:
        refuse_foreign(batch, scope, has_category="category" in staged["fields"])
    name = "s.name" if "name" in columns else "NULL"
    plan.refuse_where(batch, f"p.id IS NULL AND {name} IS NULL", "product.incomplete", field="sku", joins=JOINS)
    new = {c: wanted(c, policies.get(c, ""), clear_words=c in staged["cleared"]) for c in columns}
    old = {c: PRESENT[c][0] for c in columns}
    if attributes:
        new["attributes"], old["attributes"] = wanted_attributes(), "p.attributes"
    compare(batch, new, old)
    shown = "s.name" if "name" in staged["fields"] else "p.name"
    plan.add_error_rows(batch, "s.sku", name=f"coalesce({shown}, p.name)", joins=JOINS)
    if batch.options.get("absent") == Absent.RETIRE:
        add_absent(batch, scope)
    counts = plan.finish(batch, repeated)
    return counts, figures(batch, counts, columns), made_names(batch, staged["fields"])


def compare(batch: ImportBatch, new: dict[str, str], old: dict[str, str]) -> None:
    """The one comparison. Values are compared in the column's own type, so 1299.0 is 1299.00 and no change."""
    differs = " OR ".join(f"({new[c]}) IS DISTINCT FROM ({old[c]})" for c in new) or "false"
    said = ", ".join(
        f"'{c}', CASE WHEN p.id IS NULL AND ({new[c]}) IS NULL THEN NULL WHEN ({new[c]}) IS DISTINCT FROM ({old[c]}) "
        f"THEN jsonb_build_array({old[c]}, {new[c]}) END"
        for c in new
    )
    changes = f"jsonb_strip_nulls(jsonb_build_object({said}))" if said else "'{}'::jsonb"
    name = f"coalesce({new['name']}, p.name)" if "name" in new else "p.name"
    plan.run(
        f"""
        INSERT INTO "{batch.plan_table}" (row_no, state, target_id, version, label, name, changes)
        SELECT s.row_no, CASE WHEN p.id IS NULL THEN 'n' ELSE 'c' END::"char", p.id, p.version, s.sku, {name}, {changes}
        FROM "{batch.stage_table}" s {JOINS}
        WHERE NOT s.bad AND s.skip IS NULL AND (p.id IS NULL OR {differs})
        """
    )


def use_our_spelling(batch: ImportBatch, fields: Sequence[str]) -> None:
    """ "КАБЕЛИ" and a unique "Кабели" deeper in the tree are our category; a supplier may be named by its code."""
    stage = batch.stage_table
    if "category" in fields:
        plan.run(
            f"""
            UPDATE "{stage}" s SET category = known.full_name FROM (
                SELECT given.category, coalesce(
                    (SELECT c.full_name FROM catalog_category c WHERE c.full_name = given.category),
                    (SELECT min(c.full_name) FROM catalog_category c WHERE lower(c.full_name) = lower(given.category)),
                    (SELECT min(c.full_name) FROM catalog_category c WHERE lower(c.name) = lower(given.category)
                     HAVING count(*) = 1)) AS full_name
                FROM (SELECT DISTINCT category FROM "{stage}" WHERE category IS NOT NULL) given
            ) known WHERE s.category = known.category AND known.full_name <> s.category
            """
        )
    if "supplier" in fields:
        plan.run(
            f"""
            UPDATE "{stage}" s SET supplier = known.name FROM (
                SELECT given.supplier, (SELECT min(x.name) FROM catalog_supplier x
                    WHERE lower(x.name) = lower(given.supplier) OR x.code = given.supplier) AS name
                FROM (SELECT DISTINCT supplier FROM "{stage}" WHERE supplier IS NOT NULL) given
            ) known WHERE s.supplier = known.supplier AND known.name <> s.supplier
            """
        )


def refuse_foreign(batch: ImportBatch, scope: Sequence[str], *, has_category: bool) -> None:
    """Products of categories the person is not responsible for, and moves into such categories."""
    patterns = [f"{path}%" for path in scope]
    inside = "pc.path LIKE ANY(%s)"
    target = ""
    args: list[Any] = [patterns]
    if has_category:
        target = (
            " OR (s.category IS NOT NULL AND NOT EXISTS (SELECT 1 FROM catalog_category own WHERE own.path = ANY(%s) "
            "AND (s.category = own.full_name OR s.category LIKE own.full_name || ' / %%')))"
        )
        args.append(list(scope))
    plan.refuse_where(
        batch,
        f"(p.category_id IS NOT NULL AND NOT {inside}){target}",
        "product.foreign",
        field="sku",
        joins=JOINS,
        args=args,
    )


def add_absent(batch: ImportBatch, scope: Sequence[str]) -> None:
    """Active products the file does not name; a full catalog says by silence that they are gone."""
    plan.run(
        f"""
        INSERT INTO "{batch.plan_table}" (state, target_id, version, label, name, changes)
        SELECT 'd', p.id, p.version, p.sku, p.name, jsonb_build_object('status', jsonb_build_array(p.status, 'discontinued'))
        FROM catalog_product p LEFT JOIN catalog_category pc ON pc.id = p.category_id
        WHERE p.status = 'active' AND coalesce(pc.path, '') LIKE ANY(%s)
          AND NOT EXISTS (SELECT 1 FROM "{batch.stage_table}" s WHERE s.sku = p.sku)
        """,
        [[f"{path}%" for path in scope]],
    )


def figures(batch: ImportBatch, counts: plan.Counts, columns: Sequence[str]) -> Figures:
    """Numbers for the guard rails."""
    down, up, out, currency, cleared = plan.rows(
        f"""
        SELECT count(*) FILTER (WHERE (changes->'price'->>1)::numeric < (changes->'price'->>0)::numeric * %s),
               count(*) FILTER (WHERE (changes->'price'->>1)::numeric > (changes->'price'->>0)::numeric * %s),
               count(*) FILTER (WHERE (changes->'stock'->>1)::integer <= 0 AND (changes->'stock'->>0)::integer > 0),
               count(*) FILTER (WHERE changes ? 'currency'),
               coalesce(sum((SELECT count(*) FROM jsonb_each(changes) AS e
                             WHERE e.value->>0 <> '' AND coalesce(e.value->>1, '') = '')), 0)
        FROM "{batch.plan_table}" WHERE state = 'c'
        """,
        [(100 - PRICE_SHIFT) / 100, (100 + PRICE_SHIFT) / 100],
    )[0]
    catalog = plan.rows("SELECT count(*) FROM catalog_product")[0][0]
    return Figures(
        rows=counts.rows, known=counts.same + counts.changed, catalog=catalog,
        price_down=down, price_up=up, out_of_stock=out, currency=currency, cleared=int(cleared),
    )  # fmt: skip


def made_names(batch: ImportBatch, fields: Sequence[str]) -> dict[str, list[str]]:
    """Categories and suppliers that applying the plan would create."""
    made = {}
    for column, table, name in (
        ("category", "catalog_category", "full_name"),
        ("supplier", "catalog_supplier", "name"),
    ):
        if column in fields:
            found = plan.rows(
                f"SELECT DISTINCT changes->'{column}'->>1 AS name FROM \"{batch.plan_table}\" p WHERE changes->'{column}'->>1 "
                f"IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{name} = p.changes->'{column}'->>1) ORDER BY 1"
            )
            made[column] = [row[0] for row in found]
    return made
