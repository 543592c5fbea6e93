"""An installed Firefox, driven by WebDriver BiDi over a socket of our own: no driver, no package.

Only what the grid's journeys need: open, evaluate, press keys. FIREFOX names another program.
"""

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.journeys.application import free_port

NAMES = ("firefox-esr", "firefox")
START_SECONDS = 60
KEYS = {
    "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015", "Enter": "\ue007",
    "Tab": "\ue004", "Escape": "\ue00c", "Delete": "\ue017", "Control": "\ue009", "Shift": "\ue008", "F2": "\ue032",
    "Home": "\ue011", "End": "\ue010",
}  # fmt: skip


def installed() -> str | None:
    return os.environ.get("FIREFOX") or next((path for name in NAMES if (path := shutil.which(name))), None)


class Socket:
    """A WebSocket that sends and reads whole texts."""

    def __init__(self, port: int) -> None:
        self.stream = socket.create_connection(("127.0.0.1", port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.sendall(
            f"GET /session HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.take(1)
        assert b" 101 " in head, head

    def take(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            part = self.stream.recv(count - len(found))
            if not part:
                raise ConnectionError("Firefox closed the connection")
            found += part
        return found

    def send(self, text: str) -> None:
        body, mask = text.encode(), os.urandom(4)
        size = len(body)
        short = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else b""
        long = struct.pack("!BBH", 0x81, 0xFE, size) if size < 65536 else struct.pack("!BBQ", 0x81, 0xFF, size)
        self.stream.sendall((short or long) + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(body)))

    def read(self) -> str:
        text = b""
        while True:
            first, second = self.take(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(self.take(2 if size == 126 else 8), "big")
            body = self.take(size)
            if first & 0x0F in (0, 1):
                text += body
                if first & 0x80:
                    return text.decode()


class Firefox:
    """One window."""

    def __init__(self, port: int) -> None:
        self.socket, self.number = Socket(port), 0
        self.ask("session.new", capabilities={})
        self.window = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **params: Any) -> Any:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while (answer := json.loads(self.socket.read())).get("id") != self.number:
            pass
        assert answer["type"] == "success", answer
        return answer["result"]

    def cookie(self, name: str, value: str, host: str) -> None:
        text = {"type": "string", "value": value}
        self.ask("storage.setCookie", cookie={"name": name, "value": text, "domain": host, "path": "/"})

    def goto(self, url: str) -> None:
        self.ask("browsingContext.navigate", context=self.window, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression that JSON can carry."""
        told = self.ask(
            "script.evaluate", expression=f"JSON.stringify({expression}) ?? 'null'", target={"context": self.window},
            awaitPromise=True, userActivation=True,
        )  # fmt: skip
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])

    def press(self, *chords: str) -> None:
        """ "Control+c", "ArrowDown", or text to type."""
        for chord in chords:
            parts = [KEYS.get(part, part) for part in chord.split("+")]
            down = [{"type": "keyDown", "value": part} for part in parts]
            up = [{"type": "keyUp", "value": part} for part in reversed(parts)]
            self.ask("input.performActions", context=self.window, actions=[{"type": "key", "id": "k", "actions": down + up}])  # fmt: skip

    def until(self, expression: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not self.evaluate(expression):
            assert time.monotonic() < deadline, expression
            time.sleep(0.05)


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Firefox without a screen, with a profile of its own."""
    program, port = installed(), free_port()
    assert program is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", str(port), "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": profile, "MOZ_HEADLESS_WIDTH": "1440", "MOZ_HEADLESS_HEIGHT": "900"},
        )  # fmt: skip
        try:
            yield connect(process, port)
        finally:
            process.terminate()
            process.wait(20)


def connect(process: subprocess.Popen[bytes], port: int) -> Firefox:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return Firefox(port)
        except (ConnectionError, OSError):
            assert process.poll() is None, "Firefox did not start"
            assert time.monotonic() < deadline, "Firefox does not answer"
            time.sleep(0.3)
