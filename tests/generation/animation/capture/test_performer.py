"""The face at rest, with which every frame is compared, is one that is seen well and can be a portrait."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generation.animation import Animator
from generation.animation.capture import capture, face_tracking
from generation.animation.capture.eye_motion import CORNERS, LIDS
from generation.animation.capture.face_tracking import TrackedFace, TrackedVideo, mean_opening, track_face
from generation.animation.capture.face_view import FaceView
from generation.animation.capture.performer import frame_at_rest, performer_at_rest
from tests.generation.animation.capture.performances import FPS, filmed, still
from tests.generation.animation.pictures import around_face, face_of, portrait

PICTURE = np.zeros((8, 8, 3), np.uint8)


def opened(opening: float, confidence: float = 0.9) -> TrackedFace:
    """A face whose eyes are open by so many of their widths."""
    points = face_of("tomas").points.copy()
    for pairs, (outer, inner) in zip(LIDS, CORNERS, strict=True):
        width = float(np.linalg.norm(points[outer, :2] - points[inner, :2]))
        for upper, lower in pairs:
            points[upper, :2] = points[lower, :2] - (0, opening * width)
    view = FaceView(PICTURE[..., 0], 0.0, 0.0, 8.0)
    return TrackedFace(points, confidence, view, view)


def tracked(monkeypatch: pytest.MonkeyPatch, faces: list[TrackedFace]) -> TrackedVideo:
    """The video in which these faces are followed."""
    following = iter(faces)
    monkeypatch.setattr(face_tracking, "_look_around", lambda *_: faces[0].points)
    monkeypatch.setattr(face_tracking, "_bareness", lambda *_: 1.0)
    monkeypatch.setattr(face_tracking, "_follow", lambda *_: next(following))
    return track_face([PICTURE] * len(faces), FPS)


def test_a_first_frame_that_is_not_seen_well_is_not_the_face_at_rest(monkeypatch):
    video = tracked(monkeypatch, [*[opened(0.4, 0.1)] * 3, opened(0.1), *[opened(0.35)] * 5])
    assert frame_at_rest(video) == 4
    assert list(video.pictures) == [3, 4]


def test_where_no_face_is_seen_well_there_is_one_at_rest_but_no_portrait(monkeypatch):
    video = tracked(monkeypatch, [opened(0.1, 0.1), *[opened(0.4, 0.1)] * 5])
    assert frame_at_rest(video) == 1
    assert not video.pictures
    assert performer_at_rest(video, 1) is None


def test_of_eyes_that_open_steadily_few_whole_frames_are_kept(monkeypatch):
    faces = [opened(opening) for opening in np.linspace(0.05, 0.5, 1000)]
    video = tracked(monkeypatch, faces)
    assert len(video.pictures) < 80
    rest = frame_at_rest(video)
    usual = 0.75 * float(np.median([mean_opening(face.points) for face in faces]))
    assert usual <= mean_opening(faces[rest].points) < 1.04 * usual
    assert rest in video.pictures


def test_eyes_that_are_never_seen_open_are_at_rest_as_they_are(monkeypatch):
    video = tracked(monkeypatch, [opened(0.0)] * 20)
    assert list(video.pictures) == [0]
    assert frame_at_rest(video) == 0


@pytest.mark.slow
def test_a_face_that_is_seen_well_is_a_portrait():
    image = portrait("tomas")
    bare = TrackedVideo([opened(0.4)], image.shape[1], image.shape[0], {0: image})
    assert performer_at_rest(bare, 0) is not None


@pytest.mark.parametrize("how", ["turned away", "on its side", "cut off", "chin outside"])
def test_a_face_that_is_no_portrait_serves_by_its_landmarks_alone(how):
    image, face = portrait("tomas"), opened(0.4)
    points = face.points.copy()
    height, width = image.shape[:2]
    middle = points.mean(0)
    turn = np.radians(60)
    turns = {
        "turned away": [[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]],
        "on its side": [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]],
    }
    points = ((points - middle) @ np.array(turns.get(how, np.eye(3))).T + middle).astype(np.float32)
    if how == "cut off":
        points[:, 0] += width - 1 - np.quantile(points[:, 0], 0.9)
    elif how == "chin outside":
        points[:, 1] += height - 1 - points[152, 1] + 0.02 * np.ptp(points[:, 1])
    bare = TrackedVideo([replace(face, points=points)], width, height, {0: image})
    assert performer_at_rest(bare, 0) is None


@pytest.mark.slow
def test_capture_goes_on_by_landmarks_where_the_face_at_rest_cannot_be_rendered(monkeypatch):
    monkeypatch.setattr(capture, "performer_at_rest", lambda *_: None)
    track = Animator.load("cpu").capture(still(around_face("tomas", 130.0, view=2.0), 0.2), FPS)
    assert len(track) == 5
    assert np.abs(track.head_pose[:, :3]).max() < 1


@pytest.mark.slow
def test_the_track_does_not_depend_on_the_number_of_threads(monkeypatch):
    tracks = []
    for threads in (1, 2):
        monkeypatch.setattr(capture, "comparison_threads", lambda number=threads: number)
        tracks.append(Animator.load("cpu").capture(filmed("tomas")[:24], FPS))
    assert np.array_equal(tracks[0].actions, tracks[1].actions)
    assert np.array_equal(tracks[0].head_pose, tracks[1].head_pose)
    assert np.array_equal(tracks[0].gaze, tracks[1].gaze)
