"""A client's socket as the answering thread sees it: it never waits, to get bytes or to be rid of them."""

from __future__ import annotations

import socket
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from config.web_server.incoming import IN_MEMORY_BYTES, Incoming

PIECE_BYTES = 64 * 1024


class ClientChannel:
    """Reads from what was received, and keeps what the client does not take at once for `flush`, in `folder`.

    The socket itself never blocks. Whatever is not here is the socket's own.
    """

    def __init__(self, client: socket.socket, folder: str | None) -> None:
        self._client = client
        self._folder = folder
        self._client.setblocking(False)
        self._incoming: Incoming | None = None
        self._kept: IO[bytes] | None = None
        self._kept_bytes = self._flushed_bytes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def receive(self) -> bytes:
        """What has come from the client; nothing when it has closed its side. Raises OSError."""
        return self._client.recv(PIECE_BYTES)

    def arrived(self, incoming: Incoming) -> None:
        """Have `recv` give this request."""
        self._incoming = incoming

    def recv(self, size: int) -> bytes:
        """The next bytes of the request; none beyond its end."""
        return b"" if self._incoming is None else self._incoming.file.read(size)

    def sendall(self, data: bytes) -> None:
        """Send what the client takes now, and keep the rest. Raises OSError."""
        sent = 0
        if not self._kept_bytes:
            try:
                sent = self._client.send(data)
            except BlockingIOError:
                sent = 0
        if sent < len(data):
            if self._kept is None:
                self._kept = SpooledTemporaryFile(max_size=4 * IN_MEMORY_BYTES, dir=self._folder)  # noqa: SIM115 - closed by forget
            self._kept_bytes += self._kept.write(data[sent:])

    def send(self, data: bytes) -> int:
        """As `sendall`; all of it counts as sent."""
        self.sendall(data)
        return len(data)

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> int:
        """As `sendall`, for `count` bytes of a file from `offset` on, or all that follow."""
        file.seek(offset)
        sent = 0
        while count is None or sent < count:
            data = file.read(PIECE_BYTES if count is None else min(PIECE_BYTES, count - sent))
            if not data:
                break
            sent += self.send(data)
        return sent

    @property
    def waiting_bytes(self) -> int:
        """How much the client has not taken yet."""
        return self._kept_bytes - self._flushed_bytes

    def flush(self) -> bool:
        """Send what was kept as far as the client takes it; whether that was all. Raises OSError."""
        while self.waiting_bytes and self._kept is not None:
            self._kept.seek(self._flushed_bytes)
            try:
                self._flushed_bytes += self._client.send(self._kept.read(PIECE_BYTES))
            except BlockingIOError:
                return False
        return True

    def forget(self) -> None:
        """Let go of the request and its answer."""
        if self._incoming is not None:
            self._incoming.close()
        if self._kept is not None:
            self._kept.close()
        self._incoming = self._kept = None
        self._kept_bytes = self._flushed_bytes = 0

    def close(self) -> None:
        """Close the socket and let go of everything."""
        self.forget()
        self._client.close()

    # gunicorn switches between waiting and not waiting; this never waits.
    def setblocking(self, flag: bool) -> None:
        """Nothing."""

    def settimeout(self, value: float | None) -> None:
        """Nothing."""

    def gettimeout(self) -> None:
        """No timeout is ever met here."""
        return
