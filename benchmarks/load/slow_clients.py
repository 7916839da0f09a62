"""What slow clients do to everybody else: `python -m benchmarks.load.slow_clients [--clients 500]`.

Starts the web server with an empty database, as everything starts it, and then the slow clients: heads and
bodies that come byte by byte or stop, connections that say nothing, that are half closed, that ask and do not
read the answer, or announce more than they may send. Meanwhile /livez is asked ten times a second. Prints its
times, without and with them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from config.local_stack import LocalStack

EVERY_S = 0.1
COMES_AGAIN_S = 15.0
Kind = Callable[[socket.socket], None]
HEAD = b"POST /v1/subjects HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"


def half_a_head(client: socket.socket) -> None:
    """Stops in the middle of the head."""
    client.sendall(HEAD)


def half_a_body(client: socket.socket) -> None:
    """Stops in the middle of the body."""
    client.sendall(HEAD + b"Content-Length: 50000\r\n\r\n--x\r\n" + bytes(1000))


def nothing(client: socket.socket) -> None:
    """Says nothing at all."""


def half_closed(client: socket.socket) -> None:
    """Asks, and closes its own side, but never the other."""
    client.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    client.shutdown(socket.SHUT_WR)


def no_reader(client: socket.socket) -> None:
    """Asks for something large again and again, and reads nothing."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.sendall(b"GET /static/hero.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5)


def chunks(client: socket.socket) -> None:
    """Announces no length, and sends chunks without end."""
    client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")


def too_much(client: socket.socket) -> None:
    """Announces more than may be sent."""
    client.sendall(HEAD + b"Content-Length: 9000000000\r\n\r\n" + bytes(1000))


KINDS: tuple[Kind, ...] = (
    half_a_head, half_a_body, nothing, half_closed, no_reader, chunks, too_much,
)  # fmt: skip
DRIPS = {half_a_head: b"X", half_a_body: b"x", chunks: b"1\r\nx\r\n"}


class SlowClients:
    """So many connections to a port, of all kinds; who is cut off comes again some time later. A block."""

    def __init__(self, port: int, count: int) -> None:
        self._port, self._count = port, count
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.begun = 0

    def __enter__(self) -> SlowClients:
        self._thread.start()
        while self.begun < self._count and self._thread.is_alive():
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        clients = [self._new(KINDS[number % len(KINDS)]) for number in range(self._count)]
        while not self._stop.wait(1.0):  # a byte a second from each that sends
            for number, (client, kind, begun) in enumerate(clients):
                if not self._is_on(client, kind) and time.monotonic() - begun > COMES_AGAIN_S:
                    client.close()
                    clients[number] = self._new(kind)
        for client, _, _ in clients:
            client.close()

    def _is_on(self, client: socket.socket, kind: Kind) -> bool:
        try:
            if kind in DRIPS:
                client.send(DRIPS[kind])
            return kind is no_reader or client.recv(65536) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _new(self, kind: Kind) -> tuple[socket.socket, Kind, float]:
        client = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        client.setblocking(True)
        with contextlib.suppress(OSError):
            kind(client)
        client.setblocking(False)
        self.begun += 1
        return client, kind, time.monotonic()


def times_of(url: str, seconds: float) -> list[float]:
    """Milliseconds that /livez took, asked ten times a second for so long."""
    took = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.perf_counter()
        with urllib.request.urlopen(f"{url}/livez", timeout=30) as answer:  # noqa: S310 - loopback
            assert json.load(answer)["ok"]
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(max(0.0, EVERY_S - took[-1] / 1000))
    return took


def main() -> None:
    """Start, ask, print."""
    arguments = argparse.ArgumentParser(description="The web server among slow clients.")
    arguments.add_argument("--clients", type=int, default=500)
    arguments.add_argument("--seconds", type=float, default=60.0)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="lksl-") as folder:
        stack = LocalStack(Path(folder) / "data", port=0, environment={"LIKENESS_LOG_LEVEL": "ERROR"})
        stack.data_dir.mkdir()
        stack.manage("create_keys")
        stack.manage("migrate", "--noinput")
        stack.manage("collectstatic", "--noinput")
        try:
            stack.start("web")
            stack.wait_until_it_answers()
            alone = times_of(stack.base_url, given.seconds / 4)
            with SlowClients(stack.port, given.clients) as slow:
                among = times_of(stack.base_url, given.seconds)
        finally:
            stack.stop()
    found = {"clients": given.clients, "connections_begun": slow.begun, "cores": os.cpu_count()}
    for title, took in (("alone", alone), ("among_slow_clients", among)):
        found[title] = {
            "asked": len(took),
            "median_ms": round(statistics.median(took), 1),
            "p99_ms": round(statistics.quantiles(took, n=100)[98], 1),
            "longest_ms": round(max(took), 1),
        }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
