"""Kinds of files, the life of a batch and of a planned row."""

from enum import StrEnum

from crossmatrix.lib.errors import N_, Refusal


class Kind(StrEnum):
    CATALOG = "catalog"
    MATRIX = "matrix"
    ORDERS = "orders"
    EVENTS = "events"


KIND_NAMES: dict[Kind, str] = {
    Kind.CATALOG: N_("Catalog: products, prices, stock"),
    Kind.MATRIX: N_("Matrix: links of main products and companions"),
    Kind.ORDERS: N_("Orders"),
    Kind.EVENTS: N_("Shop events: what was shown and taken"),
}


class BatchState(StrEnum):
    RECEIVED = "received"
    READING = "reading"
    COLUMNS = "columns"  # waits for a person to confirm sheet, header and columns
    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"
    DISCARDED = "discarded"


STATE_NAMES: dict[BatchState, str] = {
    BatchState.RECEIVED: N_("Received"),
    BatchState.READING: N_("Reading"),
    BatchState.COLUMNS: N_("Waits for columns"),
    BatchState.PLANNED: N_("Waits for confirmation"),
    BatchState.APPLYING: N_("Applying"),
    BatchState.APPLIED: N_("Applied"),
    BatchState.UNDOING: N_("Undoing"),
    BatchState.UNDONE: N_("Undone"),
    BatchState.FAILED: N_("Could not be read"),
    BatchState.DISCARDED: N_("Abandoned"),
}


class BatchAction(StrEnum):
    READ = "read"
    ASK = "ask"
    PLAN = "plan"
    FAIL = "fail"
    APPLY = "apply"
    COMMIT = "commit"
    UNDO = "undo"
    RESTORE = "restore"
    DISCARD = "discard"


S, A = BatchState, BatchAction
# a worker that died leaves READING, APPLYING or UNDOING behind: its successor takes the same action again
MOVES: dict[tuple[BatchState, BatchAction], BatchState] = {
    (S.RECEIVED, A.READ): S.READING,
    (S.READING, A.READ): S.READING,
    (S.COLUMNS, A.READ): S.READING,
    (S.PLANNED, A.READ): S.READING,
    (S.FAILED, A.READ): S.READING,
    (S.READING, A.ASK): S.COLUMNS,
    (S.READING, A.PLAN): S.PLANNED,
    (S.READING, A.FAIL): S.FAILED,
    (S.PLANNED, A.APPLY): S.APPLYING,
    (S.APPLYING, A.APPLY): S.APPLYING,
    (S.APPLYING, A.COMMIT): S.APPLIED,
    (S.APPLYING, A.FAIL): S.PLANNED,
    (S.APPLIED, A.UNDO): S.UNDOING,
    (S.UNDOING, A.UNDO): S.UNDOING,
    (S.UNDOING, A.RESTORE): S.UNDONE,
    (S.UNDOING, A.FAIL): S.APPLIED,
    (S.RECEIVED, A.DISCARD): S.DISCARDED,
    (S.COLUMNS, A.DISCARD): S.DISCARDED,
    (S.PLANNED, A.DISCARD): S.DISCARDED,
    (S.FAILED, A.DISCARD): S.DISCARDED,
}


class IllegalMove(Refusal):
    """The state of the batch does not allow the action."""

    code = "move.illegal"
    sentence = N_("An import that is “%(state)s” cannot be moved by “%(action)s”.")


def next_state(state: BatchState, action: BatchAction) -> BatchState:
    """The state after the action. Raises IllegalMove."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise IllegalMove(state=state.value, action=action.value) from None


class RowState(StrEnum):
    """What the plan does with a row; one letter, as stored in the plan table."""

    NEW = "n"
    CHANGED = "c"
    ABSENT = "d"  # not in the file, and the chosen policy retires it
    ERROR = "e"
    SAME = "s"  # counted, not stored


class Absent(StrEnum):
    """What becomes of things the file does not name."""

    KEEP = "keep"
    RETIRE = "retire"


class Policy(StrEnum):
    """What a column of the file may do with a value that exists."""

    OVERWRITE = "overwrite"
    FILL = "fill"  # only where we have nothing
    CLEAR = "clear"  # overwrite, and an empty cell empties ours
    IGNORE = "ignore"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
