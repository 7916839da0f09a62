"""A viewer and speaker of one live session, over its WebSocket, who notes when every frame came."""

from __future__ import annotations

import json
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

RATE = 16_000
PIECE_S = 0.02
PICTURE_TRACK = 1
FRAME_UNITS = 512


@dataclass
class Streamed:
    """What one session gave: its bytes, when each frame came, what was said, and when pieces were sent.

    Times are of `time.perf_counter`.
    """

    fps: int = 25
    data: bytearray = field(default_factory=bytearray)
    frames: list[tuple[float, float]] = field(default_factory=list)  # time shown in s, when it came
    notes: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)  # of each piece of PIECE_S

    def of(self, kind: str) -> list[tuple[float, dict[str, Any]]]:
        """The notes of one kind with their times."""
        return [(at, note) for at, note in self.notes if note["type"] == kind]

    def latencies(self) -> NDArray[np.float64]:
        """Seconds from the sending of the sound of each frame to its arrival.

        The session's time runs on in silence where sound is late; where it did is told with each `pace`.
        Frames of such silence have no sound that was sent, nor have those after the last pace.
        """
        paces = [note for _, note in self.of("pace")]
        silences = [(first, first + length) for note in paces for first, length in note["silence"]]
        told_until = paces[-1]["time_s"] if paces else 0.0
        # What was sent before the session's time began was forgotten.
        early_s = 0.0
        if paces:
            put_in_s = sum(length for _, length in paces[0]["silence"])
            early_s = max(0.0, paces[0]["received_s"] + put_in_s - paces[0]["time_s"])
        found = []
        for shown_s, came in self.frames:
            if shown_s >= told_until or any(first <= shown_s < end for first, end in silences):
                continue
            padded_s = sum(end - first for first, end in silences if end <= shown_s)
            piece = int((shown_s - padded_s + early_s) / PIECE_S + 1e-6)
            if 0 <= piece < len(self.sent):
                found.append(came - self.sent[piece])
        return np.array(found)


def stream(
    url: str,
    token: str,
    speech: NDArray[np.int16],
    *,
    until_s: float | None = None,
    when_live: Callable[[], None] = lambda: None,
) -> Streamed:
    """Speak `speech` (N,) of RATE in real time and take what comes; end the session behind it.

    With `until_s` the session is not ended but watched for so long. `when_live` is called before the first
    piece is sent.
    """
    result = Streamed()
    with connect(url, max_size=None, compression=None) as socket:
        socket.send(json.dumps({"type": "start", "token": token}))
        ready = threading.Event()
        taking = threading.Thread(target=_take, args=(socket, result, ready), daemon=True)
        taking.start()
        if not ready.wait(120):
            raise RuntimeError("The session did not start.")
        when_live()
        begun = time.perf_counter()
        step = int(RATE * PIECE_S)
        for number in range(len(speech) // step):
            wait_s = begun + number * PIECE_S - time.perf_counter()
            if wait_s > 0:
                time.sleep(wait_s)
            try:
                socket.send(speech[number * step : (number + 1) * step].astype("<i2").tobytes())
            except ConnectionClosed:
                break
            result.sent.append(time.perf_counter())
        if until_s is None:
            time.sleep(1.0)
            socket.send(json.dumps({"type": "end"}))
        taking.join(timeout=until_s or 20)
    return result


def _take(socket: ClientConnection, result: Streamed, ready: threading.Event) -> None:
    try:
        while True:
            message = socket.recv()
            now = time.perf_counter()
            if isinstance(message, str):
                note = json.loads(message)
                result.notes.append((now, note))
                if note["type"] == "ready":
                    result.fps = note["fps"]
                continue
            result.data += message
            at = message.find(b"tfdt")
            if at < 0:
                ready.set()  # the head: what follows is live
                continue
            track = struct.unpack_from(">I", message, message.find(b"tfhd") + 8)[0]
            if track == PICTURE_TRACK:
                shown = struct.unpack_from(">Q", message, at + 8)[0] / (FRAME_UNITS * result.fps)
                result.frames.append((shown, now))
    except ConnectionClosed:
        return
