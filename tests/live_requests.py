"""The live server of tests answers on the test's own connection, and no request outlasts its test.

A database in memory is one to its process, and whoever comes to a table on another connection while it is
used is refused at once: SQLite waits for locks of files, not for those of a shared cache. pytest-django
hands over the connection that the thread has when the first test asks for the server. Where a browser
is driven that is another one than the test's, because Playwright's event loop runs in the test's thread and
Django keeps its connections apart there.
"""

from __future__ import annotations

import socket
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test.testcases import LiveServerThread
from pytest_django.live_server_helper import LiveServer

PATIENCE_S = 10
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class OpenRequests:
    """Between the server and the application: knows what is being answered, and lets one in at a time.

    Requests that begin after the test has ended are answered with 503. A body is sent outside of the turn,
    as it may be read slowly.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._turn = threading.Lock()
        self._changed = threading.Condition()
        self._open: dict[int, str] = {}
        self._takes_more = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The application's answer to a request; the request is open until its body has been closed."""
        with self._changed:
            if not self._takes_more:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return []
            self._open[id(environ)] = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        try:
            with self._turn:
                return _Body(self._application(environ, start_response), lambda: self._end(environ))
        except BaseException:
            self._end(environ)
            raise

    def _end(self, environ: dict[str, Any]) -> None:
        with self._changed:
            self._open.pop(id(environ), None)
            self._changed.notify_all()

    def begin(self) -> None:
        """Let requests in."""
        with self._changed:
            self._takes_more = True

    def end(self) -> None:
        """Let no more requests in, and return when the last has been answered.

        Warns of those that were not after `PATIENCE_S`.
        """
        with self._changed:
            self._takes_more = False
            if not self._changed.wait_for(lambda: not self._open, PATIENCE_S):
                warnings.warn(f"Not answered when the test ended: {[*self._open.values()]}", stacklevel=2)


class _Body:
    """An answer's body that tells when it is closed."""

    def __init__(self, body: Iterable[bytes], closed: Callable[[], None]) -> None:
        self._body = body
        self._closed = closed

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            if (close := getattr(self._body, "close", None)) is not None:
                close()
        finally:
            self._closed()


class _CountingServer(ThreadedWSGIServer):
    """Django's server for tests, with what knows its open requests before the application."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self._connections: set[socket.socket] = set()
        super().__init__(*arguments, **more)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer what comes on one connection."""
        self._connections.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.discard(request)

    def end_requests(self) -> None:
        """Answer what was asked whole, and listen to nobody: a closed browser may owe the rest of a body."""
        for connection in list(self._connections):
            with suppress(OSError):  # closed meanwhile
                connection.shutdown(socket.SHUT_RD)
        self.open_requests.end()

    def set_app(self, application: Any) -> None:
        """Called once, before the first request."""
        self.open_requests = OpenRequests(application)
        super().set_app(self.open_requests)


def count_open_requests() -> None:
    """Let every live server that is started from now on know its open requests."""
    LiveServerThread.server_class = _CountingServer


@contextmanager
def served_on_this_connection(server: LiveServer) -> Iterator[None]:
    """Requests are answered on the connections that this thread has now; at the end, all have been."""
    shared = {
        connection.alias: connection
        for connection in connections.all()
        if connection.vendor == "sqlite" and connection.is_in_memory_db()  # type: ignore[attr-defined]
    }
    for connection in shared.values():
        if not connection.allow_thread_sharing:
            connection.inc_thread_sharing()  # for good: a browser's idle connection may end later
    httpd: Any = server.thread.httpd
    httpd.connections_override = shared
    httpd.open_requests.begin()
    try:
        yield
    finally:
        httpd.end_requests()
