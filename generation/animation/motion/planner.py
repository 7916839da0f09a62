"""Planner: samples a motion plan of any length from MotionFlow, window after window, as speech arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.guidance import Guidance
from generation.animation.motion.motion_conditions import VOICE_FEATURES, VOICE_WIDTH, ControlVector
from generation.animation.motion.motion_flow import (
    PREFIX,
    WINDOW,
    AudioConditioning,
    MotionFlow,
    PlanWindow,
    plan_window,
)
from generation.animation.motion.motion_plan import FACE, PLAN_RATE, SMOOTH, WIDTH, Plan

EDGE_S: Final = 1.0  # distance from a clip's ends at which their proximity becomes 0
_CROSSFADE: Final = 8  # rows over which one window is blended into the next
_SILENCE_LEVEL: Final = -3.0  # of voice features
_NOISE_ROWS: Final = 5000  # that are remembered, of 250 bytes; two minutes have 2,400


@dataclass(frozen=True)
class WindowSchedule:
    """How windows advance: each commits `commit` rows, as soon as the voice is known `lookahead` rows beyond
    them (negative: before they are reached), and is sampled in `steps` Euler steps.

    After `section` windows the plan begins anew, from rest a window earlier, and goes over into what was
    planned before: no row depends on what lies further back than that. 0: it never does."""

    commit: int
    lookahead: int
    steps: int
    section: int = 0


# A whole recording: the last 12 rows of a window are look-ahead only. Four steps are enough for what is taken
# of the plan (`voice_driven.mixed_planner`): the level of an emotion and a sway.
# Sections of four seconds let an editor show the end of a long recording as soon as its beginning.
RECORDED: Final = WindowSchedule(commit=20, lookahead=12, steps=4, section=4)
# Live speech: rows are planned before their audio is known, so that they add no latency.
LIVE: Final = WindowSchedule(commit=4, lookahead=-6, steps=4)


class Planner:
    """Plans row after row. The same voice, controls, seed and schedule give the same plan, however it is
    cut."""

    def __init__(
        self,
        network: MotionFlow,
        control_vector_at: Callable[[int], ControlVector],
        seed: int,
        schedule: WindowSchedule,
        guidance: Guidance,
        *,
        plan: PlanWindow = plan_window,
        first_row: int = 0,
    ) -> None:
        """`control_vector_at` gives the controls of the window that begins to commit at a row; `plan` samples
        one. Rows before `first_row` are not needed: those of earlier sections are 0."""
        self._network, self._control_vector_at, self._seed = network, control_vector_at, seed
        self._plan_window, self._first_row = plan, first_row
        self._schedule, self._guidance = schedule, guidance
        self._planned = 0
        # Rows of the last window that were not committed.
        self._ahead: Plan = np.zeros((0, WIDTH), np.float32)
        self._prefix: Plan = np.zeros((PREFIX, WIDTH), np.float32)  # before the clip: rest
        self._past = PREFIX + schedule.commit  # rows of the voice that are kept before the next window
        self._voice = silence(self._past)  # from row self._planned - self._past on
        self._ends_at: int | None = None

    def plan_ahead(self, voice: NDArray[np.float32]) -> Plan:
        """The rows (N, 18) that can be planned with the next voice features (T, 25); N may be 0."""
        self._voice = np.concatenate([self._voice, voice])
        return np.concatenate([np.zeros((0, WIDTH), np.float32), *self._plan()])

    def plan_rest(self) -> Plan:
        """End of the voice: the rest of the plan, which then is as long as the voice."""
        self._ends_at = self._planned - self._past + len(self._voice)
        return np.concatenate([np.zeros((0, WIDTH), np.float32), *self._plan()])

    def _plan(self) -> Iterator[Plan]:
        commit = self._schedule.commit
        while self._can_plan():
            if self._is_needed():
                if self._begins_section():
                    before = self._window(self._planned - commit, np.zeros((PREFIX, WIDTH), np.float32))
                    self._prefix = before[:commit][-PREFIX:]
                rows = self._crossfade(self._window(self._planned, self._prefix))
            else:
                rows = np.zeros((WINDOW - PREFIX, WIDTH), np.float32)
            self._ahead, rows = rows[commit:], rows[:commit]
            self._prefix = np.concatenate([self._prefix, rows])[-PREFIX:]
            self._planned += len(rows)
            self._voice = self._voice[len(rows) :]
            past = self._planned - self._ends_at if self._ends_at is not None else 0
            yield rows[: len(rows) - max(past, 0)]

    def _begins_section(self) -> bool:
        """Whether the next window is the first of a section, other than of the clip."""
        section = self._schedule.section * self._schedule.commit
        return bool(section) and self._planned > 0 and self._planned % section == 0

    def _is_needed(self) -> bool:
        """Whether rows that are asked for depend on the next window."""
        section = self._schedule.section * self._schedule.commit
        if not section:
            return True
        ends = (self._planned // section + 1) * section
        return ends + _CROSSFADE > self._first_row

    def _window(self, first: int, prefix: Plan) -> Plan:
        """The rows (WINDOW - PREFIX, 18) from row number `first` on, behind `prefix`."""
        return self._plan_window(
            self._network,
            prefix,
            self._audio_conditioning(first),
            self._control_vector_at(first - PREFIX),
            row_noise(self._seed, first - PREFIX),
            steps=self._schedule.steps,
            guidance=self._guidance,
        )

    def _crossfade(self, rows: Plan) -> Plan:
        """A new window's rows, blended in place from the uncommitted rows of the last window."""
        shared = min(_CROSSFADE, len(self._ahead))
        share = (np.arange(1, shared + 1, dtype=np.float32) / (shared + 1))[:, None]
        rows[:shared, SMOOTH] += (1 - share) * (self._ahead[:shared, SMOOTH] - rows[:shared, SMOOTH])
        return rows

    def _can_plan(self) -> bool:
        if self._ends_at is not None:
            return self._planned < self._ends_at
        known = len(self._voice) - self._past
        return known >= self._schedule.commit + self._schedule.lookahead

    def _audio_conditioning(self, first: int) -> AudioConditioning:
        """The voice of the window that begins to commit at row number `first`: silence after its end, zeros
        (not `known`) after what has arrived."""
        # Only what the schedule waits for, even if more has arrived: chunk boundaries must not matter.
        least = PREFIX + self._schedule.commit + self._schedule.lookahead
        from_prefix = self._voice[first - PREFIX - (self._planned - self._past) :]
        voice = from_prefix[: WINDOW if self._ends_at is not None else min(WINDOW, least)]
        known = np.zeros(WINDOW, np.float32)
        known[: len(voice)] = 1.0
        missing = WINDOW - len(voice)
        if self._ends_at is not None:
            known[:] = 1.0
            rest = silence(missing)
        else:
            rest = np.zeros((missing, VOICE_WIDTH), np.float32)
        edges = edge_curves(first - PREFIX, WINDOW, self._ends_at)
        return AudioConditioning(np.concatenate([voice, rest]), known, edges)


