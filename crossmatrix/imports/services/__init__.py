"""The verbs of an import: receive, read, choose, plan, apply, undo, discard, report, hand out."""

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
    set_policies,
    stored_file,
    unit_of_kind,
)
from crossmatrix.imports.services.exports import TooManyProducts, catalog_workbook, template_workbook
from crossmatrix.imports.services.progress import Quiet
from crossmatrix.imports.services.reports import error_workbook

__all__ = [
    "BadSpreadsheet",
    "Quiet",
    "TooManyProducts",
    "accept_suggestion",
    "apply_batch",
    "bad_spreadsheet",
    "can_undo",
    "catalog_workbook",
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
    "set_policies",
    "stored_file",
    "template_workbook",
    "undo_batch",
    "unit_of_kind",
]
