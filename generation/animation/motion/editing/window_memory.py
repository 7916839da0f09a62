"""Remembers the windows that MotionFlow planned: what is asked for again with the same inputs is not planned
again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import astuple
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.guidance import Guidance
from generation.animation.motion.motion_conditions import ControlVector
from generation.animation.motion.motion_flow import AudioConditioning, MotionFlow, plan_window
from generation.animation.motion.motion_plan import Plan

MOST_WINDOWS: Final = 1000  # of a few kB each; two minutes have 120


class WindowMemory:
    """`plan_window` of one network with a memory of its newest answers. The answers are the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Plan] = OrderedDict()

    def plan_window(
        self,
        network: MotionFlow,
        prefix: Plan,
        audio: AudioConditioning,
        control_vector: ControlVector,
        noise: NDArray[np.float32],
        *,
        steps: int,
        guidance: Guidance,
    ) -> Plan:
        """As `motion_flow.plan_window`."""
        digest = hashlib.blake2b(repr((steps, astuple(guidance))).encode(), digest_size=16)
        vectors = control_vector.emotion, control_vector.style, control_vector.gaze
        for values in (prefix, audio.rows(), *vectors, noise):
            digest.update(np.ascontiguousarray(values).data)
        place = digest.digest()
        if place in self._known:
            self._known.move_to_end(place)
        else:
            self._known[place] = plan_window(
                network, prefix, audio, control_vector, noise, steps=steps, guidance=guidance
            )
            if len(self._known) > MOST_WINDOWS:
                self._known.popitem(last=False)
        return self._known[place].copy()
