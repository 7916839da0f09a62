"""The head: postures that go with phrases, beats with accents, small movements with syllables."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.motion.voice_driven.prosody_bands import Bands
from generation.animation.motion.voice_driven.speaker import Speaker

_LIMITS_DEG: Final = np.array((15.0, 11.0, 9.0))
_PAUSE_SPEED: Final = 0.3
_QUESTION_FALL_S: Final = 0.8
_BREATH_DEG: Final = 0.8
_USUAL_LOUDNESS: Final = 0.64
_STEP: Final = 1.0 / PLAN_RATE


class Head:
    """Advances row by row; the order of calls is the order of rows."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._target = np.zeros(3)
        self._posture = np.zeros(3)
        self._question = 0.0
        self._breath = 0.0

    def step(self, bands: Bands, accent: float, size: float, tempo: float) -> Float64Array:
        """Yaw, pitch, roll in degrees and x, y, z in head widths of the next row: (6,). `accent` is 0..1."""
        speaker = self._speaker
        energy, pitch, vowel = bands.energy, bands.pitch, bands.vowel
        slow = np.array((
            pitch[2], energy[2], vowel[2], pitch[2] * energy[2], 0.8 * bands.tempo,
            1.2 * bands.onset - 0.6 * bands.offset, pitch[2] ** 2 - energy[2] ** 2,
        ))  # fmt: skip
        # Each reacts to a part of a feature's range: one to what is loud, another to what is soft.
        goal = speaker.posture @ (np.tanh(1.4 * slow + speaker.range_of) - np.tanh(speaker.range_of))
        speed = tempo * (_PAUSE_SPEED + (1 - _PAUSE_SPEED) * bands.activity) * (1 + bands.onset)
        force = max(1.0 + speaker.force * (bands.loudness - _USUAL_LOUDNESS), 0.2)
        share = 1 - np.exp(-_STEP * speed / speaker.follow_s)
        self._target += share * (goal * (0.35 + 0.65 * bands.activity) - self._target)
        self._posture += share * (self._target - self._posture)
        beats = speaker.beats @ np.array((
            max(energy[1], 0.0) * 1.6 - 0.3, energy[1], pitch[1], vowel[1],
            energy[1] * np.tanh(2 * pitch[2]), pitch[1] * np.tanh(2 * energy[2]),
        ))  # fmt: skip
        quick = speaker.syllables @ np.array((energy[0], pitch[0], vowel[0]))
        self._ask(bands)
        self._breath += 0.25 * (bands.onset * (1 - bands.activity) - self._breath)
        angles = self._posture + bands.activity * force * (beats + quick)
        angles[1] += speaker.nods * accent
        angles[2] += speaker.tilt * self._question
        angles[1] -= 1.2 * self._question + _BREATH_DEG * self._breath
        angles = _LIMITS_DEG * np.tanh(size * angles / _LIMITS_DEG)
        place = (
            0.0025 * self._posture[0], 0.0012 * angles[1] - 0.008 * self._breath,
            -0.02 * np.tanh(bands.energy[2]) * bands.activity,
        )  # fmt: skip
        return np.concatenate([angles, size * np.array(place)])

    @property
    def question(self) -> float:
        """How much the voice has just asked, 0..1: it rose where a phrase ends."""
        return self._question

    def _ask(self, bands: Bands) -> None:
        risen = float(np.clip(1.4 * bands.pitch[1] - 0.4, 0.0, 1.0)) * bands.offset
        self._question = max(self._question * float(np.exp(-_STEP / _QUESTION_FALL_S)), 0.0)
        self._question += 0.35 * max(risen - self._question, 0.0)
