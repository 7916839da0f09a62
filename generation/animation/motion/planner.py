"""Writing a motion plan of any length, window after window, while the voice comes in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.guidance import Guidance
from generation.animation.motion.motion_conditions import VOICE_FEATURES, VOICE_WIDTH, ControlVector
from generation.animation.motion.motion_flow import PREFIX, WINDOW, Hearing, MotionFlow, plan_window
from generation.animation.motion.motion_plan import PLAN_RATE, SMOOTH, WIDTH, Plan

EDGE_S: Final = 1.0  # how near a clip's start and end are told
_EASE: Final = 8  # rows over which one window passes into the next
_QUIET: Final = -3.0  # the level of silence in voice rows


@dataclass(frozen=True)
class Pace:
    """How far the plan goes with each window: `commit` rows, once `heard` rows beyond them were heard (less
    than 0: before they were), in `steps` steps of the flow."""

    commit: int
    heard: int
    steps: int


# A whole recording: two fifths of a window are there only to know what comes.
RECORDED: Final = Pace(commit=20, heard=12, steps=16)
# A live voice: what is shown now was planned before it was heard, so that nobody waits for it.
LIVE: Final = Pace(commit=2, heard=-4, steps=4)


class Planner:
    """Plans row after row. The same voice, controls, seed and pace give the same plan, however it is cut."""

    def __init__(
        self, network: MotionFlow, control_vector: ControlVector, seed: int, pace: Pace, guidance: Guidance
    ) -> None:
        self._network, self._control_vector, self._seed = network, control_vector, seed
        self._pace, self._guidance = pace, guidance
        self._planned = 0
        self._ahead: Plan = np.zeros((0, WIDTH), np.float32)  # what the last window says of the next
        self._prefix: Plan = np.zeros((PREFIX, WIDTH), np.float32)  # before the clip everything rests
        self._voice = silence(PREFIX)  # from row self._planned - PREFIX on
        self._ends_at: int | None = None

    def take(self, voice: NDArray[np.float32]) -> Plan:
        """Hear the next rows (T, 25) of the voice; what could be planned now (N, 18), maybe nothing."""
        self._voice = np.concatenate([self._voice, voice])
        return np.concatenate([np.zeros((0, WIDTH), np.float32), *self._plan()])

    def finish(self) -> Plan:
        """The voice has ended; the rest of the plan, as long as the voice was."""
        self._ends_at = self._planned - PREFIX + len(self._voice)
        return np.concatenate([np.zeros((0, WIDTH), np.float32), *self._plan()])

    def _plan(self) -> Iterator[Plan]:
        while self._may_go_on():
            rows = self._eased(
                plan_window(
                    self._network,
                    self._prefix,
                    self._hearing(),
                    self._control_vector,
                    row_noise(self._seed, self._planned - PREFIX),
                    steps=self._pace.steps,
                    guidance=self._guidance,
                )
            )
            self._ahead, rows = rows[self._pace.commit :], rows[: self._pace.commit]
            self._prefix = np.concatenate([self._prefix, rows])[-PREFIX:]
            self._planned += len(rows)
            self._voice = self._voice[len(rows) :]
            past = self._planned - self._ends_at if self._ends_at is not None else 0
            yield rows[: len(rows) - max(past, 0)]

    def _eased(self, rows: Plan) -> Plan:
        """Rows that begin as the last window went on, and pass over to the new ones."""
        shared = min(_EASE, len(self._ahead))
        share = (np.arange(1, shared + 1, dtype=np.float32) / (shared + 1))[:, None]
        rows[:shared, SMOOTH] += (1 - share) * (self._ahead[:shared, SMOOTH] - rows[:shared, SMOOTH])
        return rows

    def _may_go_on(self) -> bool:
        if self._ends_at is not None:
            return self._planned < self._ends_at
        heard = len(self._voice) - PREFIX
        return heard >= self._pace.commit + self._pace.heard

    def _hearing(self) -> Hearing:
        """The voice around the next window; past its end there is silence, past what was heard nothing."""
        # As much as the pace waits for, though more may have come: chunks' lengths must not matter.
        least = PREFIX + self._pace.commit + self._pace.heard
        voice = self._voice[: WINDOW if self._ends_at is not None else min(WINDOW, least)]
        known = np.zeros(WINDOW, np.float32)
        known[: len(voice)] = 1.0
        missing = WINDOW - len(voice)
        if self._ends_at is not None:
            known[:] = 1.0
            rest = silence(missing)
        else:
            rest = np.zeros((missing, VOICE_WIDTH), np.float32)
        edges = edge_curves(self._planned - PREFIX, WINDOW, self._ends_at)
        return Hearing(np.concatenate([voice, rest]), known, edges)


def silence(rows: int) -> NDArray[np.float32]:
    """Voice rows (rows, 25) in which nothing is heard."""
    quiet = np.zeros((rows, VOICE_WIDTH), np.float32)
    quiet[:, VOICE_FEATURES.index("level") :: len(VOICE_FEATURES)] = _QUIET
    return quiet


def edge_curves(first: int, count: int, end: int | None) -> NDArray[np.float32]:
    """Nearness of rows from `first` on to the start of the clip and to its `end`, 1 at them: (count, 2).

    Zero where the end is not known yet.
    """
    at = (np.arange(first, first + count) + 0.5) / PLAN_RATE
    edges = np.zeros((count, 2))
    edges[:, 0] = np.clip(1 - np.maximum(at, 0) / EDGE_S, 0, 1)
    if end is not None:
        edges[:, 1] = np.clip(1 - np.maximum(end / PLAN_RATE - at, 0) / EDGE_S, 0, 1)
    return edges.astype(np.float32)


def row_noise(seed: int, first: int) -> NDArray[np.float32]:
    """The noise of a window (WINDOW, 18) whose rows have numbers from `first` on; a row's own is always the
    same."""
    noise = np.zeros((WINDOW, WIDTH), np.float32)
    for i in range(PREFIX, WINDOW):
        bits = np.random.Philox(key=seed & (2**64 - 1), counter=[0, 0, 0, first + i])
        noise[i] = np.random.Generator(bits).standard_normal(WIDTH)
    return noise
