"""The label comes over nobody's eyes or mouth: not in usual videos wherever they turn, and not where a
direction or a picture brings the face under its corner."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from generation.animation import MotionTrack
from generation.animation.face.face_topology import LEFT_EYE, LIPS_OUTER, RIGHT_EYE
from generation.disclosure.choice import TEXTS, Disclosure
from generation.disclosure.label import Label
from generation.pipeline.label_place import USUAL_ASIDE, USUAL_NEARER, is_usual, placed_clear
from provenance.common.visible_label import PLACES
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import frame, renderer

FEATURES = [*LEFT_EYE, *RIGHT_EYE, *LIPS_OUTER]
SIZE = 256
Pose = tuple[float, ...]


def features(name: str, pose: Pose) -> np.ndarray:
    """Eyes and mouth (N, 2) in parts of the frame, where the renderer puts them."""
    shown = renderer(name, SIZE)
    head = shown.fitted.turn_limits.bounded(np.array(pose, np.float32))
    shown._deformer.pose(np.zeros(52, np.float32), head, head, 0.0)
    at = shown.fitted.surface.vertex_of[FEATURES]
    return np.asarray((shown._deformer.projected[at, :2] + 0.5) * shown._scale / SIZE)


def boxes(language: str = "en") -> dict[str, tuple[float, float, float, float]]:
    return {
        place: Label(Disclosure(place=place, language=language), SIZE, SIZE).facts.box  # type: ignore[arg-type]
        for place in PLACES
    }


def covers(box: tuple[float, float, float, float], points: np.ndarray) -> bool:
    left, top, right, bottom = box
    x, y = points.T
    return bool(((x > left) & (x < right) & (y > top) & (y < bottom)).any())


@pytest.mark.parametrize("name", NAMES)
def test_no_turn_brings_eyes_or_mouth_under_a_label(name: str) -> None:
    aside = (-USUAL_ASIDE, USUAL_ASIDE)
    labels = [box for language in TEXTS for box in boxes(language).values()]
    turns = ((-30.0, 0.0, 30.0), (-20.0, 20.0), (-20.0, 0.0, 20.0))
    poses = product(*turns, aside, aside, (-USUAL_NEARER,))
    points = np.concatenate([features(name, pose) for pose in poses])
    assert not any(covers(box, points) for box in labels)


def still(pose: Pose, frames: int = 3) -> MotionTrack:
    track = MotionTrack.neutral(frames, 25)
    track.head_pose[:] = pose
    return track


def test_a_face_that_is_directed_into_a_corner_sends_the_label_to_another() -> None:
    labels = boxes()
    random = np.random.default_rng(5)
    moved = 0
    for place in PLACES:
        for _ in range(4):
            end = random.uniform((-30, -20, -20, -0.3, -0.3, -4), (30, 20, 20, 0.3, 0.3, -2)).astype(
                np.float32
            )
            bounded = renderer("maya", SIZE).fitted.turn_limits.bounded(end)
            track = still(tuple(bounded), 2)
            track.head_pose[0] = 0
            assert not is_usual(track, is_square=True)
            asked = Disclosure(place=place)  # type: ignore[arg-type]

            got = placed_clear(asked, frame(name="maya", size=SIZE), track, None)

            points = features("maya", tuple(bounded))
            assert not covers(labels[got.place], points)
            moved += got.place != place
    assert moved


def test_a_face_in_the_corner_of_a_picture_keeps_clear_of_its_label() -> None:
    picture = np.full((SIZE, 2 * SIZE, 3), 128, np.uint8)
    face = frame(name="maya", size=SIZE)
    picture[: SIZE * 2 // 3 + 1, SIZE:] = face[SIZE // 3 :]  # eyes near the upper edge
    asked = Disclosure(place="top_right")

    assert not is_usual(still((0,) * 6), is_square=False)
    assert placed_clear(asked, picture, still((0,) * 6), None).place == "top_left"
    # Only frames with a label count.
    late = still((0,) * 6)
    assert placed_clear(Disclosure(place="bottom_left"), picture, late, 1).place == "bottom_left"
