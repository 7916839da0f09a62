from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import VideoFormatRefused
from generation.animation.identity import PixelOrigin
from generation.animation.liveportrait.motion_mapping import (
    BY_OPENINGS,
    GAZE_PITCH,
    GAZE_YAW,
    KEYPOINT_MOVES,
    UNUSED,
    driven_motion,
)
from generation.animation.liveportrait.networks import Options
from generation.animation.liveportrait.renderer import LivePortraitFace, LivePortraitRenderer
from generation.animation.liveportrait.source_face import source_face
from generation.animation.protocols import PictureRenderer, renders_stretches
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.liveportrait.small import small_networks

SIDES = {"yaw": 0, "pitch": 1, "roll": 2, "x": 3, "y": 4, "z": 5}


def posed(**pose: float) -> MotionTrack:
    still = MotionTrack.neutral(1, 25)
    head_pose = still.head_pose.copy()
    for name, value in pose.items():
        head_pose[:, SIDES[name]] = value
    return MotionTrack(25, still.actions, head_pose, still.gaze)


def acting(**actions: float) -> MotionTrack:
    still = MotionTrack.neutral(1, 25)
    values = still.actions.copy()
    for name, value in actions.items():
        values[:, MotionTrack.ACTIONS.index(name)] = value
    return MotionTrack(25, values, still.head_pose, still.gaze)


def face_points() -> np.ndarray:
    """Landmarks of a made-up face, 100 pixels wide and 140 high."""
    points = np.random.default_rng(0).uniform((150, 130, 0), (250, 270, 1), (478, 3)).astype(np.float32)
    points[[234, 454], :2] = (150, 200), (250, 200)
    points[[159, 145, 33, 133], :2] = (175, 170), (175, 180), (160, 175), (190, 175)
    points[[386, 374, 263, 362], :2] = (225, 170), (225, 180), (240, 175), (210, 175)
    points[[13, 14, 61, 291], :2] = (200, 240), (200, 240), (180, 240), (220, 240)
    return points


def renderer(batch: int = 1) -> LivePortraitRenderer:
    options = Options(batch=batch)
    return LivePortraitRenderer(small_networks(options), "a" * 64, "cpu", options)


@pytest.fixture(scope="module")
def fitted() -> LivePortraitFace:
    picture = np.random.default_rng(1).integers(0, 256, (400, 400, 3)).astype(np.uint8)
    face = source_face(picture, face_points())
    return renderer().fit_face(replace(face, square=face.square[:64, :64]))  # networks take any size


def busy(frames: int) -> MotionTrack:
    made = np.random.default_rng(2)
    return MotionTrack(
        25,
        made.random((frames, 52)).astype(np.float32),
        made.uniform(-15, 15, (frames, 6)).astype(np.float32)
        * np.array([1, 1, 1, 0.01, 0.01, 0.01], np.float32),
        made.uniform(-10, 10, (frames, 2)).astype(np.float32),
    )


def same(one: Iterator[np.ndarray], other: Iterator[np.ndarray], levels: int = 0) -> bool:
    pairs = list(zip(one, other, strict=True))
    return bool(pairs) and all(np.abs(a.astype(int) - b).max() <= levels for a, b in pairs)


def test_every_action_stands_in_the_table_once() -> None:
    named = [*BY_OPENINGS, *UNUSED, *(name for move in KEYPOINT_MOVES for name in move.actions)]
    assert sorted(named) == sorted(MotionTrack.ACTIONS)


@pytest.mark.slow
def test_frames_are_as_many_and_as_large_as_asked(fitted: LivePortraitFace) -> None:
    frames = list(renderer().render(fitted, busy(3), size=256))
    assert [frame.shape for frame in frames] == 3 * [(256, 256, 3)]
    assert {frame.dtype for frame in frames} == {np.dtype(np.uint8)}
    assert not (frames[0] == frames[1]).all()


@pytest.mark.slow
def test_the_same_track_gives_the_same_frames(fitted: LivePortraitFace) -> None:
    assert same(renderer().render(fitted, busy(2), size=128), renderer().render(fitted, busy(2), size=128))


@pytest.mark.slow
def test_a_stretch_is_what_the_whole_shows_there(fitted: LivePortraitFace) -> None:
    made = renderer()
    assert renders_stretches(made)
    stretch = made.render_stretch(fitted, busy(4), video=VideoFormat(size=256), frames=range(1, 3))
    assert same(stretch, iter(list(made.render(fitted, busy(4), size=256))[1:3]))


