"""The head: postures that go with phrases, beats with accents, small movements with syllables."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Curve, Float64Array
from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.motion.voice_driven.following import Follower, mixed
from generation.animation.motion.voice_driven.prosody_bands import Bands
from generation.animation.motion.voice_driven.speaker import Speaker

_LIMITS_DEG: Final = np.array((15.0, 11.0, 9.0))
_PAUSE_SPEED: Final = 0.3
_BREATH_DEG: Final = 0.8
_USUAL_LOUDNESS: Final = 0.64
_STEP: Final = 1.0 / PLAN_RATE
_QUESTION_KEPT: Final = float(np.exp(-_STEP / 0.8))  # of a question, with each row


class Head:
    """Advances with the rows; the order of calls is the order of rows."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._target, self._posture, self._breath = Follower(3), Follower(3), Follower(1)
        self._question = 0.0

    def step(self, bands: Bands, accent: Curve, size: Curve, tempo: Curve) -> tuple[Float64Array, Curve]:
        """The next rows, and how much the voice has just asked in each: it rose where a phrase ends.

        Yaw, pitch, roll in degrees and x, y, z in head widths (N, 6), and (N,) 0..1. `accent` (N,) is 0..1.
        """
        speaker = self._speaker
        energy, pitch, vowel = bands.energy, bands.pitch, bands.vowel
        slow = [
            pitch[2], energy[2], vowel[2], pitch[2] * energy[2], 0.8 * bands.tempo,
            1.2 * bands.onset - 0.6 * bands.offset, pitch[2] ** 2 - energy[2] ** 2,
        ]  # fmt: skip
        # Each reacts to a part of a feature's range: one to what is loud, another to what is soft.
        ranges = speaker.range_of
        goal = mixed(
            speaker.posture,
            [np.tanh(1.4 * each + own) - np.tanh(own) for each, own in zip(slow, ranges, strict=True)],
        )
        speed = tempo * (_PAUSE_SPEED + (1 - _PAUSE_SPEED) * bands.activity) * (1 + bands.onset)
        force = np.maximum(1.0 + speaker.force * (bands.loudness - _USUAL_LOUDNESS), 0.2)
        share = 1 - np.exp(-_STEP * speed / speaker.follow_s)
        target = self._target.follow(goal * (0.35 + 0.65 * bands.activity)[:, None], share)
        posture = self._posture.follow(target, share)
        beats = mixed(speaker.beats, [
            np.maximum(energy[1], 0.0) * 1.6 - 0.3, energy[1], pitch[1], vowel[1],
            energy[1] * np.tanh(2 * pitch[2]), pitch[1] * np.tanh(2 * energy[2]),
        ])  # fmt: skip
        quick = mixed(speaker.syllables, [energy[0], pitch[0], vowel[0]])
        question = self._asked(bands)
        breath = self._breath.follow((bands.onset * (1 - bands.activity))[:, None], 0.25)[:, 0]
        angles = posture + (bands.activity * force)[:, None] * (beats + quick)
        angles[:, 1] += speaker.nods * accent
        angles[:, 2] += speaker.tilt * question
        angles[:, 1] -= 1.2 * question + _BREATH_DEG * breath
        angles = _LIMITS_DEG * np.tanh(size[:, None] * angles / _LIMITS_DEG)
        place = np.stack([
            0.0025 * posture[:, 0], 0.0012 * angles[:, 1] - 0.008 * breath,
            -0.02 * np.tanh(energy[2]) * bands.activity,
        ], axis=1)  # fmt: skip
        return np.concatenate([angles, size[:, None] * place], axis=1), question

    def _asked(self, bands: Bands) -> Curve:
        risen = np.clip(1.4 * bands.pitch[1] - 0.4, 0.0, 1.0) * bands.offset
        asked = []
        for rise in risen.tolist():
            self._question *= _QUESTION_KEPT
            self._question += 0.35 * max(rise - self._question, 0.0)
            asked.append(self._question)
        return np.array(asked)
