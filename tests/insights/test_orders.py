"""Order lines in, once each, by month; out again by batch."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import transaction

from crossmatrix.insights import services
from crossmatrix.insights.models import OrderFile
from crossmatrix.insights.services.orders import SCHEMA, UnfitOrderLines, conform, root, sweep_order_files
from tests.insights.factories import orders, wall

pytestmark = pytest.mark.django_db


class Killed(Exception):
    pass


def stored():
    tables = [
        pq.read_table(root() / path) for path in OrderFile.objects.order_by("path").values_list("path", flat=True)
    ]
    return pa.concat_tables(tables).sort_by([("order_id", "ascending"), ("line_no", "ascending")]) if tables else None


def test_lines_go_into_one_file_for_each_month(now):
    october, november = wall(2026, 10, 31, 23, 59), wall(2026, 11, 1, 0, 0)

    done = services.ingest_orders(lines=orders((october, ["tv"]), (november, ["tv", "cable"])), batch="7", at=now)

    assert (done.added, done.same) == (3, 0)
    assert list(OrderFile.objects.order_by("month").values_list("month", "rows", "batch")) == [
        (wall(2026, 10, 1).date(), 1, "7"),
        (wall(2026, 11, 1).date(), 2, "7"),
    ]
    assert stored().schema.equals(SCHEMA)
    assert not list(root().glob("**/*.tmp*"))


def test_the_same_lines_again_change_nothing(now):
    lines = orders(["tv", "cable"], ["tv"])
    services.ingest_orders(lines=lines, batch="1", at=now)

    again = services.ingest_orders(lines=lines, batch="2", at=now)

    assert (again.added, again.same) == (0, 3)
    assert OrderFile.objects.count() == 1


def test_a_line_that_stands_twice_in_one_table_is_stored_once(now):
    lines = pa.concat_tables([orders(["tv"]), orders(["tv"])])

    done = services.ingest_orders(lines=lines, batch="1", at=now)

    assert (done.added, done.same) == (1, 1)
    assert stored().num_rows == 1


def test_known_lines_says_which_rows_are_there_already_in_their_order(now):
    services.ingest_orders(lines=orders(["tv", "cable"]), batch="1", at=now)
    table = pa.concat_tables([orders(["new"], prefix="x"), orders(["tv", "cable"]), orders(["new"], prefix="x")])

    mask = services.known_lines(table)

    assert mask.to_pylist() == [False, True, True, True]


def test_forgetting_a_batch_removes_its_lines_and_nothing_else(now, django_capture_on_commit_callbacks):
    services.ingest_orders(lines=orders(["tv", "cable"]), batch="1", at=now)
    services.ingest_orders(lines=orders(["tv"], prefix="p"), batch="2", at=now)

    with django_capture_on_commit_callbacks(execute=True):
        gone = services.forget_orders(batch="1")

    assert gone == 2
    assert stored()["order_id"].to_pylist() == ["p0"]
    assert len(list(root().glob("**/*.parquet"))) == 1


def test_a_forgotten_batch_can_be_brought_in_again(now, django_capture_on_commit_callbacks):
    services.ingest_orders(lines=orders(["tv"]), batch="1", at=now)
    with django_capture_on_commit_callbacks(execute=True):
        services.forget_orders(batch="1")

    done = services.ingest_orders(lines=orders(["tv"]), batch="1", at=now + timedelta(seconds=1))

    assert done.added == 1
    assert stored().num_rows == 1


def test_amounts_are_exact_kopecks(now):
    line = {
        "order_id": ["1", "2", "3"], "line_no": [1, 1, 1], "ordered_at": [wall(2026, 11, 2)] * 3, "sku": ["a", "b", "c"],
        "quantity": [Decimal(3), Decimal("0.333"), None], "price": [Decimal("0.10"), Decimal("99.99"), None],
        "discount": [Decimal("0.05"), None, None],
    }  # fmt: skip

    shaped = conform(pa.table(line))

    assert shaped["amount"].to_pylist() == [25, 3330, None]
    assert shaped["quantity"].to_pylist() == [Decimal("3.000"), Decimal("0.333"), Decimal("1.000")]


def test_floats_of_a_reader_become_exact_decimals():
    table = pa.table(
        {
            "order_id": ["1"],
            "line_no": [1],
            "ordered_at": [wall(2026, 11, 2)],
            "sku": ["a"],
            "quantity": [2.0],
            "price": [1290.1],
        }
    )

    shaped = conform(table)

    assert (shaped["price"][0].as_py(), shaped["amount"][0].as_py()) == (Decimal("1290.10"), 258020)


def test_aware_times_are_stored_as_the_wall_clock_of_the_shop():
    """23:30 in London on the last of October is the first of November in Moscow."""
    at = pa.array([datetime(2026, 10, 31, 23, 30, tzinfo=UTC)], pa.timestamp("us", "UTC"))

    shaped = conform(pa.table({"order_id": ["1"], "line_no": [1], "ordered_at": at, "sku": ["a"]}))

    assert shaped["ordered_at"][0].as_py() == wall(2026, 11, 1, 2, 30)


@pytest.mark.parametrize("missing", ["order_id", "line_no", "ordered_at", "sku"])
def test_lines_without_a_key_column_are_refused_and_nothing_is_written(missing, now):
    lines = orders(["tv"]).drop_columns([missing])

    with pytest.raises(UnfitOrderLines):
        services.ingest_orders(lines=lines, batch="1", at=now)

    assert OrderFile.objects.count() == 0
    assert not root().exists()


def test_a_file_of_an_import_that_rolled_back_is_never_read_and_is_swept_later(now):
    with suppress(Killed), transaction.atomic():
        services.ingest_orders(lines=orders(["tv"]), batch="1", at=now)
        raise Killed
    left_behind = list(root().glob("**/*.parquet"))
    assert services.ingest_orders(lines=orders(["tv"]), batch="2", at=now).added == 1

    swept = sweep_order_files(at=datetime.now(UTC) + timedelta(hours=2))

    assert len(left_behind) == 1
    assert swept == 1
    assert stored().num_rows == 1


def test_files_of_a_writer_at_work_are_not_swept(now):
    services.ingest_orders(lines=orders(["tv"]), batch="1", at=now)
    OrderFile.objects.all().delete()

    assert sweep_order_files(at=datetime.now(UTC)) == 0
