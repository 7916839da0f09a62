"""The cue at the start of the sound: "AI" in Morse code, before the speech begins.

GB 45438-2025 names the rhythm short, long, pause, short, short for sound; it needs no language.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.disclosure.choice import CUE_S

_UNIT_S = 0.06  # 20 words a minute
# Units of tone and of silence in turn: A is dot, dash; I is dot, dot; three units stand between letters.
_RHYTHM = (1, 1, 3, 3, 1, 1, 1)
_TONE_HZ = 700.0
_LEVEL = 0.125  # of full scale, -18 dB
_RAMP_S = 0.005  # so that the tone does not click


def with_cue(audio: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """(N,) or (N, C) sound in -1..1 with the cue, CUE_S long, put before it."""
    cue = _cue(sample_rate)
    return np.concatenate([cue if audio.ndim == 1 else np.repeat(cue[:, None], audio.shape[1], 1), audio])


def with_silence(audio: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """The same with silence in place of the cue: what the face is driven by, as nobody speaks yet."""
    lead = np.zeros((len(_cue(sample_rate)), *audio.shape[1:]), audio.dtype)
    return np.concatenate([lead, audio])


def _cue(sample_rate: int) -> NDArray[np.float32]:
    edges = np.cumsum((0, *_RHYTHM)) * _UNIT_S
    times = np.arange(round(CUE_S * sample_rate)) / sample_rate
    loudness = np.zeros(len(times))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        inside = np.minimum(times - start, end - times) / _RAMP_S
        loudness += np.clip(inside, 0, 1)
    return (_LEVEL * loudness * np.sin(2 * np.pi * _TONE_HZ * times)).astype(np.float32)
