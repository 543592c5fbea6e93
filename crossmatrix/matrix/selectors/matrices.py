"""Matrices a person may open."""

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import StrIndex

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.matrix.models import Matrix


def matrices_for(user: User) -> QuerySet[Matrix]:
    """Matrices whose mains overlap the person's categories, by name."""
    matrices = Matrix.objects.select_related("mains", "companions", "owner").order_by("name", "pk")
    paths = category_paths_of(user, Permission.PAIR_VIEW)
    if "" in paths:
        return matrices
    overlap = Q(pk__in=[])
    for number, path in enumerate(paths):
        # the matrix lies in the person's subtree, or the person's subtree in the matrix
        matrices = matrices.alias(**{f"above_{number}": StrIndex(Value(path), F("mains__path"))})
        overlap |= Q(mains__path__startswith=path) | Q(**{f"above_{number}": 1})
    return matrices.filter(overlap)
