"""How brows move: along their length as the muscles pull them, over their height as one band.

The rig's brows rise and fall by 4 mm and squeeze their hairs. People's inner ends rise by 8 to 9 mm, their
outer ends by 8, and a frown draws the inner ends 6 mm down and 4 mm together (AU 1, 2 and 4 of the Facial
Action Coding System, Ekman, Friesen & Hager 2002); the hairs keep their shape, and the skin above and below
gives way.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float64Array
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep

# Landmarks of the brows' upper and lower edges from the picture's left to its right: the subject's right brow
# from its tail to its inner end, then the left one.
UPPER: Final = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
LOWER: Final = (46, 53, 52, 65, 55, 285, 295, 282, 283, 276)
# Millimetres at the ten landmarks: towards the picture's right, and down.
_RIGHT_FROWN: Final = ((0.5, 1.0, 2.0, 3.2, 4.0), (1.5, 3.0, 4.6, 5.8, 6.4))
_NOTHING: Final = (0.0,) * 5
_PROFILES_MM: Final[dict[str, tuple[tuple[float, ...], tuple[float, ...]]]] = {
    "browInnerUp": (
        (0.0, 0.0, 0.2, 0.6, 0.8, -0.8, -0.6, -0.2, 0.0, 0.0),
        (0.0, -0.8, -3.0, -6.2, -8.4, -8.4, -6.2, -3.0, -0.8, 0.0),
    ),
    "browOuterUpRight": (_NOTHING * 2, (-6.5, -8.0, -7.6, -5.0, -2.0, *_NOTHING)),
    "browOuterUpLeft": (_NOTHING * 2, (*_NOTHING, -2.0, -5.0, -7.6, -8.0, -6.5)),
    "browDownRight": ((*_RIGHT_FROWN[0], *_NOTHING), (*_RIGHT_FROWN[1], *_NOTHING)),
    "browDownLeft": (
        (*_NOTHING, *(-value for value in reversed(_RIGHT_FROWN[0]))),
        (*_NOTHING, *reversed(_RIGHT_FROWN[1])),
    ),
}
BROW_ACTIONS: Final = tuple(_PROFILES_MM)
LOWEST_MM: Final = max(_RIGHT_FROWN[1])  # how far a frown lowers a brow where it lowers it most
_FOREHEAD_M: Final = 0.036  # above a brow over which its movement fades
_CREASE_M: Final = 0.002  # above the lid's edge: down to there the skin below a brow takes part
_BAND: Final = 1.3  # the band that moves as one, against the brow's own half height
_LEAST_FADE_M: Final = 0.006
_TAIL_M: Final = 0.014  # beyond a brow's tail over which its movement fades


def brow_displacements(rig: FaceRig, name: str, displacement: NDArray[np.floating]) -> Float64Array:
    """The displacements (V, 3) of the brow action `name` at full strength, in metres; `displacement` are the
    rig's own, which remain beside the brows."""
    at = rig.vertices.astype(np.float64)
    marks = rig.at_landmarks(at)
    top, bottom = marks[list(UPPER)], marks[list(LOWER)]
    middle = 0.5 * (top + bottom)
    x, z = at[:, 0], at[:, 2]
    below = at[:, 1] - np.interp(x, middle[:, 0], middle[:, 1])
    half = _BAND * 0.5 * np.interp(x, middle[:, 0], bottom[:, 1] - top[:, 1])
    room = np.maximum(_crease(rig, x) - (at[:, 1] - below) - half, _LEAST_FADE_M)
    away = np.maximum(np.abs(below) - half, 0.0) / np.where(below < 0, _FOREHEAD_M, room)
    share = 1 - smoothstep(0.0, 1.0, away)
    beyond = np.maximum(middle[0, 0] - x, 0.0) + np.maximum(x - middle[-1, 0], 0.0)
    share *= 1 - smoothstep(0.0, _TAIL_M, beyond)
    moved = np.zeros_like(at)
    for axis, profile in enumerate(_PROFILES_MM[name]):
        moved[:, axis] = 1e-3 * share * np.interp(x, middle[:, 0], profile)
    # Skin that slides over a round forehead follows it.
    moved[:, 2] = displacement[:, 2]
    front = z < np.interp(x, middle[:, 0], middle[:, 2]) + 0.03
    taken = (1 - smoothstep(0.6, 1.4, away)) * (1 - smoothstep(0.5, 1.0, beyond / _TAIL_M)) * front
    return np.asarray(displacement + taken[:, None] * (moved - displacement), np.float64)


def _crease(rig: FaceRig, x: Float64Array) -> Float64Array:
    """The crease of the lids at each `x`: down to there the skin below the brows moves with them."""
    edges = np.concatenate([rig.loops["lids.R.upper"], rig.loops["lids.L.upper"]])
    lid = rig.vertices[edges].astype(np.float64)
    order = np.argsort(lid[:, 0])
    return np.asarray(np.interp(x, lid[order, 0], lid[order, 1]) - _CREASE_M, np.float64)
