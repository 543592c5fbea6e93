"""Statements that are asked all day long, kept parsed and planned by the server for as long as the connection lives.

Django puts the values into the text, so the server plans every statement anew; of a window of the grid planning was
half the work. Here the values travel beside the text. settings.DATABASES says when a statement is kept (never, behind
a pooler that hands each transaction another connection).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection


class _ReadyCursor(psycopg.Cursor[Any]):
    def _send_query_prepared(self, name: bytes, pgq: Any, *, binary: bool | None = None) -> None:
        self._query = pgq  # what was asked, for the log of statements; else it is unknown after the first runs
        super()._send_query_prepared(name, pgq, binary=binary)


def ready_rows(sql: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of the statement. Lists become arrays: `id = ANY(%s)`."""
    with connection.cursor() as cursor:  # counted and logged as every other
        cursor.cursor = _ReadyCursor(connection.connection)
        cursor.execute(sql, values)
        return list(cursor.fetchall())
