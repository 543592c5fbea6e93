"""Discussions of cells, and the mentions that wait for a person."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import ROLES, Permission, Role
from crossmatrix.accounts.selectors import category_paths_of, within
from crossmatrix.catalog.models import Category, Product
from crossmatrix.matrix.models import Comment, Mention
from crossmatrix.matrix.rules.comments import Place, labels_of

SHOWN = 200  # comments of one discussion that are shown, the newest


def path_of(place: Place) -> str | None:
    """Category path of the main side, by which a discussion belongs to somebody's categories; None: no such cell."""
    if place.by_type:
        found = dict(Category.objects.filter(pk__in=[place.main, place.companion]).values_list("pk", "path"))
    else:
        rows = Product.objects.filter(pk__in=[place.main, place.companion]).values_list("pk", "category__path")
        found = {pk: path or "" for pk, path in rows}
    return found.get(place.main) if place.companion in found else None


def may_read(user: User, path: str | None) -> bool:
    return path is not None and any(path.startswith(own) for own in category_paths_of(user, Permission.PAIR_VIEW))


def where(place: Place) -> dict[str, int]:
    """The place as fields of Comment."""
    suffix = "_category_id" if place.by_type else "_id"
    return {f"main{suffix}": place.main, f"companion{suffix}": place.companion}


def place_of(comment: Comment) -> Place:
    if comment.main_category_id and comment.companion_category_id:
        return Place(comment.main_category_id, comment.companion_category_id, by_type=True)
    return Place(comment.main_id or 0, comment.companion_id or 0)


def comments_of(place: Place, user: User) -> list[Comment]:
    """What was said here, oldest first; nothing for people who may not see the main's category."""
    if not may_read(user, path_of(place)):
        return []
    newest = (
        Comment.objects.filter(**where(place))
        .select_related("author", "resolved_by")
        .prefetch_related("mentions__person")
        .order_by("-pk")[:SHOWN]
    )
    return list(newest)[::-1]


def people_for(place: Place) -> list[User]:
    """Who may read the discussion, and so can be named in it."""
    path = path_of(place)
    return people_reaching(Permission.PAIR_VIEW, path) if path is not None else []


def people_reaching(permission: Permission, path: str) -> list[User]:
    """Active people holding the permission for a category path ("/1/5/"; "" is "no category"), by name."""
    roles = [role.value for role in Role if permission in ROLES[role]]
    above = [int(part) for part in path.split("/") if part]
    reach = Q(memberships__category__isnull=True) | Q(memberships__category__in=above)
    held = Q(memberships__role__in=roles, memberships__supplier__isnull=True)
    return list(User.objects.filter(held & reach, is_active=True).distinct().order_by("name", "pk"))


def labels_for(place: Place) -> Mapping[int, str]:
    return labels_of({person.pk: (person.name, person.email) for person in people_for(place)})


def mentions_for(user: User) -> QuerySet[Mention]:
    """Comments that name the person, newest first; those of categories no longer theirs are left out."""
    seen = within(user, "comment__main__category__path", Permission.PAIR_VIEW) | within(
        user, "comment__main_category__path", Permission.PAIR_VIEW
    )
    return (
        Mention.objects.filter(seen, person=user)
        .select_related(
            "comment__author", "comment__main", "comment__companion",
            "comment__main_category", "comment__companion_category",
        )
        .prefetch_related("comment__mentions__person")
        .order_by("-pk")
    )  # fmt: skip


OPEN = """SELECT DISTINCT main{suffix}, companion{suffix} FROM matrix_comment
    WHERE resolved_at IS NULL AND main{suffix} = ANY(%(mains)s) AND companion{suffix} = ANY(%(companions)s)"""


def open_cells(mains: Collection[int], companions: Collection[int], *, by_type: bool = False) -> set[tuple[int, int]]:
    """Cells of a window whose discussion is open."""
    suffix = "_category_id" if by_type else "_id"
    with connection.cursor() as cursor:
        cursor.execute(OPEN.format(suffix=suffix), {"mains": list(mains), "companions": list(companions)})
        rows: list[Any] = cursor.fetchall()
    return {(main, companion) for main, companion in rows}
