"""How an upper lid rises: its edge goes up, and the skin above it is drawn in under the fold.

The rig blows the lid up like a balloon, edge, crease and the skin below the brow alike. The muscle that opens
the eye pulls at the lid's edge alone: the lid's platform disappears, brow and fold hardly move (AU 5 of the
Facial Action Coding System, Ekman, Friesen & Hager 2002).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float64Array
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.portrait.brow_motion import LOWER

# How far the lid rises: by a share of the eye's own opening, of about 10 mm in people, so that a wide eye has
# at least and at most the openings of _WIDE_M, within limits, all in metres.
_SHARE: Final = 0.4
_WIDE_M: Final = (0.0115, 0.0135)
_LEAST_M, _MOST_M = 0.0024, 0.004
_LASHES_M: Final = 0.0012  # above the edge: the band of lashes and lash line keeps its shape
_FADE: Final = 0.75  # of the way from there to the brow over which the movement fades
_STEEPEST: Final = 0.7  # how much shorter the skin there gets: it may not fold over
_ARCH: Final = 0.8  # exponent of the edge's course: 1 is a parabola
_BROWS: Final = {"Right": LOWER[:5], "Left": LOWER[5:]}


def rising_lid(
    rig: FaceRig, rest: Float64Array, side: str, displacement: NDArray[np.floating]
) -> Float64Array:
    """The displacements (V, 3) of eyeWide on the `side` "Left" or "Right", in metres, of a head with vertices
    `rest` (V, 3) that faces the viewer; `displacement` are the rig's own, which the lower lid keeps."""
    edge = rig.loops[f"lids.{side[0]}.upper"]
    line = rest[edge][np.argsort(rest[edge, 0])]
    brow = rig.at_landmarks(rest)[list(_BROWS[side])]
    brow = brow[np.argsort(brow[:, 0])]
    lower = rest[rig.loops[f"lids.{side[0]}.lower"]]
    lower = lower[np.argsort(lower[:, 0])]
    opening = float((np.interp(line[:, 0], lower[:, 0], lower[:, 1]) - line[:, 1]).max())
    x = rest[:, 0]
    above = np.interp(x, line[:, 0], line[:, 1]) - rest[:, 1]
    room = np.interp(x, line[:, 0], line[:, 1]) - np.interp(x, brow[:, 0], brow[:, 1])
    fade = np.maximum(_FADE * (room - _LASHES_M), 1e-3)
    middle = np.abs(x - line[:, 0].mean()) < np.ptp(line[:, 0]) / 4
    least, most = (wide - opening for wide in _WIDE_M)
    rise = float(np.clip(np.clip(_SHARE * opening, least, most), _LEAST_M, _MOST_M))
    rise = min(rise, _STEEPEST * float(fade[middle].min()) / 1.5)  # 1.5 is the slope of the smoothstep
    at = np.clip((x - line[0, 0]) / np.ptp(line[:, 0]), 0, 1)
    course = (1 - (2 * at - 1) ** 2) ** _ARCH
    own = np.asarray(displacement, np.float64) * rise / max(-float(displacement[edge, 1].min()), 1e-6)
    fading = 1 - smoothstep(_LASHES_M, _LASHES_M + fade, above)
    moved = own * fading[:, None]
    # Behind the edge, on the inside of the lid, the rig says what goes along with it.
    order = np.argsort(rest[edge, 0])
    along = np.minimum(np.interp(x, rest[edge, 0][order], own[edge, 1][order]), -1e-6)
    taken = np.where(above < 0, np.clip(own[:, 1] / along, 0, 1), 1.0)
    taken[edge] = 1.0
    up = (above >= 0) | (own[:, 1] < 0)
    moved[up, 1] = -rise * (course * taken * fading)[up]
    moved[up, 0] = 0.0
    return np.asarray(moved, np.float64)
