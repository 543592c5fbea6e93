"""Channels and pairs that are ready to go out."""

from datetime import UTC, datetime

from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.publishing import selectors
from crossmatrix.publishing.services import preview, releases
from crossmatrix.publishing.services.channels import create_channel
from tests.factories import ProductFactory, member

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def channel(code="shop", format="woocommerce", **fields):  # noqa: A002 - the word of the domain
    return create_channel(code=code, name=fields.pop("name", "Shop"), format=format, at=NOW, actor=None, **fields)


def product(sku, *, price="100.00", **fields):
    return ProductFactory(sku=sku, name=f"Product {sku}", price=price, **fields)


def approver():
    return member(Role.HEAD)


def pair(main, companion, *, state="approved", by=None, **content):
    """A pair whose only revision is in this state; `by` decided on it."""
    link = Pair.objects.create(main=main, companion=companion, updated_at=NOW)
    decided = {"decided_by": by or approver(), "decided_at": NOW} if state == "approved" else {}
    revision = PairRevision.objects.create(
        pair=link, number=1, state=state, created_at=NOW, digest="d",
        **{"reason": "because", "rank": 1, **content}, **decided,
    )  # fmt: skip
    link.current = revision
    link.approved = revision if state == "approved" else None
    link.save(update_fields=["current", "approved"])
    return link


def revise(link, *, by=None, **content):
    """A newer approved revision in place of the present one."""
    old = link.approved
    PairRevision.objects.filter(pk=old.pk).update(state="superseded")
    fields = ("reason", "kind", "offer_text", "rank", "placements", "valid_from", "valid_to", "override_reason")
    kept = {name: getattr(old, name) for name in fields}
    link.approved = link.current = PairRevision.objects.create(
        pair=link, number=old.number + 1, state="approved", created_at=NOW, digest="d2",
        decided_by=by or approver(), decided_at=NOW, **{**kept, **content},
    )  # fmt: skip
    link.save(update_fields=["current", "approved"])
    return link


def links_of(main, *companions, **content):
    """An approved pair of the main with each companion, ranked in this order."""
    by = approver()
    return [pair(main, companion, rank=rank, by=by, **content) for rank, companion in enumerate(companions, start=1)]


def cut(shop, **fields):
    return releases.cut_release(**{"channel": shop, "actor": None, "at": NOW, **fields})


def look_taken(shop):
    """The look a worker has just taken."""
    return preview.take_look(shop, at=timezone.now())


def skus(release):
    return list(selectors.items_of(release).values_list("main_sku", "companion_sku", "rank"))
