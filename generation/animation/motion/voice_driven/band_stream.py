"""Voice rows that arrive in pieces, as the bands around the rows that can be planned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.voice_driven.prosody_bands import (
    CHANNELS,
    PAST,
    Bands,
    ProsodyBands,
    channels_of,
)


class BandStream:
    """The bands of row after row, once the voice is known `ahead` rows beyond it; with `ahead` less than 0,
    rows are planned that many before they are heard, from the voice so far."""

    def __init__(self, ahead: int, delay: int = 0) -> None:
        known, late = max(ahead, 0), max(-ahead, 0)
        self._bands = ProsodyBands(known, delay if ahead > 0 else 0)
        self._before = PAST + late
        # Channels from the first row of the next window on; before the clip it is silent.
        self._voice = np.zeros((self._before, CHANNELS))
        self.planned = 0  # rows given out so far
        self.ends_at: int | None = None  # how many there will be, once the voice has ended

    def push(self, voice: NDArray[np.float32]) -> Bands:
        """The bands that are known with the next rows (T, 25) of the voice."""
        self._voice = np.concatenate([self._voice, channels_of(voice)])
        return self._ready(max(len(self._voice) - self._bands.rows + 1, 0))

    def end(self) -> Bands:
        """The voice has ended: the bands of its remaining rows, followed by silence."""
        rest = max(len(self._voice) - self._before, 0)
        self.ends_at = self.planned + rest
        self._voice = np.concatenate([self._voice, np.zeros((self._bands.rows, CHANNELS))])
        return self._ready(rest)

    def _ready(self, count: int) -> Bands:
        needed = self._bands.rows - 1 + count
        bands = self._bands.over(self._voice[:needed] if count else np.zeros((needed, CHANNELS)))
        self._voice = self._voice[count:]
        self.planned += count
        return bands
