"""Audio that arrives in pieces of any size, brought to 16 kHz as if it had come at once."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.signal import resample_poly

from generation.animation.audio_features import SAMPLE_RATE, Samples

# Rates that share no small ratio with 16 kHz are taken for one that does, less than 1 part in 100,000 away.
_LARGEST_STEP = 882
_FILTER_REACH = 10  # resample_poly's filter, in samples of the slower rate to either side


class StreamResampler:
    """Works on blocks of its own size, so what comes out does not depend on how the audio was cut."""

    def __init__(self, sample_rate: int) -> None:
        ratio = Fraction(SAMPLE_RATE, sample_rate).limit_denominator(_LARGEST_STEP)
        self._up, self._down = ratio.numerator, ratio.denominator
        # A block is about 5 ms; the context beside it is whole blocks, so that the filter's phase fits.
        repeats = max(1, round(0.005 * sample_rate / self._down))
        self._block = self._down * repeats
        reach = _FILTER_REACH * max(1.0, self._down / self._up)
        self._context = self._down * int(np.ceil((reach + 1) / self._down))
        self._waiting = np.zeros(self._context, np.float32)
        self._taken = self._given = 0

    def push(self, chunk: Samples) -> Samples:
        """Samples (M,) at 16 kHz that can be given by now."""
        self._taken += len(chunk)
        if self._up == self._down:
            self._given += len(chunk)
            return np.asarray(chunk, np.float32)
        self._waiting = np.concatenate([self._waiting, chunk.astype(np.float32)])
        parts = [np.zeros(0, np.float32)]
        needed = self._block + 2 * self._context
        lead = self._context // self._down * self._up
        produced = self._block // self._down * self._up
        at = 0
        while len(self._waiting) - at >= needed:
            whole = resample_poly(self._waiting[at : at + needed], self._up, self._down)
            parts.append(whole[lead : lead + produced].astype(np.float32))
            at += self._block
        self._waiting = self._waiting[at:]
        out = np.concatenate(parts)
        self._given += len(out)
        return out

    def finish(self) -> Samples:
        """The last samples: as many as belong to what was pushed."""
        total = self._taken * self._up // self._down
        given = self._given
        silence = np.zeros(self._block + 2 * self._context, np.float32)
        return self.push(silence)[: total - given]
