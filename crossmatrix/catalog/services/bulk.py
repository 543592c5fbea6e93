"""Many products at once, from a plan table somebody was shown. A handful of statements whatever the number of rows.

The plan table has the columns state ("n" new, "c" changed, "d" absent), target_id, version, label (the SKU) and
changes: {column: [old, new]}. Exactly these changes are written. The journal is a table with the columns batch_id,
"table", row_id, action, version, before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import ManyToOneRel, Model

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import AuditEvent, Source
from crossmatrix.catalog.models import Category, PriceChange, Product, ProductKind, ProductStatus, Supplier
from crossmatrix.catalog.services.categories import ensure_category_path
from crossmatrix.catalog.services.products import ensure_suppliers

WRITE_LOCK = 7_201_002  # advisory lock: one bulk writer of the catalog at a time
STRIDE = (
    1000  # versions a batch owns: an undo puts the old version back, and no later edit may repeat one seen meanwhile
)
KEPT_NAMED = 1000  # rows an undo names; the rest is counted


@dataclass(frozen=True)
class PlannedProducts:
    """Where the plan and the journal lie. `number` identifies the batch in the journal, `tag` in history."""

    plan: str
    journal: str
    number: int
    tag: str


@dataclass
class AppliedProducts:
    created: int = 0
    changed: int = 0
    refused: list[str] = field(default_factory=list)  # SKUs that somebody changed or created since the plan was made
    price_changed: int = 0


@dataclass
class Kept:
    label: str
    why: str  # edited, in_use


@dataclass
class UndoneProducts:
    reversed: int = 0
    kept: list[Kept] = field(default_factory=list)
    kept_count: int = 0


TEXTS = ("name", "kind", "brand", "currency", "status", "barcode", "url", "image")
NUMBERS = {"price": "numeric", "cost": "numeric", "stock": "integer"}
DEFAULTS = {
    "kind": ProductKind.GOOD.value,
    "currency": "RUB",
    "status": ProductStatus.ACTIVE.value,
    "brand": "",
    "barcode": "",
    "url": "",
    "image": "",
}


STORED = [f.column for f in Product._meta.concrete_fields if not f.primary_key and not f.generated]
# without the word index: writing it out as JSON would cost as much as the rest of the row
PRESENT = ", ".join(f'p."{column}"' for column in ["id", *STORED])
AS_IT_WAS = f"(SELECT to_jsonb(was) FROM (SELECT {PRESENT}) was)"


def given(column: str, sql_type: str = "text") -> str:
    return f"(pl.changes->'{column}'->>1)::{sql_type}"


def execute(sql: str, params: Sequence[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def fetch(sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


@transaction.atomic
def apply_products(*, plan: PlannedProducts, actor: User | None, at: datetime) -> AppliedProducts:
    """Write the plan in one transaction, with price history, audit and journal; rows changed since it was made stay."""
    execute("SET LOCAL work_mem = '256MB'")
    execute("SELECT pg_advisory_xact_lock(%s)", [WRITE_LOCK])
    ensure_tree(plan, actor=actor, at=at)
    # lock what will be written in key order, so that two writers wait for each other and never in a ring
    execute(
        f"""
        SELECT p.id FROM catalog_product p JOIN "{plan.plan}" pl ON pl.target_id = p.id AND pl.state IN ('c', 'd')
        ORDER BY p.id FOR UPDATE OF p
        """
    )
    applied = AppliedProducts()
    applied.refused = [row[0] for row in fetch(stale_sql(plan))]
    journal_updates(plan)
    applied.changed = update_products(plan, at=at)
    applied.created = insert_products(plan, at=at)
    applied.price_changed = remember_prices(plan, actor=actor, at=at)
    write_audit(plan, actor=actor, at=at)
    return applied


def stale_sql(plan: PlannedProducts) -> str:
    """SKUs of the plan whose product is no longer what the plan saw."""
    return f"""
        SELECT pl.label FROM "{plan.plan}" pl LEFT JOIN catalog_product p ON p.id = pl.target_id
        WHERE pl.state IN ('c', 'd') AND p.version IS DISTINCT FROM pl.version
        UNION ALL
        SELECT pl.label FROM "{plan.plan}" pl JOIN catalog_product p ON p.sku = pl.label WHERE pl.state = 'n'
        ORDER BY 1
    """


def ensure_tree(plan: PlannedProducts, *, actor: User | None, at: datetime) -> None:
    """Categories and suppliers the plan names and we do not have; journalled, so that undo can take them away again."""
    for path in missing(plan, "category", Category._meta.db_table, "full_name"):
        before = set(Category.objects.values_list("pk", flat=True))
        ensure_category_path(path, actor=actor, at=at, source=Source.IMPORT, batch=plan.tag)
        made = Category.objects.exclude(pk__in=before).values_list("pk", flat=True)
        journal_inserted(plan, Category._meta.db_table, list(made))
    names = missing(plan, "supplier", Supplier._meta.db_table, "name")
    made_suppliers = ensure_suppliers(names=names, actor=actor, at=at, source=Source.IMPORT, batch=plan.tag)
    journal_inserted(plan, Supplier._meta.db_table, made_suppliers)


def missing(plan: PlannedProducts, column: str, table: str, name: str) -> list[str]:
    found = fetch(
        f"""
        SELECT DISTINCT pl.changes->'{column}'->>1 FROM "{plan.plan}" pl WHERE pl.state IN ('n', 'c')
          AND pl.changes->'{column}'->>1 IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{name} = pl.changes->'{column}'->>1) ORDER BY 1
        """
    )
    return [row[0] for row in found]


def journal_inserted(plan: PlannedProducts, table: str, ids: Sequence[int]) -> None:
    execute(
        f'INSERT INTO "{plan.journal}" (batch_id, "table", row_id, action) SELECT %s, %s, unnest(%s::bigint[]), \'i\' '
        "ON CONFLICT DO NOTHING",
        [plan.number, table, list(ids)],
    )


def journal_updates(plan: PlannedProducts) -> None:
    execute(
        f"""
        INSERT INTO "{plan.journal}" (batch_id, "table", row_id, action, version, before)
        SELECT %s, 'catalog_product', p.id, 'u', greatest(p.version + 1, %s), {AS_IT_WAS}
        FROM "{plan.plan}" pl JOIN catalog_product p ON p.id = pl.target_id AND p.version = pl.version
        WHERE pl.state IN ('c', 'd')
        """,
        [plan.number, plan.number * STRIDE],
    )


def update_products(plan: PlannedProducts, *, at: datetime) -> int:
    """Only the columns named in the row's own changes are written."""
    columns = {key for (key,) in fetch(
        f"SELECT DISTINCT jsonb_object_keys(changes) FROM \"{plan.plan}\" WHERE state IN ('c', 'd')"
    )}  # fmt: skip
    if not columns:
        return 0
    sets = [
        f"{c} = CASE WHEN pl.changes ? '{c}' THEN coalesce({given(c)}, '') ELSE p.{c} END"
        for c in TEXTS
        if c in columns
    ]
    sets += [
        f"{c} = CASE WHEN pl.changes ? '{c}' THEN {given(c, kind)} ELSE p.{c} END"
        for c, kind in NUMBERS.items()
        if c in columns
    ]
    joins = ""
    for column, table, name, alias in (
        ("category", "catalog_category", "full_name", "nc"),
        ("supplier", "catalog_supplier", "name", "ns"),
    ):
        if column in columns:
            sets.append(f"{column}_id = CASE WHEN pl.changes ? '{column}' THEN {alias}.id ELSE p.{column}_id END")
            joins += f" LEFT JOIN {table} {alias} ON {alias}.{name} = pl.changes->'{column}'->>1"
    if "attributes" in columns:
        sets.append(
            "attributes = CASE WHEN pl.changes ? 'attributes' THEN pl.changes->'attributes'->1 ELSE p.attributes END"
        )
    return execute(
        f"""
        UPDATE catalog_product p SET {", ".join(sets)}, version = greatest(p.version + 1, %s), updated_at = %s
        FROM "{plan.plan}" pl {joins} WHERE pl.state IN ('c', 'd') AND p.id = pl.target_id AND p.version = pl.version
        """,
        [plan.number * STRIDE, at],
    )