def silence(rows: int) -> NDArray[np.float32]:
    """Voice features (rows, 25) of silence."""
    quiet = np.zeros((rows, VOICE_WIDTH), np.float32)
    quiet[:, VOICE_FEATURES.index("level") :: len(VOICE_FEATURES)] = _SILENCE_LEVEL
    return quiet


def edge_curves(first: int, count: int, end: int | None) -> NDArray[np.float32]:
    """Proximity of the rows from number `first` on to the start of the clip and to its `end` (a row number),
    1 at them and 0 from EDGE_S on: (count, 2). 0 for an end that is not known yet."""
    at = (np.arange(first, first + count) + 0.5) / PLAN_RATE
    edges = np.zeros((count, 2))
    edges[:, 0] = np.clip(1 - np.maximum(at, 0) / EDGE_S, 0, 1)
    if end is not None:
        edges[:, 1] = np.clip(1 - np.maximum(end / PLAN_RATE - at, 0) / EDGE_S, 0, 1)
    return edges.astype(np.float32)


def row_noise(seed: int, first: int) -> NDArray[np.float32]:
    """Noise (WINDOW, 18) of the window whose first row has number `first`: standard normal for head and eyes,
    0 for the face and for the prefix.

    The noise of a row depends on `seed` and its number only, not on the window. Of the face only the level of
    valence and arousal is taken, and noise would add a slow curve that is the same for a seed whatever is
    said.
    """
    noise = np.zeros((WINDOW, WIDTH), np.float32)
    for i in range(PREFIX, WINDOW):
        noise[i, FACE.stop :] = _noise_of_row(seed, first + i)[FACE.stop :]
    return noise


@lru_cache(maxsize=_NOISE_ROWS)
def _noise_of_row(seed: int, row: int) -> NDArray[np.float64]:
    """Windows overlap, and an editor asks for the same performance again and again."""
    bits = np.random.Philox(key=seed & (2**64 - 1), counter=[0, 0, 0, row])
    return np.random.Generator(bits).standard_normal(WIDTH)
