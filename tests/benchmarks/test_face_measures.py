"""Amplitudes are those of the picture: what the renderer draws, not what the rig's own actions would."""

from __future__ import annotations

import numpy as np

from benchmarks.speech.face_measures import face_measures
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.track.motion_track import MotionTrack

_EYE_CORNERS_MM = 92.0  # between their outer corners, about


def _raised(*names: str) -> MotionTrack:
    track = MotionTrack.neutral(2, 25)
    actions = track.actions.copy()
    actions[1, [ACTION_INDEX[name] for name in names]] = 1.0
    return MotionTrack(25, actions, track.head_pose, track.gaze)


def _rise_mm(measure: str, *names: str) -> float:
    before, after = face_measures(_raised(*names))[measure]
    return float(after - before) * _EYE_CORNERS_MM / 100


def test_inner_ends_of_brows_rise_as_far_as_in_the_picture() -> None:
    assert 7 < _rise_mm("inner brow", "browInnerUp") < 10


def test_brows_of_grief_slope() -> None:
    drawn = ("browInnerUp", "browDownLeft", "browDownRight")
    assert _rise_mm("outer brow", *drawn) < _rise_mm("outer brow", *drawn[1:]) - 1


def test_a_still_face_has_no_spread() -> None:
    assert all(np.ptp(values) == 0 for values in face_measures(MotionTrack.neutral(3, 25)).values())
