"""The writers of bundles. Each moves one revision, in one transaction, with its event; the clock's moves are system's."""

from crossmatrix.bundles.services.clock import ADVANCE_DUE, advance_due
from crossmatrix.bundles.services.deciding import approve, claim, decline, return_
from crossmatrix.bundles.services.proposing import draft, edit, submit, withdraw
from crossmatrix.bundles.services.refusals import (
    CannotBeSold,
    CommentMissing,
    DecidedBefore,
    InHands,
    NotPermitted,
    OwnApproval,
    ReasonMissing,
    StaleBundle,
    Unchanged,
    UnknownProducts,
)
from crossmatrix.bundles.services.shared import content_of

__all__ = [
    "ADVANCE_DUE",
    "CannotBeSold",
    "CommentMissing",
    "DecidedBefore",
    "InHands",
    "NotPermitted",
    "OwnApproval",
    "ReasonMissing",
    "StaleBundle",
    "Unchanged",
    "UnknownProducts",
    "advance_due",
    "approve",
    "claim",
    "content_of",
    "decline",
    "draft",
    "edit",
    "return_",
    "submit",
    "withdraw",
]
