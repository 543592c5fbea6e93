"""What happened in a matrix: batches of changes newest first, and the changes of one batch or one cell.

A change that belongs to no batch counts as a batch of one, named "event:<id>".
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix.models import Matrix, OpBatch

WINDOW = 20_000  # events looked at for one page: bounds its time, whatever else went on meanwhile
BATCHES = 40  # of one page
SINGLE = "event:"

# other areas note things about pairs too (weak flags): those change no cell and are not taken back here
CHANGES = "(starts_with(kind, 'pair.') OR starts_with(kind, 'slot.'))"

# the cells of a matrix that the person may see
INSIDE = """
    SELECT e.id, e.at, e.batch, e.actor_id, e.source, e.kind, e.subject_label FROM recent e
    JOIN matrix_pair p ON e.subject_type = 'matrix.pair' AND p.id = e.subject_id
    JOIN catalog_product m ON m.id = p.main_id JOIN catalog_category a ON a.id = m.category_id
    JOIN catalog_product k ON k.id = p.companion_id JOIN catalog_category b ON b.id = k.category_id
    WHERE starts_with(a.path, %(mains)s) AND starts_with(b.path, %(companions)s)
      AND EXISTS (SELECT 1 FROM unnest(%(paths)s::text[]) AS mine(path) WHERE starts_with(a.path, mine.path))
    UNION ALL
    SELECT e.id, e.at, e.batch, e.actor_id, e.source, e.kind, e.subject_label FROM recent e
    JOIN matrix_slot s ON e.subject_type = 'matrix.slot' AND s.id = e.subject_id
    JOIN catalog_category a ON a.id = s.main_category_id JOIN catalog_category b ON b.id = s.companion_category_id
    WHERE starts_with(a.path, %(mains)s) AND starts_with(b.path, %(companions)s)
      AND EXISTS (SELECT 1 FROM unnest(%(paths)s::text[]) AS mine(path) WHERE starts_with(a.path, mine.path))
"""


@dataclass(frozen=True)
class Origin:
    """What an area above says of its batch: its name for people, its page, whether it was taken back already."""

    title: str
    url: str
    undone: bool = False


@dataclass(frozen=True)
class Desk:
    """An area above that made batches and takes them back itself."""

    prefix: str
    describe: Callable[[Sequence[str]], dict[str, Origin]]
    revert: Callable[[str, User, datetime], str]  # answers with the address where the progress is seen


_desks: list[Desk] = []


def register_desk(desk: Desk) -> None:
    """Name who describes and takes back the batches whose names begin so."""
    _desks[:] = [one for one in _desks if one.prefix != desk.prefix] + [desk]


def desk_of(batch: str) -> Desk | None:
    """Who takes this batch back; None: the matrix itself. The undo of a foreign batch is nobody's to take back."""
    return next((desk for desk in _desks if batch.startswith(desk.prefix)), None)


@dataclass(frozen=True)
class Batch:
    """A batch as the list shows it: counts are of the matrix, not of everything the batch did elsewhere."""

    name: str
    at: datetime
    actor: User | None
    source: str
    kind: str  # of most of its changes
    cells: int
    more: bool  # the window ended within it
    label: str  # of one cell
    undone: bool = False
    origin: Origin | None = None


def events_named(batch: str) -> QuerySet[AuditEvent]:
    """The events of a batch, or the one that "event:<id>" names."""
    if batch.startswith(SINGLE):
        number = batch.removeprefix(SINGLE)
        return AuditEvent.objects.filter(pk=int(number) if number.isdecimal() and len(number) < 19 else 0, batch="")
    return AuditEvent.objects.filter(batch=batch)


def scope_values(matrix: Matrix, user: User) -> dict[str, Any]:
    return {
        "mains": matrix.mains.path, "companions": matrix.companions.path if matrix.companions else "",
        "paths": category_paths_of(user, Permission.PAIR_VIEW),
    }  # fmt: skip


