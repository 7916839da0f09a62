"""The log-mel spectrogram that Whisper's encoder takes: 80 bands, 100 frames a second."""

from __future__ import annotations

from collections.abc import Iterator
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
    mel, first, loudest = np.empty((MEL_BANDS, frames), np.float32), 0, -np.inf
    for windows in window_blocks(samples, 400, 160, 200, frames):
        power = np.abs(np.fft.rfft(windows * hann_window(400))) ** 2
        bands = np.log10(np.maximum(power @ _mel_filters().T, 1e-10)).T
        loudest = max(loudest, float(bands.max()))
        mel[:, first : first + len(windows)] = (bands + 4.0) / 4.0
        first += len(windows)
    return np.maximum(mel, np.float32((loudest - 8.0 + 4.0) / 4.0), out=mel)


def window_blocks(
    samples: Samples, width: int, hop: int, before: int, count: int
) -> Iterator[NDArray[np.float32]]:
    """`count` windows (T, width) of samples (N,), `hop` apart, in blocks of at most FRAMES_PER_BLOCK.

    The first window begins `before` samples before the first sample; beyond both ends it is silent. Only one
    block at a time is copied, so that memory does not grow with the recording.
    """
    for first in range(0, count, FRAMES_PER_BLOCK):
        last = min(first + FRAMES_PER_BLOCK, count)
        begin, end = first * hop - before, (last - 1) * hop - before + width
        piece = np.pad(samples[max(begin, 0) : end], (max(-begin, 0), max(end - len(samples), 0)))
        yield np.lib.stride_tricks.sliding_window_view(piece, width)[::hop]


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
