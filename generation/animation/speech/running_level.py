"""How loud a voice is, told from what was heard of it so far."""

from __future__ import annotations

import numpy as np

from generation.animation.speech.audio_features import MAX_GAIN, SAMPLE_RATE, SPEECH_LEVEL, Samples

_LOWEST_DB, _HIGHEST_DB = -75.0, 5.0
_LOUD_SHARE = 0.1  # the level of the louder tenth of frames, as prepare_samples measures it
_MEMORY_S = 8.0
_EXPECTED_S = 0.4  # the weight, in seconds of speech, of a usual recording level before anything was heard
_FRAME = SAMPLE_RATE // 100


class RunningLevel:
    """The gain that prepare_samples would choose, from a fading histogram of levels in steps of 1 dB."""

    def __init__(self) -> None:
        self._levels = np.arange(_LOWEST_DB, _HIGHEST_DB)
        expected = 20 * np.log10(SPEECH_LEVEL) - 6
        self._weight = (
            _EXPECTED_S * 100 * np.exp(-0.5 * ((self._levels - expected) / 6) ** 2) / (6 * np.sqrt(2 * np.pi))
        )

    def hear(self, samples: Samples) -> None:
        """Take in samples, a multiple of 10 ms."""
        power = (samples.reshape(-1, _FRAME) ** 2).mean(1)
        heard = 10 * np.log10(power[power > 10 ** (_LOWEST_DB / 10)])
        self._weight *= np.exp(-len(heard) / (100 * _MEMORY_S))
        np.add.at(self._weight, np.clip(heard - _LOWEST_DB, 0, len(self._levels) - 1).astype(int), 1.0)

    @property
    def gain(self) -> float:
        """The factor that brings the louder frames to the level of speech."""
        above = np.cumsum(self._weight[::-1])[::-1]
        loud = self._levels[above >= _LOUD_SHARE * above[0]].max() + 0.5
        return float(min(SPEECH_LEVEL / 10 ** (loud / 20), MAX_GAIN))
