"""Changes to one product by hand."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import PriceChange, Product, ProductStatus, Supplier
from crossmatrix.catalog.rules import product_changes
from crossmatrix.jobs import services as jobs
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text, normalise_sku

CHUNK = 1000  # rows of one INSERT
EDITABLE = (
    "name", "category_id", "supplier_id", "kind", "brand", "price", "cost", "currency", "stock", "status",
    "attributes", "image", "url", "barcode",
)  # fmt: skip

OFFERED = frozenset({"price", "cost", "stock", "status", "category"})  # what decides whether it can be offered


class StaleProduct(Refusal):
    code = "product.stale"
    sentence = N_(
        "Somebody changed “%(name)s” while you were editing. Your text is kept below; look at what is new and save again."
    )


class ProductRefused(Refusal):
    code = "product.refused"
    sentence = N_("The product was not changed.")


@transaction.atomic
def create_product(*, sku: str, actor: User | None, at: datetime, source: str = Source.HAND, **fields: Any) -> Product:
    """A new product. Raises ProductRefused when the SKU is empty or taken."""
    code = normalise_sku(sku)
    if not code:
        raise ProductRefused(N_("A product needs a SKU."), code="product.no_sku")
    if Product.objects.filter(sku=code).exists():
        raise ProductRefused(N_("SKU “%(sku)s” is taken."), code="product.sku_taken", sku=code)
    _only_editable(fields)
    product = Product.objects.create(sku=code, **fields)
    _remember_price(product, before={"price": None, "cost": None}, actor=actor, at=at)
    audit.record(kind="product.created", subject=product, at=at, actor=actor, source=source, after=_plain(fields))
    return product


@transaction.atomic
def edit_product(
    *,
    product: int,
    version: int,
    changes: Mapping[str, Any],
    actor: User | None,
    at: datetime,
    source: str = Source.HAND,
    reason: str = "",
    batch: str = "",
) -> Product:
    """Write the fields that differ, remember the old price, count the version up. Nothing differs: nothing is written.

    `version` is the one the person saw. Raises StaleProduct.
    """
    _only_editable(changes)
    row = Product.objects.select_for_update().get(pk=product)
    if row.version != version:
        raise StaleProduct(name=row.name)
    before = {name: getattr(row, name) for name in EDITABLE}
    written = product_changes(before, changes)
    if not written:
        return row
    for name, value in written.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*written, "version", "updated_at"])
    _remember_price(row, before=before, actor=actor, at=at, batch=batch)
    audit.record(
        kind="product.changed", subject=row, at=at, actor=actor, source=source, reason=reason, batch=batch,
        before=_plain({name: before[name] for name in written}), after=_plain(written),
    )  # fmt: skip
    if set(written) & OFFERED:
        jobs.happened("catalog.changed", at=at, actor=actor)
    return row


def retire_product(*, product: int, version: int, actor: User | None, at: datetime, reason: str = "") -> Product:
    """Mark a product discontinued; its pairs are the matrix' matter. Raises StaleProduct."""
    return edit_product(
        product=product, version=version, changes={"status": ProductStatus.DISCONTINUED.value},
        actor=actor, at=at, reason=reason,
    )  # fmt: skip


@transaction.atomic
def ensure_supplier(*, name: str, actor: User | None, at: datetime, code: str = "") -> Supplier:
    """The supplier of this name, made when missing; `code` defaults to the name."""
    clean = clean_text(name)
    supplier, made = Supplier.objects.get_or_create(name=clean, defaults={"code": (code or clean)[:40]})
    if made:
        audit.record(kind="supplier.created", subject=supplier, at=at, actor=actor, after={"name": clean})
    return supplier


@transaction.atomic
def ensure_suppliers(
    *, names: Iterable[str], actor: User | None, at: datetime, source: str = Source.HAND, batch: str = ""
) -> list[int]:
    """Make the suppliers of these names that are missing, in a fixed number of statements; returns their ids."""
    wanted = {clean_text(name) for name in names}
    missing = sorted(wanted - set(Supplier.objects.filter(name__in=wanted).values_list("name", flat=True)))
    Supplier.objects.bulk_create(
        [Supplier(code=name[:40], name=name) for name in missing], batch_size=CHUNK, ignore_conflicts=True
    )
    made = list(Supplier.objects.filter(name__in=missing).order_by("pk"))
    audit.record_many(
        entries=[
            audit.Entry("supplier.created", "catalog.supplier", row.pk, row.name, after={"name": row.name})
            for row in made
        ],
        actor=actor, at=at, source=source, batch=batch,
    )  # fmt: skip
    return [row.pk for row in made]


def _remember_price(
    product: Product, *, before: Mapping[str, Any], actor: User | None, at: datetime, batch: str = ""
) -> None:
    if (before["price"], before["cost"]) == (product.price, product.cost):
        return
    PriceChange.objects.create(
        product=product, at=at, actor=actor, batch=batch,
        price_before=before["price"], price_after=product.price,
        cost_before=before["cost"], cost_after=product.cost,
    )  # fmt: skip


def _only_editable(fields: Mapping[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not a field people edit: {', '.join(sorted(unknown))}")


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, (int, dict, type(None))) else str(value) for name, value in fields.items()}