def insert_products(plan: PlannedProducts, *, at: datetime) -> int:
    """New products; a SKU that appeared since the plan was made is left alone."""
    texts = ", ".join(f"coalesce({given(c)}, '{DEFAULTS.get(c, '')}')" for c in TEXTS)
    numbers = ", ".join(given(c, kind) for c, kind in NUMBERS.items())
    return execute(
        f"""
        WITH made AS (
            INSERT INTO catalog_product (sku, {", ".join(TEXTS)}, {", ".join(NUMBERS)}, category_id, supplier_id, attributes,
                                         version, created_at, updated_at)
            SELECT pl.label, {texts}, {numbers}, nc.id, ns.id, coalesce(pl.changes->'attributes'->1, '{{}}'::jsonb), 1, %s, %s
            FROM "{plan.plan}" pl
            LEFT JOIN catalog_category nc ON nc.full_name = pl.changes->'category'->>1
            LEFT JOIN catalog_supplier ns ON ns.name = pl.changes->'supplier'->>1
            WHERE pl.state = 'n' ORDER BY pl.seq
            ON CONFLICT (sku) DO NOTHING RETURNING id
        )
        INSERT INTO "{plan.journal}" (batch_id, "table", row_id, action, version) SELECT %s, 'catalog_product', id, 'i', 1 FROM made
        """,
        [at, at, plan.number],
    )


