"""Streaming resampler: brings audio that arrives in chunks to 16 kHz, as a whole clip would be."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, resample_poly

from generation.animation.speech.audio_input import SAMPLE_RATE, Samples

# Rates whose ratio to 16 kHz has large terms are approximated, to less than 1 part in 100,000.
_LARGEST_STEP = 882
_FILTER_REACH = 10  # of resample_poly's filter, in samples of the slower rate to either side
_BLOCK: Final = 80  # samples at 16 kHz that are given at once, 5 ms


class StreamResampler:
    """Resamples in blocks of its own size, so that the result does not depend on how the audio was cut."""

    def __init__(self, sample_rate: int) -> None:
        ratio = Fraction(SAMPLE_RATE, sample_rate).limit_denominator(_LARGEST_STEP)
        self._up, self._down = ratio.numerator, ratio.denominator
        factor = max(self._up, self._down)
        self._taps = _low_pass(factor)
        self._reach = _FILTER_REACH * factor // self._up + 1  # the filter's, in samples of the input rate
        self._first = self._start(0)  # the number of self._pending[0]; before 0 there is silence
        self._pending = np.zeros(-self._first, np.float32)
        self._taken = self._given = 0
        # Seconds by which the output may lag behind what was pushed.
        self.delay_s = 0.0 if factor == 1 else _BLOCK / SAMPLE_RATE + (self._reach + 1) / sample_rate

    def push(self, chunk: Samples) -> Samples:
        """The samples (M,) at 16 kHz that are complete with this chunk: all but the last `delay_s` at
        most."""
        self._taken += len(chunk)
        if self._up == self._down:
            self._given += len(chunk)
            return np.asarray(chunk, np.float32)
        self._pending = np.concatenate([self._pending, chunk.astype(np.float32)])
        blocks = [np.zeros(0, np.float32)]
        while (end := self._end(self._given)) <= self._first + len(self._pending):
            start = self._start(self._given)
            part = self._pending[start - self._first : end - self._first]
            lead = self._given - start * self._up // self._down
            whole = resample_poly(part, self._up, self._down, window=self._taps)
            blocks.append(whole[lead : lead + _BLOCK].astype(np.float32))
            self._given += _BLOCK
        spare = self._start(self._given) - self._first
        self._pending, self._first = self._pending[spare:], self._first + spare
        return np.concatenate(blocks)

    def flush(self) -> Samples:
        """End of the stream: the remaining samples, as many as belong to what was pushed."""
        total = self._taken * self._up // self._down
        given = self._given
        missing = max(0, self._end(total) - self._first - len(self._pending))
        return self.push(np.zeros(missing, np.float32))[: total - given]

    def _start(self, given: int) -> int:
        """The first input sample of the block after `given` output samples. It coincides with an output
        sample, so that every block has the filter's phase of the whole clip."""
        return (given * self._down // self._up - self._reach) // self._down * self._down

    def _end(self, given: int) -> int:
        """The input sample before which the block after `given` output samples is complete."""
        return (given + _BLOCK - 1) * self._down // self._up + self._reach + 1


def _low_pass(factor: int) -> NDArray[np.float32]:
    """The filter that resample_poly would design anew for each call."""
    if factor == 1:
        return np.ones(1, np.float32)
    taps = firwin(2 * _FILTER_REACH * factor + 1, 1 / factor, window=("kaiser", 5.0))
    return np.asarray(taps, np.float32)
