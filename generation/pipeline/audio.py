"""Reads the normalised driving audio (PCM WAV) as float samples, and mixes channels to mono."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

MOST_LOST_DB = 6.0


class AudioUnreadable(Exception):
    """The file is not PCM WAV of 16, 24 or 32 bits, or it is cut short. The text says which."""


def read_audio(file: Path | IO[bytes]) -> tuple[NDArray[np.float32], int]:
    """Samples in -1..1 and the sample rate of a path or an open file: (N,) float32 for mono, (N, C) for more
    channels.

    Raises AudioUnreadable, or OSError when the file cannot be opened.
    """
    try:
        with wave.open(str(file) if isinstance(file, Path) else file, "rb") as source:
            channels, width, sample_rate = source.getnchannels(), source.getsampwidth(), source.getframerate()
            stated = source.getnframes() * channels * width
            data = source.readframes(source.getnframes())
    except (wave.Error, EOFError) as error:
        raise AudioUnreadable(f"The driving audio is not a PCM WAV file ({error}).") from error
    if len(data) != stated:
        raise AudioUnreadable(f"The driving audio is cut short: {len(data)} of {stated} bytes.")
    if width == 2:
        samples = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(2**15)
    elif width == 3:
        # Placed in the upper three bytes of an int32, so that the sign comes out right.
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        samples = (wide.reshape(-1).view("<i4") / 2.0**31).astype(np.float32)
    elif width == 4:
        samples = (np.frombuffer(data, "<i4") / 2.0**31).astype(np.float32)
    else:
        raise AudioUnreadable(f"The driving audio has {8 * width}-bit samples; 16, 24 or 32 are read.")
    return (samples if channels == 1 else samples.reshape(-1, channels)), sample_rate


def whole_frames(audio: NDArray[np.float32], sample_rate: int, fps: float) -> NDArray[np.float32]:
    """(N,) or (N, C) audio with silence behind it up to the end of the last frame of `fps` that it reaches.

    A video has whole frames: without the silence the last half frame of speech would have none.
    """
    # Less than a sample over a whole frame is rounding.
    frames = int(np.ceil((len(audio) - 1) / sample_rate * fps))
    missing = max(round(frames / fps * sample_rate) - len(audio), 0)
    return np.concatenate([audio, np.zeros((missing, *audio.shape[1:]), audio.dtype)])


def as_one_channel(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) float32 speech from (N,) or (N, C): the mean of the channels, or the loudest of them.

    The loudest is taken when the mean has over MOST_LOST_DB less power than it: channels that are each
    other's opposite, as some recorders and effects make them, have a mean that is silent.
    """
    if audio.ndim == 1:
        return audio
    mean: NDArray[np.float32] = audio.mean(axis=1, dtype=np.float32)
    powers = np.square(audio, dtype=np.float64).mean(axis=0)
    loudest = int(powers.argmax())
    if np.square(mean, dtype=np.float64).mean() < powers[loudest] * 10 ** (-MOST_LOST_DB / 10):
        return np.ascontiguousarray(audio[:, loudest])
    return mean