def remember_prices(plan: PlannedProducts, *, actor: User | None, at: datetime) -> int:
    """Price history of every row whose price or cost the batch wrote."""
    return execute(
        f"""
        INSERT INTO {PriceChange._meta.db_table} (product_id, at, price_before, price_after, cost_before, cost_after, actor_id, batch)
        SELECT p.id, %s, (j.before->>'price')::numeric, p.price, (j.before->>'cost')::numeric, p.cost, %s, %s
        FROM "{plan.journal}" j JOIN catalog_product p ON p.id = j.row_id
        WHERE j.batch_id = %s AND j."table" = 'catalog_product'
          AND ((j.before->>'price')::numeric, (j.before->>'cost')::numeric) IS DISTINCT FROM (p.price, p.cost)
        """,
        [at, actor.pk if actor else None, plan.tag, plan.number],
    )


def write_audit(plan: PlannedProducts, *, actor: User | None, at: datetime) -> None:
    """One event per written product, with its old and new values as the plan showed them."""
    execute(
        f"""
        INSERT INTO {AuditEvent._meta.db_table} (at, kind, actor_id, source, subject_type, subject_id, subject_label, batch,
                                                 before, after, reason)
        SELECT %s, CASE WHEN j.action = 'i' THEN 'product.created' WHEN pl.state = 'd' THEN 'product.retired' ELSE 'product.changed' END,
               %s, %s, 'catalog.product', p.id, left(p.sku || ' ' || p.name, 300), %s,
               CASE WHEN j.action = 'i' THEN NULL ELSE (SELECT jsonb_object_agg(key, value->0) FROM jsonb_each(pl.changes)) END,
               (SELECT jsonb_object_agg(key, value->1) FROM jsonb_each(pl.changes)), ''
        FROM "{plan.journal}" j JOIN catalog_product p ON p.id = j.row_id JOIN "{plan.plan}" pl ON pl.label = p.sku AND pl.state IN ('n', 'c', 'd')
        WHERE j.batch_id = %s AND j."table" = 'catalog_product'
        """,
        [at, actor.pk if actor else None, Source.IMPORT, plan.tag, plan.number],
    )


@transaction.atomic
def restore_products(*, journal: str, number: int, tag: str, actor: User | None, at: datetime) -> UndoneProducts:
    """Put every product back to the bytes it had before the batch, except those edited or used since: they are listed."""
    execute("SET LOCAL work_mem = '256MB'")
    execute("SELECT pg_advisory_xact_lock(%s)", [WRITE_LOCK])
    execute(
        f'SELECT p.id FROM catalog_product p JOIN "{journal}" j ON j.row_id = p.id AND j."table" = \'catalog_product\' '
        "WHERE j.batch_id = %s ORDER BY p.id FOR UPDATE OF p",
        [number],
    )
    undone = UndoneProducts()
    used = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} u WHERE u.{column} = p.id)" for table, column in users_of_products()
    )
    kept = f"""
        SELECT p.sku, CASE WHEN p.version <> j.version THEN 'edited' ELSE 'in_use' END
        FROM "{journal}" j JOIN catalog_product p ON p.id = j.row_id
        WHERE j.batch_id = %s AND j."table" = 'catalog_product' AND (p.version <> j.version OR (j.action = 'i' AND ({used or "false"})))
        ORDER BY p.sku
    """
    found = fetch(kept, [number])
    undone.kept_count = len(found)
    undone.kept = [Kept(sku, why) for sku, why in found[:KEPT_NAMED]]
    audit_undo(journal, number, tag, actor=actor, at=at)
    undone.reversed = put_back(journal, number, tag, actor=actor, at=at)
    undone.reversed += take_away(journal, number, used)
    return undone


