"""The writers of slots, pairs, verdicts, approvals and ratio policies; one module per noun, this is their index."""

from crossmatrix.matrix.rules import IllegalMove, LinkDraft, SlotDraft
from crossmatrix.matrix.services.cells import undo, write_cells
from crossmatrix.matrix.services.links import Applied, Outcome, PairInReview, apply_links, set_pair
from crossmatrix.matrix.services.marks import ReasonMissing
from crossmatrix.matrix.services.moves import (
    CommentMissing,
    OwnApproval,
    RatioBlocked,
    RowResult,
    bulk_change,
    preview_change,
)
from crossmatrix.matrix.services.ratios import recheck_ratios, remove_policy, set_policy
from crossmatrix.matrix.services.reviews import chase_reviews
from crossmatrix.matrix.services.shared import NotSuitable, OutOfScope, StalePair, UnknownProduct
from crossmatrix.matrix.services.single import approve, discard, retire, return_, submit
from crossmatrix.matrix.services.slots import apply_slots, set_slot, undo_slots
from crossmatrix.matrix.services.tally import fill_shelves, take_tally
from crossmatrix.matrix.services.undo import undo_links
from crossmatrix.matrix.services.undone import Undone
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
    "SlotDraft",
    "StalePair",
    "Undone",
    "UnknownProduct",
    "apply_links",
    "apply_slots",
    "approve",
    "bulk_change",
    "chase_reviews",
    "discard",
    "fill_shelves",
    "mark_unsuitable",
    "preview_change",
    "recheck_ratios",
    "remove_policy",
    "retire",
    "return_",
    "set_pair",
    "set_policy",
    "set_slot",
    "submit",
    "take_tally",
    "undo",
    "undo_links",
    "undo_slots",
    "withdraw_unsuitable",
    "write_cells",
]
