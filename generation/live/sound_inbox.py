"""Speech as it arrives, and the clock by which it is taken: real time goes on, whatever arrives.

What comes too late is made up for with silence, so that the face goes on breathing and blinking; what comes
too early waits: a speech synthesiser is quicker than speech.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 16_000
MOST_WAITING_S: Final = 120.0
PATIENCE_S: Final = 0.06  # how late a piece may be before silence takes its place
MOST_AT_ONCE_S: Final = 0.1  # that are taken: who falls behind catches up in steps, and shows each of them


class SoundInbox:
    """Takes 16-bit PCM, mono, SAMPLE_RATE; gives float32 in -1..1. Both ends may be in different threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._begun = clock, 0.0
        self._waiting: deque[NDArray[np.float32]] = deque()
        self._count = 0
        self._lock = threading.Lock()
        self.taken = 0  # samples, silence included
        self.received_taken = 0  # of these, samples that were received
        self._silences: list[list[int]] = []

    def begin(self) -> None:
        """Now is the session's time 0. What came before is forgotten."""
        with self._lock:
            self._begun = self._clock()
            self._drop()

    @property
    def time_s(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._begun

    def put(self, pcm: bytes) -> bool:
        """Append what arrived; False, and it is not taken, where MOST_WAITING_S would wait. Raises ValueError
        for half a sample.
        """
        if len(pcm) % 2:
            raise ValueError("Sound of 16 bits has an even number of bytes.")
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(2**15)
        with self._lock:
            if self._count + len(samples) > MOST_WAITING_S * SAMPLE_RATE:
                return False
            self._waiting.append(samples)
            self._count += len(samples)
        return True

    def take(self) -> NDArray[np.float32]:
        """The samples that are due now, (N,): what has arrived, and silence where it is late; maybe none."""
        with self._lock:
            due = int(self.time_s * SAMPLE_RATE) - self.taken
            most = int(MOST_AT_ONCE_S * SAMPLE_RATE)
            count = min(due, self._count, most)
            missing = min(due - int(PATIENCE_S * SAMPLE_RATE), most) - count if count == self._count else 0
            pieces = [self._pop(count)] if count > 0 else []
            if missing > 0:
                pieces.append(np.zeros(missing, np.float32))
                self._note_silence(self.taken + max(count, 0), missing)
        samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        self.taken += len(samples)
        self.received_taken += max(count, 0)
        return samples

    def new_silences(self) -> list[tuple[int, int]]:
        """Where silence was put in since this was last asked: first sample and count of each run."""
        with self._lock:
            runs, self._silences = self._silences, []
        return [(first, count) for first, count in runs]

    def stop(self) -> None:
        """Forget what waits: silence follows at once, and the mouth closes as at the end of a word."""
        with self._lock:
            self._drop()

    def _note_silence(self, first: int, count: int) -> None:
        if self._silences and sum(self._silences[-1]) == first:
            self._silences[-1][1] += count
        else:
            self._silences.append([first, count])

    def _drop(self) -> None:
        self.received_taken += self._count
        self._waiting.clear()
        self._count = 0

    def _pop(self, count: int) -> NDArray[np.float32]:
        taken, left = [], count
        while left:
            piece = self._waiting.popleft()
            if len(piece) > left:
                self._waiting.appendleft(piece[left:])
                piece = piece[:left]
            taken.append(piece)
            left -= len(piece)
        self._count -= count
        return np.concatenate(taken) if taken else np.zeros(0, np.float32)
