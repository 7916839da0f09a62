"""Voice rows that arrive in pieces, as the bands around one planned row after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.voice_driven.prosody_bands import (
    CHANNELS,
    PAST,
    Bands,
    ProsodyBands,
    channels_of,
)

# Reads the bands of a window: `ProsodyBands.at`, or what remembers its answers.
ReadBands: TypeAlias = Callable[[ProsodyBands, NDArray[np.float64]], Bands]


class BandStream:
    """The bands of row after row, once the voice is known `ahead` rows beyond it; with `ahead` less than 0,
    rows are planned that many before they are heard, from the voice so far."""

    def __init__(self, ahead: int, delay: int = 0, read: ReadBands = ProsodyBands.at) -> None:
        known, late = max(ahead, 0), max(-ahead, 0)
        self._read = read
        self._bands = ProsodyBands(known, delay if ahead > 0 else 0)
        self._window, self._before = PAST + known + 1, PAST + late
        # Channels from the first row of the next window on; before the clip it is silent.
        self._voice = np.zeros((self._before, CHANNELS))
        self.planned = 0  # rows given out so far
        self.ends_at: int | None = None  # how many there will be, once the voice has ended

    def push(self, voice: NDArray[np.float32]) -> Iterator[Bands]:
        """The bands that are known with the next rows (T, 25) of the voice."""
        self._voice = np.concatenate([self._voice, channels_of(voice)])
        yield from self._ready()

    def end(self) -> Iterator[Bands]:
        """The voice has ended: the bands of its remaining rows, followed by silence."""
        self.ends_at = self.planned + max(len(self._voice) - self._before, 0)
        self._voice = np.concatenate([self._voice, np.zeros((self._window, CHANNELS))])
        yield from self._ready()

    def _ready(self) -> Iterator[Bands]:
        while len(self._voice) >= self._window and self.planned != self.ends_at:
            bands = self._read(self._bands, self._voice[: self._window])
            self._voice = self._voice[1:]
            yield bands
            self.planned += 1
