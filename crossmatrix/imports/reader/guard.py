"""The worker's side of the child process: start, listen, stop, and turn a violent death into a sentence."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossmatrix.imports.rules.problems import BadFile

ROOT = Path(__file__).resolve().parents[3]
START = "import sys; sys.path.insert(0, {root!r}); from crossmatrix.imports.reader.child import main; main()"


@dataclass(frozen=True)
class ChildLimits:
    memory_mb: int = 3072  # 1.45 KB per row of twelve columns: about two million rows
    cpu_seconds: int = 400
    wall_seconds: int = 500
    file_mb: int = 0  # reading writes no file


class ChildBroke(Exception):
    """The child failed in our own code: a defect, not the file's fault."""


DEATHS = {signal.SIGXCPU: "file.too_slow", signal.SIGALRM: "file.too_slow"}


def run_child(
    order: dict[str, Any],
    *,
    limits: ChildLimits | None = None,
    heard: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Give the order to a child and return its answer. `heard(done, total)` may raise to stop it.

    Raises BadFile for what the file deserves, ChildBroke for a defect of ours.
    """
    limits = limits or ChildLimits()
    spoken = {
        **order,
        "limits": {"memory_mb": limits.memory_mb, "cpu_seconds": limits.cpu_seconds, "file_mb": limits.file_mb},
    }
    child = subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", START.format(root=str(ROOT))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
    )  # fmt: skip
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(limits.wall_seconds, stop)
    timer.start()
    last: dict[str, Any] = {}
    try:
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101
        try:
            child.stdin.write(json.dumps(spoken, default=str))
            child.stdin.close()
        except BrokenPipeError:
            pass  # it died at once; the return code says how
        for line in child.stdout:
            last = json.loads(line)
            if "progress" in last:
                heard(last["progress"], last["total"])
        code = child.wait()
    finally:
        timer.cancel()
        if child.poll() is None:
            child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()
    if "done" in last:
        answer: dict[str, Any] = last["done"]
        return answer
    if "refused" in last:
        raise BadFile(last["refused"]["code"], **last["refused"]["params"])
    if "broken" in last:
        raise ChildBroke(f"{last['broken']['type']} at {last['broken']['where']}: {last['broken']['text']}")
    raise BadFile(
        "file.too_slow"
        if late.is_set()
        else DEATHS.get(signal.Signals(-code), "file.unreadable")
        if code < 0
        else "file.unreadable"
    )
