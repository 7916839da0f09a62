"""Remembers the bands of a recording's voice: controls do not change them."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.voice_driven.prosody_bands import Bands, ProsodyBands

MOST_BANDS: Final = 40_000  # of 400 bytes; two minutes have three times 2,400, and again for each seed


class BandMemory:
    """`ProsodyBands.at` with a memory of its answers, which are the same. For one recording."""

    def __init__(self) -> None:
        self._known: dict[bytes, Bands] = {}

    def read(self, bands: ProsodyBands, window: NDArray[np.float64]) -> Bands:
        """As `ProsodyBands.at`."""
        digest = hashlib.blake2b(f"{bands.ahead} {bands.delay} ".encode(), digest_size=16)
        digest.update(np.ascontiguousarray(window).data)
        place = digest.digest()
        if place not in self._known:
            if len(self._known) >= MOST_BANDS:
                self._known.clear()
            self._known[place] = bands.at(window)
        return self._known[place]
