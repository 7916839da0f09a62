"""The sound of a video: handed to the AAC encoder as the picture advances, and ended with it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

AUDIO_BITRATE = 128_000
AUDIO_SAMPLE_RATE = 48_000
AUDIO_FRAME_SAMPLES = 1024
MAXIMUM_CHANNELS = 2


class SoundTrack:
    """Hands the sound to the AAC encoder as the picture advances, and ends it with the picture."""

    def __init__(self, container: Any, audio: NDArray[np.float32], sample_rate: int) -> None:
        self._container = container
        self._layout = "mono" if len(audio) == 1 else "stereo"
        self._samples = _resampled(audio, sample_rate, self._layout)
        self._stream = container.add_stream("aac", rate=AUDIO_SAMPLE_RATE, layout=self._layout)
        self._stream.codec_context.bit_rate = AUDIO_BITRATE
        self._written = 0
        self._end = 0

    def write_until(self, seconds: Fraction) -> None:
        """Encode what is heard until then, in whole blocks."""
        self._end = round(seconds * AUDIO_SAMPLE_RATE)
        while self._written + AUDIO_FRAME_SAMPLES <= self._end:
            self._encode(AUDIO_FRAME_SAMPLES)

    def finish(self) -> None:
        """Encode the rest up to the last `write_until`, silence where there is no sound."""
        if self._end > self._written:
            self._encode(self._end - self._written)
        self._container.mux(self._stream.encode(None))

    def _encode(self, count: int) -> None:
        samples = self._samples[:, self._written : self._written + count]
        silence = count - samples.shape[1]
        block = np.ascontiguousarray(np.pad(samples, ((0, 0), (0, silence))), np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=self._layout)
        frame.sample_rate = AUDIO_SAMPLE_RATE
        frame.pts, frame.time_base = self._written, Fraction(1, AUDIO_SAMPLE_RATE)
        self._container.mux(self._stream.encode(frame))
        self._written += count


def _resampled(audio: NDArray[np.float32], sample_rate: int, layout: str) -> NDArray[np.float32]:
    """(C, N) samples at AUDIO_SAMPLE_RATE."""
    if audio.shape[1] == 0 or sample_rate == AUDIO_SAMPLE_RATE:
        return audio
    resampler = av.AudioResampler(format="fltp", layout=layout, rate=AUDIO_SAMPLE_RATE)
    frame = av.AudioFrame.from_ndarray(audio, format="fltp", layout=layout)
    frame.sample_rate = sample_rate
    blocks = [block.to_ndarray() for block in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(blocks, axis=1)


def channels_first(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """(C, N) samples in -1..1 of (N,) or (N, C) ones. Raises ValueError for another form."""
    if audio.ndim == 1:
        audio = audio[:, None]
    if audio.ndim != 2 or not 1 <= audio.shape[1] <= MAXIMUM_CHANNELS or not np.isfinite(audio).all():
        raise ValueError(f"audio must be finite and (N,) or (N, 1 or 2), not {audio.shape}.")
    return np.ascontiguousarray(np.clip(audio, -1.0, 1.0).T, np.float32)
