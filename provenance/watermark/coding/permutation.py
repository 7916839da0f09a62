"""A keyed permutation of 48-bit numbers: what is public leads to what the frames carry only with the key.

A Feistel network of three words of 16 bits. In each round a word chooses 32 pseudorandom bits, which are
added modulo two to the other two; then the words change places. As there are only 65,536 choices, a round's
bits are one stretch of SHAKE-256's output, so that many numbers are permuted by a few look-ups each.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

ROUNDS = 12  # each word chooses four times
_WORD, _CHOICES = np.uint64(16), 1 << 16
_LOW = np.uint64(_CHOICES - 1)
_TWO_WORDS = np.uint64((1 << 32) - 1)


def permuted(numbers: NDArray[np.uint64], secret: bytes) -> NDArray[np.uint64]:
    """Where `secret` takes (n,) numbers under 2^48."""
    state = numbers.astype(np.uint64)
    for bits in _rounds(secret):
        # The lowest word chooses, and becomes the highest one.
        chooses = state & _LOW
        state = (state >> _WORD) ^ bits[chooses] | chooses << np.uint64(32)
    return state


def restored(numbers: NDArray[np.uint64], secret: bytes) -> NDArray[np.uint64]:
    """The (n,) numbers under 2^48 that `permuted` takes to these."""
    state = numbers.astype(np.uint64)
    for bits in reversed(_rounds(secret)):
        chose = state >> np.uint64(32)
        state = ((state & _TWO_WORDS) ^ bits[chose]) << _WORD | chose
    return state


@lru_cache(maxsize=16)
def _rounds(secret: bytes) -> tuple[NDArray[np.uint32], ...]:
    stream = hashlib.shake_256(secret).digest(ROUNDS * _CHOICES * 4)
    return tuple(np.frombuffer(stream, "<u4").reshape(ROUNDS, _CHOICES))
