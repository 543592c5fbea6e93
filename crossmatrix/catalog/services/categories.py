"""The category tree."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import Category
from crossmatrix.catalog.rules import SEPARATOR, category_names
from crossmatrix.lib.errors import N_, Refusal

TREE_LOCK = 7_201_001  # advisory lock: the tree has one writer at a time, so two imports never make the same node twice


class CategoryRefused(Refusal):
    code = "category.refused"
    sentence = N_("The category was not changed.")


def lock_tree() -> None:
    """Hold the tree until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


@transaction.atomic
def ensure_category_path(
    path: str, *, actor: User | None, at: datetime, source: str = Source.HAND, batch: str = ""
) -> Category:
    """The category of a path such as "Игры / Диски", made with its missing ancestors. Raises CategoryRefused."""
    names = category_names(path)
    if not names:
        raise CategoryRefused(N_("A category needs a name."), code="category.empty")
    found = Category.objects.filter(full_name=SEPARATOR.join(names)).first()
    if found:
        return found
    lock_tree()
    node: Category | None = None
    for depth in range(1, len(names) + 1):
        full_name = SEPARATOR.join(names[:depth])
        node = Category.objects.filter(full_name=full_name).first() or _create(
            parent=node, name=names[depth - 1], full_name=full_name, actor=actor, at=at, source=source, batch=batch
        )
    assert node is not None  # noqa: S101 - names is not empty
    return node


@transaction.atomic
def create_category(path: str, *, actor: User | None, at: datetime) -> Category:
    """A new category; its ancestors are made where missing. Raises CategoryRefused when it exists."""
    full_name = SEPARATOR.join(category_names(path))
    if Category.objects.filter(full_name=full_name).exists():
        raise CategoryRefused(N_("There is already a category “%(name)s”."), code="category.exists", name=full_name)
    return ensure_category_path(path, actor=actor, at=at)


@transaction.atomic
def move_category(
    *, category: Category, parent: Category | None, actor: User | None, at: datetime, name: str = ""
) -> None:
    """Put a category with its whole subtree under another parent (None: the root) and perhaps rename it.

    Raises CategoryRefused for a move into itself and for a name the new parent already has.
    """
    lock_tree()
    category.refresh_from_db()
    if parent:
        parent.refresh_from_db()
        if parent.path.startswith(category.path):
            raise CategoryRefused(
                N_("“%(name)s” cannot be moved into itself."), code="category.loop", name=category.full_name
            )
    old_name, old_path = category.full_name, category.path
    names = category_names(name) or [category.name]
    new_name = f"{parent.full_name}{SEPARATOR}{names[-1]}" if parent else names[-1]
    new_path = f"{parent.path if parent else '/'}{category.pk}/"
    if (new_name, new_path) == (old_name, old_path):
        return
    if Category.objects.filter(full_name=new_name).exclude(pk=category.pk).exists():
        raise CategoryRefused(N_("There is already a category “%(name)s”."), code="category.exists", name=new_name)
    _move_subtree(old_path=old_path, new_path=new_path, old_name=old_name, new_name=new_name)
    Category.objects.filter(pk=category.pk).update(parent=parent, name=names[-1])
    category.refresh_from_db()
    audit.record(
        kind="category.moved", subject=category, at=at, actor=actor, before={"name": old_name}, after={"name": new_name}
    )


def _move_subtree(*, old_path: str, new_path: str, old_name: str, new_name: str) -> None:
    with connection.cursor() as cursor:  # one statement: names and paths of a subtree never disagree
        cursor.execute(
            "UPDATE catalog_category SET path = %s || substr(path, %s), full_name = %s || substr(full_name, %s) "
            "WHERE path LIKE %s",
            [new_path, len(old_path) + 1, new_name, len(old_name) + 1, f"{old_path}%"],
        )


def _create(
    *, parent: Category | None, name: str, full_name: str, actor: User | None, at: datetime, **about: Any
) -> Category:
    node = Category.objects.create(parent=parent, name=name, full_name=full_name, path="")
    node.path = f"{parent.path if parent else '/'}{node.pk}/"
    node.save(update_fields=["path"])
    audit.record(kind="category.created", subject=node, at=at, actor=actor, after={"name": full_name}, **about)
    return node
