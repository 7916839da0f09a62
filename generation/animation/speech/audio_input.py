"""Input audio: checks mono samples, resamples them to 16 kHz and normalises their level."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.animation.sentences import gettext_noop as _

SAMPLE_RATE = 16_000
SPEECH_LEVEL = 0.08  # RMS to which the louder frames of a recording are normalised
MAX_GAIN = 30.0
_BLOCK = 1000  # frames whose level is measured at once: a recording is not copied for it

_MIN_DURATION_S, _MAX_DURATION_S = 0.05, 600.0

Samples = NDArray[np.float32]


class UnusableAudioError(ValueError):
    """The samples cannot drive a face: wrong shape, not finite, or a rate or length out of range."""


def check_sample_rate(sample_rate: int) -> None:
    """Raises UnusableAudioError unless the rate is from 4 kHz to 192 kHz."""
    if not 4_000 <= sample_rate <= 192_000:
        raise UnusableAudioError(f"The sample rate must be from 4000 to 192000 Hz, not {sample_rate}.")


def check_samples(audio: Samples) -> Samples:
    """The samples in single precision. Raises UnusableAudioError unless they are mono and finite."""
    samples = np.asarray(audio, dtype=np.float32)
    if samples.ndim != 1:
        raise UnusableAudioError(f"Audio must be mono, shape (N,), not {samples.shape}.")
    if not np.isfinite(samples).all():
        raise UnusableAudioError(_("Audio holds samples that are not finite."))
    return samples


def prepare_samples(audio: Samples, sample_rate: int) -> Samples:
    """Resample mono samples (N,) of any rate to 16 kHz, without DC offset, at a normalised level.

    The gain brings the 90th percentile of the 10 ms frames' RMS to SPEECH_LEVEL, so that pauses do not change
    it; it is at most MAX_GAIN, so that silence stays silent. Raises UnusableAudioError.
    """
    check_sample_rate(sample_rate)
    samples = check_samples(audio)
    if not _MIN_DURATION_S <= len(samples) / sample_rate <= _MAX_DURATION_S:
        sentence = _("Audio must last from {shortest} to {longest} seconds.")
        raise UnusableAudioError(sentence.format(shortest=_MIN_DURATION_S, longest=f"{_MAX_DURATION_S:g}"))
    samples = samples - samples.mean()
    if sample_rate != SAMPLE_RATE:
        divisor = gcd(SAMPLE_RATE, sample_rate)
        samples = resample_poly(samples, SAMPLE_RATE // divisor, sample_rate // divisor).astype(np.float32)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    power = [(frames[first : first + _BLOCK] ** 2).mean(1) for first in range(0, len(frames), _BLOCK)]
    loud = float(np.percentile(np.sqrt(np.concatenate(power)), 90)) if len(frames) else 0.0
    samples *= np.float32(min(SPEECH_LEVEL / max(loud, 1e-9), MAX_GAIN))
    return np.ascontiguousarray(samples)
