"""The log-mel spectrogram that Whisper's encoder takes: 80 bands, 100 frames a second."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from generation.animation.speech.audio_input import SAMPLE_RATE, Samples

MEL_RATE = 100
MEL_BANDS = 80
FRAMES_PER_BLOCK = 1000  # frames transformed at once: bounds the memory of long recordings


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Whisper's log-mel spectrogram of 16 kHz samples (N,): (80, 2 * (N // 320)) at MEL_RATE.

    Hann window of 25 ms, Slaney mel bands from 0 to 8 kHz, floor 80 dB under the loudest band of the clip
    (Radford et al. 2022, section 2.2). Unlike Whisper's own front end it does not pad to 30 s.
    """
    frames = len(samples) // 320 * 2
    padded = np.pad(samples, (200, 400))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][:frames]
    mel = np.empty((MEL_BANDS, frames))
    for first in range(0, frames, FRAMES_PER_BLOCK):
        block = slice(first, first + FRAMES_PER_BLOCK)
        power = np.abs(np.fft.rfft(windows[block] * hann_window(400))) ** 2
        mel[:, block] = np.log10(np.maximum(power @ _mel_filters().T, 1e-10)).T
    if frames:
        mel = np.maximum(mel, mel.max() - 8.0)
    return np.ascontiguousarray((mel + 4.0) / 4.0, dtype=np.float32)


@cache
def hann_window(width: int) -> NDArray[np.float32]:
    """The periodic Hann window (width,)."""
    return np.hanning(width + 1)[:width].astype(np.float32)


@cache
def _mel_filters() -> NDArray[np.float32]:
    """Slaney-style triangles of equal area over the 201 bins of a 400-point transform: (80, 201)."""

    def to_mel(hz: float) -> float:
        return hz / (200 / 3) if hz < 1000 else 15 + float(np.log(hz / 1000)) / (np.log(6.4) / 27)

    mels = np.linspace(0.0, to_mel(SAMPLE_RATE / 2), MEL_BANDS + 2)
    edges = np.where(mels < 15, mels * (200 / 3), 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    bins = np.linspace(0, SAMPLE_RATE / 2, 201)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)) * area[:, None], np.float32)
