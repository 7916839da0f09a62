"""One plan of two: what the voice makes the body do, over what goes on without it.

MotionFlow's own noise explains nearly all of its head and brows, whatever is said. So its plan gives what
may come from nowhere: the level of an asked emotion, and the small sway of a body that is alive in silence.
Events and courses come from the voice.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.motion_plan import FACE, HEAD, PLAN_RATE, WIDTH, Plan

_SWAY: Final = 0.25  # of the network's head movement
_LEVEL_S: Final = 0.35  # the network's face is followed so slowly
# Rows of the network's face that its level is the mean of, and how much each counts, the newest first. What
# is older counts for nothing, so that a place in a long recording needs no more than what lies just before.
LEVEL_ROWS: Final = round(4 * PLAN_RATE * _LEVEL_S)
_AGED: Final = np.exp(-np.arange(LEVEL_ROWS) / (PLAN_RATE * _LEVEL_S))
_WEIGHTS: Final = (_AGED / _AGED.sum()).astype(np.float32)


class PlanSource(Protocol):
    """Plans rows (T, 18) from voice rows (T, 25) as they come."""

    def plan_ahead(self, voice: NDArray[np.float32]) -> Plan: ...

    def plan_rest(self) -> Plan: ...


class MixedPlanner:
    """Plans as far as both have planned."""

    def __init__(self, by_voice: PlanSource, by_network: PlanSource) -> None:
        self._by_voice, self._by_network = by_voice, by_network
        self._voice_rows: Plan = np.zeros((0, WIDTH), np.float32)
        self._network_rows: Plan = np.zeros((0, WIDTH), np.float32)
        self._faces = np.zeros((LEVEL_ROWS - 1, FACE.stop - FACE.start), np.float32)

    def plan_ahead(self, voice: NDArray[np.float32]) -> Plan:
        """Hear the next rows (T, 25) of the voice; what both could plan now (N, 18), maybe nothing."""
        return self._mixed(self._by_voice.plan_ahead(voice), self._by_network.plan_ahead(voice))

    def plan_rest(self) -> Plan:
        """The voice has ended; the rest of the plan, as long as the voice was."""
        return self._mixed(self._by_voice.plan_rest(), self._by_network.plan_rest())

    def _mixed(self, by_voice: Plan, by_network: Plan) -> Plan:
        self._voice_rows = np.concatenate([self._voice_rows, by_voice])
        self._network_rows = np.concatenate([self._network_rows, by_network])
        count = min(len(self._voice_rows), len(self._network_rows))
        rows, network = self._voice_rows[:count].copy(), self._network_rows[:count]
        rows[:, HEAD] += _SWAY * network[:, HEAD]
        faces = np.concatenate([self._faces, network[:, FACE]])
        for age, weight in enumerate(_WEIGHTS):
            rows[:, FACE] += weight * faces[LEVEL_ROWS - 1 - age :][:count]
        self._faces = faces[count:]
        self._voice_rows, self._network_rows = self._voice_rows[count:], self._network_rows[count:]
        return rows