def batches_of(matrix: Matrix, user: User, *, before: tuple[datetime, int] | None = None) -> tuple[list[Batch], Any]:
    """A page of batches, newest first, and the cursor (time, event id) of the next page or None."""
    cut = "WHERE (at, id) < (%(at)s, %(id)s) AND" if before else "WHERE"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH recent AS MATERIALIZED (SELECT id, at, batch, actor_id, source, kind, subject_type, subject_id, subject_label "
            f"FROM audit_auditevent {cut} subject_type IN ('matrix.pair', 'matrix.slot') AND {CHANGES} "
            f"ORDER BY at DESC, id DESC LIMIT %(window)s), inside AS ({INSIDE}) "
            "SELECT CASE WHEN batch = '' THEN 'event:' || id ELSE batch END AS name, max(at), min(id), "
            "(array_agg(actor_id ORDER BY id DESC))[1], (array_agg(source ORDER BY id DESC))[1], "
            "mode() WITHIN GROUP (ORDER BY kind), count(DISTINCT subject_label), (array_agg(subject_label ORDER BY id))[1], "
            "(SELECT count(*) FROM recent), (SELECT min(at) FROM recent), (SELECT min(id) FROM recent WHERE at = (SELECT min(at) FROM recent)) "
            "FROM inside GROUP BY 1 ORDER BY 2 DESC, 3 DESC LIMIT %(limit)s",
            {
                **scope_values(matrix, user), "at": before[0] if before else None, "id": before[1] if before else None,
                "window": WINDOW, "limit": BATCHES + 1,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    page, full = rows[:BATCHES], bool(rows) and rows[0][8] >= WINDOW
    after: tuple[datetime, int] | None = None
    if len(rows) > BATCHES:
        after = page[-1][1], page[-1][2]
    elif full:
        after = rows[0][9], rows[0][10]
    return described(page, full=full and len(rows) <= BATCHES), after


def described(rows: Sequence[Sequence[Any]], *, full: bool) -> list[Batch]:
    names = [row[0] for row in rows]
    people = User.objects.in_bulk({row[3] for row in rows if row[3]})
    undone, origins = taken_back(names), origins_of(names)
    return [
        Batch(
            name=row[0], at=row[1], actor=people.get(row[3]), source=row[4], kind=row[5], cells=row[6],
            more=full and index == len(rows) - 1, label=row[7], origin=origins.get(row[0]),
            undone=row[0] in undone or bool(row[0] in origins and origins[row[0]].undone),
        )
        for index, row in enumerate(rows)
    ]  # fmt: skip


def origins_of(names: Iterable[str]) -> dict[str, Origin]:
    found: dict[str, Origin] = {}
    for desk in _desks:
        theirs = [name for name in names if name.startswith(desk.prefix)]
        if theirs:
            found |= desk.describe(theirs)
    return found


def taken_back(names: Collection[str]) -> set[str]:
    """Which of these batches were taken back, and not brought again since."""
    keys = {name: name.removeprefix("ops:") for name in names if name.startswith("ops:")}
    sends = set(OpBatch.objects.filter(key__in=keys.values(), undone_at__isnull=False).values_list("key", flat=True))
    undos = {f"undo:{name}"[:64]: name for name in names if name not in keys}
    made = set(AuditEvent.objects.filter(batch__in=undos).values_list("batch", flat=True).distinct())
    return {name for name, key in keys.items() if key in sends} | {undos[batch] for batch in made}


SHOWN = 300  # changes of one batch that its page lists


def changes_of(matrix: Matrix, user: User, batch: str) -> tuple[list[AuditEvent], int]:
    """The first changes of a batch in the matrix that the person may see, and how many there are."""
    single = batch.startswith(SINGLE)
    number = batch.removeprefix(SINGLE)
    values: dict[str, Any] = {
        "batch": batch,
        "id": int(number) if single and number.isdecimal() and len(number) < 19 else 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH recent AS MATERIALIZED (SELECT * FROM audit_auditevent "
            f"WHERE {'id = %(id)s' if single else 'batch = %(batch)s'} AND {CHANGES}) "
            f"SELECT id, count(*) OVER () FROM ({INSIDE}) AS x ORDER BY id LIMIT %(limit)s",
            {**scope_values(matrix, user), **values, "limit": SHOWN},
        )
        rows = cursor.fetchall()
    events = AuditEvent.objects.filter(pk__in=[row[0] for row in rows]).select_related("actor").order_by("pk")
    return list(events), rows[0][1] if rows else 0
