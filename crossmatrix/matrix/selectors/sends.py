"""Which send of the grid a person's Ctrl+Z takes back, and which one Ctrl+Y brings again.

An undo is a send of its own ("undo-<id of what it took back>-…") and is itself taken back by redo.
"""

from django.db.models import Q

from crossmatrix.accounts.models import User
from crossmatrix.matrix.models import Matrix, OpBatch

PART_OF = 32  # characters of the key that the parts of a large send share
LOOK_BACK = 200  # sends; nobody presses Ctrl+Z more often in a row


def _recent(matrix: Matrix, user: User) -> list[OpBatch]:
    """The person's latest sends in the matrix that changed anything, newest first."""
    sends = OpBatch.objects.filter(Q(answer__changed__gt=0) | Q(answer__reversed__gt=0), matrix=matrix, actor=user)
    return list(sends.defer("answer").order_by("-pk")[:LOOK_BACK])


def _takes_back(send: OpBatch, by_id: dict[int, OpBatch]) -> bool:
    """Whether the send is an undo; the undo of an undo is not one."""
    if not send.key.startswith("undo-"):
        return False
    parent = by_id.get(int(send.key.split("-")[1]))
    return parent is None or not _takes_back(parent, by_id)


def together(send: OpBatch) -> list[OpBatch]:
    """The sends of one action that still stand, newest first: a large paste travels as "<key>-0", "<key>-1", …,
    and what took it back in one go has one moment in its names."""
    first, _, last = send.key.rpartition("-")
    sends = OpBatch.objects.filter(matrix=send.matrix, actor=send.actor, undone_at__isnull=True)
    if send.key.startswith("undo-"):
        sends = sends.filter(key__startswith="undo-", key__endswith=f"-{last}")
    elif len(first) == PART_OF and last.isdecimal():
        sends = sends.filter(key__startswith=f"{first}-")
    else:
        return [send]
    return list(sends.defer("answer").order_by("-pk"))


def undoable(matrix: Matrix, user: User) -> OpBatch | None:
    """The person's latest write here that still stands."""
    sends = _recent(matrix, user)
    by_id = {send.pk: send for send in sends}
    return next((send for send in sends if send.undone_at is None and not _takes_back(send, by_id)), None)


def redoable(matrix: Matrix, user: User) -> OpBatch | None:
    """The person's latest undo here, if nothing was written since."""
    sends = _recent(matrix, user)
    by_id = {send.pk: send for send in sends}
    for send in sends:
        if send.undone_at is not None:
            continue
        if _takes_back(send, by_id):
            return send
        if not send.key.startswith("undo-"):
            return None
    return None
