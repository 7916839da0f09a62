"""The skin of the jaw's sides, on a picture of stripes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation.face.face_topology import FACE_OVAL, NOSE_TIP
from generation.animation.geometry.camera import FRAME
from generation.animation.portrait.hidden.jaw import SKIN_EDGE, jaw_skin, sideways
from generation.animation.portrait.relief import REACH
from tests.generation.animation.pictures import face_of


def test_where_an_edge_looks_does_not_depend_on_the_size_of_the_face():
    points = face_of("tomas").points
    outline = points[list(FACE_OVAL), :2]
    width = float(np.ptp(outline[:, 0]))
    xy = outline + np.random.default_rng(1).uniform(-0.05, 0.05, outline.shape) * width
    large, small = (sideways(xy * k, points * k, width * k) for k in (1.0, 0.1))
    assert large == pytest.approx(small, abs=1e-4)


def test_brightness_of_the_skin_at_the_edge_sets_in_without_a_step():
    points = face_of("tomas").points.astype(float)
    outline = points[list(FACE_OVAL), :2]
    points[:, :2] += FRAME / 2 - outline.mean(0)
    points[:, :2] = FRAME / 2 + (points[:, :2] - FRAME / 2) * 200 / np.ptp(outline[:, 0])
    jaw, nose = points[[58, 172, 136, 288, 397, 365], :2], points[NOSE_TIP, :2]
    inwards = (nose - jaw) / np.linalg.norm(nose - jaw, axis=1, keepdims=True)
    along = np.arange(0.5 * SKIN_EDGE, 2 * SKIN_EDGE, 0.0005) * 200
    xy = (jaw[:, None] + inwards[:, None] * along[:, None]).reshape(-1, 2)
    size = round(FRAME + 2 * REACH)
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    stripes = 120 + 60 * np.sin(2 * np.pi * (x + 0.4 * y) / 16)
    skin = jaw_skin(
        xy, np.zeros(len(xy)), points, np.zeros(36), 200.0, canvas=np.dstack([stripes] * 3).astype(np.uint8)
    )
    oval = points[list(FACE_OVAL), :2].astype(np.float32)
    inside = np.array([cv2.pointPolygonTest(oval, tuple(map(float, at)), True) for at in xy]) / 200
    begins = (inside > 0.95 * SKIN_EDGE) & (inside < SKIN_EDGE)
    assert begins.any()
    assert np.ptp(skin.brighter) > 0.2
    assert np.abs(skin.brighter[begins] - 1).max() < 0.03
