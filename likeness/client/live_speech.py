"""Speech in the form that a live session takes: 16-bit PCM, mono, at LIVE_RATE."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from likeness.errors import FileUnreadable

LIVE_RATE = 16_000
PIECE_S = 0.02
_HALF = 32  # taps on each side of the low pass
_PASSES_HZ = 7_200


class LiveSpeech:
    """Brings pieces of 16-bit PCM, mono, of any `rate` to LIVE_RATE, as they come."""

    def __init__(self, rate: int) -> None:
        """Raises ValueError for a rate below LIVE_RATE / 2 or above 192 000."""
        if not LIVE_RATE // 2 <= rate <= 192_000:
            raise ValueError("The rate must be from 8 000 to 192 000.")
        self._rate = rate
        self._step = rate / LIVE_RATE
        cut = min(_PASSES_HZ / rate, 0.5)
        places = np.arange(-_HALF, _HALF + 1)
        taps = np.sinc(2 * cut * places) * np.hamming(2 * _HALF + 1)
        self._taps: NDArray[np.float64] = taps / taps.sum()
        self._waiting: NDArray[np.float64] = np.zeros(_HALF)
        self._filtered: NDArray[np.float64] = np.zeros(0)
        self._place = 0.0  # of the next sample that is given, in what is filtered
        self._half_sample = b""

    def push(self, pcm: bytes) -> bytes:
        """What a piece adds; pieces may end in the middle of a sample."""
        pcm = self._half_sample + pcm
        whole = len(pcm) // 2 * 2
        self._half_sample, pcm = pcm[whole:], pcm[:whole]
        if self._rate == LIVE_RATE:
            return pcm
        self._waiting = np.concatenate([self._waiting, np.frombuffer(pcm, "<i2").astype(np.float64)])
        if len(self._waiting) > 2 * _HALF:
            new = np.convolve(self._waiting, self._taps, "valid")
            self._filtered = np.concatenate([self._filtered, new])
            self._waiting = self._waiting[len(new) :]
        places = np.arange(self._place, len(self._filtered) - 1, self._step)
        if not len(places):
            return b""
        values = np.interp(places, np.arange(len(self._filtered)), self._filtered)
        self._place = float(places[-1]) + self._step
        done = min(int(self._place), len(self._filtered))
        self._filtered, self._place = self._filtered[done:], self._place - done
        return bytes(np.clip(np.round(values), -(2**15), 2**15 - 1).astype("<i2").tobytes())


def live_speech(pieces: Iterable[bytes], rate: int) -> Iterator[bytes]:
    """Pieces of 16-bit PCM, mono, of a `rate`, for `LiveStream.speak`: what any speech synthesiser gives."""
    speech = LiveSpeech(rate)
    for piece in pieces:
        if given := speech.push(piece):
            yield given


def read_live_speech(file: str | PathLike[str]) -> Iterator[bytes]:
    """The sound of a WAV file of 16 bits in pieces of 20 ms, for `LiveStream`. Raises FileUnreadable."""
    try:
        with wave.open(str(file), "rb") as sound:
            rate, channels, width = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
            data = sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise FileUnreadable(f"{file} is no WAV file.") from error
    if width != 2:
        raise FileUnreadable(f"{file} is not of 16 bits.")
    mono = np.frombuffer(data, "<i2").reshape(-1, channels).mean(axis=1).astype("<i2").tobytes()
    step = 2 * max(1, round(rate * PIECE_S))
    return live_speech((mono[at : at + step] for at in range(0, len(mono), step)), rate)
