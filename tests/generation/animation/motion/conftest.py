"""The encoder's answer about a window of a recording, given again where the very same window comes again.

These tests hear three recordings, cut and played in many ways, and ask what moves. Half of their work would
be the encoder, which knows nothing of controls, seeds and frame rates. Whatever differs in a single bit of
the window is encoded anew; tests of the encoder (tests/generation/animation/speech) call it directly.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator

import pytest
from torch import Tensor

from generation.animation.speech import acoustic_features, speech_analysis

MOST_BYTES = 256 * 1024**2  # of answers that are kept
Key = tuple[bytes, tuple[int, ...], int | None]


class EncodedOnce:
    """`encoder_features` with a memory of the answers that were asked for last."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, Tensor] = OrderedDict()
        self._bytes = 0

    def __call__(self, mel: Tensor, last: int | None = None) -> Tensor:
        key = (hashlib.sha256(mel.contiguous().numpy()).digest(), tuple(mel.shape), last)
        if key not in self._answers:
            self._answers[key] = acoustic_features.encoder_features(mel, last)
            self._bytes += self._answers[key].nbytes
            while self._bytes > MOST_BYTES and len(self._answers) > 1:
                self._bytes -= self._answers.popitem(last=False)[1].nbytes
        self._answers.move_to_end(key)
        return self._answers[key].clone()  # nobody who writes into it changes the next answer


@pytest.fixture(scope="package", autouse=True)
def _the_same_window_is_encoded_once() -> Iterator[None]:
    encoded = EncodedOnce()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speech_analysis, "encoder_features", encoded)
        yield
