"""Columns that go in by COPY come out as they were."""

from decimal import Decimal

import numpy as np
import pytest
from django.db import connection

from crossmatrix.insights.services import copying
from crossmatrix.insights.services.copying import Money, rows_into

pytestmark = pytest.mark.django_db
NAMES = ("run", "whole", "small", "share", "money", "weekly")


@pytest.fixture
def table():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE copied (run bigint, whole bigint, small integer, share double precision, "
            "money numeric(14, 2), weekly integer[]) ON COMMIT DROP"
        )
    return "copied"


def stored():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(NAMES)} FROM copied ORDER BY whole")
        return cursor.fetchall()


def test_every_kind_of_column_arrives_exactly(table, monkeypatch):
    monkeypatch.setattr(copying, "ROWS", 2)  # several pieces
    cents = [0, 1, -1, 99, 100, 123_456_789_012_34 // 100, -99_999_999_999_999, 10_000_00, 7]
    many = len(cents)
    share = np.random.default_rng(1).random(many)

    with rows_into(table, NAMES) as rows:
        rows.add(
            {
                "run": 2**40, "whole": np.arange(many), "small": np.arange(many, dtype=np.int32) - 4, "share": share,
                "money": Money(np.array(cents)), "weekly": np.arange(3 * many, dtype=np.int32).reshape(many, 3),
            },
            many=many,
        )  # fmt: skip

    assert stored() == [
        (2**40, n, n - 4, share[n], Decimal(cents[n]) / 100, [3 * n, 3 * n + 1, 3 * n + 2]) for n in range(many)
    ]


def test_rows_with_and_without_a_value_go_in_together(table):
    with rows_into(table, NAMES) as rows:
        for first, told in ((0, True), (2, False)):
            rows.add(
                {
                    "run": 1, "whole": np.arange(first, first + 2), "small": np.zeros(2, np.int32), "share": np.zeros(2),
                    "money": Money(np.array([5, 6])) if told else None, "weekly": np.ones((2, 1), np.int32) if told else None,
                },
                many=2,
            )  # fmt: skip

    assert [row[4:] for row in stored()] == [(Decimal("0.05"), [1]), (Decimal("0.06"), [1]), (None, None), (None, None)]


def test_nothing_to_copy_is_no_row(table):
    with rows_into(table, ("whole",)) as rows:
        rows.add({"whole": np.zeros(0, np.int64)}, many=0)

    assert stored() == []
