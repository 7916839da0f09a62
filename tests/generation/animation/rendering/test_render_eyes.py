from __future__ import annotations

import numpy as np
import pytest

from generation.animation.face.landmarks import detect_faces
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import fitted, frame, landmark, neutral, renderer

pytestmark = pytest.mark.slow

IRISES = ((468, 33, 133), (473, 362, 263))
BLINK = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}


def around(iris: int, picture: np.ndarray, name: str) -> np.ndarray:
    x, y = landmark(iris, name)
    radius = float(np.linalg.norm(fitted(name).points[iris + 1, :2] - fitted(name).points[iris, :2]))
    reach = int(0.8 * radius)
    return picture[int(y) - reach : int(y) + reach + 1, int(x) - reach : int(x) + reach + 1].astype(float)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("iris", [468, 473])
def test_a_full_blink_leaves_only_lid_skin_where_the_iris_was(name, iris):
    eye, closed = around(iris, neutral(name), name), around(iris, frame(BLINK, name=name), name)
    pupil, lid = (np.median(patch[patch.shape[0] // 4 : -patch.shape[0] // 4]) for patch in (eye, closed))
    x, y = (int(v) for v in landmark(50 if iris == 468 else 280, name))
    skin = np.median(neutral(name)[y - 3 : y + 4, x - 3 : x + 4])
    assert lid > 1.3 * pupil
    assert lid > 0.5 * skin


@pytest.mark.parametrize("name", NAMES)
def test_the_lash_line_of_a_nearly_closed_lid_has_no_gaps(name):
    nearly = frame({"eyeBlinkLeft": 0.75, "eyeBlinkRight": 0.75}, name=name).astype(float).mean(2)
    render = renderer(name)
    for eye in render._eyes._eyes:
        edge = render._deformer.projected[eye.upper, :2]
        x = np.arange(int(edge[:, 0].min()) + 5, int(edge[:, 0].max()) - 4)
        y = np.rint(np.interp(x, edge[:, 0], edge[:, 1])).astype(int)
        line = nearly[y + np.arange(-1, 2)[:, None], x].mean(0)
        skin = np.median(nearly[y - 8, x])
        assert line.max() < 0.8 * skin


@pytest.mark.parametrize("name", ["amara", "tomas"])
def test_positive_gaze_yaw_moves_both_irises_to_the_right_of_the_picture(name):
    def irises(yaw: float) -> list[float]:
        (face,) = detect_faces(frame(gaze=(yaw, 0), name=name))
        points = face.points
        return [
            float((points[iris, 0] - points[a, 0]) / (points[b, 0] - points[a, 0])) for iris, a, b in IRISES
        ]

    left, middle, right = irises(-15), irises(0), irises(15)
    for eye in range(2):
        assert left[eye] + 0.025 < middle[eye] < right[eye] - 0.025


def test_eye_look_actions_move_the_eyes_when_there_is_no_gaze():
    by_gaze = frame(gaze=(18, 0))
    by_action = frame({"eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6})
    assert np.abs(by_gaze.astype(int) - by_action).mean() < 0.01
    assert np.abs(by_gaze.astype(int) - neutral()).max() > 40


def test_eyes_stay_on_the_camera_when_the_head_turns():
    render = frame(pose=(12,))
    (face,) = detect_faces(render)
    (straight,) = detect_faces(frame())

    def share(points: np.ndarray, iris: int, a: int, b: int) -> float:
        return float((points[iris, 0] - points[a, 0]) / (points[b, 0] - points[a, 0]))

    # Turned to the right and still looking at the camera, the irises stand further left between the corners.
    for iris, a, b in IRISES:
        assert share(face.points, iris, a, b) < share(straight.points, iris, a, b)
