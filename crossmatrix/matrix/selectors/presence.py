"""Who looks at a matrix right now, and at which cell. Kept in the cache for seconds; nothing is locked by it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.catalog.models import Category, Product
from crossmatrix.matrix.models import OpBatch

ALIVE = 15  # seconds without a sign after which a person counts as gone; pages give one every 4
INDEX = 3600  # seconds the list of a matrix's pages is kept after its last sign
MOST = 60  # pages of one matrix that are told about


@dataclass(frozen=True)
class Sign:
    """One open page: whose, and the cell it stands in ("" for none)."""

    client: str
    person: int
    name: str
    initials: str
    cell: str  # "main:companion"
    level: str
    path: str  # category path of the cell's main


def index_of(matrix: int) -> str:
    return f"presence:{matrix}"


def key_of(matrix: int, client: str) -> str:
    return f"presence:{matrix}:{client}"


def give_sign(matrix: int, sign: Sign) -> None:
    """Say that the page is open. Two who say it for the first time at once may miss each other for one round."""
    cache.set(key_of(matrix, sign.client), asdict(sign), ALIVE)
    known: list[str] = cache.get(index_of(matrix)) or []
    if sign.client not in known:
        known = [*known[-MOST + 1 :], sign.client]
    cache.set(index_of(matrix), known, INDEX)


def leave(matrix: int, client: str) -> None:
    cache.delete(key_of(matrix, client))


def others(matrix: int, client: str, viewer: User) -> list[dict[str, Any]]:
    """The other open pages; a cell only where the viewer may see its main."""
    keys = {key_of(matrix, one): one for one in cache.get(index_of(matrix)) or [] if one != client}
    signs: Mapping[str, dict[str, Any]] = cache.get_many(keys)
    paths = category_paths_of(viewer, Permission.PAIR_VIEW)
    found = [Sign(**signs[key]) for key in keys if key in signs]
    return [
        {
            "client": sign.client, "person": sign.person, "name": sign.name, "initials": sign.initials,
            "tone": sign.person % 5 + 1, "level": sign.level, "me": sign.person == viewer.pk,
            "cell": sign.cell if any(sign.path.startswith(own) for own in paths) else "",
        }
        for sign in found
    ]  # fmt: skip


def path_of_main(main: int, level: str) -> str | None:
    """Category path of a row, None when there is no such row."""
    if level == "type":
        return Category.objects.filter(pk=main).values_list("path", flat=True).first()
    return Product.objects.filter(pk=main).values_list("category__path", flat=True).first()


def latest_send(matrix: int, viewer: User) -> int:
    """Number of the newest edits of others in the matrix: a page that knows an older one reads its window again."""
    newest = OpBatch.objects.filter(matrix=matrix).exclude(actor=viewer).order_by("-pk").values_list("pk", flat=True)
    return newest.first() or 0
