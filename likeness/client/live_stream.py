"""One live session: speech goes in, marked video comes out, and each second is checked as it comes.

Needs the package `websockets` (`pip install likeness[live]`).
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from likeness.client.answers import FailureInfo, LiveOpenedInfo
from likeness.errors import ServiceRefusal, ServiceUnreachable

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

RATE = 16_000
PIECE_S = 0.02
STARTS_S = 120.0
AHEAD_S = 60.0  # of speech that may wait at the service: it takes two minutes


class LiveStream:
    """A connection to a session that `Client.open_live` has opened; a context manager.

    `on_media` is given the stream as it comes (fragmented MP4), `on_note` every note of the service
    (docs/live.md); both are called in a thread of their own. `received` is the whole stream so far,
    `segments` counts the seconds of it, and `is_whole` says whether each had the SHA-256 that the session's
    key has signed.
    """

    def __init__(
        self,
        opened: LiveOpenedInfo,
        *,
        sound: str = "pcm",
        on_media: Callable[[bytes], None] = lambda data: None,
        on_note: Callable[[dict[str, Any]], None] = lambda note: None,
    ) -> None:
        """`sound` is `pcm` (16 bits, little-endian, mono, RATE) or `opus` (a packet in each piece)."""
        self._opened, self._sound = opened, sound
        self._on_media, self._on_note = on_media, on_note
        self._connection = ExitStack()
        self._socket: ClientConnection | None = None
        self._taking: threading.Thread | None = None
        self._ready, self._over = threading.Event(), threading.Event()
        self._segment, self._spoken_s, self._begun = hashlib.sha256(), 0.0, 0.0
        self.received = bytearray()
        self.segments, self.is_whole = 0, True
        self.segment_key = ""  # Ed25519, hexadecimal: `live.started` of the log has it too
        self.end_reason: FailureInfo | None = None

    def __enter__(self) -> LiveStream:
        """Connect; returns when the session is live. Raises ServiceUnreachable, ServiceRefusal."""
        from websockets.exceptions import WebSocketException  # noqa: PLC0415 - of the extra `live`
        from websockets.sync.client import connect  # noqa: PLC0415

        try:
            self._socket = self._connection.enter_context(
                connect(self._opened.url, max_size=None, compression=None)
            )
            first = {"type": "start", "token": self._opened.token, "sound": self._sound}
            self._socket.send(json.dumps(first))
        except (OSError, WebSocketException) as error:  # nobody there, or nobody who speaks of live sessions
            self._connection.close()
            raise ServiceUnreachable from error
        self._taking = threading.Thread(target=self._take, args=(self._socket,), daemon=True)
        self._taking.start()
        if not self._ready.wait(STARTS_S) or self._over.is_set():
            self._connection.close()
            reason = self.end_reason
            if reason is None:
                raise ServiceUnreachable("The session did not start.")
            raise ServiceRefusal(reason.message, code=reason.code, hint=reason.hint)
        self._begun = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def is_over(self) -> bool:
        """Whether the session has ended; `end_reason` says why."""
        return self._over.is_set()

    def speak(self, piece: bytes) -> None:
        """Say what a speaker, or a synthesiser that is quicker than speech, gives.

        The service waits for nobody: what comes late is silence. Blocks while a minute is ahead of time.
        """
        if self._sound == "pcm":
            self._spoken_s = max(self._spoken_s, time.monotonic() - self._begun) + len(piece) / 2 / RATE
            while not self.is_over and self._spoken_s - (time.monotonic() - self._begun) > AHEAD_S:
                time.sleep(PIECE_S)
        self._send(piece)

    def speak_all(self, pieces: Iterable[bytes]) -> None:
        """Say pieces as they come, and return when the last one has been heard."""
        for piece in pieces:
            # No message is longer than two seconds.
            for start in range(0, len(piece), 2 * RATE):
                self.speak(piece[start : start + 2 * RATE])
        self._over.wait(max(0.0, self._spoken_s - (time.monotonic() - self._begun)) + 0.6)

    def direct(self, **controls: float | str) -> None:
        """Change controls (docs/motion.md) from the next picture on."""
        self._send(json.dumps({"type": "direct", "controls": controls}))

    def stop(self) -> None:
        """Barge-in: forget the speech that waits; the mouth closes."""
        self._spoken_s = time.monotonic() - self._begun
        self._send(json.dumps({"type": "stop"}))

    def end(self) -> None:
        """End the session and wait for its last pictures."""
        self._send(json.dumps({"type": "end"}))
        self._over.wait(20)
        self._connection.close()

    def _send(self, message: bytes | str) -> None:
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

        if self._socket is None:
            raise ServiceUnreachable("The session is not connected.")
        try:
            self._socket.send(message)
        except ConnectionClosed:
            self._over.set()

    def _take(self, socket: ClientConnection) -> None:
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

        try:
            while True:
                message = socket.recv()
                if isinstance(message, str):
                    self._hear(json.loads(message))
                    continue
                self._segment.update(message)
                self.received += message
                self._on_media(message)
                self._ready.set()  # the head of the stream: what follows is live
        except ConnectionClosed:
            pass
        finally:
            self._over.set()
            self._ready.set()

    def _is_as_it_left(self, note: dict[str, Any], digest: str) -> bool:
        """Whether a second has the hash that was named, signed by the session's key, which the log has."""
        words = f"likeness live segment\n{self._opened.id}\n{note['number']}\n{digest}\n"
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.segment_key))
            key.verify(bytes.fromhex(note["signature"]), words.encode())
        except (InvalidSignature, ValueError):
            return False
        return bool(digest == note["sha256"])

    def _hear(self, note: dict[str, Any]) -> None:
        if note["type"] == "segment":
            self.is_whole = self.is_whole and self._is_as_it_left(note, self._segment.hexdigest())
            self._segment = hashlib.sha256()
            self.segments += 1
        elif note["type"] == "ready":
            self.segment_key = str(note["segment_key"])
        elif note["type"] == "ended" or (note["type"] == "refused" and not self._ready.is_set()):
            self.end_reason = FailureInfo(note["code"], note["message"], note.get("hint", ""))
        self._on_note(note)
