"""The verbs of an import: receive, read, choose, plan, apply, undo, discard, report."""

from crossmatrix.imports.services.apply import apply_batch, can_undo, confirm_batch, order_undo, undo_batch
from crossmatrix.imports.services.batches import (
    BadSpreadsheet,
    accept_suggestion,
    bad_spreadsheet,
    choose,
    clean_up,
    discard,
    ensure_available,
    order_read,
    plan_is_there,
    read_batch,
    receive_file,
    sentence_of,
    set_policies,
    stored_file,
    unit_of_kind,
)
from crossmatrix.imports.services.progress import Quiet
from crossmatrix.imports.services.reports import error_workbook, template_workbook

__all__ = [
    "BadSpreadsheet",
    "Quiet",
    "accept_suggestion",
    "apply_batch",
    "bad_spreadsheet",
    "can_undo",
    "choose",
    "clean_up",
    "confirm_batch",
    "discard",
    "ensure_available",
    "error_workbook",
    "order_read",
    "order_undo",
    "plan_is_there",
    "read_batch",
    "receive_file",
    "sentence_of",
    "set_policies",
    "stored_file",
    "template_workbook",
    "undo_batch",
    "unit_of_kind",
]
