"""Matrices: named workspaces over the pairs; making one changes no pair."""

from datetime import datetime

from django.db import IntegrityError, transaction

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.services import record
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Matrix
from crossmatrix.matrix.services import shared


class NameTaken(Refusal):
    code = "matrix.name_taken"
    sentence = N_("There is a matrix with this name already.")


def create_matrix(*, name: str, mains: Category, companions: Category | None, actor: User, at: datetime) -> Matrix:
    """A new workspace: mains in rows, companions (None: every category) in columns. Raises NameTaken, OutOfScope."""
    shared.Scope(actor, Permission.PAIR_EDIT).check(mains.path, mains.full_name)
    try:
        with transaction.atomic():
            matrix = Matrix.objects.create(name=name.strip(), mains=mains, companions=companions, owner=actor)
            record(kind="matrix.created", subject=matrix, at=at, actor=actor, after=_content(matrix))
    except IntegrityError:
        raise NameTaken from None
    return matrix


def change_matrix(
    *, matrix: Matrix, name: str, mains: Category, companions: Category | None, actor: User, at: datetime
) -> Matrix:
    """Another name or other categories; pairs stay as they are. Raises NameTaken, OutOfScope."""
    scope = shared.Scope(actor, Permission.PAIR_EDIT)
    scope.check(matrix.mains.path, matrix.mains.full_name)
    scope.check(mains.path, mains.full_name)
    try:
        with transaction.atomic():
            changed = (
                Matrix.objects.select_for_update(of=("self",)).select_related("mains", "companions").get(pk=matrix.pk)
            )
            before = _content(changed)
            changed.name, changed.mains, changed.companions = name.strip(), mains, companions
            changed.save(update_fields=["name", "mains", "companions"])
            if before != _content(changed):
                record(
                    kind="matrix.changed", subject=changed, at=at, actor=actor, before=before, after=_content(changed)
                )
    except IntegrityError:
        raise NameTaken from None
    return changed


def _content(matrix: Matrix) -> dict[str, str]:
    return {
        "name": matrix.name,
        "mains": matrix.mains.full_name,
        "companions": matrix.companions.full_name if matrix.companions else "",
    }
