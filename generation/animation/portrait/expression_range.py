"""How far the actions of an expression go on one face: as far as people's do, within the limits of its own
rest.

How far a brow may fall depends on the room above the lids, how far an eye widens on its opening; who smiles
in the portrait needs less to smile, and more to look sad.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.brow_motion import BROW_ACTIONS, LOWER, LOWEST_MM, brow_displacements
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.lid_motion import rising_lid

# What the rig's actions are multiplied by where the face leaves room: its nose wrinkles and its mouth's
# corners fall by two thirds of what people's do (AU 9, 15, 16 and 20).
_GAINS: Final = {"noseSneer": 1.6, "mouthFrown": 1.6, "mouthStretch": 1.2, "mouthLowerDown": 1.2}
_MAY_FALL: Final = 0.75  # of the room between brow and lid
# Height of the mouth's corners above its middle, in widths of the mouth, above which a portrait smiles, and
# does so clearly; by how much it then smiles less.
_SMILES: Final = (0.085, 0.15)
_SMILE_LESS: Final = 0.35
# Where the corners of a mouth that is drawn down come to lie below its middle, in its widths, and how much
# further than the rig's they may be drawn for it: a mouth whose corners are up at rest has further to go.
_FROWNED: Final = 0.14
_FROWN_MORE: Final = 1.6
# The rig draws the corners of a smiling mouth up, 1.7 times as far as outwards; people's go as far outwards
# as up. What its displacements beside the mouth are multiplied by, outwards and up, and the metres above the
# mouth's corners over which cheeks begin to rise as the rig has them.
_SMILE_OUT: Final = 1.3
_SMILE_UP: Final = 0.82
_CHEEKS: Final = (0.004, 0.030)
# The rig draws the corners of a stretched mouth down by half of their way outwards; the muscle that does it
# (risorius, AU 20) runs level to the cheek. What its displacements are multiplied by outwards, down and back,
# beyond the gain above.
_STRETCH_LEVEL: Final = (1.3, 0.8, 1.0)
_BESIDE_MOUTH: Final = 0.025  # metres from the lips over which that fades
_SIDES: Final = {"Right": slice(0, 5), "Left": slice(5, 10)}


def widen_range(rig: FaceRig, head: FittedHead, moved: Float64Array) -> None:
    """Bring the displacements `moved` (52, V, 3) of the rig, in metres, to the range of people on this head,
    in place."""
    for name in BROW_ACTIONS:
        moved[ACTION_INDEX[name]] = brow_displacements(rig, name, moved[ACTION_INDEX[name]])
    rest = _facing(head)
    for side in _SIDES:
        wide = ACTION_INDEX[f"eyeWide{side}"]
        moved[wide] = rising_lid(rig, rest, side, moved[wide])
        moved[ACTION_INDEX[f"mouthSmile{side}"]] *= _smile_shape(rig)
        moved[ACTION_INDEX[f"mouthStretch{side}"]] *= _STRETCH_LEVEL
    for name, gain in expression_gains(rig, head).items():
        moved[ACTION_INDEX[name]] *= gain


def expression_gains(rig: FaceRig, head: FittedHead) -> dict[str, float]:
    """What to multiply actions by on this head, by the action's name, against its own face at rest."""
    rest = _facing(head)
    height = _corner_height(rig, rest)
    smiles = smoothstep_scalar(*_SMILES, height)
    brows = rig.at_landmarks(rest)[list(LOWER)]
    gains: dict[str, float] = {}
    for side, brow in _SIDES.items():
        gains |= {f"{name}{side}": gain for name, gain in _GAINS.items()}
        gains[f"mouthSmile{side}"] = 1.0 - _SMILE_LESS * smiles
        gains[f"mouthFrown{side}"] *= _frown_further(rig, rest, side, height)
        upper = rest[rig.loops[f"lids.{side[0]}.upper"]]
        room = float(_height_above(upper, np.asarray(brows[brow], np.float64)).mean())
        gains[f"browDown{side}"] = min(1.0, _MAY_FALL * room / (1e-3 * LOWEST_MM))
    return gains


def _smile_shape(rig: FaceRig) -> Float64Array:
    """What the rig's displacements (V, 3) of a smile are multiplied by: a smile is as wide as it is high."""
    edge = rig.vertices[rig.loops["lips.upper"]].astype(np.float64)
    above = float(edge[[0, -1], 1].mean()) - rig.vertices[:, 1]
    away = np.linalg.norm(rig.vertices[:, None] - edge[None], axis=2).min(1)
    beside = (1 - smoothstep(*_CHEEKS, above)) * np.exp(-((away / _BESIDE_MOUTH) ** 2))
    shape = np.ones(rig.vertices.shape)
    shape[:, 0] += (_SMILE_OUT - 1) * beside
    shape[:, 1] += (_SMILE_UP - 1) * beside
    return shape


def _facing(head: FittedHead) -> Float64Array:
    """The head's vertices (V, 3) in metres, turned to face the viewer."""
    return np.asarray((head.vertices @ head.rotation) / head.scale, np.float64)


def _height_above(line: Float64Array, points: Float64Array) -> Float64Array:
    """How far `points` (N, 3) lie above a line through the points `line` (M, 3), each at its own place:
    (N,)."""
    order = np.argsort(line[:, 0])
    return np.asarray(np.interp(points[:, 0], line[order, 0], line[order, 1]) - points[:, 1], np.float64)


def _frown_further(rig: FaceRig, rest: Float64Array, side: str, height: float) -> float:
    """By how much further than people's the corner of a mouth is drawn down whose corners lie at `height`."""
    edge = rig.loops["lips.upper"]
    falls = _GAINS["mouthFrown"] * float(rig.actions[ACTION_INDEX[f"mouthFrown{side}"], edge, 1].max())
    far = (_FROWNED + height) * float(np.linalg.norm(rest[edge[-1]] - rest[edge[0]]))
    return float(np.clip(far / falls, 1.0, _FROWN_MORE))


def _corner_height(rig: FaceRig, rest: Float64Array) -> float:
    """Height of the corners of the mouth above its middle, in widths of the mouth."""
    upper, lower = rest[rig.loops["lips.upper"]], rest[rig.loops["lips.lower"]]
    middle = 0.5 * (upper[len(upper) // 2, 1] + lower[len(lower) // 2, 1])
    return float((middle - 0.5 * (upper[0, 1] + upper[-1, 1])) / np.linalg.norm(upper[-1] - upper[0]))
