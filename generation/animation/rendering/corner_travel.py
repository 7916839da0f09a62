"""Corner travel: how far the corners of the mouth go outwards and up, whatever actions pull at them together.

Displacements of actions add up; the skin between corner and ear does not give way without end. In a clip of
a full grin the corners go outwards by 0.40 to 0.46 of half the mouth's width at rest and up by 0.38 to 0.41.

An opening jaw carries the corners down by a third of its own way. The muscle of a smile (AU 12) hangs from
the cheekbone and holds them: in a laugh the lower lip goes down, the corners stay up.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.fit import FittedPortrait

# Halves of the mouth's width: travel outwards and up from which a corner gives way less and less, and the
# limit that it does not pass.
OUTWARDS: Final = (0.50, 0.58)
UPWARDS: Final = (0.40, 0.47)
# Actions that pull at the corner of their own side and are held back, and those that the jaw carries along,
# which have no part in a corner's travel but for how far it falls with an opened jaw.
_PULLING: Final = ("mouthSmile", "mouthStretch", "mouthDimple", "mouthPress")
_OF_THE_JAW: Final = ("jawOpen", "jawForward", "jawLeft", "jawRight", "mouthClose")
# By how much more a smile pulls at the corners against a fully opened jaw; it also draws them outwards.
HOLD: Final = 0.6
SMILES: Final = tuple(ACTION_INDEX[f"mouthSmile{side}"] for side in ("Right", "Left"))
JAW, CLOSE = ACTION_INDEX["jawOpen"], ACTION_INDEX["mouthClose"]
_HELD: Final = tuple(tuple(ACTION_INDEX[f"{name}{side}"] for name in _PULLING) for side in ("Right", "Left"))


def corner_pulls(fitted: FittedPortrait) -> Float64Array:
    """How far every action at full strength pulls the corners of a portrait's mouth outwards and up: (2, 2,
    52), the picture's left corner first, in halves of the mouth's width at rest; 0 for pulls inwards and
    down, other than what an opening jaw takes off a smile."""
    edge = FaceRig.load().loops["lips.upper"][[0, -1]]
    rest = fitted.head.vertices[edge]
    half = float(np.linalg.norm(rest[1] - rest[0])) / 2
    # In the head's own axes: x to the picture's right, y down.
    moved = (fitted.actions[:, edge].astype(np.float64) @ fitted.head.rotation) / half
    pulls = np.stack(
        [np.stack([-moved[:, 0, 0], -moved[:, 0, 1]]), np.stack([moved[:, 1, 0], -moved[:, 1, 1]])]
    )
    carried = pulls[:, 1, [JAW, CLOSE]]
    pulls[..., [ACTION_INDEX[name] for name in _OF_THE_JAW]] = 0
    pulls = np.maximum(pulls, 0.0)
    pulls[:, 1, [JAW, CLOSE]] = carried
    return np.ascontiguousarray(pulls)


@jit_kernel
def limit_corners(actions: Float32Array, pulls: Float64Array) -> None:
    """Let a smile in `actions` (52,) hold the corners of the mouth against the jaw, and hold back what draws
    them apart, in place, such that neither goes further than its limits; `pulls` are as `corner_pulls` gives
    them."""
    against = np.float32(1 + HOLD * max(actions[JAW] - actions[CLOSE], np.float32(0)))
    for side in range(2):
        actions[SMILES[side]] *= against
        share = 1.0
        for axis in range(2):
            begins, limit = OUTWARDS if axis == 0 else UPWARDS
            travel, held = 0.0, 0.0
            for action in range(len(actions)):
                travel += max(actions[action], np.float32(0)) * pulls[side, axis, action]
            for action in _HELD[side]:
                held += actions[action] * pulls[side, axis, action]
            if travel > begins and held > 0:
                room = limit - begins
                allowed = begins + room * np.tanh((travel - begins) / room)
                share = min(share, max(1 - (travel - allowed) / held, 0.0))
        if share < 1:
            for action in _HELD[side]:
                actions[action] *= np.float32(share)
