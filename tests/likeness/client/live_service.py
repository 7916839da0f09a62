"""A live server on loopback that answers speech with pieces of a stream, hashed by the second."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from generation.live.segment_signing import SegmentSigner

HEAD = b"head"
PIECES_A_SEGMENT = 5


@dataclass
class LiveService:
    """What was said to it. `spoils` makes it name another hash for that segment."""

    url: str = ""
    spoils: int | None = None
    said: list[dict[str, object]] = field(default_factory=list)
    sound: bytearray = field(default_factory=bytearray)

    def opened(self) -> dict[str, object]:
        """What `POST /v1/live` answers."""
        return {
            "id": "lvr_1",
            "url": self.url,
            "token": "good",
            "token_expires_at": "2026-11-29T09:31:00Z",
            "max_s": 60,
        }

    def serve(self, socket: ServerConnection) -> None:
        try:
            self._serve(socket)
        except ConnectionClosed:
            return

    def _serve(self, socket: ServerConnection) -> None:
        first = json.loads(socket.recv())
        self.said.append(first)
        if first["token"] != "good":
            refused = {"type": "refused", "code": "live_token_unknown", "message": "No.", "hint": "Again."}
            socket.send(json.dumps(refused))
            return
        signer = SegmentSigner("lvr_1")
        ready = {"type": "ready", "id": "lvr_1", "fps": 25, "segment_key": signer.public_key}
        socket.send(json.dumps(ready))
        segment, number, pieces = hashlib.sha256(HEAD), 0, 0
        socket.send(HEAD)
        for message in socket:
            if isinstance(message, str):
                self.said.append(json.loads(message))
                if self.said[-1]["type"] == "end":
                    break
                continue
            self.sound += message
            socket.send(message)
            segment.update(message)
            pieces += 1
            if pieces % PIECES_A_SEGMENT == 0:
                digest = bytes(32) if number == self.spoils else segment.digest()
                told = {"number": number, "sha256": digest.hex(), "signature": signer.sign(number, digest)}
                socket.send(json.dumps({"type": "segment", **told}))
                segment, number = hashlib.sha256(), number + 1
        ended = {"type": "ended", "code": "ended_by_partner", "message": "Ended.", "hint": "Open a new one."}
        socket.send(json.dumps(ended))


@contextmanager
def live_service() -> Iterator[LiveService]:
    """Runs for the length of the block."""
    service = LiveService()
    with serve(service.serve, "127.0.0.1", 0, compression=None) as server:
        service.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/live/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield service
        server.shutdown()
