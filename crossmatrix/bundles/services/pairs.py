"""The pairs an approved bundle brings into the matrix, and their end."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.bundles import selectors
from crossmatrix.bundles.models import Bundle, BundleRevision
from crossmatrix.bundles.rules import (
    ItemRole,
)
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import LinkDraft, PairState, RatioStatus, ReasonKind


def link_pairs(revision: BundleRevision, *, actor: User, at: datetime) -> list[PairRevision]:
    """Approved pairs main → companion, written by the supplier's submitter and approved by the shop's decider.

    A link the shop has its own words on (draft, in review, approved by hand) is left alone."""
    items = selectors.items_of(revision)
    main = next(item.product for item in items if item.role == ItemRole.MAIN)
    facts_by_sku = {item.sku: item for item in selectors.proposal_of(revision, items).items}
    batch = batch_of(revision.bundle)
    linked = []
    for rank, item in enumerate((item for item in items if item.product_id != main.pk), start=1):
        if has_own_words(main.pk, item.product_id, batch):
            continue
        ratio = facts_by_sku[item.product.sku].ratio
        blocked = ratio is not None and ratio.status is RatioStatus.BLOCK
        with translation.override(settings.LANGUAGE_CODE):
            link = LinkDraft(
                main.pk, item.product_id, kind=ReasonKind.ACCESSORY.value, rank=rank,
                reason=gettext("Bundle “%(name)s”") % {"name": revision.name},
                offer_text=gettext("Cheaper together: %(name)s") % {"name": revision.name},
                placements=list(revision.placements), valid_from=revision.valid_from, valid_to=revision.valid_to,
                override_reason=gettext("Sold together at a discount") if blocked else "",
            )  # fmt: skip
        told: dict[str, Any] = {"at": at, "source": Source.BUNDLE.value, "batch": batch}
        pair = matrix.set_pair(draft=link, actor=revision.submitted_by, **told)
        if pair.state == PairState.DRAFT:
            pair = matrix.submit(revision=pair, actor=revision.submitted_by, **told)
            pair = matrix.approve(revision=pair, actor=actor, **told)
        linked.append(pair)
    return linked


def batch_of(bundle: Bundle) -> str:
    return f"bundle:{bundle.public_id}"


def has_own_words(main: int, companion: int, batch: str) -> bool:
    """Whether somebody else's revision of the link lives."""
    pair = Pair.objects.select_related("current").filter(main=main, companion=companion).first()
    if pair is None or pair.current is None:
        return False
    return pair.current.batch != batch and pair.current.state != PairState.RETIRED


def retire_pairs(bundle: Bundle, *, at: datetime) -> int:
    """Take the links this bundle brought out of the next release; returns how many."""
    living = PairRevision.objects.filter(batch=batch_of(bundle), state=PairState.APPROVED).order_by("pair_id")
    for revision in living:
        matrix.retire(
            revision=revision,
            actor=None,
            at=at,
            comment=str(bundle),
            source=Source.SYSTEM.value,
            batch=batch_of(bundle),
        )
    return len(living)


# -- the clock -------------------------------------------------------------------------------------------------------------
