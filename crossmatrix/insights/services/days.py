"""The days of a window as numbers: only those whose order files changed are read."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from crossmatrix.insights.engine.encode import encode
from crossmatrix.insights.engine.ledger import Ledger
from crossmatrix.insights.engine.mining import Tell
from crossmatrix.insights.models import OrderFile
from crossmatrix.insights.rules.baskets import WHOLESALE_ABOVE
from crossmatrix.insights.selectors.storage import local_files

LINES_READ_AT_ONCE = 5_000_000  # bounds memory; what was read so far is kept when the work is killed after it


@contextmanager
def open_ledger() -> Iterator[Ledger]:
    """The ledger of this machine, for one writer at a time; a killed one lets go of it."""
    folder = Path(settings.ORDERS_ROOT) / "ledger"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "ledger.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Ledger(folder)


def inputs_of(first: date, last: date) -> dict[date, str]:
    """Each day of the window that any order file touches, with the digest of these files."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT day, encode(sha256(string_agg(f.sha256, ',' ORDER BY f.sha256)::bytea), 'hex')
            FROM insights_orderfile f CROSS JOIN LATERAL unnest(f.days) AS day
            WHERE day BETWEEN %s AND %s
            GROUP BY day ORDER BY day
            """,
            [first, last],
        )
        return dict(cursor.fetchall())


def read_changed_days(ledger: Ledger, inputs: dict[date, str], *, tell: Tell) -> int:
    """Bring the ledger up to these inputs; returns how many days were read anew."""
    stale = sorted(ledger.stale(inputs))
    for file in [day for day in ledger.manifest.days if date.fromisoformat(day) not in inputs]:
        if inputs and min(inputs) <= date.fromisoformat(file) <= max(inputs):
            del ledger.manifest.days[file]
    done = 0
    for group in _groups(stale):
        tell("read", done, len(stale))
        days = encode(
            local_files(files_of(group)), days=set(group), numbers=ledger.numbers,
            first_basket=ledger.manifest.next_basket,
        )  # fmt: skip
        done += ledger.keep(days, inputs, wholesale_above=WHOLESALE_ABOVE)
        ledger.commit()
    return done


def files_of(days: Sequence[date]) -> list[OrderFile]:
    """The files that hold every line of every order they share with these days.

    An order of these days lies in files that name its day. A file may also hold a line of an order of another day; the
    files that name any day of such a file hold the rest of that order, so that it is recognised as another day's.
    """
    touched = {
        day
        for named in OrderFile.objects.filter(days__overlap=list(days)).values_list("days", flat=True)
        for day in named
    }
    return list(OrderFile.objects.filter(days__overlap=sorted(touched)).order_by("path"))


def _groups(days: Sequence[date]) -> Iterator[list[date]]:
    """Whole months of these days, as many as may be read at once."""
    group: list[date] = []
    lines = 0
    by_month: dict[date, list[date]] = {}
    for day in days:
        by_month.setdefault(day.replace(day=1), []).append(day)
    for month, inside in by_month.items():
        after = (month + timedelta(days=32)).replace(day=1)
        rows = sum(OrderFile.objects.filter(first_date__lt=after, last_date__gte=month).values_list("rows", flat=True))
        if group and lines + rows > LINES_READ_AT_ONCE:
            yield group
            group, lines = [], 0
        group += inside
        lines += rows
    if group:
        yield group
