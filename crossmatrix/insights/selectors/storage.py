"""Where order files lie: a folder of this machine, or a bucket that everybody shares.

`ORDERS_STORAGE` names it: empty for the folder ORDERS_ROOT, `s3://bucket/folder?endpoint_override=host` for anything that
speaks S3 (keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), `fsspec+…` for what fsspec opens. A file never changes
once it is there, so one from a bucket is fetched once, checked by its digest, and read from this machine afterwards.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from pyarrow import fs

from crossmatrix.insights.models import OrderFile
from crossmatrix.lib.errors import N_, Refusal

FETCH = 1 << 20  # bytes at a time


class FileDamaged(Refusal):
    code = "orders.damaged"
    sentence = N_("The order file %(path)s is not the one that was stored; restore it from a backup.")


class FileMissing(Refusal):
    code = "orders.missing"
    sentence = N_("The order file %(path)s is not in the storage; restore it from a backup.")


@dataclass(frozen=True)
class Storage:
    """A folder of files, here or in a bucket."""

    system: fs.FileSystem
    folder: str
    here: Path | None  # the folder itself when it is on this machine

    def put(self, file: Path, path: str) -> None:
        """Keep the finished file under that path: whole or not at all. A file of this machine is moved there."""
        if self.here is not None:
            target = self.here / path
            target.parent.mkdir(parents=True, exist_ok=True)
            file.rename(target)
            _sync(target.parent)
            return
        with file.open("rb") as source, self.system.open_output_stream(f"{self.folder}/{path}") as target_stream:
            while piece := source.read(FETCH):
                target_stream.write(piece)  # a bucket shows an object once it is closed, and not before
        file.unlink()

    def local(self, path: str, sha256: str) -> Path:
        """The file on this machine. Raises FileMissing, FileDamaged."""
        if self.here is not None:
            if not (self.here / path).exists():
                raise FileMissing(path=path)
            return self.here / path
        kept = fetched_root() / sha256[:2] / f"{sha256}.parquet"
        if not kept.exists():
            self._fetch(path, sha256, kept)
        return kept

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            with suppress(FileNotFoundError):
                self.system.delete_file(f"{self.folder}/{path}")

    def listing(self) -> Iterator[tuple[str, datetime]]:
        """Every file of the storage with the moment it was written."""
        chosen = fs.FileSelector(self.folder, recursive=True, allow_not_found=True)
        for info in self.system.get_file_info(chosen):
            inside = info.path.removeprefix(self.folder).lstrip("/")
            if info.type == fs.FileType.File and inside.startswith("month="):
                yield inside, info.mtime or datetime.fromtimestamp(0, UTC)

    def _fetch(self, path: str, sha256: str, kept: Path) -> None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        temporary, digest = kept.with_suffix(f".tmp{os.getpid()}"), hashlib.sha256()
        try:
            with self.system.open_input_stream(f"{self.folder}/{path}") as source, temporary.open("wb") as target:
                while piece := source.read(FETCH):
                    digest.update(piece)
                    target.write(piece)
            if digest.hexdigest() != sha256:
                raise FileDamaged(path=path)
            temporary.rename(kept)
        except FileNotFoundError:
            raise FileMissing(path=path) from None
        finally:
            temporary.unlink(missing_ok=True)


def storage() -> Storage:
    """The storage the settings name."""
    address = settings.ORDERS_STORAGE
    if not address:
        folder = Path(settings.ORDERS_ROOT)
        return Storage(fs.LocalFileSystem(), str(folder), folder)
    system, folder_name = fs.FileSystem.from_uri(address)
    here = Path(folder_name) if isinstance(system, fs.LocalFileSystem) else None
    return Storage(system, folder_name.rstrip("/"), here)


def work_root() -> Path:
    """Folder of this machine for files under way; beside the order files when these are here, so that a move is whole."""
    return storage().here or Path(settings.ORDERS_ROOT)


def fetched_root() -> Path:
    return Path(settings.ORDERS_ROOT) / "fetched"


def local_files(files: Iterable[OrderFile]) -> list[Path]:
    """These order files on this machine. Raises FileMissing, FileDamaged."""
    place = storage()
    return [place.local(file.path, file.sha256) for file in files]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
