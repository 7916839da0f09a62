"""Where the eyes rest: at the camera, off it while words are sought, and in small jumps as a listener's face
is searched. A jump is due when where the voice draws the eyes is far from where they rest."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.motion.voice_driven.prosody_bands import Bands
from generation.animation.motion.voice_driven.speaker import Speaker

_JUMP_DEG: Final = 1.0
_SHORTEST_ROWS: Final = round(0.25 * PLAN_RATE)
_AWAY_ROWS: Final = (round(0.4 * PLAN_RATE), round(1.6 * PLAN_RATE))
_REACH_DEG: Final = np.array((2.6, 1.3))
_FORGET: Final = 1.0 / (1.5 * PLAN_RATE)
_FULL_SEARCH: Final = 0.3
_BACK_ROWS: Final = round(1.2 * PLAN_RATE)  # the eyes stay at the camera for so long before they leave again


class Gaze:
    """Advances row by row."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._fixation = np.zeros(2)
        self._held = _BACK_ROWS  # rows since the last jump
        self._usual = np.zeros(2)
        self._seeking = 0.0
        self._there = np.zeros(2)
        self._away = 0  # rows that the eyes have been off the camera
        self._since = _BACK_ROWS  # rows since they came back

    def step(self, bands: Bands, aim_is_off: bool) -> tuple[Float64Array, float]:
        """The resting place (2,) in degrees off the commanded gaze, and the size of a jump made just now.

        Where the commanded gaze is off the camera already, the eyes leave it by a third of the way."""
        self._held += 1
        here = np.array((bands.pitch[2], bands.energy[2], bands.pitch[1], bands.energy[1]))
        drawn = self._speaker.wander @ np.tanh(here) * (0.3 + 0.7 * bands.activity)
        # Around the camera: what lasts is no reason to look elsewhere.
        self._usual += _FORGET * (drawn - self._usual)
        drawn = np.clip(drawn - self._usual, -_REACH_DEG, _REACH_DEG)
        seeking = bands.onset + 0.35 * max(-bands.energy[2], 0.0) * bands.activity
        if self._away:
            self._away += 1
            settled = seeking < 0.5 * self._speaker.shyness and self._away > _AWAY_ROWS[0]
            if settled or self._away > _AWAY_ROWS[1]:
                self._away, self._since = 0, 0
        else:
            self._since += 1
            # The eyes leave where the search is at its height, the further the harder it is.
            if self._seeking > max(seeking, self._speaker.shyness) and self._since > _BACK_ROWS:
                self._away = 1
                size = np.clip((self._seeking - self._speaker.shyness) / _FULL_SEARCH, 0.0, 1.0)
                turn = np.tanh(1.5 * bands.pitch[2] + 0.5)
                self._there = size * self._speaker.look * np.array((1.0, turn))
                self._there *= 0.33 if aim_is_off else 1.0
        self._seeking = seeking
        goal = self._there if self._away else drawn
        distance = float(np.hypot(*(goal - self._fixation)))
        starts = self._away == 1 or (not self._away and self._since == 0)
        if distance > _JUMP_DEG and (starts or (not self._away and self._held > _SHORTEST_ROWS)):
            self._fixation, self._held = goal.copy(), 0
            return self._fixation, distance
        return self._fixation, 0.0