def pointing_at(model: type[Model]) -> list[tuple[type[Model], str, str]]:
    """(model, field, column) of every foreign key of any area that points at the model, hidden ones (related_name="+") too."""
    found = [
        (relation.related_model, relation.field.name, relation.field.column)
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel)
    ]
    return sorted(found, key=lambda one: (one[0]._meta.db_table, one[2]))


def users_of_products() -> list[tuple[str, str]]:
    """Tables and columns that point at a product, except the price history, which goes with it."""
    return [
        (model._meta.db_table, column) for model, _field, column in pointing_at(Product) if model is not PriceChange
    ]


def put_back(journal: str, number: int, tag: str, *, actor: User | None, at: datetime) -> int:
    columns = ", ".join(f'"{c}"' for c in STORED)
    was = ", ".join(f'was."{c}"' for c in STORED)
    mine = "j.batch_id = %s AND j.\"table\" = 'catalog_product' AND j.action = 'u' AND p.id = j.row_id AND p.version = j.version"
    execute(
        f"""
        INSERT INTO {PriceChange._meta.db_table} (product_id, at, price_before, price_after, cost_before, cost_after, actor_id, batch)
        SELECT p.id, %s, p.price, (j.before->>'price')::numeric, p.cost, (j.before->>'cost')::numeric, %s, %s
        FROM "{journal}" j JOIN catalog_product p ON {mine}
        WHERE (p.price, p.cost) IS DISTINCT FROM ((j.before->>'price')::numeric, (j.before->>'cost')::numeric)
        """,
        [at, actor.pk if actor else None, f"{tag}:undo", number],
    )
    return execute(
        f"""
        UPDATE catalog_product p SET ({columns}) = (SELECT {was} FROM jsonb_populate_record(NULL::catalog_product, j.before) was)
        FROM "{journal}" j WHERE {mine}
        """,
        [number],
    )


def take_away(journal: str, number: int, used: str) -> int:
    """Products, then suppliers and categories the batch made and nobody uses."""
    mine = f"""
        SELECT p.id FROM "{journal}" j JOIN catalog_product p ON p.id = j.row_id AND p.version = j.version
        WHERE j.batch_id = %s AND j."table" = 'catalog_product' AND j.action = 'i' AND NOT ({used or "false"})
    """
    execute(f"DELETE FROM {PriceChange._meta.db_table} WHERE product_id IN ({mine})", [number])
    gone = execute(f"DELETE FROM catalog_product WHERE id IN ({mine})", [number])
    models: tuple[type[Model], ...] = (Supplier, Category)
    for model in models:
        ids = [row[0] for row in fetch(
            f'SELECT row_id FROM "{journal}" WHERE batch_id = %s AND "table" = %s AND action = \'i\' ORDER BY row_id DESC',
            [number, model._meta.db_table],
        )]  # fmt: skip
        for pk in ids:  # deepest category first: children were made after their parents
            if not any(
                user._base_manager.filter(**{field: pk}).exists() for user, field, _column in pointing_at(model)
            ):
                model._base_manager.filter(pk=pk).delete()
    return gone


def audit_undo(journal: str, number: int, tag: str, *, actor: User | None, at: datetime) -> None:
    execute(
        f"""
        INSERT INTO {AuditEvent._meta.db_table} (at, kind, actor_id, source, subject_type, subject_id, subject_label, batch,
                                                 before, after, reason)
        SELECT %s, 'product.import_undone', %s, %s, 'catalog.product', p.id, left(p.sku || ' ' || p.name, 300), %s,
               CASE WHEN j.action = 'i' THEN to_jsonb(p) - 'search'
                    ELSE (SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(to_jsonb(p) - 'search') n
                          WHERE n.value IS DISTINCT FROM j.before->n.key) END,
               CASE WHEN j.action = 'i' THEN NULL
                    ELSE (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(j.before) o
                          WHERE o.value IS DISTINCT FROM (to_jsonb(p) - 'search')->o.key) END, ''
        FROM "{journal}" j JOIN catalog_product p ON p.id = j.row_id AND p.version = j.version
        WHERE j.batch_id = %s AND j."table" = 'catalog_product'
        """,
        [at, actor.pk if actor else None, Source.IMPORT, f"{tag}:undo", number],
    )