@pytest.mark.slow
def test_a_batch_gives_the_frames_of_one_by_one_and_offers_no_stretches(fitted: LivePortraitFace) -> None:
    batched = renderer(batch=3)
    assert not renders_stretches(batched)
    one_by_one = renderer().render(fitted, busy(4), size=128)
    assert same(batched.render(fitted, busy(4), size=128), one_by_one, levels=1)


def test_it_renders_squares_only(fitted: LivePortraitFace) -> None:
    made = renderer()
    assert not isinstance(made, PictureRenderer)
    with pytest.raises(VideoFormatRefused):
        made.render_stretch(fitted, busy(2), video=VideoFormat(aspect="16:9"), frames=range(1))


def test_it_says_that_its_pixels_are_generated() -> None:
    assert renderer().identity.pixel_origin is PixelOrigin.GENERATED
    assert renderer().identity.digest == "a" * 64


def test_the_head_turns_the_way_a_track_says() -> None:
    driven = driven_motion(posed(yaw=10, pitch=5, roll=-3), 21)
    assert driven.angles[0].tolist() == [5, -10, -3]
    assert np.abs(driven_motion(posed(yaw=80, pitch=-80), 21).angles).max() == 30


def test_a_head_further_away_is_smaller_and_one_aside_is_shifted() -> None:
    driven = driven_motion(posed(z=10.0, x=0.5), 21)
    assert driven.scale[0] == pytest.approx(0.5)
    assert driven.shift[0].tolist() == [0.5, 0]


def test_eyes_and_lips_are_asked_for_by_their_openings() -> None:
    still = driven_motion(MotionTrack.neutral(1, 25), 21)
    assert (still.eyes[0], still.lips[0], np.abs(still.expression).max()) == (1, 0, 0)
    assert driven_motion(acting(eyeBlinkLeft=1, eyeBlinkRight=1), 21).eyes[0] == 0
    assert driven_motion(acting(eyeWideLeft=1, eyeWideRight=1), 21).eyes[0] > 1
    assert driven_motion(acting(jawOpen=1), 21).lips[0] == pytest.approx(0.6)
    assert driven_motion(acting(jawOpen=0.5, mouthClose=0.5), 21).lips[0] == 0


@pytest.mark.parametrize("move", KEYPOINT_MOVES)
def test_a_full_action_displaces_its_keypoints_and_no_others(move) -> None:
    driven = driven_motion(acting(**dict.fromkeys(move.actions, 1.0)), 21)
    expected = np.zeros((21, 3), np.float32)
    for keypoint, axis, amount in move.displacements:
        expected[keypoint, axis] += amount
    assert driven.expression[0] == pytest.approx(expected, abs=1e-7)


def test_gaze_moves_the_keypoints_of_both_eyes() -> None:
    still = MotionTrack.neutral(1, 25)
    looking = MotionTrack(25, still.actions, still.head_pose, np.array([[10, 20]], np.float32))
    driven = driven_motion(looking, 21).expression[0]
    for keypoint, axis, amount in GAZE_YAW:
        assert driven[keypoint, axis] == pytest.approx(10 * amount)
    for keypoint, axis, amount in GAZE_PITCH:
        assert driven[keypoint, axis] == pytest.approx(20 * amount)


def test_the_square_holds_the_head_and_knows_its_openings() -> None:
    picture = np.zeros((400, 400, 3), np.uint8)
    points = face_points()
    low, high = points[:468, :2].min(0), points[:468, :2].max(0)
    picture[int(low[1]) : int(high[1]), int(low[0]) : int(high[0])] = 255
    face = source_face(picture, points)
    assert face.square.shape == (256, 256, 3)
    rows, columns = np.nonzero(face.square[..., 0] > 128)
    assert np.ptp(rows) == pytest.approx(256 / 2.3, abs=3)
    assert columns.mean() == pytest.approx(128, abs=2)
    assert rows.mean() == pytest.approx(128 + 0.125 * 256, abs=3)
    assert face.eyes.tolist() == pytest.approx([1 / 3, 1 / 3], abs=1e-3)
    assert face.lips == pytest.approx(0, abs=1e-3)
    assert face.width == pytest.approx(100 / (2.3 * np.ptp(points[:468, 1])), rel=0.01)
