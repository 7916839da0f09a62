"""Running estimate of a speech stream's level, from which the gain of level normalisation follows."""

from __future__ import annotations

import numpy as np

from generation.animation.speech.audio_input import MAX_GAIN, SAMPLE_RATE, SPEECH_LEVEL, Samples

_LOWEST_DB, _HIGHEST_DB = -75.0, 5.0
_LOUD_SHARE = 0.1  # the level of the louder tenth of frames, as prepare_samples measures it
_MEMORY_S = 8.0
_PRIOR_S = 0.4  # weight of the prior, a usual recording level, in seconds of speech
_FRAME = SAMPLE_RATE // 100


class RunningLevel:
    """The gain that `prepare_samples` would choose, from an exponentially forgetting histogram of levels in
    steps of 1 dB."""

    def __init__(self) -> None:
        self._levels = np.arange(_LOWEST_DB, _HIGHEST_DB)
        expected = 20 * np.log10(SPEECH_LEVEL) - 6
        self._weight = (
            _PRIOR_S * 100 * np.exp(-0.5 * ((self._levels - expected) / 6) ** 2) / (6 * np.sqrt(2 * np.pi))
        )

    def update(self, samples: Samples) -> None:
        """Add 16 kHz samples (N,), a multiple of 10 ms, to the histogram."""
        power = (samples.reshape(-1, _FRAME) ** 2).mean(1)
        levels_db = 10 * np.log10(power[power > 10 ** (_LOWEST_DB / 10)])
        self._weight *= np.exp(-len(levels_db) / (100 * _MEMORY_S))
        np.add.at(self._weight, np.clip(levels_db - _LOWEST_DB, 0, len(self._levels) - 1).astype(int), 1.0)

    @property
    def gain(self) -> float:
        """The factor that brings the louder frames to SPEECH_LEVEL."""
        above = np.cumsum(self._weight[::-1])[::-1]
        loud = self._levels[above >= _LOUD_SHARE * above[0]].max() + 0.5
        return float(min(SPEECH_LEVEL / 10 ** (loud / 20), MAX_GAIN))
