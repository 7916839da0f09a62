"""The motion of a rendered performer is found again, and drives another face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation import Animator, MotionTrack
from generation.animation.face.landmarks import detect_faces
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.rendering.renderer import Renderer
from tests.generation.animation.capture.performances import BLINKS, FPS, filmed, performance
from tests.generation.animation.rendered import fitted

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def captured() -> MotionTrack:
    return Animator.load("cpu").capture(filmed("tomas"), FPS)


def column(track: MotionTrack, name: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return track.actions[:, ACTION_INDEX[name]]


def correlation(track: MotionTrack, name: str) -> float:
    return float(np.corrcoef(column(track, name), column(performance(), name))[0, 1])


def test_there_is_a_row_for_every_frame(captured):
    assert (len(captured), captured.fps) == (len(performance()), FPS)


def test_the_head_is_found_to_a_degree_and_a_half(captured):
    off = np.abs(captured.head_pose - performance().head_pose)[:, :3].mean(0)
    assert (off <= 1.5).all(), off


def test_jaw_and_smile_go_with_the_performers(captured):
    assert correlation(captured, "jawOpen") >= 0.97
    assert correlation(captured, "mouthSmileLeft") >= 0.95
    assert correlation(captured, "mouthSmileRight") >= 0.95


def test_jaw_and_brows_go_as_far_as_the_performers(captured):
    """The mesh network draws both too little; the picture shows how far they went."""
    for name in ("jawOpen", "browInnerUp"):
        assert column(captured, name).max() > 0.8 * column(performance(), name).max(), name


def test_every_blink_is_found_and_no_other(captured):
    shut = np.flatnonzero(column(captured, "eyeBlinkLeft") > 0.5)
    for blink in BLINKS:
        assert np.abs(shut - blink).min() <= 1
    assert all(min(abs(frame - blink) for blink in BLINKS) <= 3 for frame in shut)


def test_eyes_that_go_with_the_head_are_found_where_they_look(captured):
    assert np.abs(captured.gaze - performance().gaze).mean() < 4


def test_what_was_seen_well_is_trusted(captured):
    assert captured.confidence.min() > 0.5


def test_what_is_covered_is_trusted_less():
    frames = [frame.copy() for frame in filmed("tomas")[:10]]
    x, y = (detect_faces(frames[0])[0].points[[13, 14], :2].mean(0)).astype(int).tolist()
    for frame in frames[5:]:
        cv2.rectangle(frame, (x - 40, y - 22), (x + 40, y + 22), (90, 120, 60), -1)
    confidence = Animator.load("cpu").capture(frames, FPS).confidence
    assert confidence is not None
    assert confidence[5:].max() < 0.2 < confidence[:5].min()


def test_the_motion_drives_another_face(captured):
    other = list(Renderer(fitted("amara"), 320).frames(captured))
    again = Animator.load("cpu").capture(other, FPS)
    assert np.abs(again.head_pose - performance().head_pose)[:, :3].mean() < 2.5
    assert correlation(again, "jawOpen") > 0.9
    assert all(column(again, "eyeBlinkRight")[blink - 1 : blink + 2].max() > 0.5 for blink in BLINKS)
