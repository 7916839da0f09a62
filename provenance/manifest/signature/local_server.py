"""An HTTP server on localhost for services that answer one binary request with one binary reply."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

LARGEST_REQUEST_BYTES = 16 * 1024
READ_WITHIN_S = 10.0

ReplyFunction = Callable[[bytes], bytes | None]


class Service(NamedTuple):
    """What answers at one path: the reply's media type, and the function that gives it (None: not now)."""

    reply_type: str
    reply_to: ReplyFunction


def local_server(services: Mapping[str, Service], *, port: int = 0) -> ThreadingHTTPServer:
    """A server for POST requests; `services` by path, `/` for all others. Port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        timeout = READ_WITHIN_S

        def do_POST(self) -> None:
            service = services.get(self.path) or services.get("/")
            length = min(int(self.headers.get("Content-Length") or 0), LARGEST_REQUEST_BYTES)
            reply = service.reply_to(self.rfile.read(length)) if service else None
            self.send_response(HTTPStatus.SERVICE_UNAVAILABLE if reply is None else HTTPStatus.OK)
            self.send_header("Content-Type", service.reply_type if service else "text/plain")
            self.send_header("Content-Length", str(len(reply or b"")))
            self.end_headers()
            self.wfile.write(reply or b"")

        def log_message(self, *args: object) -> None:
            """Requests are not worth a line each."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


@contextmanager
def served(services: Mapping[str, Service], *, port: int = 0) -> Iterator[str]:
    """Serve in a thread of its own while the block lasts; gives the address, which ends with a slash."""
    server = local_server(services, port=port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
