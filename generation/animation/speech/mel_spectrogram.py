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
_WINDOW, _HOP = 400, 160  # samples
_BEFORE = _WINDOW // 2  # samples of a frame's window that lie before its time
_LEAST_POWER = 1e-10


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Whisper's log-mel spectrogram of 16 kHz samples (N,): (80, 2 * (N // 320)) at MEL_RATE.

    Hann window of 25 ms, Slaney mel bands from 0 to 8 kHz, floor 80 dB under the loudest band of the clip
    (Radford et al. 2022, section 2.2). Unlike Whisper's own front end it does not pad to 30 s.
    """
    frames = len(samples) // 320 * 2
    mel, first, loudest = np.empty((MEL_BANDS, frames), np.float32), 0, -np.inf
    for windows in window_blocks(samples, _WINDOW, _HOP, _BEFORE, frames):
        bands = np.log10(np.maximum(_band_powers(windows), _LEAST_POWER)).T
        loudest = max(loudest, float(bands.max()))
        mel[:, first : first + len(windows)] = (bands + 4.0) / 4.0
        first += len(windows)
    return np.maximum(mel, np.float32((loudest - 8.0 + 4.0) / 4.0), out=mel)


class MelStream:
    """The spectrum of a stream that goes on: each frame is transformed once.

    Frames are numbered from the first sample on. Memory does not grow as long as `log_mel` is asked for.
    """

    def __init__(self) -> None:
        self._samples = np.zeros(_BEFORE, np.float32)  # from _BEFORE samples before the next frame on
        self._powers = np.zeros((0, MEL_BANDS), np.float32)  # of frames from number self._first on
        self._first = 0

    def push(self, samples: Samples) -> None:
        """The next 16 kHz samples (N,)."""
        self._samples = np.concatenate([self._samples, samples])
        whole = max((len(self._samples) - _WINDOW) // _HOP + 1, 0)
        if whole:
            self._powers = np.concatenate([self._powers, self._read(whole)])
            self._samples = self._samples[whole * _HOP :]

    def log_mel(self, first: int, last: int, gain: float) -> NDArray[np.float32]:
        """As `log_mel` of the samples times `gain`: frames `first` to before `last`, (80, last - first).

        Behind the samples it is silent. Frames before `first` are not asked for again.
        """
        self._powers = self._powers[first - self._first :]
        self._first = first
        missing = last - first - len(self._powers)
        # What is not whole yet: where the sound breaks off, and the silence after it.
        cut = min(len(self._samples) // _HOP + 1, missing)
        powers = np.concatenate([
            self._powers,
            self._read(cut),
            np.zeros((missing - cut, MEL_BANDS), np.float32),
        ])  # fmt: skip
        bands = np.log10(np.maximum(powers * np.float32(gain**2), np.float32(_LEAST_POWER))).T
        floored = np.maximum(bands, bands.max() - np.float32(8.0))
        return np.asarray((floored + np.float32(4.0)) / np.float32(4.0))

    def _read(self, count: int) -> NDArray[np.float32]:
        """The powers (count, 80) of the next frames, as far as they have come."""
        samples = self._samples[: (count - 1) * _HOP + _WINDOW]
        padded = np.pad(samples, (0, (count - 1) * _HOP + _WINDOW - len(samples)))
        return _band_powers(np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP])


def _band_powers(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power in each mel band: windows (T, 400) -> (T, 80)."""
    power = np.abs(np.fft.rfft(windows * hann_window(_WINDOW))) ** 2
    return np.asarray(power @ _mel_filters().T)


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
