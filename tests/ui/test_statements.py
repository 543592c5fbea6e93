"""Statements that the server keeps planned."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crossmatrix.ui.statements import ready_rows

pytestmark = pytest.mark.django_db
ASKED = "SELECT n * %(by)s FROM unnest(%(numbers)s::bigint[]) AS t(n) ORDER BY 1"


def kept() -> list[str]:
    return [
        text
        for (text,) in ready_rows(
            "SELECT statement FROM pg_prepared_statements WHERE statement LIKE %s", ["SELECT n *%"]
        )
    ]


def test_a_statement_answers_by_its_values_every_time():
    answers = [ready_rows(ASKED, {"by": by, "numbers": [3, 1]}) for by in range(1, 9)]

    assert answers == [[(by,), (3 * by,)] for by in range(1, 9)]


def test_a_statement_asked_again_and_again_is_kept_by_the_server():
    for _ in range(4):
        ready_rows(ASKED, {"by": 2, "numbers": [1]})

    assert len(kept()) == 1


def test_behind_a_pooler_nothing_is_kept(monkeypatch):
    connection.connection._prepared.clear()  # the next statement has the server let go of all
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)

    for _ in range(4):
        assert ready_rows(ASKED, {"by": 2, "numbers": [1]}) == [(2,)]

    assert kept() == []


def test_kept_statements_are_counted_and_read_in_the_log():
    with CaptureQueriesContext(connection) as queries:
        for _ in range(4):
            ready_rows(ASKED, {"by": 2, "numbers": [1]})

    assert len(queries) == 4
    assert all("unnest" in query["sql"] for query in queries.captured_queries)
