"""Muscles that pull at the same skin: what two actions do together that neither does alone.

Displacements of actions add up, people's do not. Where the muscle of the forehead raises the inner ends of
the brows and the corrugator draws them together, the middle and the tail of the brow come down and the arch
becomes a slope: the brows of grief and fear (AU 1 + 4). Where the levators of nose and lip pull together, the
lip is raised nearly twice as far as by either (AU 9 + 10); the muscle between the brows that wrinkles the
nose draws lowered brows further down (AU 4 + 9). A raised brow takes its skin off the lid, which rises
further (AU 1 + 2 + 5) (Ekman, Friesen & Hager 2002).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float32Array
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rig import ACTION_INDEX

# How much of inner ends raised and half of drawn together at once is still the play of a voice, and how far
# middle and tail sink with more, as a negative browOuterUp.
_PLAY: Final = 0.3
_SLOPE: Final = 1.25
_INNER_ENDS: Final = 0.28  # of browOuterUp, in browInnerUp: its share in the inner ends, which do not sink
_LIFT: Final = 0.65  # of a raised upper lip, by a wrinkled nose
_DRAWN: Final = 0.3  # of a lowered brow, by a wrinkled nose
_FREED: Final = 0.2  # of a raised lid, by a brow that is raised as a whole
_INNER: Final = ACTION_INDEX["browInnerUp"]
_SIDES: Final = tuple(
    tuple(
        ACTION_INDEX[f"{name}{side}"]
        for name in ("browDown", "browOuterUp", "noseSneer", "mouthUpperUp", "eyeWide")
    )
    for side in ("Left", "Right")
)


@jit_kernel
def combine_muscles(actions: Float32Array) -> None:
    """Set what muscles do together in `actions` (52,), in place: browOuterUp may become negative,
    browInnerUp, browDown, eyeWide and mouthUpperUp more than 1."""
    inner = float(actions[_INNER])
    for down, outer, nose, lip, lid in _SIDES:
        raised = max(min(inner, float(actions[outer])), 0.0)
        actions[lid] *= np.float32(1 + _FREED * raised)
        grief = max(min(inner, 2 * float(actions[down])) - _PLAY, 0.0)
        sinks = _SLOPE * grief * (1 - float(actions[outer]))
        actions[outer] -= np.float32(sinks)
        actions[_INNER] += np.float32(_INNER_ENDS / 2 * sinks)
        actions[down] *= np.float32(1 + _DRAWN * float(actions[nose]))
        actions[lip] *= np.float32(1 + _LIFT * float(actions[nose]))
