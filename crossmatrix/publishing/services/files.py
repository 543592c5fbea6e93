"""The files of releases on the disk: a folder for each release, complete or absent."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.publishing.formats.base import File

STALE_AFTER = 3600  # seconds: an unfinished folder this old has lost its writer
UNFINISHED = ".unfinished-"


class DiskFailed(Refusal):
    code = "release.disk"
    sentence = N_("The files of the release could not be written: %(why)s. Nothing was released; try again.")


def folder(channel: str, number: int) -> Path:
    """Where the files of a release lie."""
    return Path(settings.MEDIA_ROOT) / "releases" / channel / str(number)


def write_folder(*, channel: str, number: int, files: Iterable[File]) -> list[dict[str, Any]]:
    """Write the files aside, read them back, then move the folder into place; returns name, size and digest of each.

    Call under the channel's lock: a folder of this number that is there already belongs to a cut that was rolled back.
    Raises DiskFailed, leaving nothing behind.
    """
    target = folder(channel, number)
    aside = target.parent / f"{UNFINISHED}{uuid4().hex}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        aside.mkdir()
        facts = [_write(aside / name, content) for name, content in files]
        _sync(aside)
        if target.exists():
            shutil.rmtree(target)
        aside.rename(target)
        _sync(target.parent)
    except OSError as problem:
        shutil.rmtree(aside, ignore_errors=True)
        raise DiskFailed(why=problem.strerror or str(problem)) from problem
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return facts


def _write(path: Path, content: bytes) -> dict[str, Any]:
    with path.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    digest = hashlib.sha256(content).hexdigest()
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise OSError(5, f"{path.name} reads back differently")
    return {"name": path.name, "bytes": len(content), "sha256": digest}


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(parent: Path) -> None:
    """Remove what killed writers left behind."""
    for left in parent.glob(f"{UNFINISHED}*"):
        if time.time() - left.stat().st_mtime > STALE_AFTER:
            shutil.rmtree(left, ignore_errors=True)


def read_file(*, channel: str, number: int, fact: dict[str, Any]) -> bytes | None:
    """The file as it was written; None when it is gone or damaged."""
    try:
        content = (folder(channel, number) / fact["name"]).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == fact["sha256"] else None
