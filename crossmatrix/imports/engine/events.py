"""The plan of a file of shop events beside what is stored: the same day at the same place again corrects it."""

from collections.abc import Sequence
from datetime import date

from crossmatrix.imports.engine import links, plan
from crossmatrix.imports.models import ImportBatch

PLACE = ("channel", "placement", "variant")  # empty: the shop does not tell them apart
COUNTS = ("shown", "bought", "clicked", "added", "returned")
NEVER = {**dict.fromkeys(COUNTS, "0"), "in_stock": "true"}  # what a new row has where the file is silent
JOINS = """
    LEFT JOIN catalog_product m ON m.sku = s.main
    LEFT JOIN catalog_product c ON c.sku = s.companion
"""


def make(batch: ImportBatch, *, scope: Sequence[str], today: date) -> tuple[plan.Counts, int]:
    """Fill the plan table; returns the counts and how many good rows were seen without the companion in stock."""
    plan.prepare(batch)
    fields = set(batch.counts["staged"]["fields"])
    places = [name for name in PLACE if name in fields]
    for name in places:
        plan.run(f'UPDATE "{batch.stage_table}" SET "{name}" = \'\' WHERE "{name}" IS NULL')
    key = ["day", "main", "companion", *places]
    repeated = plan.settle_repeats(batch, key, "main || ' → ' || companion || ', ' || to_char(day, 'DD.MM.YYYY')")
    refuse(batch, scope, today)
    joins = JOINS + stored(places)
    values = {name: f's."{name}"' for name in (*COUNTS, "in_stock") if name in fields}
    refuse_impossible(batch, values, joins)
    compare(batch, values, places, joins)
    plan.add_error_rows(batch, "s.main", "s.companion", "m.name", JOINS, "c.name")
    return plan.finish(batch, repeated), unseen(batch, fields)


def stored(places: Sequence[str]) -> str:
    """The stored row of the same day and place; a part of the place that the file does not tell is the empty one."""
    same = " AND ".join(f"e.{name} = " + (f's."{name}"' if name in places else "''") for name in PLACE)
    return f"LEFT JOIN insights_exposure e ON e.main_id = m.id AND e.companion_id = c.id AND e.day = s.day AND {same}"


def refuse(batch: ImportBatch, scope: Sequence[str], today: date) -> None:
    for side, alias in (("main", "m"), ("companion", "c")):
        plan.refuse_where(batch, f"{alias}.id IS NULL", "sku.unknown", field=side, joins=JOINS)
    links.suggest(batch, "SELECT sku, name FROM catalog_product", "sku.unknown")
    plan.refuse_where(batch, "m.id = c.id", "link.self", field="companion", joins=JOINS)
    plan.refuse_where(batch, "s.day > %s", "event.future", field="day", args=[today])
    if "" not in scope:
        plan.refuse_where(
            batch, "m.category_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM catalog_category k WHERE k.id = m.category_id AND k.path LIKE ANY(%s))",
            "product.foreign", field="main", joins=JOINS, args=[[f"{path}%" for path in scope]],
        )  # fmt: skip


def refuse_impossible(batch: ImportBatch, values: dict[str, str], joins: str) -> None:
    """More bought than saw it, more came back than were bought: judged with what is stored where the file is silent."""
    shown, bought, returned = (meant(name, values) for name in ("shown", "bought", "returned"))
    plan.refuse_where(
        batch, f"{bought} > {shown}", "event.bought_more", field="bought", joins=joins,
        params=f"jsonb_build_object('bought', {bought}, 'shown', {shown})",
    )  # fmt: skip
    plan.refuse_where(
        batch, f"{returned} > {bought}", "event.returned_more", field="returned" if "returned" in values else "bought",
        joins=joins, params=f"jsonb_build_object('returned', {returned}, 'bought', {bought})",
    )  # fmt: skip


def meant(name: str, values: dict[str, str]) -> str:
    """SQL of the value the row will have."""
    said = [values[name]] if name in values else []
    return f"coalesce({', '.join([*said, f'e.{name}', NEVER[name]])})"


def compare(batch: ImportBatch, values: dict[str, str], places: Sequence[str], joins: str) -> None:
    new = ["'day', jsonb_build_array(NULL, s.day)"]
    new += [f"'{name}', CASE WHEN s.\"{name}\" <> '' THEN jsonb_build_array(NULL, s.\"{name}\") END" for name in places]
    new += [f"'{name}', jsonb_build_array(NULL, {meant(name, values)})" for name in values]
    differs = {name: f"{meant(name, values)} IS DISTINCT FROM e.{name}" for name in values}
    changed = [
        f"'{name}', CASE WHEN {differs[name]} THEN jsonb_build_array(e.{name}, {meant(name, values)}) END"
        for name in values
    ]
    shown = "concat_ws(' · ', to_char(s.day, 'DD.MM.YYYY'), m.name" + "".join(
        f", nullif(s.\"{n}\", '')" for n in places
    )
    plan.run(
        f"""
        INSERT INTO "{batch.plan_table}" (row_no, state, target_id, version, label, label2, name, name2, changes)
        SELECT s.row_no, CASE WHEN e.id IS NULL THEN 'n' ELSE 'c' END::"char", e.id, e.version, s.main, s.companion,
               {shown}), c.name,
               jsonb_strip_nulls(CASE WHEN e.id IS NULL THEN jsonb_build_object({", ".join(new)})
                                      ELSE jsonb_build_object({", ".join(changed)}) END)
        FROM "{batch.stage_table}" s {joins}
        WHERE NOT s.bad AND s.skip IS NULL AND (e.id IS NULL OR {" OR ".join(differs.values())})
        """
    )


def unseen(batch: ImportBatch, fields: set[str]) -> int:
    if "in_stock" not in fields:
        return 0
    found = plan.rows(f'SELECT count(*) FROM "{batch.stage_table}" WHERE NOT bad AND skip IS NULL AND NOT in_stock')
    return int(found[0][0])
