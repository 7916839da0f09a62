"""Speech rhythm: phrases, pauses and accents, found from phone times and prosody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.animation.speech.phone_segment import PhoneSegment
from generation.animation.speech.prosody import PROSODY_RATE, Prosody
from generation.animation.speech.visemes import VOWELS

_PAUSE_S = 0.22
_ACCENT_SPACING_S = 0.35


@dataclass(frozen=True)
class Accent:
    """A stressed vowel: when its energy peaks, and how much it stands out (0..1)."""

    time_s: float
    strength: float


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Phrases are (start, end) in seconds; `activity` (T,) at PROSODY_RATE is 1 in speech, 0 in pauses.

    `liveliness` (T,) at PROSODY_RATE is the slow course of energy and pitch, about -1..1, 0 in pauses.
    """

    duration_s: float
    phrases: tuple[tuple[float, float], ...]
    accents: tuple[Accent, ...]
    activity: NDArray[np.float64]
    liveliness: NDArray[np.float64]

    def at(self, curve: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
        """One of this rhythm's curves (T,), interpolated at `times` (N,) in seconds."""
        grid = (np.arange(len(curve)) + 0.5) / PROSODY_RATE
        return np.asarray(np.interp(times, grid, curve), np.float64) if len(curve) else np.zeros(len(times))


def find_rhythm(segments: Sequence[PhoneSegment], prosody: Prosody, duration_s: float) -> Rhythm:
    """Group phones into phrases at pauses of 220 ms or more and pick the accents from energy and pitch."""
    phrases = _phrases(segments)
    count = len(prosody.level_db)
    activity = np.zeros(count)
    for start, end in phrases:
        activity[round(start * PROSODY_RATE) : round(end * PROSODY_RATE)] = 1.0
    energy = _standardised(prosody.level_db.astype(np.float64), activity)
    log_pitch = np.log(np.maximum(prosody.pitch_hz, 1.0)).astype(np.float64)
    pitch = _standardised(log_pitch, activity * (prosody.voicing > 0.5))
    liveliness = (
        np.tanh(0.5 * gaussian_filter1d(energy + pitch, 0.15 * PROSODY_RATE)) if count else np.zeros(0)
    )
    smooth_activity = gaussian_filter1d(activity, 0.12 * PROSODY_RATE) if count else activity
    accents = _accents(segments, energy + pitch)
    return Rhythm(duration_s, phrases, accents, smooth_activity, liveliness * smooth_activity)


def _phrases(segments: Sequence[PhoneSegment]) -> tuple[tuple[float, float], ...]:
    phrases: list[tuple[float, float]] = []
    for segment in segments:
        if segment.phone == "SIL":
            continue
        if phrases and segment.start_s - phrases[-1][1] < _PAUSE_S:
            phrases[-1] = (phrases[-1][0], segment.end_s)
        else:
            phrases.append((segment.start_s, segment.end_s))
    return tuple(phrases)


def _standardised(values: NDArray[np.float64], mask: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values in standard deviations from their mean where `mask` is set, 0 elsewhere, bounded to +-3."""
    chosen = values[mask > 0]
    if len(chosen) < 5:
        return np.zeros_like(values)
    standard = (values - chosen.mean()) / (chosen.std() + 1e-3)
    return np.clip(np.where(mask > 0, standard, 0.0), -3.0, 3.0)


def _accents(segments: Sequence[PhoneSegment], prominence: NDArray[np.float64]) -> tuple[Accent, ...]:
    """The more prominent half of the vowels that are the strongest within 350 ms on either side."""
    found: list[tuple[float, float]] = []
    for segment in segments:
        if segment.phone in VOWELS:
            first = int(segment.start_s * PROSODY_RATE)
            piece = prominence[first : max(int(segment.end_s * PROSODY_RATE), first + 1)]
            if len(piece):
                length = min(segment.duration_s, 0.15) / 0.15
                found.append(((first + int(piece.argmax())) / PROSODY_RATE, float(piece.max()) + length))
    peaks = [
        (time, height)
        for time, height in found
        if all(height >= other for at, other in found if abs(at - time) < _ACCENT_SPACING_S)
    ]
    if not peaks:
        return ()
    heights = np.array([height for _, height in peaks])
    middle, top = float(np.percentile(heights, 40)), float(heights.max())
    return tuple(
        Accent(time, float(np.clip(0.3 + 0.7 * (height - middle) / max(top - middle, 1e-6), 0.0, 1.0)))
        for time, height in peaks
        if height >= middle
    )
