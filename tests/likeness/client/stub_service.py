"""A server on loopback that gives prepared answers, for what a real service does only on a bad day."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Prepared:
    """One answer: JSON for a dictionary, else the bytes as they are."""

    status: int
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class StubService:
    """Gives the answers prepared for each path one after the other, the last one for ever after."""

    url: str
    answers: dict[str, list[Prepared]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def prepare(self, path: str, *answers: Prepared) -> None:
        self.answers[path] = list(answers)


@contextmanager
def stub_service() -> Iterator[StubService]:
    """Runs for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stub.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            stub.asked.append((self.command, self.path))
            stub.headers.append(dict(self.headers))
            prepared = stub.answers[self.path]
            answer = prepared.pop(0) if len(prepared) > 1 else prepared[0]
            body = json.dumps(answer.body).encode() if isinstance(answer.body, dict) else answer.body
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            """Nothing to tell."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub = StubService(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
