"""The writers of slots, pairs, verdicts, approvals and ratio policies; one module per noun, this is their index."""

from crossmatrix.matrix.rules import IllegalMove, LinkDraft
from crossmatrix.matrix.services.links import Applied, Outcome, PairInReview, apply_links, set_pair
from crossmatrix.matrix.services.marks import ReasonMissing
from crossmatrix.matrix.services.moves import (
    CommentMissing,
    OwnApproval,
    RatioBlocked,
    RowResult,
    approve,
    bulk_change,
    discard,
    preview_change,
    retire,
    return_,
    submit,
)
from crossmatrix.matrix.services.shared import NotSuitable, OutOfScope, StalePair, UnknownProduct
from crossmatrix.matrix.services.verdicts import mark_unsuitable, withdraw_unsuitable

__all__ = [
    "Applied",
    "CommentMissing",
    "IllegalMove",
    "LinkDraft",
    "NotSuitable",
    "OutOfScope",
    "Outcome",
    "OwnApproval",
    "PairInReview",
    "RatioBlocked",
    "ReasonMissing",
    "RowResult",
    "StalePair",
    "UnknownProduct",
    "apply_links",
    "approve",
    "bulk_change",
    "discard",
    "mark_unsuitable",
    "preview_change",
    "retire",
    "return_",
    "set_pair",
    "submit",
    "withdraw_unsuitable",
]
