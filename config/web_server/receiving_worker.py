"""A worker of gunicorn whose threads get requests that have arrived whole, and never wait for a client.

gunicorn's own gives a thread to each connection that has sent its first byte. Seventy clients that send half
a body then keep everybody else waiting, health checks included. Here the loop that accepts connections also
receives requests and sends what a client did not take at once; a thread only ever answers.

Who sends nothing or too slowly is cut off, and when there are too many connections, the one that has waited
longest goes first.
"""

from __future__ import annotations

import contextlib
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from django.conf import settings
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from config.web_server.channel import ClientChannel
from config.web_server.connections import count_by
from config.web_server.incoming import Incoming
from config.web_server.refusals import TooMuchArrives, refusal_of, whole_answer
from provenance.common.uploads import LARGEST_BODY_BYTES

HEAD_S = 15.0
BODY_S = 60.0  # and a second for each so many bytes, for the body and for the answer
LEAST_BYTES_PER_S = 8 * 1024
LINGER_S = 5.0  # after an answer, while the client still sends: closing at once would cut the answer off
STOPPING_S = 2.0
MOST_WAITING_BYTES = 4 * 1000**3  # of bodies that are on their way
MOST_FILES = 65_536


class Connection(TConn):
    """A client's connection, and what is being received on it."""

    def __init__(self, cfg: Any, channel: ClientChannel, client: Any, server: Any) -> None:
        super().__init__(cfg, channel, client, server)
        self.incoming = Incoming(None, 0)
        self.early = b""  # of the next request
        self.deadline = 0.0
        self.goes_on = False
        self.data_ready = True


class ReceivingWorker(ThreadWorker):
    """See the module."""

    def init_process(self) -> None:
        """Allow as many connections as the system does; then as gunicorn."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        self._waiting: dict[Connection, None] = {}  # for the client, longest first
        self._looked_at = 0.0
        self._stops_at: float | None = None
        super().init_process()

    def run(self) -> None:
        """Have the registry of issued marks opened meanwhile; then as gunicorn."""
        from provenance.services.issued_ids import get_ready  # noqa: PLC0415 - the settings are loaded by now

        threading.Thread(target=get_ready, name="issued-ids", daemon=True).start()
        count_by(lambda: self.nr_conns, self.worker_connections)
        super().run()

    def accept(self, listener: socket.socket) -> None:
        """Take a connection and begin to receive."""
        try:
            client, address = listener.accept()
        except OSError:  # gone already, or no descriptor is left: the others are looked at first
            self._drop_longest()
            return
        self.nr_conns += 1
        channel = ClientChannel(client, str(settings.FILE_UPLOAD_TEMP_DIR))
        self._receive(Connection(self.cfg, channel, address, listener.getsockname()), HEAD_S)
        if self.nr_conns >= self.worker_connections:
            self._drop_longest()

    def finish_request(self, conn: Connection, fs: Future[Any]) -> None:
        """A thread has answered: send what the client has not taken yet, then go on or close."""
        with contextlib.suppress(Exception):
            conn.goes_on = not fs.cancelled() and bool(fs.result()) and not conn.incoming.is_cut
        if conn.sock.waiting_bytes:
            seconds = BODY_S + conn.sock.waiting_bytes / LEAST_BYTES_PER_S
            self._wait(conn, selectors.EVENT_WRITE, self._on_writable, seconds)
        else:
            self._after(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Say what is wrong with a request that cannot be read, as the service says everything."""
        refusal = refusal_of(exc)
        if refusal is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("%s from %s: %s", refusal.code, addr[0] if addr else "", exc)
        with contextlib.suppress(OSError):
            client.sendall(whole_answer(refusal))

    def murder_pending(self) -> None:
        """Cut off who is too slow. gunicorn calls it at least once a second."""
        now = time.monotonic()
        if now - self._looked_at < 0.5:
            return
        self._looked_at = now
        if not self.alive and self._stops_at is None:
            self._stops_at = now + STOPPING_S
        for conn in list(self._waiting):
            is_stopping = self._stops_at is not None and not conn.incoming.is_begun and now > self._stops_at
            if now > conn.deadline or is_stopping:
                self._drop(conn)

    def _receive(self, conn: Connection, seconds: float) -> None:
        conn.goes_on = False
        conn.incoming = Incoming(str(settings.FILE_UPLOAD_TEMP_DIR), LARGEST_BODY_BYTES)
        self._wait(conn, selectors.EVENT_READ, self._on_data, seconds)
        if conn.early:
            data, conn.early = conn.early, b""
            self._on_event(conn, lambda conn: self._take(conn, data), None)

    def _on_data(self, conn: Connection) -> None:
        data = conn.sock.receive()
        if data:
            self._take(conn, data)
        else:  # closed, or half of it: nothing more will come
            self._drop(conn)

    def _take(self, conn: Connection, data: bytes) -> None:
        had_head = conn.incoming.has_head
        conn.early = conn.incoming.feed(data)
        if conn.incoming.is_whole:
            self._stop_waiting(conn)
            conn.sock.arrived(conn.incoming)
            self.enqueue_req(conn)
        elif conn.incoming.has_head and not had_head:
            if sum(each.incoming.body_bytes for each in self._waiting) > MOST_WAITING_BYTES:
                conn.sock.sendall(whole_answer(TooMuchArrives()))
                self._drop(conn)
                return
            conn.deadline = time.monotonic() + BODY_S + conn.incoming.body_bytes / LEAST_BYTES_PER_S
            if conn.incoming.expects_continue:
                conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _on_writable(self, conn: Connection) -> None:
        if conn.sock.flush():
            self._stop_waiting(conn)
            self._after(conn)

    def _after(self, conn: Connection) -> None:
        conn.sock.forget()
        if conn.goes_on:
            self._receive(conn, HEAD_S if conn.early else self.cfg.keepalive)
            return
        with contextlib.suppress(OSError):
            conn.sock.shutdown(socket.SHUT_WR)
        self._wait(conn, selectors.EVENT_READ, self._on_rest, LINGER_S)

    def _on_rest(self, conn: Connection) -> None:
        if not conn.sock.receive():
            self._drop(conn)

    def _wait(self, conn: Connection, event: int, act: Callable[[Connection], None], seconds: float) -> None:
        conn.deadline = time.monotonic() + seconds
        self._waiting[conn] = None
        self.poller.register(conn.sock, event, partial(self._on_event, conn, act))

    def _on_event(self, conn: Connection, act: Callable[[Connection], None], _: object) -> None:
        if conn not in self._waiting:  # dropped by another event of the same moment
            return
        try:
            act(conn)
        except BlockingIOError:
            return
        except (OSError, ValueError):  # the client is gone, or a disk is full
            self._drop(conn)

    def _stop_waiting(self, conn: Connection) -> None:
        del self._waiting[conn]
        self.poller.unregister(conn.sock)

    def _drop_longest(self) -> None:
        if self._waiting:
            self._drop(next(iter(self._waiting)))

    def _drop(self, conn: Connection) -> None:
        if conn in self._waiting:
            self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.incoming.close()
        conn.sock.close()
