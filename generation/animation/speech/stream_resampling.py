"""Audio that arrives in pieces of any size, brought to 16 kHz as if it had come at once."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, resample_poly

from generation.animation.speech.audio_features import SAMPLE_RATE, Samples

# Rates that share no small ratio with 16 kHz are taken for one that does, less than 1 part in 100,000 away.
_LARGEST_STEP = 882
_FILTER_REACH = 10  # of resample_poly's filter, in samples of the slower rate to either side
_BLOCK: Final = 80  # samples at 16 kHz that are given at once, 5 ms


class StreamResampler:
    """Works on blocks of its own size, so what comes out does not depend on how the audio was cut."""

    def __init__(self, sample_rate: int) -> None:
        ratio = Fraction(SAMPLE_RATE, sample_rate).limit_denominator(_LARGEST_STEP)
        self._up, self._down = ratio.numerator, ratio.denominator
        finer = max(self._up, self._down)
        self._taps = _low_pass(finer)
        self._reach = _FILTER_REACH * finer // self._up + 1  # the filter's, in samples of the given rate
        self._first = self._start(0)  # the number of self._waiting[0]; before 0 there is silence
        self._waiting = np.zeros(-self._first, np.float32)
        self._taken = self._given = 0
        # How far what comes out may lie behind what was pushed.
        self.delay_s = 0.0 if finer == 1 else _BLOCK / SAMPLE_RATE + (self._reach + 1) / sample_rate

    def push(self, chunk: Samples) -> Samples:
        """Samples (M,) at 16 kHz that can be given by now: all but the last `delay_s` at the most."""
        self._taken += len(chunk)
        if self._up == self._down:
            self._given += len(chunk)
            return np.asarray(chunk, np.float32)
        self._waiting = np.concatenate([self._waiting, chunk.astype(np.float32)])
        blocks = [np.zeros(0, np.float32)]
        while (end := self._end(self._given)) <= self._first + len(self._waiting):
            start = self._start(self._given)
            part = self._waiting[start - self._first : end - self._first]
            lead = self._given - start * self._up // self._down
            whole = resample_poly(part, self._up, self._down, window=self._taps)
            blocks.append(whole[lead : lead + _BLOCK].astype(np.float32))
            self._given += _BLOCK
        spare = self._start(self._given) - self._first
        self._waiting, self._first = self._waiting[spare:], self._first + spare
        return np.concatenate(blocks)

    def finish(self) -> Samples:
        """The last samples: as many as belong to what was pushed."""
        total = self._taken * self._up // self._down
        given = self._given
        missing = max(0, self._end(total) - self._first - len(self._waiting))
        return self.push(np.zeros(missing, np.float32))[: total - given]

    def _start(self, given: int) -> int:
        """The first sample that the block after `given` samples is made from. There is a sample at 16 kHz at
        the very same moment, so that every block meets the filter in its right phase."""
        return (given * self._down // self._up - self._reach) // self._down * self._down

    def _end(self, given: int) -> int:
        """The sample before which the block after `given` samples is complete."""
        return (given + _BLOCK - 1) * self._down // self._up + self._reach + 1


def _low_pass(finer: int) -> NDArray[np.float32]:
    """The filter that resample_poly designs anew for each call unless it is given one."""
    if finer == 1:
        return np.ones(1, np.float32)
    taps = firwin(2 * _FILTER_REACH * finer + 1, 1 / finer, window=("kaiser", 5.0))
    return np.asarray(taps, np.float32)
