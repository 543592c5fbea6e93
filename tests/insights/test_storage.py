"""Order files in a bucket: written whole, fetched once, checked, counted to the same numbers as from a folder."""

import pytest
from pyarrow import fs

from crossmatrix.insights import services
from crossmatrix.insights.models import OrderFile, PairStat
from crossmatrix.insights.selectors import storage as storing
from crossmatrix.insights.selectors.orders_behind import orders_behind
from crossmatrix.insights.selectors.storage import FileDamaged, FileMissing, fetched_root, storage
from crossmatrix.insights.services.orders import sweep_order_files
from tests.factories import ProductFactory
from tests.insights.factories import orders

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(settings, tmp_path, monkeypatch):
    """A storage that is no folder of this machine as far as anybody can tell; returns where its objects lie."""
    place = tmp_path / "far"
    (place / "shop" / "orders").mkdir(parents=True)
    far = fs.SubTreeFileSystem(str(place), fs.LocalFileSystem())
    opened = []

    class Far(fs.FileSystem):
        @staticmethod
        def from_uri(uri):
            opened.append(uri)
            return far, "shop/orders"

    class Fs:
        FileSystem, LocalFileSystem, FileSelector, FileType = Far, fs.LocalFileSystem, fs.FileSelector, fs.FileType

    make_folders(far)
    monkeypatch.setattr(storing, "fs", Fs)
    settings.ORDERS_STORAGE = "s3://shop/orders?endpoint_override=minio.example"
    yield place / "shop" / "orders"
    assert set(opened) == {settings.ORDERS_STORAGE}


def make_folders(system):
    """A bucket has no folders; the folder that plays one needs them before a file is written."""
    for month in ("2026-11", "2026-10"):
        system.create_dir(f"shop/orders/month={month}")


def objects(bucket):
    return sorted(str(file.relative_to(bucket)) for file in bucket.rglob("*.parquet"))


def test_orders_go_to_the_bucket_and_are_counted_from_there(now, bucket):
    tv, cable = ProductFactory(sku="tv"), ProductFactory(sku="cable")
    services.ingest_orders(lines=orders(*[["tv", "cable"]] * 6), batch="1", at=now)
    again = services.ingest_orders(lines=orders(*[["tv", "cable"]] * 6), batch="2", at=now)

    services.refresh_stats(at=now)

    assert objects(bucket) == [OrderFile.objects.get().path]
    assert (again.added, again.same) == (0, 12)
    assert PairStat.objects.get(refresh__current=True, main=tv).orders_both == 6
    assert orders_behind(tv, cable).total == 6
    assert len(list(fetched_root().rglob("*.parquet"))) == 1


def test_a_forgotten_batch_leaves_the_bucket(now, bucket, django_capture_on_commit_callbacks):
    services.ingest_orders(lines=orders(["tv"]), batch="1", at=now)

    with django_capture_on_commit_callbacks(execute=True):
        services.forget_orders(batch="1")

    assert objects(bucket) == []


def test_a_file_that_is_not_what_was_stored_is_refused(now, bucket):
    services.ingest_orders(lines=orders(["tv"]), batch="1", at=now)
    file = OrderFile.objects.get()
    (bucket / file.path).write_bytes(b"something else")

    with pytest.raises(FileDamaged):
        storage().local(file.path, file.sha256)

    assert not list(fetched_root().rglob("*"))[1:]


def test_a_file_that_is_gone_is_named(now, bucket):
    services.ingest_orders(lines=orders(["tv"]), batch="1", at=now)
    file = OrderFile.objects.get()
    (bucket / file.path).unlink()

    with pytest.raises(FileMissing, match="month=2026-11"):
        storage().local(file.path, file.sha256)


def test_objects_no_row_lists_are_swept_once_they_are_old(now, bucket):
    services.ingest_orders(lines=orders(["tv"]), batch="1", at=now)
    OrderFile.objects.all().delete()

    assert sweep_order_files(at=now.replace(year=2000)) == 0
    assert sweep_order_files(at=now.replace(year=2100)) == 1
    assert objects(bucket) == []


def test_what_fsspec_opens_serves_as_well(settings, tmp_path):
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    settings.ORDERS_ROOT = tmp_path / "here"
    settings.ORDERS_STORAGE = "fsspec+memory://orders"
    source = tmp_path / "file"
    source.write_bytes(b"lines")

    storage().put(source, "month=2026-11/one.parquet")

    assert [path for path, _ in storage().listing()] == ["month=2026-11/one.parquet"]
    assert fsspec.filesystem("memory").exists("/orders/month=2026-11/one.parquet")
