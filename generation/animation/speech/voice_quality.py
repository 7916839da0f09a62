"""Voice quality: whether what sounds is a human voice, whether it laughs, and with how much effort it speaks.

The voice is told from music and noise, and laughter from speech, by logistic probes on the encoder's
features. Effort is heard from the timbre, not from the level, which a recording does not keep: a whisper has
vowels without pitch, a soft voice carries little energy above 1 kHz, a raised one more of it (Traunmüller &
Eriksson 2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from generation.animation.arrays import Curve
from generation.animation.speech.prosody import Prosody
from generation.animation.speech.visemes import PHONE_INDEX, VOWELS

WEIGHTS = Path(__file__).parents[1] / "weights" / "voice_probe.safetensors"
PROBE_POSITIONS: Final = 24  # encoder positions over which the probe takes mean and spread
_RATE: Final = 100  # frames a second
_VOICE_S, _EFFORT_S = 0.35, 1.0  # how fast voice and effort may change
# What is assumed of a voice before it is heard, and how many seconds of it that is worth.
_PRIOR_S: Final = 0.15
_PRIOR: Final = np.array((1.0, 0.8, 0.0, 1.0, -13.5, 0.85))
_MEMORIES_S: Final = np.array((_VOICE_S, _VOICE_S, _VOICE_S, _EFFORT_S, _EFFORT_S, _EFFORT_S))
_LOW, _HIGH = slice(9, 24), slice(30, 48)  # mel bands of about 0.35 to 0.9 and 1.1 to 2.4 kHz
# Spectral balance in dB: from which a voice is raised, and below which it is soft; people and microphones lie
# between. How much of either is a shout, or as soft as timbre alone may say.
_RAISED_DB, _SOFT_VOICE_DB, _BALANCE_RANGE_DB = -13.0, -14.5, 7.0
SOFTEST: Final = -0.4
_WHISPERED, _VOICED = 0.38, 0.58  # mean voicing of whispered vowels, and of voiced ones at the least
_SILENT_DB, _SOUND_RANGE_DB = -50.0, 20.0
_GATE: Final = (0.45, 0.65)  # probabilities at which the mouth rests, and moves in full
_VOWELS = sorted(PHONE_INDEX[phone] for phone in VOWELS)
_RAISED_GAIN, _WHISPER_GAIN = 0.68, 0.53
_INFECTED: Final = 0.8  # of another's laughter, as surely as it is heard


@dataclass(frozen=True, eq=False)
class VoiceQuality:
    """T frames of 10 ms. `voice` (T,) 0..1: how surely a voice is what sounds; `laughter` (T,) 0..1: how
    surely it laughs; `effort` (T,) from -1 for a whisper over 0 for usual speech to 1 for a shout."""

    voice: NDArray[np.float32]
    laughter: NDArray[np.float32]
    effort: NDArray[np.float32]

    @classmethod
    def usual(cls, frames: int) -> VoiceQuality:
        """A voice that speaks as usual."""
        return cls(np.ones(frames, np.float32), *(np.zeros(frames, np.float32) for _ in range(2)))

    def amusing(self) -> VoiceQuality:
        """What of it makes a listener smile: the laughter, less than who laughs."""
        return VoiceQuality(self.voice, _INFECTED * self.laughter, np.zeros_like(self.effort))

    @property
    def gate(self) -> Curve:
        """0 where no voice sounds, 1 where one does: (T,)."""
        low, high = _GATE
        x = np.clip((self.voice.astype(np.float64) - low) / (high - low), 0.0, 1.0)
        return np.asarray(x * x * (3 - 2 * x), np.float64)

    @property
    def opening(self) -> Curve:
        """The factor by which effort opens the mouth: (T,), 0.47 for a whisper, 1.68 for a shout."""
        effort = self.effort.astype(np.float64)
        return np.asarray(1 + np.where(effort > 0, _RAISED_GAIN, _WHISPER_GAIN) * effort, np.float64)


def voice_probabilities(features: NDArray[np.float32]) -> Curve:
    """Of voice and of laughter, over PROBE_POSITIONS around each encoder position: (P, 768) -> (P, 2)."""
    probe = _probe()
    values = features.astype(np.float64)
    mean = uniform_filter1d(values, PROBE_POSITIONS, axis=0, mode="nearest")
    square = uniform_filter1d(values**2, PROBE_POSITIONS, axis=0, mode="nearest")
    spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    return _probability(np.concatenate([mean, spread], axis=1), probe)


def voice_probabilities_of_window(features: NDArray[np.float32]) -> Curve:
    """Of voice and of laughter over one window of encoder positions (P, 768): (2,)."""
    pooled = np.concatenate([features.mean(0), features.std(0)]).astype(np.float64)
    return np.asarray(_probability(pooled[None], _probe())[0], np.float64)


def evidence(
    probabilities: Curve, mel: NDArray[np.float32], prosody: Prosody, posteriors: NDArray[np.float32]
) -> Curve:
    """What each frame says: (T, 6) sound, sound times the probabilities of voice and laughter, vowel, and the
    vowel times its spectral balance in dB and times its voicing. `probabilities` (T, 2), `mel` (80, T) as
    log_mel."""
    level = prosody.level_db.astype(np.float64)
    sound = np.clip((level - _SILENT_DB) / _SOUND_RANGE_DB, 0.0, 1.0)
    vowel = posteriors[:, _VOWELS].sum(1) * sound
    high, low = (4.0 * mel[bands].astype(np.float64) for bands in (_HIGH, _LOW))  # log_mel is (log10 + 4) / 4
    balance = 10.0 * (high.mean(0) - low.mean(0))
    of_sound = sound[:, None] * np.concatenate([np.ones((len(sound), 1)), probabilities], axis=1)
    of_vowel = vowel[:, None] * np.stack([np.ones(len(vowel)), balance, prosody.voicing], axis=1)
    return np.concatenate([of_sound, of_vowel], axis=1)


def quality_of_recording(frames: Curve) -> VoiceQuality:
    """From the evidence (T, 6) of a whole recording, looking to both sides."""
    smooth = [
        gaussian_filter1d(frames[:, columns], seconds * _RATE, axis=0, mode="nearest")
        for columns, seconds in ((slice(0, 3), _VOICE_S), (slice(3, 6), _EFFORT_S))
    ]
    return _quality(np.concatenate(smooth, axis=1) + 0.2 * _PRIOR_S / _MEMORIES_S * _PRIOR)


class RunningQuality:
    """The quality of a voice that is still arriving, from what was heard so far."""

    def __init__(self) -> None:
        self._keep = np.exp(-1 / (_RATE * _MEMORIES_S))
        self._state = _PRIOR_S / _MEMORIES_S * _PRIOR

    def update(self, frames: Curve) -> VoiceQuality:
        """The quality at the next frames, from their evidence (T, 6)."""
        smooth = np.empty_like(frames)
        for index, frame in enumerate(frames):  # a handful each time
            smooth[index] = self._state = self._keep * self._state + (1 - self._keep) * frame
        return _quality(smooth + 1e-6 * _PRIOR)


def _quality(smooth: Curve) -> VoiceQuality:
    sound, voice, laughter, vowel, balance, voicing = smooth.T
    tilt = balance / vowel
    carried = np.clip((tilt - _RAISED_DB) / _BALANCE_RANGE_DB, 0.0, 1.0)
    carried += np.clip((tilt - _SOFT_VOICE_DB) / _BALANCE_RANGE_DB, SOFTEST, 0.0)
    whispered = np.clip((_VOICED - voicing / vowel) / (_VOICED - _WHISPERED), 0.0, 1.0)
    effort = (1 - whispered) * carried - whispered
    return VoiceQuality(*((curve).astype(np.float32) for curve in (voice / sound, laughter / sound, effort)))


def _probability(pooled: Curve, probe: dict[str, NDArray[np.float32]]) -> Curve:
    score = (pooled - probe["mean"]) / probe["scale"] @ probe["weight"] + probe["bias"]
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))), np.float64)


@cache
def _probe() -> dict[str, NDArray[np.float32]]:
    """`mean`, `scale` (1536,), `weight` (1536, 2) and `bias` (2,); loaded once in a process."""
    probe: dict[str, NDArray[np.float32]] = load_file(WEIGHTS)
    return probe
