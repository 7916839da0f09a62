"""How far a performance moves the landmarks of the face, beside aggregates of real speakers.

Measured on the mean head of the rig without turning, with the displacements that the renderer draws (brows go
twice as far as the rig's own, muscles do more together), in per cent of the distance between the outer
corners of the eyes. The real figures are medians of ten short clips of speaking people, seen by a face mesh,
which adds its own trembling and what a turn of the head does to distances: ranges, not targets to the
decimal.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.retarget import retarget_actions
from generation.animation.rendering.eyes.eye_control import lid_actions_for_gaze
from generation.animation.rendering.muscle_combinations import combine_muscles
from generation.animation.track.motion_track import MotionTrack

# Standard deviations in real speakers; of the eyes' opening in per cent of its mean.
REAL: Final = {
    "inner brow": 2.3, "outer brow": 2.0, "mouth width": 6.4, "cheek": 1.2, "corner asymmetry": 1.1,
    "eye opening": 19.0,
}  # fmt: skip
_EYE_CORNERS = (33, 263)
_INNER_BROWS, _INNER_EYES = (107, 336), (133, 362)
_OUTER_BROWS = (70, 300)
_CHEEKS, _LOWER_LIDS, _UPPER_LIDS = (50, 280), (145, 374), (159, 386)
_BLINKS = [ACTION_INDEX[f"eyeBlink{side}"] for side in ("Left", "Right")]

Values = NDArray[np.float64]


def face_measures(track: MotionTrack) -> dict[str, Values]:
    """Heights, widths and openings over time, by the names of REAL: (T,) each, of any zero."""
    rig = FaceRig.load()
    rest = rig.at_landmarks(rig.vertices)[:, :2]
    corners = np.array([rig.loops["lips.upper"][0], rig.loops["lips.upper"][-1]])
    shown = np.stack([
        lid_actions_for_gaze(row, np.stack([gaze, gaze]), head)
        for row, gaze, head in zip(track.actions, track.gaze, track.head_pose, strict=True)
    ])  # fmt: skip
    for row in shown:
        combine_muscles(row)
    actions, drawn = shown.astype(np.float64), _drawn()
    moves = np.stack([rig.at_landmarks(move)[:, :2] for move in drawn])

    def height(points: tuple[int, int]) -> Values:
        picked = list(points)
        return np.asarray(rest[picked, 1].mean() + actions @ moves[:, picked, 1].mean(1), np.float64)

    mouth = rig.vertices[corners, :2] + np.einsum("ta,anc->tnc", actions, drawn[:, corners, :2])
    unit = float(np.linalg.norm(rest[_EYE_CORNERS[0]] - rest[_EYE_CORNERS[1]])) / 100
    opening = (height(_LOWER_LIDS) - height(_UPPER_LIDS)) * (1 - actions[:, _BLINKS].mean(1))
    return {
        "inner brow": (height(_INNER_EYES) - height(_INNER_BROWS)) / unit,
        "outer brow": (height(_EYE_CORNERS) - height(_OUTER_BROWS)) / unit,
        "mouth width": np.abs(mouth[:, 1, 0] - mouth[:, 0, 0]) / unit,
        "cheek": (height(_CHEEKS) - height(_LOWER_LIDS)) / unit,
        "corner asymmetry": (mouth[:, 1, 1] - mouth[:, 0, 1]) / unit,
        "eye opening": 100 * opening / opening.mean(),
    }


@cache
def _drawn() -> Values:
    """The displacements (52, V, 3) in metres with which the renderer draws the actions on the mean head."""
    rig = FaceRig.load()
    head = FittedHead(
        vertices=rig.vertices.astype(np.float64),
        rotation=np.eye(3),
        scale=1.0,
        translation=np.zeros(3),
        joints=np.zeros((7, 3)),
        head_width=float(np.ptp(rig.vertices[:, 0])),
    )
    return retarget_actions(rig, head).astype(np.float64)
