"""Where the eyes rest: at the camera, off it while words are sought, and in small jumps as a listener's face
is searched. A jump is due when where the voice draws the eyes is far from where they rest."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve, Float64Array
from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.motion.voice_driven.following import Follower, mixed
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
    """Advances with the rows; the order of calls is the order of rows."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._fixation = (0.0, 0.0)
        self._held = _BACK_ROWS  # rows since the last jump
        self._usual = Follower(2)
        self._seeking = 0.0
        self._there = (0.0, 0.0)
        self._away = 0  # rows that the eyes have been off the camera
        self._since = _BACK_ROWS  # rows since they came back

    def step(self, bands: Bands, aim_is_off: NDArray[np.bool_]) -> tuple[Float64Array, Curve]:
        """The resting places (N, 2) in degrees off the commanded gaze, and the sizes (N,) of jumps to them.

        Where the commanded gaze is off the camera already, `aim_is_off` (N,), the eyes leave it by a third of
        the way."""
        energy, pitch = bands.energy, bands.pitch
        here = [np.tanh(each) for each in (pitch[2], energy[2], pitch[1], energy[1])]
        drawn = mixed(self._speaker.wander, here) * (0.3 + 0.7 * bands.activity)[:, None]
        # Around the camera: what lasts is no reason to look elsewhere.
        drawn = np.clip(drawn - self._usual.follow(drawn, _FORGET), -_REACH_DEG, _REACH_DEG)
        seeking = bands.onset + 0.35 * np.maximum(-energy[2], 0.0) * bands.activity
        turns = np.tanh(1.5 * pitch[2] + 0.5)
        rows = zip(drawn.tolist(), seeking.tolist(), turns.tolist(), aim_is_off.tolist(), strict=True)
        places, jumps = [], []
        for (yaw, pitch_deg), sought, turn, is_off in rows:
            jumps.append(self._look((yaw, pitch_deg), sought, turn, aim_is_off=is_off))
            places.append(self._fixation)
        return np.array(places).reshape(-1, 2), np.array(jumps)

    def _look(self, drawn: tuple[float, float], seeking: float, turn: float, *, aim_is_off: bool) -> float:
        """Go on by a row; the size of the jump that is made, or 0."""
        self._held += 1
        shyness = self._speaker.shyness
        if self._away:
            self._away += 1
            settled = seeking < 0.5 * shyness and self._away > _AWAY_ROWS[0]
            if settled or self._away > _AWAY_ROWS[1]:
                self._away, self._since = 0, 0
        else:
            self._since += 1
            # The eyes leave where the search is at its height, the further the harder it is.
            if self._seeking > max(seeking, shyness) and self._since > _BACK_ROWS:
                self._away = 1
                size = min(max((self._seeking - shyness) / _FULL_SEARCH, 0.0), 1.0)
                size *= 0.33 if aim_is_off else 1.0
                yaw, pitch = self._speaker.look.tolist()
                self._there = (size * yaw, size * pitch * turn)
        self._seeking = seeking
        goal = self._there if self._away else drawn
        distance = math.hypot(goal[0] - self._fixation[0], goal[1] - self._fixation[1])
        starts = self._away == 1 or (not self._away and self._since == 0)
        if distance > _JUMP_DEG and (starts or (not self._away and self._held > _SHORTEST_ROWS)):
            self._fixation, self._held = goal, 0
            return distance
        return 0.0
