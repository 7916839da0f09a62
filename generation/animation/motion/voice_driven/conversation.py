"""One plan of a person's own voice and of another's that they listen to."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.motion_conditions import VOICE_FEATURES
from generation.animation.motion.motion_plan import BLINK, FACE, HEAD, WIDTH, Plan
from generation.animation.motion.voice_driven.mixed_planner import PlanSource

_SPEECH: Final = VOICE_FEATURES.index("speech")


class Conversation:
    """Plans as far as both voices are planned. Who speaks does not nod to the other meanwhile."""

    def __init__(self, own: PlanSource, listener: PlanSource, ahead: int) -> None:
        """`ahead` is how many rows of the voices are known beyond a planned row, negative where it is planned
        before it is heard."""
        self._own, self._listener = own, listener
        self._own_rows: Plan = np.zeros((0, WIDTH), np.float32)
        self._heard_rows: Plan = np.zeros((0, WIDTH), np.float32)
        # How much of each row the person speaks, from the next planned row on; of rows that are planned
        # before they are heard, what is last known of it however the voice was cut.
        self._speaks = np.zeros(1 + max(-ahead, 0), np.float32)

    def plan_ahead(self, voice: NDArray[np.float32], other: NDArray[np.float32]) -> Plan:
        """Hear the next rows (T, 25) of both voices; what could be planned now (N, 18), maybe nothing."""
        speech = voice[:, _SPEECH :: len(VOICE_FEATURES)].mean(1) if len(voice) else np.zeros(0, np.float32)
        self._speaks = np.concatenate([self._speaks, speech])
        return self._joined(self._own.plan_ahead(voice), self._listener.plan_ahead(other))

    def plan_rest(self) -> Plan:
        """Both voices have ended; the rest of the plan, as long as they were."""
        return self._joined(self._own.plan_rest(), self._listener.plan_rest())

    def _joined(self, own: Plan, heard: Plan) -> Plan:
        self._own_rows = np.concatenate([self._own_rows, own])
        self._heard_rows = np.concatenate([self._heard_rows, heard])
        count = min(len(self._own_rows), len(self._heard_rows))
        rows, heard = self._own_rows[:count].copy(), self._heard_rows[:count]
        self._own_rows, self._heard_rows = self._own_rows[count:], self._heard_rows[count:]
        known = np.minimum(np.arange(count), len(self._speaks) - 1)
        listens = (1 - self._speaks[known])[:, None]
        rows[:, HEAD] += listens * heard[:, HEAD]
        rows[:, FACE] += listens * heard[:, FACE]
        rows[:, BLINK] = np.maximum(rows[:, BLINK], listens[:, 0] * heard[:, BLINK])
        self._speaks = self._speaks[min(count, len(self._speaks) - 1) :]
        return rows
