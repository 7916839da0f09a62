"""What speech sounds like: 16 kHz samples, the mel spectrogram whisper hears, energy, pitch, voicing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import resample_poly

SAMPLE_RATE = 16_000
PROSODY_RATE = 100  # frames a second of Prosody
MEL_RATE = 100
MEL_BANDS = 80

_MIN_DURATION_S, _MAX_DURATION_S = 0.05, 600.0
SPEECH_LEVEL = 0.08  # the RMS that the louder frames of a recording are brought to
MAX_GAIN = 30.0
_PITCH_RATE, _PITCH_WIDTH = 8_000, 400
_BLOCK = 1000  # frames worked on at once, so that two minutes need little more memory than ten seconds
_PITCH_RANGE_HZ = (60.0, 420.0)

Samples = NDArray[np.float32]


class UnusableAudioError(ValueError):
    """The samples cannot drive a face: wrong shape, not finite, or a rate or length out of range."""


@dataclass(frozen=True, eq=False)
class Prosody:
    """Energy and pitch at PROSODY_RATE, frame t centred on t / PROSODY_RATE seconds, (T,) each.

    `level_db` is the RMS in dB relative to full scale after levelling, `voicing` the strength of the pitch
    (0..1), `pitch_hz` the fundamental, carried through unvoiced stretches, 0 when nothing is voiced.
    """

    level_db: NDArray[np.float32]
    voicing: NDArray[np.float32]
    pitch_hz: NDArray[np.float32]


def check_sample_rate(sample_rate: int) -> None:
    """Raises UnusableAudioError."""
    if not 4_000 <= sample_rate <= 192_000:
        raise UnusableAudioError(f"The sample rate must be from 4000 to 192000 Hz, not {sample_rate}.")


def check_samples(audio: Samples) -> Samples:
    """The samples in single precision. Raises UnusableAudioError unless they are mono and finite."""
    samples = np.asarray(audio, dtype=np.float32)
    if samples.ndim != 1:
        raise UnusableAudioError(f"Audio must be mono, shape (N,), not {samples.shape}.")
    if not np.isfinite(samples).all():
        raise UnusableAudioError("Audio holds samples that are not finite.")
    return samples


def prepare_samples(audio: Samples, sample_rate: int) -> Samples:
    """Bring mono samples of any rate to 16 kHz, without offset, at an even level.

    The level follows the louder tenth of the frames, so that a pause does not make speech louder; the gain is
    bounded, so that silence stays silence. Raises UnusableAudioError.
    """
    check_sample_rate(sample_rate)
    samples = check_samples(audio)
    if not _MIN_DURATION_S <= len(samples) / sample_rate <= _MAX_DURATION_S:
        raise UnusableAudioError(f"Audio must last from {_MIN_DURATION_S} to {_MAX_DURATION_S:g} seconds.")
    samples = samples - samples.mean()
    if sample_rate != SAMPLE_RATE:
        divisor = gcd(SAMPLE_RATE, sample_rate)
        samples = resample_poly(samples, SAMPLE_RATE // divisor, sample_rate // divisor).astype(np.float32)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    loud = float(np.percentile(np.sqrt((frames**2).mean(1)), 90)) if len(frames) else 0.0
    gain = min(SPEECH_LEVEL / max(loud, 1e-9), MAX_GAIN)
    return np.ascontiguousarray(samples * np.float32(gain))


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Whisper's log-mel spectrogram of 16 kHz samples: (80, 2 * (N // 320)) at MEL_RATE.

    Hann window of 25 ms, Slaney mel bands from 0 to 8 kHz, floor 80 dB under the loudest band of the clip
    (Radford et al. 2022, section 2.2). Unlike whisper's own front end it does not pad to 30 s.
    """
    frames = len(samples) // 320 * 2
    padded = np.pad(samples, (200, 400))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][:frames]
    mel = np.empty((MEL_BANDS, frames))
    for first in range(0, frames, _BLOCK):
        block = slice(first, first + _BLOCK)
        power = np.abs(np.fft.rfft(windows[block] * _hann(400))) ** 2
        mel[:, block] = np.log10(np.maximum(power @ _mel_filters().T, 1e-10)).T
    if frames:
        mel = np.maximum(mel, mel.max() - 8.0)
    return np.ascontiguousarray((mel + 4.0) / 4.0, dtype=np.float32)


def measure_prosody(samples: Samples) -> Prosody:
    """Energy, voicing and pitch of 16 kHz samples at PROSODY_RATE, one frame for each full 10 ms."""
    count = len(samples) // (SAMPLE_RATE // PROSODY_RATE)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (200, 360)), 400)[::160][:count]
    blocks = [windows[first : first + _BLOCK] for first in range(0, count, _BLOCK)]
    power = np.concatenate([np.zeros(0), *((block**2).mean(1) for block in blocks)])
    level = 10.0 * np.log10(np.maximum(power, 1e-10))
    voicing, pitch = _pitch(samples, count)
    return Prosody(level.astype(np.float32), voicing, pitch)


def _pitch(samples: Samples, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Voicing and pitch by the normalised autocorrelation of 50 ms windows of the band below 4 kHz."""
    low = resample_poly(samples, 1, SAMPLE_RATE // _PITCH_RATE).astype(np.float32)
    width, hop = _PITCH_WIDTH, _PITCH_RATE // PROSODY_RATE
    padded = np.pad(low, (width // 2, width))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop][:count]
    voicing, hz = np.zeros(count), np.zeros(count)
    for first in range(0, count, _BLOCK):
        block = slice(first, first + _BLOCK)
        voicing[block], hz[block] = _strongest_period(windows[block])
    voiced = voicing > 0.5
    if not voiced.any():
        return voicing.astype(np.float32), np.zeros(count, np.float32)
    index = np.arange(count)
    smooth = median_filter(np.interp(index, index[voiced], hz[voiced]), 7, mode="nearest")
    return voicing.astype(np.float32), smooth.astype(np.float32)


def _strongest_period(windows: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strength (T,) 0..1 and frequency (T,) in Hz of the strongest period of a voice in windows (T, W)."""
    half = _PITCH_WIDTH // 2
    spectrum = np.abs(np.fft.rfft(windows * _hann(_PITCH_WIDTH), 1024)) ** 2
    lags = np.fft.irfft(spectrum)[:, :half]
    # Dividing by the window's own autocorrelation removes its taper, which otherwise favours short lags.
    taper = np.fft.irfft(np.abs(np.fft.rfft(_hann(_PITCH_WIDTH), 1024)) ** 2)[:half]
    lags = lags / taper * (taper[0] / (lags[:, :1] + 1e-6))
    first, last = (int(_PITCH_RATE / hz) for hz in reversed(_PITCH_RANGE_HZ))
    # A gentle preference for short lags keeps the octave below from winning on perfectly periodic sound.
    candidates = lags[:, first:last] * np.linspace(1.0, 0.9, last - first)
    best = candidates.argmax(1)
    voicing = np.clip(candidates[np.arange(len(best)), best], 0.0, 1.0)
    voicing[(windows**2).mean(1) < 1e-6] = 0.0
    return voicing, _PITCH_RATE / (best + first)


@cache
def _hann(width: int) -> NDArray[np.float32]:
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
