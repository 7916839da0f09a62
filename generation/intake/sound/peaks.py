"""The outline of a recording, as a player draws it."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import IO, Final

import numpy as np

COLUMNS: Final = 96
_PIECE_FRAMES: Final = 1 << 18


def peaks_of(file: Path | IO[bytes]) -> list[int]:
    """The loudest sample of each of `COLUMNS` equal stretches of a stored WAV (16 bits), 0 to 100.

    100 is full scale. Stereo counts as its louder channel. Raises wave.Error for anything else.
    """
    with wave.open(str(file) if isinstance(file, Path) else file, "rb") as sound:
        frames, channels = sound.getnframes(), sound.getnchannels()
        loudest = np.zeros(COLUMNS, dtype=np.int32)
        begin = 0
        while piece := sound.readframes(_PIECE_FRAMES):
            levels = np.abs(np.frombuffer(piece, dtype="<i2").astype(np.int32))
            levels = levels.reshape(-1, channels).max(axis=1)
            columns = np.minimum(
                (np.arange(begin, begin + len(levels)) * COLUMNS) // max(1, frames), COLUMNS - 1
            )
            np.maximum.at(loudest, columns, levels)
            begin += len(levels)
    return [int(value) for value in np.minimum(100, np.round(loudest * 100 / 32768))]
