"""Hair, ears and neck: what goes along with a head that turns, and what it uncovers."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.rendering.deform import smooth_hair_pose
from tests.generation.animation.rendered import fitted, frame, renderer

pytestmark = pytest.mark.slow

STILL = np.zeros(6, np.float32)


def test_hair_that_still_follows_moves_without_the_face():
    render = renderer()
    turned = np.array([10, 0, 0, 0, 0, 0], np.float32)
    row, gaze = np.zeros(52, np.float32), np.zeros(2, np.float32)
    together, late = (render.frame(row, turned, gaze, 0.0, hair).astype(int) for hair in (turned, STILL))
    x, y = (int(v) for v in fitted().points[1, :2])
    assert np.abs(together - late)[y - 30 : y + 30, x - 30 : x + 30].max() == 0
    assert np.abs(together - late)[: y - 120].max() > 40


def test_hair_comes_to_rest_where_the_head_is():
    jump = np.zeros((40, 6), np.float32)
    jump[1:, 0] = 12
    hair = smooth_hair_pose(jump, 25)
    assert 0 < hair[1, 0] < 9
    assert (np.diff(hair[:, 0]) >= 0).all()
    assert hair[-1, 0] == pytest.approx(12, abs=0.01)


def test_hair_lags_by_the_same_time_at_any_frame_rate():
    def after(fps: int) -> float:
        turn = np.zeros((fps, 6), np.float32)
        turn[1:, 0] = 10
        return float(smooth_hair_pose(turn, fps)[fps // 5, 0])

    assert after(25) == pytest.approx(after(50), abs=0.05)


def ear_and_nose(pose: tuple[float, ...]) -> tuple[float, float]:
    """How far right the left ear's pixels and the nose's tip have moved, in frame units."""
    render = renderer("tomas")
    frame(pose=pose, name="tomas")
    seen, at_rest = render._deformer.projected, fitted("tomas").surface.source
    points = fitted("tomas").points
    nose = int(np.linalg.norm(at_rest - points[1, :2], axis=1).argmin())
    ear = int(np.linalg.norm(at_rest - (points[234, :2] - (14, 0)), axis=1).argmin())
    return float(seen[ear, 0] - at_rest[ear, 0]), float(seen[nose, 0] - at_rest[nose, 0])


def test_an_ear_stays_about_where_it_is_while_the_nose_swings_past():
    ear, nose = ear_and_nose((12,))
    assert nose > 20
    assert abs(ear) < 0.4 * nose


def test_the_neck_shows_nowhere_as_long_as_the_head_is_at_rest():
    render = renderer("tomas")
    hidden = render._neck.draw_on(
        render.layers.plate, render._deformer.pose(np.zeros(52, np.float32), STILL, STILL, 0.0)
    )
    changed = np.abs(hidden.astype(int) - render.layers.plate).max(2) > 2
    margin = render.layers.margin
    alpha = render.layers.person[margin : margin + 512, margin : margin + 512, 3]
    assert changed.sum() > 1000
    assert alpha[changed].min() > 250


def test_a_turned_head_uncovers_its_neck_and_not_the_background(monkeypatch):
    with_neck = frame(pose=(15,), name="tomas").astype(int)
    monkeypatch.setattr(renderer("tomas")._neck, "draw_on", lambda plate, transforms: plate)
    without = frame(pose=(15,), name="tomas").astype(int)
    uncovered = np.abs(with_neck - without).max(2) > 12
    assert uncovered.sum() > 150
    points = fitted("tomas").points
    # The backdrop is a cold grey, skin is warm.
    warmth = (with_neck - without)[..., 0] - (with_neck - without)[..., 2]
    assert warmth[uncovered].mean() > 20
    assert np.nonzero(uncovered)[0].min() > points[234, 1] - 20


def test_the_uncovered_neck_lies_in_the_shadow_of_the_jaw():
    patch = renderer()._neck._patch
    full = (patch[..., 3] > 0.99).all(0)
    brightness = patch[:, full, :3].mean((1, 2))
    assert (np.diff(brightness) >= 0).all()
    assert brightness[0] < 0.9 * brightness[-1]
