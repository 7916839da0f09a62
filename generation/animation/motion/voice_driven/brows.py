"""Brows, lids and cheeks with the voice: raised with pitch and accent, drawn together with force.

What is soft or low draws no brow down: every phrase ends so, and a frown there reads as displeasure with what
was said. How far brows go without a requested emotion is limited softly, as in people.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.motion.motion_plan import FACE_COLUMNS
from generation.animation.motion.voice_driven.prosody_bands import Bands
from generation.animation.motion.voice_driven.speaker import Speaker

_MOST_RAISED, _MOST_DRAWN = 1.15, 0.55
_EASY: Final = 0.45  # the force with which usual speech is spoken, which draws no brow down
_COLUMN: Final = {name: index for index, name in enumerate(FACE_COLUMNS)}


class UpperFace:
    """Advances row by row."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._raised = 0.0
        self._drawn = 0.0
        self._breath = 0.0

    def step(self, bands: Bands, accent: float, question: float, amount: float) -> Float64Array:
        """What the voice adds to the face columns of a plan's row: (9,). `accent` is 0..1."""
        speaker = self._speaker
        energy, pitch = bands.energy, bands.pitch
        voice = np.array((pitch[2], pitch[1], energy[1], energy[2], bands.vowel[2], bands.vowel[1]))
        up = bands.activity * float(speaker.raises @ voice) + 0.45 * question
        # A voice that has become softer than it usually is has no force.
        strained = bands.activity * float(np.clip(0.5 + 0.7 * energy[2], 0.0, 1.0))
        force = strained * max(float(speaker.frowns @ np.maximum(voice, 0.0)) - _EASY, 0.0)
        self._raised += 0.6 * (up - self._raised)
        self._drawn += 0.35 * (force - self._drawn)
        self._breath += 0.3 * (bands.onset * (1 - bands.activity) - self._breath)
        raised = _limited(self._raised, _MOST_RAISED)
        drawn = _limited(self._drawn - 0.5 * raised, _MOST_DRAWN)
        raised += speaker.flashes * accent
        warm = max(0.35 * energy[2] + 0.35 * pitch[2], 0.0) * bands.activity
        row = np.zeros(len(FACE_COLUMNS))
        row[_COLUMN["brow_inner_up"]] = raised
        row[_COLUMN["brow_outer_up"]] = speaker.brow_outer * raised
        row[_COLUMN["brow_lean"]] = 0.25 * speaker.side * raised
        row[_COLUMN["brow_down"]] = drawn
        row[_COLUMN["eye_squint"]] = speaker.lids * (0.45 * drawn + 0.35 * warm)
        row[_COLUMN["eye_wide"]] = speaker.lids * 0.36 * raised
        row[_COLUMN["lid_droop"]] = (
            speaker.lids * 0.07 * max(-energy[2] - 0.3 * pitch[2], 0.0) * bands.activity
        )
        row[_COLUMN["cheek_squint"]] = speaker.cheek * 0.6 * warm
        row[_COLUMN["nose_sneer"]] = 0.30 * drawn + 0.10 * self._breath
        return amount * row


def _limited(value: float, most: float) -> float:
    """0 below 0, about itself where it is small, and never `most`."""
    return most * math.tanh(max(value, 0.0) / most)
