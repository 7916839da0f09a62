"""Brows, lids and cheeks with the voice: raised with pitch and accent, drawn together with force.

What is soft or low draws no brow down: every phrase ends so, and a frown there reads as displeasure with what
was said. How far brows go without a requested emotion is limited softly, as in people.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Curve, Float64Array
from generation.animation.motion.motion_plan import FACE_COLUMNS
from generation.animation.motion.voice_driven.following import Follower, mixed
from generation.animation.motion.voice_driven.prosody_bands import Bands
from generation.animation.motion.voice_driven.speaker import Speaker

_MOST_RAISED, _MOST_DRAWN = 1.15, 0.55
# Of the outer ends' rise, in the action of the inner ends: as rendered a brow then rises as one (AU 1 + 2).
# More of it, and drawn together, is the brow of grief, which no neutral voice has.
_INNER: Final = 0.45
_APART: Final = 0.9  # of a brow's rise, from which nothing draws it down: people stress with one of both
_LEAN: Final = 0.12  # of a raised brow, to the livelier half of the face
_EASY: Final = 0.45  # the force with which usual speech is spoken, which draws no brow down
_COLUMN: Final = {name: index for index, name in enumerate(FACE_COLUMNS)}


class UpperFace:
    """Advances with the rows; the order of calls is the order of rows."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._raised, self._drawn, self._breath = Follower(1), Follower(1), Follower(1)

    def step(self, bands: Bands, accent: Curve, question: Curve, amount: Curve) -> Float64Array:
        """What the voice adds to the face columns of a plan's next rows: (N, 9). `accent` (N,) is 0..1."""
        speaker = self._speaker
        energy, pitch, vowel = bands.energy, bands.pitch, bands.vowel
        voice = [pitch[2], pitch[1], energy[1], energy[2], vowel[2], vowel[1]]
        up = bands.activity * mixed(speaker.raises[None], voice)[:, 0] + 0.45 * question
        # A voice that has become softer than it usually is has no force.
        strained = bands.activity * np.clip(0.5 + 0.7 * energy[2], 0.0, 1.0)
        # Nor is it force that speech begins after a pause, which it does alike in every recording.
        beat, opening = bands.stressed
        told = [pitch[2], pitch[1], beat, energy[2], vowel[2], opening]
        strong = mixed(speaker.frowns[None], [np.maximum(each, 0.0) for each in told])[:, 0]
        force = strained * np.maximum(strong - _EASY, 0.0)
        breath = self._breath.follow((bands.onset * (1 - bands.activity))[:, None], 0.3)[:, 0]
        raised = _limited(self._raised.follow(up[:, None], 0.6)[:, 0], _MOST_RAISED)
        drawn = _limited(self._drawn.follow(force[:, None], 0.35)[:, 0] - 0.5 * raised, _MOST_DRAWN)
        raised = raised + speaker.flashes * accent
        drawn *= 1 - np.clip(raised / _APART, 0.0, 1.0)
        warm = np.maximum(0.35 * energy[2] + 0.35 * pitch[2], 0.0) * bands.activity
        rows = np.zeros((len(bands), len(FACE_COLUMNS)))
        rows[:, _COLUMN["brow_inner_up"]] = _INNER * raised
        rows[:, _COLUMN["brow_outer_up"]] = speaker.brow_outer * raised
        rows[:, _COLUMN["brow_lean"]] = _LEAN * speaker.side * raised
        rows[:, _COLUMN["brow_down"]] = drawn
        rows[:, _COLUMN["eye_squint"]] = speaker.lids * (0.45 * drawn + 0.35 * warm)
        rows[:, _COLUMN["eye_wide"]] = speaker.lids * 0.36 * raised
        rows[:, _COLUMN["lid_droop"]] = (
            speaker.lids * 0.07 * np.maximum(-energy[2] - 0.3 * pitch[2], 0.0) * bands.activity
        )
        rows[:, _COLUMN["cheek_squint"]] = speaker.cheek * 0.6 * warm
        rows[:, _COLUMN["nose_sneer"]] = 0.30 * drawn + 0.10 * breath
        return amount[:, None] * rows


def _limited(values: Curve, most: float) -> Curve:
    """0 below 0, about themselves where they are small, and never `most`."""
    return np.asarray(most * np.tanh(np.maximum(values, 0.0) / most), np.float64)
